// The naive oracle.
#define TABLE_NAME reference
#include "../template/reference.h"
