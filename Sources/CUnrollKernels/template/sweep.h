// A recurrence that is linear, element by element, over all its steps. The numbers of a step, those
// of all streams, lie together; each is a chain of its own over the steps.

// c_t = a_t c_{t-1} + b_t
static void sweep_forward(size_t steps, size_t size, const void *a, const void *b,
                          const void *c_before, void *c) {
  const real *factors = a, *terms = b, *before = c_before;
  real *after = c;
  for (size_t t = 0; t < steps; t++) {
    for (size_t j = 0; j < size; j += LANES) {
      const size_t left = size - j;
      vec next = multiply_add(load_up_to(factors + j, left, 0), load_up_to(before + j, left, 0),
                              load_up_to(terms + j, left, 0));
      store_up_to(after + j, next, left);
    }
    before = after;
    factors += size;
    terms += size;
    after += size;
  }
}

// With dc_t the whole gradient of c_t, that of the output and that from the step after:
//   da_t = dc_t c_{t-1}     db_t = dc_t     dc_{t-1} = a_t dc_t, beside that of the output
static void sweep_backward(size_t steps, size_t size, void *a, const void *c_before, const void *c,
                           void *dc, void *dc_before) {
  real *from_after = dc_before;
  for (size_t t = steps; t-- > 0;) {
    const real *before = t == 0 ? (const real *)c_before : (const real *)c + (t - 1) * size;
    real *factors = (real *)a + t * size, *gradients = (real *)dc + t * size;
    for (size_t j = 0; j < size; j += LANES) {
      const size_t left = size - j;
      vec factor = load_up_to(factors + j, left, 0);
      vec d_c = load_up_to(gradients + j, left, 0) + load_up_to(from_after + j, left, 0);
      store_up_to(gradients + j, d_c, left);
      store_up_to(from_after + j, d_c * factor, left);
      store_up_to(factors + j, d_c * load_up_to(before + j, left, 0), left);
    }
  }
}
