// c += a b, every product and every sum rounded by itself: without a fused multiply-add an element is
// the same chain of roundings on every instruction set. b and c have UNROLL_PLAIN_COLUMNS columns and
// lie row after row, so that nothing is packed and no vector is left half full.
//
// A tile of c, a few rows by a strip of columns, lives in registers while PLAIN_DEPTH steps of k pass.

#define PLAIN_ROWS 4
#define PLAIN_DEPTH 256
// As many vectors as leave registers for b and for a.
#define PLAIN_VECTORS least(REGISTERS == 32 ? 4 : 2, UNROLL_PLAIN_COLUMNS / LANES)

INLINE void plain_tile(size_t rows, size_t vectors, size_t depth, const real *a,
                       ptrdiff_t a_row_stride, ptrdiff_t a_column_stride, const real *b, real *c) {
#pragma clang fp contract(off)
  vec sums[PLAIN_ROWS][UNROLL_PLAIN_COLUMNS / LANES];
  UNROLLED
  for (size_t i = 0; i < rows; i++) {
    UNROLLED
    for (size_t v = 0; v < vectors; v++) {
      sums[i][v] = load(c + i * UNROLL_PLAIN_COLUMNS + v * LANES);
    }
  }
  for (size_t p = 0; p < depth; p++) {
    UNROLLED
    for (size_t i = 0; i < rows; i++) {
      const vec factor = splat(a[(ptrdiff_t)i * a_row_stride]);
      UNROLLED
      for (size_t v = 0; v < vectors; v++) sums[i][v] += factor * load(b + v * LANES);
    }
    a += a_column_stride;
    b += UNROLL_PLAIN_COLUMNS;
  }
  UNROLLED
  for (size_t i = 0; i < rows; i++) {
    UNROLLED
    for (size_t v = 0; v < vectors; v++) {
      store(c + i * UNROLL_PLAIN_COLUMNS + v * LANES, sums[i][v]);
    }
  }
}

static void plain_product(size_t m, size_t k, const void *a, ptrdiff_t a_row_stride,
                          ptrdiff_t a_column_stride, const void *b, void *c) {
  for (size_t p = 0; p < k; p += PLAIN_DEPTH) {
    const size_t depth = least(PLAIN_DEPTH, k - p);
    for (size_t j = 0; j < UNROLL_PLAIN_COLUMNS; j += PLAIN_VECTORS * LANES) {
      const real *from = (const real *)b + p * UNROLL_PLAIN_COLUMNS + j;
      const real *factors = (const real *)a + (ptrdiff_t)p * a_column_stride;
      real *to = (real *)c + j;
      size_t i = 0;
      for (; i + PLAIN_ROWS <= m; i += PLAIN_ROWS) {
        plain_tile(PLAIN_ROWS, PLAIN_VECTORS, depth, factors + (ptrdiff_t)i * a_row_stride, a_row_stride,
                   a_column_stride, from, to + i * UNROLL_PLAIN_COLUMNS);
      }
      for (; i < m; i++) {
        plain_tile(1, PLAIN_VECTORS, depth, factors + (ptrdiff_t)i * a_row_stride, a_row_stride,
                   a_column_stride, from, to + i * UNROLL_PLAIN_COLUMNS);
      }
    }
  }
}
