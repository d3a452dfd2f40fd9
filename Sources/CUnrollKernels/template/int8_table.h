// The functions of one instruction set. A file of isa/ defines
//   TABLE          their name
//   TARGET         the processor features to compile for, where they exceed the architecture's
//   VNNI           whether it has the instructions that add up products of bytes, whatever their name
//   VECTOR_BYTES   the width of a vector
//   ROWS, COLUMNS  the size of a tile of more rows than one, columns a multiple of PANEL
//   ROW_COLUMNS    the columns of a tile of one row
#include "int8_layout.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(TARGET)
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)
#endif

#include "int8_quantize.h"
#include "int8_vector.h"
#include "int8_product.h"

#if defined(TARGET)
#pragma clang attribute pop
#endif

const unroll_int8_kernels TABLE = {.quantize = quantize, .product = product};
