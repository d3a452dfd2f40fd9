// Softmax of rows. The greatest of a row is taken from each element before the exponential, so that
// nothing overflows and the sum is at least 1. A NaN survives in the sum; an infinite greatest
// makes one.

INLINE real greatest_of_row(size_t columns, const real *x) {
  vec greatest = splat(-INFINITY);
  for (size_t j = 0; j < columns; j += LANES) {
    vec v = load_up_to(x + j, columns - j, -INFINITY);
    greatest = v > greatest ? v : greatest;
  }
  return greatest_of_lanes(greatest);
}

// The sum of e^(x - greatest), each term written to `terms` unless that is NULL.
INLINE real sum_of_exponentials(size_t columns, const real *x, real greatest, real *terms) {
  vec sum = splat(0);
  for (size_t j = 0; j < columns; j += LANES) {
    // Lanes past the end hold -infinity, whose exponential adds nothing.
    vec term = exp_vector(load_up_to(x + j, columns - j, -INFINITY) - greatest);
    if (terms != NULL) store_up_to(terms + j, term, columns - j);
    sum += term;
  }
  return sum_of_lanes(sum);
}

INLINE void scale_row(size_t columns, real factor, real *x) {
  for (size_t j = 0; j < columns; j += LANES) {
    store_up_to(x + j, load_up_to(x + j, columns - j, 0) * factor, columns - j);
  }
}

static void softmax(size_t rows, size_t columns, const void *x, void *y) {
  for (size_t r = 0; r < rows; r++) {
    const real *from = (const real *)x + r * columns;
    real *to = (real *)y + r * columns;
    real sum = sum_of_exponentials(columns, from, greatest_of_row(columns, from), to);
    scale_row(columns, 1 / sum, to);
  }
}

static void log_softmax(size_t rows, size_t columns, const void *x, void *y) {
  for (size_t r = 0; r < rows; r++) {
    const real *from = (const real *)x + r * columns;
    real *to = (real *)y + r * columns;
    real greatest = greatest_of_row(columns, from);
    real log_sum = (real)log((double)sum_of_exponentials(columns, from, greatest, NULL));
    for (size_t j = 0; j < columns; j += LANES) {
      vec v = load_up_to(from + j, columns - j, 0);
      store_up_to(to + j, v - greatest - log_sum, columns - j);
    }
  }
}

static void softmax_loss(size_t rows, size_t classes, void *logits, const int32_t *targets,
                         double *losses) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)logits + r * classes;
    if (targets[r] < 0) {
      losses[r] = 0;
      memset(row, 0, classes * sizeof(real));
      continue;
    }
    real greatest = greatest_of_row(classes, row), logit = row[targets[r]];
    real sum = sum_of_exponentials(classes, row, greatest, row);
    losses[r] = log((double)sum) + ((double)greatest - (double)logit);
    scale_row(classes, 1 / sum, row);
    row[targets[r]] -= 1;
  }
}
