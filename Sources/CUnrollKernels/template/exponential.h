// e^x, tanh x and the logistic function of a vector, without a branch and without a table.
//
// x = n ln 2 + r with n whole and |r| <= ln 2 / 2, so e^x = 2^n e^r. The polynomial is that of
// e^r - 1, whose value near 0 keeps all its digits, as tanh needs it. Arguments are first brought
// into the range where n fits the exponent; NaN passes through, because no comparison holds of it.

#if ELEMENT_BITS == 32
#define MANTISSA_BITS 23
#define EXPONENT_BIAS 127
#define ROUNDER 0x1.8p23f
#define LOG2_E 1.44269504f
// The high part of ln 2 has few bits, so that n times it is exact.
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f
// Above the one, e^x is infinite; below the other, zero.
#define EXP_MOST 89.0f
#define EXP_LEAST -104.0f
// Where e^x is a normal number no more.
#define EXP_LEAST_NORMAL -87.0f
// Beyond this, tanh x rounds to 1.
#define TANH_MOST 9.5f
#else
#define MANTISSA_BITS 52
#define EXPONENT_BIAS 1023
#define ROUNDER 0x1.8p52
#define LOG2_E 1.4426950408889634
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define EXP_MOST 710.0
#define EXP_LEAST -746.0
#define EXP_LEAST_NORMAL -708.0
#define TANH_MOST 19.5
#endif

// (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2, by the polynomial of least greatest error, from the
// highest power down.
static const real exponential_terms[] = {
#if ELEMENT_BITS == 32
  0x1.6d119ap-10f, 0x1.120c00p-7f, 0x1.555518p-5f, 0x1.5554dcp-3f, 0x1.000000p-1f,
#else
  0x1.af3924be99a57p-26, 0x1.2891e963ab1f9p-22, 0x1.71de0d7a972efp-19, 0x1.a019b8b8f8697p-16,
  0x1.a01a01a7d176dp-13, 0x1.6c16c178a18c1p-10, 0x1.11111111109a2p-7,  0x1.5555555553d2bp-5,
  0x1.5555555555556p-3,  0x1.0000000000001p-1,
#endif
};

// e^x = 2^n (1 + p).
typedef struct {
  bits n;
  vec p;
} exponential;

INLINE exponential split_exponential(vec x) {
  // Adding 1.5 2^MANTISSA_BITS leaves no bits for a fraction: the sum is rounded to a whole number,
  // which stands in its lowest bits.
  vec shifted = multiply_add(x, splat(LOG2_E), splat(ROUNDER));
  vec n = shifted - ROUNDER;
  vec r = multiply_add(n, splat(-LN2_HIGH), x);
  r = multiply_add(n, splat(-LN2_LOW), r);
  vec p = splat(exponential_terms[0]);
  UNROLLED
  for (size_t i = 1; i < sizeof exponential_terms / sizeof(real); i++) {
    p = multiply_add(p, r, splat(exponential_terms[i]));
  }
  return (exponential){(bits)shifted - (bits)splat(ROUNDER), multiply_add(p * r, r, r)};
}

// 2^n, for n from -EXPONENT_BIAS (which gives 0) to EXPONENT_BIAS + 1 (which gives infinity).
INLINE vec power_of_two(bits n) { return (vec)((n + EXPONENT_BIAS) << MANTISSA_BITS); }

INLINE vec at_most(vec x, real most) { return x > most ? splat(most) : x; }
INLINE vec at_least(vec x, real least) { return x < least ? splat(least) : x; }

INLINE vec exp_vector(vec x) {
  exponential e = split_exponential(at_least(at_most(x, EXP_MOST), EXP_LEAST));
  // In two factors, since 2^n alone may overflow or underflow where e^x does not.
  bits half = e.n >> 1;
  vec scale = power_of_two(half);
  return multiply_add(scale, e.p, scale) * power_of_two(e.n - half);
}

INLINE vec sigmoid_vector(vec x) {
  exponential e = split_exponential(at_least(at_most(-x, EXP_MOST), EXP_LEAST_NORMAL));
  // An infinite power gives 0, as it should; (1 + p) is positive, while p need not be.
  return 1 / (1 + (1 + e.p) * power_of_two(e.n));
}

// With t = e^(-2|x|) - 1, which lies in (-1, 0], tanh |x| = -t / (t + 2).
INLINE vec tanh_vector(vec x) {
  vec size = at_most(__builtin_elementwise_abs(x), TANH_MOST);
  exponential e = split_exponential(-2 * size);
  vec scale = power_of_two(e.n);
  vec t = multiply_add(scale, e.p, scale - 1);
  return __builtin_elementwise_copysign(t / (t + 2), x);
}
