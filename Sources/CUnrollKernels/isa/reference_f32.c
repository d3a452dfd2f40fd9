#define ELEMENT_BITS 32
#include "reference.h"
