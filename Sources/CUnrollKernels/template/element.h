// The element type of a table and the name of the table. A file of isa/ defines ELEMENT_BITS and
// TABLE_NAME before it includes a template.
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../kernels.h"

#if ELEMENT_BITS == 32
typedef float real;
typedef int32_t real_bits;
#define TABLE_SUFFIX _f32
#else
typedef double real;
typedef int64_t real_bits;
#define TABLE_SUFFIX _f64
#endif

#define JOIN_EXPANDED(a, b, c) a##b##c
#define JOIN(a, b, c) JOIN_EXPANDED(a, b, c)
#define TABLE JOIN(unroll_, TABLE_NAME, TABLE_SUFFIX)
