// The naive oracle: each function as its definition says it, in double with the library's
// functions, rounded once on the way out. Nothing here is fast.
#include "element.h"

static size_t packed_count(size_t k, size_t n) { return k * n; }

static void pack(size_t k, size_t n, const void *b, ptrdiff_t row_stride, ptrdiff_t column_stride,
                 void *packed) {
  const real *from = b;
  real *to = packed;
  for (size_t i = 0; i < k; i++) {
    for (size_t j = 0; j < n; j++) to[i * n + j] = from[(ptrdiff_t)i * row_stride + (ptrdiff_t)j * column_stride];
  }
}

static void product_columns(size_t m, size_t n, size_t k, size_t first, size_t columns,
                            const void *a, ptrdiff_t a_row_stride, ptrdiff_t a_column_stride,
                            const void *packed_b, unroll_start start, const void *bias, void *c,
                            size_t c_row_stride) {
  for (size_t i = 0; i < m; i++) {
    const real *row = (const real *)a + (ptrdiff_t)i * a_row_stride;
    for (size_t j = first; j < first + columns; j++) {
      real *element = (real *)c + i * c_row_stride + j;
      double sum = 0;
      if (start == UNROLL_START_BIAS) sum = (double)((const real *)bias)[j];
      if (start == UNROLL_START_C) sum = (double)*element;
      for (size_t p = 0; p < k; p++) {
        sum += (double)row[(ptrdiff_t)p * a_column_stride] * (double)((const real *)packed_b)[p * n + j];
      }
      *element = (real)sum;
    }
  }
}

static void product(size_t m, size_t n, size_t k, const void *a, ptrdiff_t a_row_stride,
                    ptrdiff_t a_column_stride, const void *packed_b, unroll_start start,
                    const void *bias, void *c, size_t c_row_stride) {
  product_columns(m, n, k, 0, n, a, a_row_stride, a_column_stride, packed_b, start, bias, c,
                  c_row_stride);
}

static void plain_product(size_t m, size_t k, const void *a, ptrdiff_t a_row_stride,
                          ptrdiff_t a_column_stride, const void *b, void *c) {
#pragma clang fp contract(off)
  for (size_t i = 0; i < m; i++) {
    const real *row = (const real *)a + (ptrdiff_t)i * a_row_stride;
    for (size_t j = 0; j < UNROLL_PLAIN_COLUMNS; j++) {
      real *element = (real *)c + i * UNROLL_PLAIN_COLUMNS + j;
      for (size_t p = 0; p < k; p++) {
        *element += row[(ptrdiff_t)p * a_column_stride] * ((const real *)b)[p * UNROLL_PLAIN_COLUMNS + j];
      }
    }
  }
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

#define ARRAY_FUNCTION(name, of_element) \
  static void name(size_t n, const void *x, void *y) { \
    for (size_t i = 0; i < n; i++) { \
      ((real *)y)[i] = (real)of_element((double)((const real *)x)[i]); \
    } \
  }

ARRAY_FUNCTION(exp_array, exp)
ARRAY_FUNCTION(tanh_array, tanh)
ARRAY_FUNCTION(sigmoid_array, sigmoid)

static void tanh_backward(size_t n, const void *y, const void *dy, void *dx) {
  for (size_t i = 0; i < n; i++) {
    double output = (double)((const real *)y)[i], gradient = (double)((const real *)dy)[i];
    ((real *)dx)[i] = (real)(gradient * (1 - output * output));
  }
}

// log softmax(x)[j] = (x[j] - greatest) - log_sum.
typedef struct {
  double greatest, log_sum;
} normalizer;

static normalizer normalizer_of(size_t columns, const real *x) {
  normalizer of = {-INFINITY, 0};
  double sum = 0;
  for (size_t j = 0; j < columns; j++) of.greatest = fmax(of.greatest, (double)x[j]);
  for (size_t j = 0; j < columns; j++) sum += exp((double)x[j] - of.greatest);
  of.log_sum = log(sum);
  return of;
}

static double log_probability(real x, normalizer of) {
  return ((double)x - of.greatest) - of.log_sum;
}

static void softmax(size_t rows, size_t columns, const void *x, void *y) {
  for (size_t r = 0; r < rows; r++) {
    const real *from = (const real *)x + r * columns;
    real *to = (real *)y + r * columns;
    normalizer of = normalizer_of(columns, from);
    for (size_t j = 0; j < columns; j++) to[j] = (real)exp(log_probability(from[j], of));
  }
}

static void log_softmax(size_t rows, size_t columns, const void *x, void *y) {
  for (size_t r = 0; r < rows; r++) {
    const real *from = (const real *)x + r * columns;
    real *to = (real *)y + r * columns;
    normalizer of = normalizer_of(columns, from);
    for (size_t j = 0; j < columns; j++) to[j] = (real)log_probability(from[j], of);
  }
}

static void softmax_loss(size_t rows, size_t classes, void *logits, const int32_t *targets,
                         double *losses) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)logits + r * classes;
    normalizer of = normalizer_of(classes, row);
    losses[r] = targets[r] < 0 ? 0 : -log_probability(row[targets[r]], of);
    for (size_t j = 0; j < classes; j++) {
      double one_hot = (int32_t)j == targets[r] ? 1 : 0;
      row[j] = targets[r] < 0 ? 0 : (real)(exp(log_probability(row[j], of)) - one_hot);
    }
  }
}

#include "reference_cells.h"
#include "reference_layer_norm.h"

static void add(size_t n, const void *x, void *y) {
  for (size_t i = 0; i < n; i++) ((real *)y)[i] += ((const real *)x)[i];
}

static void scale(size_t n, double factor, void *x) {
  for (size_t i = 0; i < n; i++) ((real *)x)[i] *= (real)factor;
}

static void add_rows(size_t rows, size_t columns, const void *x, ptrdiff_t row_stride, void *sums) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < columns; j++) {
      ((real *)sums)[j] += ((const real *)x)[(ptrdiff_t)r * row_stride + (ptrdiff_t)j];
    }
  }
}

static void add_products(size_t rows, size_t columns, const void *x, const void *y,
                         ptrdiff_t row_stride, void *sums) {
  for (size_t j = 0; j < columns; j++) {
    double sum = (double)((const real *)sums)[j];
    for (size_t r = 0; r < rows; r++) {
      const ptrdiff_t at = (ptrdiff_t)r * row_stride + (ptrdiff_t)j;
      sum += (double)((const real *)x)[at] * (double)((const real *)y)[at];
    }
    ((real *)sums)[j] = (real)sum;
  }
}

static double sum_of_squares(size_t n, const void *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)((const real *)x)[i] * (double)((const real *)x)[i];
  return sum;
}

static void adam(size_t n, void *value, const void *gradient, void *mean, void *square, double rate,
                 double beta1, double beta2, double epsilon, double correction1, double correction2,
                 double decay) {
  for (size_t i = 0; i < n; i++) {
    real *v = (real *)value + i, *m = (real *)mean + i, *s = (real *)square + i;
    double g = (double)((const real *)gradient)[i];
    double new_mean = beta1 * (double)*m + (1 - beta1) * g;
    double new_square = beta2 * (double)*s + (1 - beta2) * g * g;
    double step = new_mean / correction1 / (sqrt(new_square / correction2) + epsilon);
    *m = (real)new_mean;
    *s = (real)new_square;
    *v = (real)((double)*v - rate * (step + decay * (double)*v));
  }
}

#include "entries.h"
