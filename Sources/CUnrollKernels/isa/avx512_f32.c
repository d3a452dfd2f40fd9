#define ELEMENT_BITS 32
#include "avx512.h"
