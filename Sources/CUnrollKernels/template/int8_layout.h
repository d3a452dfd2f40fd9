// How quantized operands of a product lie in memory, for all instruction sets alike.
//
// Four steps of k lie together, as the instructions take them; k is padded by zeros. The signed numbers
// of a lie in unsigned bytes, 128 added to each, which is taken off the sum:
//   sum_p q_p r_p = sum_p (q_p + 128) r_p - 128 sum_p r_p
// modulo 2^32, which the sums of the right side may exceed. Instructions that take signed bytes of both
// have it taken off the bytes, which costs a row one operation for all columns.
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../int8.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

#define BLOCK UNROLL_INT8_BLOCK
// Columns are padded to whole panels.
#define PANEL 16
#define STEP 4
#define ZERO_POINT 128

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

INLINE size_t padded_to(size_t multiple, size_t n) { return (n + multiple - 1) / multiple * multiple; }

// A row of a: its scale, then its bytes.
INLINE size_t row_bytes(size_t k) { return sizeof(float) + padded_to(STEP, k); }

INLINE float row_scale(const void *row) {
  float scale;
  memcpy(&scale, row, sizeof scale);
  return scale;
}

INLINE const uint8_t *row_elements(const void *row) { return (const uint8_t *)row + sizeof(float); }

// Packed b: for each column its scale, for each 128 times its sum, then blocks of columns. In a block,
// step after step of k, lie the four bytes of each column.
typedef struct {
  const float *scales;
  const int32_t *corrections;
  const int8_t *blocks;
} packed_columns;

INLINE packed_columns packed_columns_at(const void *packed, size_t n) {
  const size_t columns = padded_to(PANEL, n);
  const float *scales = packed;
  const int32_t *corrections = (const int32_t *)(scales + columns);
  return (packed_columns){scales, corrections, (const int8_t *)(corrections + columns)};
}

INLINE size_t block_width(size_t n, size_t first) { return least(BLOCK, padded_to(PANEL, n) - first); }

INLINE const int8_t *block_at(packed_columns b, size_t k, size_t first) {
  return b.blocks + first * padded_to(STEP, k);
}
