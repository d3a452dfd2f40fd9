// The steps of cells, and the recurrence without products, as their definitions say them.

static void lstm_forward(size_t rows, size_t hidden, void *gates, const void *c_before,
                         size_t before_stride, void *h, size_t h_stride, void *c,
                         size_t c_stride, void *tanh_c) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden;
    for (size_t j = 0; j < hidden; j++) {
      double i = sigmoid((double)row[j]), f = sigmoid((double)row[hidden + j]);
      double g = tanh((double)row[2 * hidden + j]), o = sigmoid((double)row[3 * hidden + j]);
      double after = f * (double)((const real *)c_before)[r * before_stride + j] + i * g;
      row[j] = (real)i;
      row[hidden + j] = (real)f;
      row[2 * hidden + j] = (real)g;
      row[3 * hidden + j] = (real)o;
      ((real *)c)[r * c_stride + j] = (real)after;
      ((real *)tanh_c)[r * hidden + j] = (real)tanh(after);
      ((real *)h)[r * h_stride + j] = (real)(o * tanh(after));
    }
  }
}

static void lstm_backward(size_t rows, size_t hidden, void *gates, const void *tanh_c,
                          const void *c_before, size_t before_stride, const void *dh,
                          size_t dh_stride, void *dc, size_t dc_stride) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden;
    for (size_t j = 0; j < hidden; j++) {
      double i = (double)row[j], f = (double)row[hidden + j];
      double g = (double)row[2 * hidden + j], o = (double)row[3 * hidden + j];
      double t = (double)((const real *)tanh_c)[r * hidden + j];
      double before = (double)((const real *)c_before)[r * before_stride + j];
      double d_h = (double)((const real *)dh)[r * dh_stride + j];
      real *at_dc = (real *)dc + r * dc_stride + j;
      double d_c = (double)*at_dc + d_h * o * (1 - t * t);
      row[j] = (real)(d_c * g * i * (1 - i));
      row[hidden + j] = (real)(d_c * before * f * (1 - f));
      row[2 * hidden + j] = (real)(d_c * i * (1 - g * g));
      row[3 * hidden + j] = (real)(d_h * t * o * (1 - o));
      *at_dc = (real)(d_c * f);
    }
  }
}

static void gru_forward(size_t rows, size_t hidden, void *gates, void *recurrent,
                        const void *bias_hn, const void *h_before, size_t before_stride, void *h,
                        size_t h_stride) {
  for (size_t i = 0; i < rows; i++) {
    real *row = (real *)gates + i * 3 * hidden, *product = (real *)recurrent + i * 3 * hidden;
    for (size_t j = 0; j < hidden; j++) {
      double before = (double)((const real *)h_before)[i * before_stride + j];
      double r = sigmoid((double)row[j] + (double)product[j]);
      double z = sigmoid((double)row[hidden + j] + (double)product[hidden + j]);
      double q = (double)product[2 * hidden + j] + (double)((const real *)bias_hn)[j];
      double n = tanh((double)row[2 * hidden + j] + r * q);
      row[j] = (real)r;
      row[hidden + j] = (real)z;
      row[2 * hidden + j] = (real)n;
      product[2 * hidden + j] = (real)q;
      ((real *)h)[i * h_stride + j] = (real)((1 - z) * n + z * before);
    }
  }
}

static void gru_backward(size_t rows, size_t hidden, void *gates, void *recurrent,
                         const void *h_before, size_t before_stride, void *dh,
                         size_t dh_stride) {
  for (size_t i = 0; i < rows; i++) {
    real *row = (real *)gates + i * 3 * hidden, *product = (real *)recurrent + i * 3 * hidden;
    for (size_t j = 0; j < hidden; j++) {
      double r = (double)row[j], z = (double)row[hidden + j], n = (double)row[2 * hidden + j];
      double q = (double)product[2 * hidden + j];
      double before = (double)((const real *)h_before)[i * before_stride + j];
      real *at_dh = (real *)dh + i * dh_stride + j;
      double d_n = (double)*at_dh * (1 - z) * (1 - n * n);
      row[j] = product[j] = (real)(d_n * q * r * (1 - r));
      row[hidden + j] = product[hidden + j] = (real)((double)*at_dh * (before - n) * z * (1 - z));
      row[2 * hidden + j] = (real)d_n;
      product[2 * hidden + j] = (real)(d_n * r);
      *at_dh = (real)((double)*at_dh * z);
    }
  }
}

static void sweep_forward(size_t steps, size_t size, const void *a, const void *b,
                          const void *c_before, void *c) {
  for (size_t i = 0; i < steps * size; i++) {
    const real *before = i < size ? (const real *)c_before + i : (const real *)c + i - size;
    double factor = (double)((const real *)a)[i], term = (double)((const real *)b)[i];
    ((real *)c)[i] = (real)(factor * (double)*before + term);
  }
}

static void sweep_backward(size_t steps, size_t size, void *a, const void *c_before, const void *c,
                           void *dc, void *dc_before) {
  for (size_t i = steps * size; i-- > 0;) {
    const real *before = i < size ? (const real *)c_before + i : (const real *)c + i - size;
    real *factor = (real *)a + i, *from_after = (real *)dc_before + i % size;
    double d_c = (double)((real *)dc)[i] + (double)*from_after;
    ((real *)dc)[i] = (real)d_c;
    *from_after = (real)(d_c * (double)*factor);
    *factor = (real)(d_c * (double)*before);
  }
}
