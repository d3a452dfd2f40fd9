// One step of an LSTM after its matrix products, in one pass over memory. A row of gates holds four
// runs of `hidden` elements, i, f, g and o; LANES units of a row are computed at once.

static void lstm_forward(size_t rows, size_t hidden, void *gates, const void *c_before,
                         size_t before_stride, void *h, size_t h_stride, void *c,
                         size_t c_stride, void *tanh_c) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden;
    const real *cell_before = (const real *)c_before + r * before_stride;
    real *output = (real *)h + r * h_stride, *cell = (real *)c + r * c_stride;
    real *cell_tanh = (real *)tanh_c + r * hidden;
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      real *at_i = row + j, *at_f = at_i + hidden, *at_g = at_f + hidden, *at_o = at_g + hidden;
      vec i = sigmoid_vector(load_up_to(at_i, left, 0));
      vec f = sigmoid_vector(load_up_to(at_f, left, 0));
      vec g = tanh_vector(load_up_to(at_g, left, 0));
      vec o = sigmoid_vector(load_up_to(at_o, left, 0));
      vec after = multiply_add(f, load_up_to(cell_before + j, left, 0), i * g);
      vec after_tanh = tanh_vector(after);
      store_up_to(at_i, i, left);
      store_up_to(at_f, f, left);
      store_up_to(at_g, g, left);
      store_up_to(at_o, o, left);
      store_up_to(cell + j, after, left);
      store_up_to(cell_tanh + j, after_tanh, left);
      store_up_to(output + j, o * after_tanh, left);
    }
  }
}

// With dc the whole gradient of c, through h and from the step after:
//   da_i = dc g i (1 - i)     da_f = dc c_before f (1 - f)     dc = dc + dh o (1 - tanh_c^2)
//   da_g = dc i (1 - g^2)     da_o = dh tanh_c o (1 - o)       dc_before = dc f
static void lstm_backward(size_t rows, size_t hidden, void *gates, const void *tanh_c,
                          const void *c_before, size_t before_stride, const void *dh,
                          size_t dh_stride, void *dc, size_t dc_stride) {
  for (size_t r = 0; r < rows; r++) {
    real *row = (real *)gates + r * 4 * hidden;
    const real *cell_before = (const real *)c_before + r * before_stride;
    const real *cell_tanh = (const real *)tanh_c + r * hidden;
    const real *output_gradient = (const real *)dh + r * dh_stride;
    real *cell_gradient = (real *)dc + r * dc_stride;
    for (size_t j = 0; j < hidden; j += LANES) {
      const size_t left = hidden - j;
      real *at_i = row + j, *at_f = at_i + hidden, *at_g = at_f + hidden, *at_o = at_g + hidden;
      vec i = load_up_to(at_i, left, 0), f = load_up_to(at_f, left, 0);
      vec g = load_up_to(at_g, left, 0), o = load_up_to(at_o, left, 0);
      vec tanh_of_c = load_up_to(cell_tanh + j, left, 0);
      vec before = load_up_to(cell_before + j, left, 0);
      vec d_h = load_up_to(output_gradient + j, left, 0);
      vec d_c = load_up_to(cell_gradient + j, left, 0);
      d_c = multiply_add(d_h * o, 1 - tanh_of_c * tanh_of_c, d_c);
      store_up_to(at_i, d_c * g * (i * (1 - i)), left);
      store_up_to(at_f, d_c * before * (f * (1 - f)), left);
      store_up_to(at_g, d_c * i * (1 - g * g), left);
      store_up_to(at_o, d_h * tanh_of_c * (o * (1 - o)), left);
      store_up_to(cell_gradient + j, d_c * f, left);
    }
  }
}
