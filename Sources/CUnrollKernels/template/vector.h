// A vector of elements, in the compiler's own vector types: one source for every instruction set.
#define LANES (VECTOR_BYTES * 8 / ELEMENT_BITS)

typedef real vec __attribute__((ext_vector_type(LANES)));
// As wide as vec, for bits and for the outcome of a comparison.
typedef real_bits bits __attribute__((ext_vector_type(LANES)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

INLINE vec load(const real *from) {
  vec v;
  memcpy(&v, from, sizeof v);
  return v;
}

INLINE void store(real *to, vec v) { memcpy(to, &v, sizeof v); }

INLINE vec splat(real x) { return (vec)x; }

// Fewer elements than a vector has. Copies in halves, because a copy of a constant size is one
// instruction and a copy of a variable size is a call.
INLINE void copy_few(real *to, const real *from, size_t count) {
  UNROLLED
  for (size_t piece = LANES / 2; piece > 0; piece /= 2) {
    if (count & piece) {
      memcpy(to, from, piece * sizeof(real));
      to += piece;
      from += piece;
    }
  }
}

// The end of an array: `count` elements, the other lanes being `fill`. No element outside is read.
INLINE vec load_few(const real *from, size_t count, real fill) {
  real lanes[LANES];
  store(lanes, splat(fill));
  copy_few(lanes, from, count);
  return load(lanes);
}

INLINE void store_few(real *to, vec v, size_t count) {
  real lanes[LANES];
  store(lanes, v);
  copy_few(to, lanes, count);
}

// How a loop over an array of any length meets its end: whole vectors, then one that is not full.
INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

INLINE vec load_up_to(const real *from, size_t count, real fill) {
  return count >= LANES ? load(from) : load_few(from, count, fill);
}

INLINE void store_up_to(real *to, vec v, size_t count) {
  if (count >= LANES) {
    store(to, v);
  } else {
    store_few(to, v, count);
  }
}

// a b + c, rounded once where the processor can.
INLINE vec multiply_add(vec a, vec b, vec c) {
#if FUSED
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

INLINE real sum_of_lanes(vec v) {
  real lanes[LANES];
  store(lanes, v);
  UNROLLED
  for (int half = LANES / 2; half > 0; half /= 2) {
    UNROLLED
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

INLINE real greatest_of_lanes(vec v) {
  real lanes[LANES];
  store(lanes, v);
  UNROLLED
  for (int half = LANES / 2; half > 0; half /= 2) {
    UNROLLED
    for (int i = 0; i < half; i++) {
      if (lanes[i + half] > lanes[i]) lanes[i] = lanes[i + half];
    }
  }
  return lanes[0];
}
