// c = start + s t sum_p q_p r_p, tile after tile: some rows of a, some columns of a block of b.
#pragma clang fp contract(off)

// How far ahead of its use, in bytes, memory is asked for.
#define AHEAD 1024

static void quantize_row(size_t k, const float *a, size_t step, void *row) {
  const int32_t greatest = greatest_magnitude(k, a, step);
  const float scale = scale_of(greatest), most = value_of(greatest);
  uint8_t *to = (uint8_t *)row + sizeof scale;
  memcpy(row, &scale, sizeof scale);
  memset(to + k, ZERO_POINT, padded_to(STEP, k) - k);
  if (!is_quantized(greatest)) {
    memset(to, ZERO_POINT, k);
  } else if (step == 1) {
    for (size_t p = 0; p < k; p++) to[p] = (uint8_t)(quantized(a[p], most) + ZERO_POINT);
  } else {
    for (size_t p = 0; p < k; p++) to[p] = (uint8_t)(quantized(a[p * step], most) + ZERO_POINT);
  }
}

static void quantize(size_t m, size_t k, const float *a, size_t row_stride, size_t column_stride,
                     void *rows) {
  for (size_t i = 0; i < m; i++) {
    quantize_row(k, a + i * row_stride, column_stride, (char *)rows + i * row_bytes(k));
  }
}

// What is multiplied.
typedef struct {
  size_t n, k;
  packed_columns b;
  unroll_start start;
  const float *bias;
  size_t c_row_stride;
} operands;

// c = start + s t sum, for a row of a block.
INLINE void finish(const operands *o, size_t j0, size_t columns, float scale, const int32_t *sums,
                   float *c) {
  const float *scales = o->b.scales + j0, *bias = o->bias + j0;
  const int32_t *corrections = o->b.corrections + j0;
#define EACH(begin) \
  for (size_t j = 0; j < columns; j++) { \
    int32_t sum = (int32_t)((uint32_t)sums[j] - (IS_SIGNED ? 0 : (uint32_t)corrections[j])); \
    c[j] = (begin) + scale * scales[j] * (float)sum; \
  }
  switch (o->start) {
    case UNROLL_START_ZERO: EACH(0) break;
    case UNROLL_START_BIAS: EACH(bias[j]) break;
    case UNROLL_START_C: EACH(c[j]) break;
  }
#undef EACH
}

// A tile: sums of some rows of a times some columns of a block. Inlined with constants, so that the sums
// are registers.
INLINE void multiply(const size_t rows, const size_t columns, size_t steps, const uint8_t *a,
                     size_t a_stride, const int8_t *b, size_t b_stride,
                     int32_t sums[ROWS][BLOCK], size_t j0) {
  const size_t vectors = columns / LANES;
  accumulator of[ROWS][BLOCK / LANES];
  UNROLLED
  for (size_t r = 0; r < rows; r++) {
    UNROLLED
    for (size_t v = 0; v < vectors; v++) of[r][v] = (accumulator){0};
  }
  for (; steps > 0; steps--, a += STEP, b += b_stride) {
    // One row waits for memory, whose order it knows.
    UNROLLED
    for (size_t line = 0; rows == 1 && line < columns * STEP; line += 64) {
      __builtin_prefetch(b + AHEAD + line);
    }
    four elements[ROWS];
    UNROLLED
    for (size_t r = 0; r < rows; r++) elements[r] = repeat(a + r * a_stride);
    UNROLLED
    for (size_t v = 0; v < vectors; v++) {
      const several column = load(b + v * LANES * STEP);
      UNROLLED
      for (size_t r = 0; r < rows; r++) of[r][v] = dot(of[r][v], elements[r], column);
    }
  }
  UNROLLED
  for (size_t r = 0; r < rows; r++) {
    UNROLLED
    for (size_t v = 0; v < vectors; v++) {
      const ints sum = sum_of(of[r][v]);
      memcpy(sums[r] + j0 + v * LANES, &sum, sizeof sum);
    }
  }
}

// The sums of a group of rows of a times a block of b, in tiles of `columns` while there are so many.
INLINE void multiply_group(const size_t rows, const size_t columns, size_t width, size_t k,
                           const uint8_t *a, const int8_t *b, int32_t sums[ROWS][BLOCK]) {
  const size_t steps = padded_to(STEP, k) / STEP, stride = row_bytes(k);
  size_t j = 0;
  for (; j + columns <= width; j += columns) {
    multiply(rows, columns, steps, a, stride, b + j * STEP, width * STEP, sums, j);
  }
  for (; columns > PANEL && j < width; j += PANEL) {
    multiply(rows, PANEL, steps, a, stride, b + j * STEP, width * STEP, sums, j);
  }
}

// Each number of rows that a group may have, compiled with it.
#define GROUP_OF(r) \
  case r: \
    if (r <= ROWS) { \
      multiply_group(r <= ROWS ? r : ROWS, r == 1 ? ROW_COLUMNS : COLUMNS, width, o->k, a, b, \
                     sums); \
    } \
    break;

// Some rows of a block of c.
static void product_group(const operands *o, size_t rows, const char *a_rows, size_t j0,
                          size_t columns, float *c) {
  const size_t width = block_width(o->n, j0), stride = row_bytes(o->k);
  const uint8_t *a = row_elements(a_rows);
  const int8_t *b = block_at(o->b, o->k, j0);
  int32_t sums[ROWS][BLOCK] __attribute__((aligned(64)));
  switch (rows) { GROUP_OF(1) GROUP_OF(2) GROUP_OF(3) GROUP_OF(4) GROUP_OF(5) GROUP_OF(6) }
  for (size_t r = 0; r < rows; r++) {
    const float scale = row_scale(a_rows + r * stride);
    float *to = c + r * o->c_row_stride + j0;
    // A whole block is a loop of constant length.
    if (columns == BLOCK) {
      finish(o, j0, BLOCK, scale, sums[r], to);
    } else {
      finish(o, j0, columns, scale, sums[r], to);
    }
  }
}

static void product(size_t m, size_t n, size_t k, const void *rows, const void *packed,
                    size_t first, size_t columns, unroll_start start, const float *bias, float *c,
                    size_t c_row_stride) {
  const operands o = {
    .n = n, .k = k, .b = packed_columns_at(packed, n), .start = start, .bias = bias,
    .c_row_stride = c_row_stride,
  };
  // A block of b stays in the caches while groups of rows pass.
  for (size_t j = first; j < first + columns; j += BLOCK) {
    for (size_t i = 0; i < m; i += ROWS) {
      product_group(&o, least(ROWS, m - i), (const char *)rows + i * row_bytes(k), j,
                    least(BLOCK, first + columns - j), c + i * c_row_stride);
    }
  }
}
