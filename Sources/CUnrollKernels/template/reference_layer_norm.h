// The step of a layer-normalized LSTM, as its definition says it.

typedef struct {
  double mean, deviation;
} spread;

static spread spread_of(size_t n, const real *x, double epsilon) {
  double mean = 0, variance = 0;
  for (size_t j = 0; j < n; j++) mean += (double)x[j] / (double)n;
  for (size_t j = 0; j < n; j++) {
    variance += ((double)x[j] - mean) * ((double)x[j] - mean) / (double)n;
  }
  return (spread){mean, sqrt(variance + epsilon)};
}

static double normalized(real x, spread of) { return ((double)x - of.mean) / of.deviation; }

static void layer_norm_lstm_forward(size_t rows, size_t hidden, const unroll_layer_norm_lstm *by,
                                    void *gates, const unroll_layer_norm_lstm_saved *saved,
                                    const void *c_before, size_t before_stride, void *h,
                                    size_t h_stride, void *c, size_t c_stride) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden, *deviations = (real *)saved->deviations + r * 3;
    real *input = (real *)saved->input + r * 4 * hidden;
    real *recurrent = (real *)saved->recurrent + r * 4 * hidden;
    real *cell = (real *)c + r * c_stride;
    spread of_input = spread_of(4 * hidden, row, by->epsilon);
    spread of_product = spread_of(4 * hidden, recurrent, by->epsilon);
    for (size_t j = 0; j < 4 * hidden; j++) {
      double u = normalized(row[j], of_input), v = normalized(recurrent[j], of_product);
      double a = (double)((const real *)by->input_scale)[j] * u +
                 (double)((const real *)by->recurrent_scale)[j] * v +
                 (double)((const real *)by->bias)[j];
      input[j] = (real)u;
      recurrent[j] = (real)v;
      row[j] = (real)(j / hidden == 2 ? tanh(a) : sigmoid(a));
    }
    for (size_t j = 0; j < hidden; j++) {
      double before = (double)((const real *)c_before)[r * before_stride + j];
      cell[j] = (real)((double)row[hidden + j] * before + (double)row[j] * (double)row[2 * hidden + j]);
    }
    spread of_cell = spread_of(hidden, cell, by->epsilon);
    for (size_t j = 0; j < hidden; j++) {
      double n = normalized(cell[j], of_cell);
      double out = (double)((const real *)by->cell_scale)[j] * n +
                   (double)((const real *)by->cell_bias)[j];
      ((real *)saved->cell)[r * hidden + j] = (real)n;
      ((real *)saved->tanh_out)[r * hidden + j] = (real)tanh(out);
      ((real *)h)[r * h_stride + j] = (real)((double)row[3 * hidden + j] * tanh(out));
    }
    deviations[0] = (real)of_input.deviation;
    deviations[1] = (real)of_product.deviation;
    deviations[2] = (real)of_cell.deviation;
  }
}

// For dn = scale gradient, element by element: dx[i] = (dn_i - mean(dn) - n_i mean(dn n)) / deviation.
static double through_norm(size_t n, const void *scale, const real *gradient, const real *normal,
                           real deviation, size_t i) {
  double mean = 0, along = 0;
  for (size_t j = 0; j < n; j++) {
    double d_n = (double)((const real *)scale)[j] * (double)gradient[j];
    mean += d_n / (double)n;
    along += d_n * (double)normal[j] / (double)n;
  }
  double d_n = (double)((const real *)scale)[i] * (double)gradient[i];
  return (d_n - mean - (double)normal[i] * along) / (double)deviation;
}

static void layer_norm_lstm_backward(size_t rows, size_t hidden, const unroll_layer_norm_lstm *by,
                                     void *gates, const unroll_layer_norm_lstm_saved *saved,
                                     const void *c_before, size_t before_stride, const void *dh,
                                     size_t dh_stride, void *dc, size_t dc_stride, void *da,
                                     void *d_product) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden, *d_a = (real *)da + r * 4 * hidden;
    const real *deviations = (const real *)saved->deviations + r * 3;
    const real *input = (const real *)saved->input + r * 4 * hidden;
    const real *recurrent = (const real *)saved->recurrent + r * 4 * hidden;
    const real *cell = (const real *)saved->cell + r * hidden;
    real *out = (real *)saved->tanh_out + r * hidden;
    for (size_t j = 0; j < hidden; j++) {
      double d_h = (double)((const real *)dh)[r * dh_stride + j];
      double o = (double)row[3 * hidden + j], t = (double)out[j];
      out[j] = (real)(d_h * o * (1 - t * t));
      d_a[3 * hidden + j] = (real)(d_h * t * o * (1 - o));
    }
    for (size_t j = 0; j < hidden; j++) {
      double i = (double)row[j], f = (double)row[hidden + j], g = (double)row[2 * hidden + j];
      double before = (double)((const real *)c_before)[r * before_stride + j];
      real *at_dc = (real *)dc + r * dc_stride + j;
      double d_c = (double)*at_dc + through_norm(hidden, by->cell_scale, out, cell, deviations[2], j);
      d_a[j] = (real)(d_c * g * i * (1 - i));
      d_a[hidden + j] = (real)(d_c * before * f * (1 - f));
      d_a[2 * hidden + j] = (real)(d_c * i * (1 - g * g));
      *at_dc = (real)(d_c * f);
    }
    for (size_t j = 0; j < 4 * hidden; j++) {
      row[j] = (real)through_norm(4 * hidden, by->input_scale, d_a, input, deviations[0], j);
      ((real *)d_product)[r * 4 * hidden + j] =
        (real)through_norm(4 * hidden, by->recurrent_scale, d_a, recurrent, deviations[1], j);
    }
  }
}
