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

#include "few.h"

// How a loop over an array of any length meets its end: whole vectors, then one that is not full.
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

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

// a b + c, rounded once where the processor can.
INLINE vec multiply_add(vec a, vec b, vec c) {
#if FUSED
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

// The two halves of a riffle: riffle_low(a, b) = a0 b0 a1 b1 ..., and riffle_high goes on from the
// middle.
#if LANES == 2
#define RIFFLE_LOW 0, 2
#define RIFFLE_HIGH 1, 3
#elif LANES == 4
#define RIFFLE_LOW 0, 4, 1, 5
#define RIFFLE_HIGH 2, 6, 3, 7
#elif LANES == 8
#define RIFFLE_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define RIFFLE_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define RIFFLE_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define RIFFLE_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#endif

INLINE vec riffle_low(vec a, vec b) { return __builtin_shufflevector(a, b, RIFFLE_LOW); }
INLINE vec riffle_high(vec a, vec b) { return __builtin_shufflevector(a, b, RIFFLE_HIGH); }

// A vector riffled with itself brings lane i beside lane i + LANES / 2, so after log2(LANES) rounds
// every lane holds the outcome of all.
INLINE real sum_of_lanes(vec v) {
  UNROLLED
  for (int round = 1; round < LANES; round *= 2) v = riffle_low(v, v) + riffle_high(v, v);
  return v[0];
}

INLINE real greatest_of_lanes(vec v) {
  UNROLLED
  for (int round = 1; round < LANES; round *= 2) {
    vec low = riffle_low(v, v), high = riffle_high(v, v);
    v = high > low ? high : low;
  }
  return v[0];
}
