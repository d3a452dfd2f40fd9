#include "CPeak.h"

#include <string.h>

// More chains than a processor needs to hide the latency of a multiply-add, as few as registers hold.
#define CHAINS 12

static volatile float sink;

#define PEAK(name, features, bytes, fma) \
  features static double name(size_t rounds) { \
    typedef float vec __attribute__((ext_vector_type(bytes / 4))); \
    vec sums[CHAINS], factor = (vec)0.999f, term = (vec)0.001f; \
    for (int i = 0; i < CHAINS; i++) sums[i] = (vec)(float)i; \
    for (size_t round = 0; round < rounds; round++) { \
      _Pragma("clang loop unroll(full)") \
      for (int i = 0; i < CHAINS; i++) { \
        sums[i] = fma; \
        __asm__ volatile("" : REGISTER(sums[i])); \
      } \
    } \
    float total = 0; \
    for (int i = 0; i < CHAINS; i++) total += sums[i][0]; \
    sink = total; \
    return (double)rounds * CHAINS * 2 * (bytes / 4); \
  }

#if defined(__x86_64__)
#define REGISTER(x) "+v"(x)
#define FUSED __builtin_elementwise_fma(sums[i], factor, term)
PEAK(peak_avx512, __attribute__((target("avx512f,avx512vl"))), 64, FUSED)
PEAK(peak_avx2, __attribute__((target("avx2,fma"))), 32, FUSED)
PEAK(peak_baseline, , 16, sums[i] * factor + term)
#elif defined(__aarch64__)
#define REGISTER(x) "+w"(x)
PEAK(peak_baseline, , 16, __builtin_elementwise_fma(sums[i], factor, term))
#else
#define REGISTER(x) "+m"(x)
PEAK(peak_baseline, , 16, sums[i] * factor + term)
#endif

double peak_run(const char *isa, size_t rounds) {
#if defined(__x86_64__)
  if (strcmp(isa, "avx512") == 0) return peak_avx512(rounds);
  if (strcmp(isa, "avx2") == 0) return peak_avx2(rounds);
#endif
  return peak_baseline(rounds);
}
