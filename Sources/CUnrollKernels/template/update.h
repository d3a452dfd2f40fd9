// Sums, and the steps of an optimizer.

static void add(size_t n, const void *x, void *y) {
  const real *from = x;
  real *to = y;
  for (size_t i = 0; i < n; i += LANES) {
    vec sum = load_up_to(to + i, n - i, 0) + load_up_to(from + i, n - i, 0);
    store_up_to(to + i, sum, n - i);
  }
}

static void scale(size_t n, double factor, void *x) { scale_row(n, (real)factor, x); }

// Sums of rows take a few rows through all columns, so that memory is read in order; each sum is one
// chain over the rows all the same.
enum { SUM_BLOCK = 8 };

static void add_rows(size_t rows, size_t columns, const void *x, ptrdiff_t row_stride, void *sums) {
  real *to = sums;
  for (size_t first = 0; first < rows; first += SUM_BLOCK) {
    const size_t count = least(SUM_BLOCK, rows - first);
    for (size_t j = 0; j < columns; j += LANES) {
      const size_t left = columns - j;
      const real *from = (const real *)x + (ptrdiff_t)first * row_stride + j;
      vec sum = load_up_to(to + j, left, 0);
      for (size_t r = 0; r < count; r++, from += row_stride) sum += load_up_to(from, left, 0);
      store_up_to(to + j, sum, left);
    }
  }
}

static void add_products(size_t rows, size_t columns, const void *x, const void *y,
                         ptrdiff_t row_stride, void *sums) {
  real *to = sums;
  for (size_t first = 0; first < rows; first += SUM_BLOCK) {
    const size_t count = least(SUM_BLOCK, rows - first);
    for (size_t j = 0; j < columns; j += LANES) {
      const size_t left = columns - j;
      const real *a = (const real *)x + (ptrdiff_t)first * row_stride + j;
      const real *b = (const real *)y + (ptrdiff_t)first * row_stride + j;
      vec sum = load_up_to(to + j, left, 0);
      for (size_t r = 0; r < count; r++, a += row_stride, b += row_stride) {
        sum = multiply_add(load_up_to(a, left, 0), load_up_to(b, left, 0), sum);
      }
      store_up_to(to + j, sum, left);
    }
  }
}

// Element i adds to lane i mod SQUARE_LANES, the same on every instruction set.
#define SQUARE_LANES 32
typedef real square_vec __attribute__((ext_vector_type(SQUARE_LANES)));
typedef double square_sums __attribute__((ext_vector_type(SQUARE_LANES)));

static double sum_of_squares(size_t n, const void *x) {
  const real *from = x;
  square_sums sums = (square_sums)0.0;
  for (size_t i = 0; i < n; i += SQUARE_LANES) {
    square_vec part = (square_vec)(real)0;
    if (n - i >= SQUARE_LANES) {
      memcpy(&part, from + i, sizeof part);
    } else {
      memcpy(&part, from + i, (n - i) * sizeof(real));
    }
    square_sums wide = __builtin_convertvector(part, square_sums);
    sums += wide * wide;
  }
  double sum = 0;
  for (int lane = 0; lane < SQUARE_LANES; lane++) sum += sums[lane];
  return sum;
}

typedef struct {
  real beta1, rest1, beta2, rest2, step, square_scale, epsilon, decay;
} adam_factors;

INLINE void adam_vector(real *value, const real *gradient, real *mean, real *square, size_t count,
                        const adam_factors *by) {
  vec v = load_up_to(value, count, 0), g = load_up_to(gradient, count, 0);
  vec m = by->beta1 * load_up_to(mean, count, 0) + by->rest1 * g;
  vec s = by->beta2 * load_up_to(square, count, 0) + by->rest2 * (g * g);
  vec root = __builtin_elementwise_sqrt(s * by->square_scale);
  store_up_to(mean, m, count);
  store_up_to(square, s, count);
  store_up_to(value, v - (by->step * m / (root + by->epsilon) + by->decay * v), count);
}

static void adam(size_t n, void *value, const void *gradient, void *mean, void *square, double rate,
                 double beta1, double beta2, double epsilon, double correction1, double correction2,
                 double decay) {
  const adam_factors by = {
    .beta1 = (real)beta1, .rest1 = (real)(1 - beta1), .beta2 = (real)beta2,
    .rest2 = (real)(1 - beta2), .step = (real)(rate / correction1),
    .square_scale = (real)(1 / correction2), .epsilon = (real)epsilon,
    .decay = (real)(rate * decay),
  };
  for (size_t i = 0; i < n; i += LANES) {
    adam_vector((real *)value + i, (const real *)gradient + i, (real *)mean + i,
                (real *)square + i, n - i, &by);
  }
}
