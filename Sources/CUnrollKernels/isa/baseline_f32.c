#define ELEMENT_BITS 32
#include "baseline.h"
