#define ELEMENT_BITS 64
#include "baseline.h"
