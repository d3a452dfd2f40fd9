// Vectors of bytes in fours, each four being steps of k of one column, and their sums of products.
//   several   LANES fours of b              four   one of a, for all lanes
//   dot       adds, lane by lane, the products of fours to an accumulator
//   sum_of    the sums that an accumulator holds
#define LANES (VECTOR_BYTES / 4)

typedef int32_t ints __attribute__((ext_vector_type(LANES)));
typedef int8_t several __attribute__((ext_vector_type(VECTOR_BYTES)));

INLINE several load(const int8_t *b) {
  several v;
  memcpy(&v, b, sizeof v);
  return v;
}

INLINE int32_t load_four(const uint8_t *a) {
  int32_t four;
  memcpy(&four, a, sizeof four);
  return four;
}

#if VNNI

typedef ints four, accumulator;

INLINE four repeat(const uint8_t *a) { return (ints)load_four(a); }

INLINE accumulator dot(accumulator sums, four a, several b) {
#if VECTOR_BYTES == 64
  return (ints)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#else
  return (ints)_mm256_dpbusd_avx_epi32((__m256i)sums, (__m256i)a, (__m256i)b);
#endif
}

INLINE ints sum_of(accumulator sums) { return sums; }

#elif defined(__x86_64__)

// Widened to 16 bits, pairs are multiplied and added without saturation: a lane of a half holds two
// steps of a column.
typedef int16_t four __attribute__((ext_vector_type(VECTOR_BYTES / 2)));
typedef uint8_t half_of_a __attribute__((ext_vector_type(VECTOR_BYTES / 2)));
typedef int8_t half_of_b __attribute__((ext_vector_type(VECTOR_BYTES / 2)));
typedef int32_t few_ints __attribute__((ext_vector_type(VECTOR_BYTES / 8)));
typedef struct {
  ints low, high;
} accumulator;

INLINE four repeat(const uint8_t *a) {
  return __builtin_convertvector((half_of_a)(few_ints)load_four(a), four);
}

INLINE ints pairs(four a, half_of_b b) {
  const four wide = __builtin_convertvector(b, four);
#if VECTOR_BYTES == 32
  return (ints)_mm256_madd_epi16((__m256i)a, (__m256i)wide);
#else
  return (ints)_mm_madd_epi16((__m128i)a, (__m128i)wide);
#endif
}

INLINE accumulator dot(accumulator sums, four a, several b) {
  return (accumulator){sums.low + pairs(a, b.lo), sums.high + pairs(a, b.hi)};
}

INLINE ints sum_of(accumulator sums) {
#if VECTOR_BYTES == 32
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#else
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#endif
  return __builtin_shufflevector(sums.low, sums.high, EVEN) +
         __builtin_shufflevector(sums.low, sums.high, ODD);
}

#else

// Products of 16 bits, widened as they are added.
typedef int16_t several_wide __attribute__((ext_vector_type(VECTOR_BYTES)));
typedef several_wide four;
typedef struct {
  int32_t of __attribute__((ext_vector_type(VECTOR_BYTES)));
} accumulator;

INLINE four repeat(const uint8_t *a) {
  typedef uint8_t bytes __attribute__((ext_vector_type(VECTOR_BYTES)));
  return __builtin_convertvector((bytes)(ints)load_four(a), several_wide);
}

INLINE accumulator dot(accumulator sums, four a, several b) {
  // Below 2^15: 255 * 127 = 32385.
  const several_wide products = a * __builtin_convertvector(b, several_wide);
  typedef int32_t wide __attribute__((ext_vector_type(VECTOR_BYTES)));
  return (accumulator){sums.of + __builtin_convertvector(products, wide)};
}

INLINE ints sum_of(accumulator sums) {
  return sums.of.even.even + sums.of.even.odd + sums.of.odd.even + sums.of.odd.odd;
}

#endif
