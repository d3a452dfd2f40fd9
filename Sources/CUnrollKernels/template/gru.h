// One step of a GRU after its matrix products, in one pass over memory. A row of gates, and one of
// recurrent, holds three runs of `hidden` elements, r, z and n; LANES units of a row are computed at
// once.

static void gru_forward(size_t rows, size_t hidden, void *gates, void *recurrent,
                        const void *bias_hn, const void *h_before, size_t before_stride, void *h,
                        size_t h_stride) {
  for (size_t i = 0; i < rows; i++) {
    real *row = (real *)gates + i * 3 * hidden, *product = (real *)recurrent + i * 3 * hidden;
    const real *hidden_before = (const real *)h_before + i * before_stride;
    real *output = (real *)h + i * h_stride;
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      real *at_r = row + j, *at_z = at_r + hidden, *at_n = at_z + hidden;
      real *from_r = product + j, *from_z = from_r + hidden, *at_q = from_z + hidden;
      vec r = sigmoid_vector(load_up_to(at_r, left, 0) + load_up_to(from_r, left, 0));
      vec z = sigmoid_vector(load_up_to(at_z, left, 0) + load_up_to(from_z, left, 0));
      vec q = load_up_to(at_q, left, 0) + load_up_to((const real *)bias_hn + j, left, 0);
      vec n = tanh_vector(multiply_add(r, q, load_up_to(at_n, left, 0)));
      vec before = load_up_to(hidden_before + j, left, 0);
      store_up_to(at_r, r, left);
      store_up_to(at_z, z, left);
      store_up_to(at_n, n, left);
      store_up_to(at_q, q, left);
      store_up_to(output + j, multiply_add(z, before - n, n), left);
    }
  }
}

// With q = W_hn h + b_hn:
//   da_n = dh (1 - z) (1 - n^2)     da_r = da_n q r (1 - r)     da_z = dh (h_before - n) z (1 - z)
//   dq = da_n r                     dh_before = dh z, beside what goes through the product
static void gru_backward(size_t rows, size_t hidden, void *gates, void *recurrent,
                         const void *h_before, size_t before_stride, void *dh,
                         size_t dh_stride) {
  for (size_t i = 0; i < rows; i++) {
    real *row = (real *)gates + i * 3 * hidden, *product = (real *)recurrent + i * 3 * hidden;
    const real *hidden_before = (const real *)h_before + i * before_stride;
    real *gradient = (real *)dh + i * dh_stride;
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      real *at_r = row + j, *at_z = at_r + hidden, *at_n = at_z + hidden;
      real *to_r = product + j, *to_z = to_r + hidden, *at_q = to_z + hidden;
      vec r = load_up_to(at_r, left, 0), z = load_up_to(at_z, left, 0);
      vec n = load_up_to(at_n, left, 0), q = load_up_to(at_q, left, 0);
      vec before = load_up_to(hidden_before + j, left, 0);
      vec d_h = load_up_to(gradient + j, left, 0);
      vec d_n = d_h * (1 - z) * (1 - n * n);
      vec d_r = d_n * q * (r * (1 - r));
      vec d_z = d_h * (before - n) * (z * (1 - z));
      store_up_to(at_r, d_r, left);
      store_up_to(to_r, d_r, left);
      store_up_to(at_z, d_z, left);
      store_up_to(to_z, d_z, left);
      store_up_to(at_n, d_n, left);
      store_up_to(at_q, d_n * r, left);
      store_up_to(gradient + j, d_h * z, left);
    }
  }
}
