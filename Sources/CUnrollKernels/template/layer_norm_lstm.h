// One step of a layer-normalized LSTM after its matrix products, a row at a time. A row of four runs of
// `hidden` elements is ordered i, f, g and o; LANES units are computed at once. Means are those of one
// row, so that they are the same whatever rows stand beside it.
//
// What a mean is taken from is rounded first, in a statement of its own: in a row of one unit the
// difference must be zero. Fused with the product before it, it would be the rounding error of that
// product, and the division by a small deviation would make it large.

// The mean of a row, and one over the deviation from it.
typedef struct {
  real mean, scale;
} row_norm;

// The means of a gradient, and of it times the normalized row.
typedef struct {
  real mean, along;
} row_gradient;

// In four chains, so that an addition need not wait for the one before.
INLINE real mean_of_row(size_t n, const real *x) {
  enum { CHAINS = 4 };
  vec sum[CHAINS] = {splat(0), splat(0), splat(0), splat(0)};
  size_t j = 0;
  for (; j + CHAINS * LANES <= n; j += CHAINS * LANES) {
    UNROLLED
    for (size_t s = 0; s < CHAINS; s++) sum[s] += load(x + j + s * LANES);
  }
  for (; j < n; j += LANES) sum[0] += load_up_to(x + j, n - j, 0);
  return sum_of_lanes((sum[0] + sum[1]) + (sum[2] + sum[3])) / (real)n;
}

INLINE real variance_of_row(size_t n, const real *x, real mean) {
  enum { CHAINS = 4 };
  vec sum[CHAINS] = {splat(0), splat(0), splat(0), splat(0)};
  size_t j = 0;
  for (; j + CHAINS * LANES <= n; j += CHAINS * LANES) {
    UNROLLED
    for (size_t s = 0; s < CHAINS; s++) {
      vec difference = load(x + j + s * LANES) - mean;
      sum[s] = multiply_add(difference, difference, sum[s]);
    }
  }
  for (; j < n; j += LANES) {
    // Lanes past the end hold the mean, which differs by nothing from itself.
    vec difference = load_up_to(x + j, n - j, mean) - mean;
    sum[0] = multiply_add(difference, difference, sum[0]);
  }
  return sum_of_lanes((sum[0] + sum[1]) + (sum[2] + sum[3])) / (real)n;
}

// deviation = sqrt(variance(x) + epsilon)
INLINE row_norm norm_of_row(size_t n, const real *x, double epsilon, real *deviation) {
  real mean = mean_of_row(n, x);
  *deviation = __builtin_elementwise_sqrt(variance_of_row(n, x, mean) + (real)epsilon);
  return (row_norm){mean, 1 / *deviation};
}

static void layer_norm_lstm_forward(size_t rows, size_t hidden, const unroll_layer_norm_lstm *by,
                                    void *gates, const unroll_layer_norm_lstm_saved *saved,
                                    const void *c_before, size_t before_stride, void *h,
                                    size_t h_stride, void *c, size_t c_stride) {
  const real *input_scale = by->input_scale, *recurrent_scale = by->recurrent_scale;
  const real *bias = by->bias, *cell_scale = by->cell_scale, *cell_bias = by->cell_bias;
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden, *deviations = (real *)saved->deviations + r * 3;
    real *input = (real *)saved->input + r * 4 * hidden;
    real *recurrent = (real *)saved->recurrent + r * 4 * hidden;
    real *cell_norm = (real *)saved->cell + r * hidden, *out_tanh = (real *)saved->tanh_out + r * hidden;
    const real *cell_before = (const real *)c_before + r * before_stride;
    real *output = (real *)h + r * h_stride, *cell = (real *)c + r * c_stride;

    row_norm of_input = norm_of_row(4 * hidden, row, by->epsilon, deviations);
    row_norm of_product = norm_of_row(4 * hidden, recurrent, by->epsilon, deviations + 1);
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      vec a[4];
      UNROLLED
      for (size_t gate = 0; gate < 4; gate++) {
        const size_t at = gate * hidden + j;
        vec u = (load_up_to(row + at, left, 0) - of_input.mean) * of_input.scale;
        vec v = (load_up_to(recurrent + at, left, 0) - of_product.mean) * of_product.scale;
        store_up_to(input + at, u, left);
        store_up_to(recurrent + at, v, left);
        a[gate] = multiply_add(u, load_up_to(input_scale + at, left, 0),
                               load_up_to(bias + at, left, 0));
        a[gate] = multiply_add(v, load_up_to(recurrent_scale + at, left, 0), a[gate]);
      }
      vec i = sigmoid_vector(a[0]), f = sigmoid_vector(a[1]);
      vec g = tanh_vector(a[2]), o = sigmoid_vector(a[3]);
      store_up_to(row + j, i, left);
      store_up_to(row + hidden + j, f, left);
      store_up_to(row + 2 * hidden + j, g, left);
      store_up_to(row + 3 * hidden + j, o, left);
      store_up_to(cell + j, multiply_add(f, load_up_to(cell_before + j, left, 0), i * g), left);
    }

    row_norm of_cell = norm_of_row(hidden, cell, by->epsilon, deviations + 2);
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      vec n = (load_up_to(cell + j, left, 0) - of_cell.mean) * of_cell.scale;
      vec out = multiply_add(n, load_up_to(cell_scale + j, left, 0),
                             load_up_to(cell_bias + j, left, 0));
      vec after_tanh = tanh_vector(out);
      store_up_to(cell_norm + j, n, left);
      store_up_to(out_tanh + j, after_tanh, left);
      store_up_to(output + j, load_up_to(row + 3 * hidden + j, left, 0) * after_tanh, left);
    }
  }
}

