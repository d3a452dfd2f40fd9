// Functions of one element each, over arrays. The last elements go through the same vector code as
// the others, so that an element's result does not depend on where it stands.

#define ARRAY_FUNCTION(name, of_vector) \
  static void name(size_t n, const void *x, void *y) { \
    const real *from = x; \
    real *to = y; \
    for (size_t i = 0; i < n; i += LANES) { \
      store_up_to(to + i, of_vector(load_up_to(from + i, n - i, 0)), n - i); \
    } \
  }

ARRAY_FUNCTION(exp_array, exp_vector)
ARRAY_FUNCTION(tanh_array, tanh_vector)
ARRAY_FUNCTION(sigmoid_array, sigmoid_vector)

static void tanh_backward(size_t n, const void *y, const void *dy, void *dx) {
  const real *outputs = y, *gradients = dy;
  real *to = dx;
  for (size_t i = 0; i < n; i += LANES) {
    vec output = load_up_to(outputs + i, n - i, 0);
    vec gradient = load_up_to(gradients + i, n - i, 0);
    store_up_to(to + i, gradient * (1 - output * output), n - i);
  }
}
