#define ELEMENT_BITS 64
#include "reference.h"