// dx = (dn - mean(dn) - n mean(dn n)) / deviation
INLINE vec through_norm(vec d_n, vec n, row_gradient of, real scale) {
  vec centered = d_n - of.mean;
  return multiply_add(n, splat(-of.along), centered) * scale;
}

// With e = dh o (1 - tanh_out^2), and dn = w_c e for the cell,
//   dc = dx of the cell + dc
//   da_i = dc g i (1 - i)     da_f = dc c_before f (1 - f)
//   da_g = dc i (1 - g^2)     da_o = dh tanh_out o (1 - o)       dc_before = dc f
// and then dx of both sides of a, for dn = w_ih da and dn = w_hh da.
static void layer_norm_lstm_backward(size_t rows, size_t hidden, const unroll_layer_norm_lstm *by,
                                     void *gates, const unroll_layer_norm_lstm_saved *saved,
                                     const void *c_before, size_t before_stride, const void *dh,
                                     size_t dh_stride, void *dc, size_t dc_stride, void *da,
                                     void *d_product) {
  const real *input_scale = by->input_scale, *recurrent_scale = by->recurrent_scale;
  const real *cell_scale = by->cell_scale;
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden, *d_a = (real *)da + r * 4 * hidden;
    real *product_gradient = (real *)d_product + r * 4 * hidden;
    const real *deviations = (const real *)saved->deviations + r * 3;
    const real *input = (const real *)saved->input + r * 4 * hidden;
    const real *recurrent = (const real *)saved->recurrent + r * 4 * hidden;
    const real *cell_norm = (const real *)saved->cell + r * hidden;
    real *out_gradient = (real *)saved->tanh_out + r * hidden;
    const real *cell_before = (const real *)c_before + r * before_stride;
    const real *output_gradient = (const real *)dh + r * dh_stride;
    real *cell_gradient = (real *)dc + r * dc_stride;

    vec sum = splat(0), sum_along = splat(0);
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      vec o = load_up_to(row + 3 * hidden + j, left, 0);
      vec out_tanh = load_up_to(out_gradient + j, left, 0);
      vec d_h = load_up_to(output_gradient + j, left, 0);
      vec e = d_h * o * (1 - out_tanh * out_tanh);
      vec d_n = e * load_up_to(cell_scale + j, left, 0);
      sum += d_n;
      sum_along = multiply_add(d_n, load_up_to(cell_norm + j, left, 0), sum_along);
      store_up_to(out_gradient + j, e, left);
      store_up_to(d_a + 3 * hidden + j, d_h * out_tanh * (o * (1 - o)), left);
    }
    const row_gradient of_cell = {sum_of_lanes(sum) / (real)hidden,
                                  sum_of_lanes(sum_along) / (real)hidden};

    vec input_sum = splat(0), input_along = splat(0);
    vec product_sum = splat(0), product_along = splat(0);
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      vec i = load_up_to(row + j, left, 0), f = load_up_to(row + hidden + j, left, 0);
      vec g = load_up_to(row + 2 * hidden + j, left, 0);
      vec before = load_up_to(cell_before + j, left, 0);
      vec d_n = load_up_to(out_gradient + j, left, 0) * load_up_to(cell_scale + j, left, 0);
      vec d_c = through_norm(d_n, load_up_to(cell_norm + j, left, 0), of_cell, 1 / deviations[2]) +
                load_up_to(cell_gradient + j, left, 0);
      vec gate_gradients[4] = {d_c * g * (i * (1 - i)), d_c * before * (f * (1 - f)),
                               d_c * i * (1 - g * g),
                               load_up_to(d_a + 3 * hidden + j, left, 0)};
      UNROLLED
      for (size_t gate = 0; gate < 4; gate++) {
        const size_t at = gate * hidden + j;
        vec d_u = gate_gradients[gate] * load_up_to(input_scale + at, left, 0);
        vec d_v = gate_gradients[gate] * load_up_to(recurrent_scale + at, left, 0);
        input_sum += d_u;
        input_along = multiply_add(d_u, load_up_to(input + at, left, 0), input_along);
        product_sum += d_v;
        product_along = multiply_add(d_v, load_up_to(recurrent + at, left, 0), product_along);
        store_up_to(d_a + at, gate_gradients[gate], left);
      }
      store_up_to(cell_gradient + j, d_c * f, left);
    }

    const real units = (real)(4 * hidden);
    const row_gradient of_input = {sum_of_lanes(input_sum) / units,
                                   sum_of_lanes(input_along) / units};
    const row_gradient of_product = {sum_of_lanes(product_sum) / units,
                                     sum_of_lanes(product_along) / units};
    for (size_t j = 0; j < 4 * hidden; j += LANES) {
      const size_t left = 4 * hidden - j;
      vec gradient = load_up_to(d_a + j, left, 0);
      vec d_u = gradient * load_up_to(input_scale + j, left, 0);
      vec d_v = gradient * load_up_to(recurrent_scale + j, left, 0);
      vec u = load_up_to(input + j, left, 0), v = load_up_to(recurrent + j, left, 0);
      store_up_to(row + j, through_norm(d_u, u, of_input, 1 / deviations[0]), left);
      store_up_to(product_gradient + j, through_norm(d_v, v, of_product, 1 / deviations[1]), left);
    }
  }
}
