// Laying lines side by side, which is how both operands of a product are packed: rows of a, or
// columns of b, so that the product then reads one element of each line, the next of each, and so
// on, in the order of memory.

// Transposes a square of vectors. Each round riffles vector i with vector i + LANES / 2, which
// moves the top bit of an element's row number into its lane number; after log2(LANES) rounds the
// two numbers have changed places.
INLINE void transpose(vec square[LANES]) {
  UNROLLED
  for (int round = 1; round < LANES; round *= 2) {
    vec riffled[LANES];
    UNROLLED
    for (int i = 0; i < LANES / 2; i++) {
      vec a = square[i], b = square[i + LANES / 2];
      riffled[2 * i] = riffle_low(a, b);
      riffled[2 * i + 1] = riffle_high(a, b);
    }
    UNROLLED
    for (int i = 0; i < LANES; i++) square[i] = riffled[i];
  }
}

// to[i * width + l] = from[l * line_step + i * step] for every line l and every i below count.
// `width` is a multiple of LANES, no less than `lines`; elements past the last line are left as
// they are or set to zero.
static void interleave(size_t lines, ptrdiff_t line_step, size_t count, ptrdiff_t step,
                       const real *from, real *to, size_t width) {
  if (line_step == 1) {
    for (size_t i = 0; i < count; i++, from += step, to += width) {
      size_t l = 0;
      for (; l + LANES <= lines; l += LANES) store(to + l, load(from + l));
      copy_few(to + l, from + l, lines - l);
    }
    return;
  }
  size_t transposed = 0;
  // A few lines are not worth the shuffles of a square that is mostly empty.
  if (step == 1 && lines * 4 > LANES) {
    transposed = count - count % LANES;
    for (size_t l = 0; l < lines; l += LANES) {
      const real *line = from + (ptrdiff_t)l * line_step;
      for (size_t i = 0; i < transposed; i += LANES) {
        vec square[LANES];
        UNROLLED
        for (size_t s = 0; s < LANES; s++) {
          square[s] = l + s < lines ? load(line + (ptrdiff_t)s * line_step + i) : splat(0);
        }
        transpose(square);
        UNROLLED
        for (size_t s = 0; s < LANES; s++) store(to + (i + s) * width + l, square[s]);
      }
    }
  }
  for (size_t i = transposed; i < count; i++) {
    for (size_t l = 0; l < lines; l++) to[i * width + l] = from[(ptrdiff_t)l * line_step + (ptrdiff_t)i * step];
  }
}
