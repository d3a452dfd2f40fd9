// Fewer elements than a vector has: the end of an array. No element outside it is touched.
//   load_few    loads `count` elements, the other lanes being `fill`
//   store_few   stores the first `count` lanes
//   copy_few    copies `count` elements

#if MASKED

#if ELEMENT_BITS == 32
INLINE __mmask16 first_lanes(size_t count) { return (__mmask16)((1u << count) - 1); }

INLINE vec load_few(const real *from, size_t count, real fill) {
  return (vec)_mm512_mask_loadu_ps((__m512)splat(fill), first_lanes(count), from);
}

INLINE void store_few(real *to, vec v, size_t count) {
  _mm512_mask_storeu_ps(to, first_lanes(count), (__m512)v);
}
#else
INLINE __mmask8 first_lanes(size_t count) { return (__mmask8)((1u << count) - 1); }

INLINE vec load_few(const real *from, size_t count, real fill) {
  return (vec)_mm512_mask_loadu_pd((__m512d)splat(fill), first_lanes(count), from);
}

INLINE void store_few(real *to, vec v, size_t count) {
  _mm512_mask_storeu_pd(to, first_lanes(count), (__m512d)v);
}
#endif

INLINE void copy_few(real *to, const real *from, size_t count) {
  store_few(to, load_few(from, count, 0), count);
}

#else

// In halves, because a copy of a constant size is one instruction and a copy of a variable size is
// a call.
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

#endif
