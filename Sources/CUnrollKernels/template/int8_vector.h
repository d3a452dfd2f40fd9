// Vectors of bytes in fours, each four being steps of k of one column, and their sums of products.
//   several   LANES fours of b              four   one of a, for all lanes
//   dot       adds, lane by lane, the products of fours to an accumulator
//   sum_of    the sums that an accumulator holds
// Where IS_SIGNED, `repeat` takes the zero point off, so that it is not in the sums.
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

#if defined(__x86_64__)
#define IS_SIGNED 0
#else
#define IS_SIGNED 1
#endif

#if VNNI && defined(__x86_64__)

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

// To take 128 off a byte is to change its highest bit.
typedef several four;

INLINE four repeat(const uint8_t *a) { return (several)(ints)(load_four(a) ^ (int32_t)0x80808080); }

#if VNNI

typedef ints accumulator;

INLINE accumulator dot(accumulator sums, four a, several b) {
  return (ints)vdotq_s32((int32x4_t)sums, (int8x16_t)a, (int8x16_t)b);
}

INLINE ints sum_of(accumulator sums) { return sums; }

#elif defined(__aarch64__)

// Products of 16 bits, of which pairs are added: a lane of a half holds two steps of a column.
typedef struct {
  ints low, high;
} accumulator;

INLINE accumulator dot(accumulator sums, four a, several b) {
  const int8x16_t x = (int8x16_t)a, y = (int8x16_t)b;
  const int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(y)), high = vmull_high_s8(x, y);
  return (accumulator){
    (ints)vpadalq_s16((int32x4_t)sums.low, low), (ints)vpadalq_s16((int32x4_t)sums.high, high),
  };
}

INLINE ints sum_of(accumulator sums) {
  return (ints)vpaddq_s32((int32x4_t)sums.low, (int32x4_t)sums.high);
}

#else

// Products of 16 bits, widened as they are added.
typedef struct {
  int32_t of __attribute__((ext_vector_type(VECTOR_BYTES)));
} accumulator;

INLINE accumulator dot(accumulator sums, four a, several b) {
  typedef int16_t wide __attribute__((ext_vector_type(VECTOR_BYTES)));
  typedef int32_t wider __attribute__((ext_vector_type(VECTOR_BYTES)));
  const wide products = __builtin_convertvector(a, wide) * __builtin_convertvector(b, wide);
  return (accumulator){sums.of + __builtin_convertvector(products, wider)};
}

INLINE ints sum_of(accumulator sums) {
  return sums.of.even.even + sums.of.even.odd + sums.of.odd.even + sums.of.odd.odd;
}

#endif

#endif
