// Whole numbers from -127 to 127 for a line of floats, and their scale.
#pragma clang fp contract(off)

// Magnitudes are ordered as their bits are; NaN is beyond infinity.
#define MAGNITUDE 0x7fffffff
#define INFINITE 0x7f800000
#define SMALLEST_NORMAL 0x00800000

INLINE int32_t bits_of(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

// The bits of the greatest magnitude.
static int32_t greatest_magnitude(size_t count, const float *x, size_t step) {
  int32_t greatest = 0;
  if (step == 1) {
    for (size_t i = 0; i < count; i++) {
      int32_t magnitude = bits_of(x[i]) & MAGNITUDE;
      greatest = magnitude > greatest ? magnitude : greatest;
    }
    return greatest;
  }
  for (size_t i = 0; i < count; i++) {
    int32_t magnitude = bits_of(x[i * step]) & MAGNITUDE;
    greatest = magnitude > greatest ? magnitude : greatest;
  }
  return greatest;
}

INLINE float value_of(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// NaN for a line that is not finite; 0 for one of zeros, and subnormal numbers, which may be flushed.
INLINE float scale_of(int32_t greatest) {
  if (greatest >= INFINITE) return NAN;
  return greatest < SMALLEST_NORMAL ? 0 : value_of(greatest) / 127;
}

INLINE bool is_quantized(int32_t greatest) {
  return greatest >= SMALLEST_NORMAL && greatest < INFINITE;
}

// Adding 1.5 * 2^23 rounds to a whole number, half to even, which the lowest bits then hold.
INLINE int32_t rounded(float x) { return bits_of(x + 0x1.8p23f) - bits_of(0x1.8p23f); }

INLINE int32_t quantized(float x, float greatest) { return rounded(x / greatest * 127); }
