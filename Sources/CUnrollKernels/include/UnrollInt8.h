// Products with weights of 8 bits: c (+)= a b in float, a and b in whole numbers from -127 to 127.
//
// A row of a and a column of b have a scale each, the greatest magnitude in it over 127:
//   q = round(127 a / greatest), half to even      c[i, j] = start + s_i t_j sum_p q_ip r_pj
// with q and s of a, r and t of b. The sum is exact, and what is done in float is done in one order:
// the same bits on every instruction set, whichever rows and columns are computed beside it.
//
// A row whose magnitudes are all subnormal or zero has the scale 0. A row that holds a NaN or an
// infinity has the scale NaN, so that its products are NaN; as a column of b has.
#ifndef UNROLL_INT8_H
#define UNROLL_INT8_H

#include "UnrollKernels.h"

// The greatest k: a longer sum might overflow.
#define UNROLL_INT8_DEPTH 131072
// Columns of b are packed in blocks of so many.
#define UNROLL_INT8_BLOCK 64

// How sums of 8-bit products are computed: the naive oracle, what every processor of the architecture
// has, or instructions for it.
typedef enum unroll_int8_isa {
  UNROLL_INT8_REFERENCE = 0,
  UNROLL_INT8_BASELINE = 1,
  UNROLL_INT8_AVX2 = 2,
  UNROLL_INT8_AVX_VNNI = 3,
  UNROLL_INT8_AVX512_VNNI = 4,
  UNROLL_INT8_DOT = 5  // dot products of NEON
} unroll_int8_isa;

// The functions below on one instruction set.
typedef struct unroll_int8_kernels {
  void (*quantize)(size_t m, size_t k, const float *a, size_t row_stride, size_t column_stride,
                   void *rows);
  void (*product)(size_t m, size_t n, size_t k, const void *rows, const void *packed, size_t first,
                  size_t columns, unroll_start start, const float *bias, float *c,
                  size_t c_row_stride);
} unroll_int8_kernels;

// The functions of an instruction set, or NULL where this processor lacks it.
const unroll_int8_kernels *unroll_int8_kernels_for(unroll_int8_isa isa);

// The best that the processor has and `unroll_isa_in_use` allows.
unroll_int8_isa unroll_int8_isa_in_use(void);

// Quantizes and packs b [k, n], k up to UNROLL_INT8_DEPTH, into so many bytes, aligned to 64; one layout
// for all instruction sets. Blocks of columns may be packed by several threads: those from `first` on, a
// multiple of UNROLL_INT8_BLOCK.
size_t unroll_int8_packed_bytes(size_t k, size_t n);
void unroll_int8_pack(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride,
                      size_t first, size_t columns, void *packed);

// Quantizes rows of a [m, k], each into so many bytes that follow each other, aligned to 4.
size_t unroll_int8_row_bytes(size_t k);
void unroll_int8_quantize(size_t m, size_t k, const float *a, size_t row_stride,
                          size_t column_stride, void *rows);

// Columns `first` to `first + columns` of c [m, n], `first` being a multiple of UNROLL_INT8_BLOCK; bias
// and c are given from column 0 on.
void unroll_int8_product(size_t m, size_t n, size_t k, const void *rows, const void *packed,
                         size_t first, size_t columns, unroll_start start, const float *bias,
                         float *c, size_t c_row_stride);

#endif
