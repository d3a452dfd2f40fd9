// Subnormal numbers cost a hundred times the time of others on some processors, and a decaying
// gradient is full of them.
#include "UnrollKernels.h"

#if defined(__x86_64__)

// Flush results to zero, take arguments as zero.
enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };

uint64_t unroll_flush_subnormals(void) {
  unsigned previous = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(previous | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  return previous;
}

void unroll_restore_subnormals(uint64_t previous) { __builtin_ia32_ldmxcsr((unsigned)previous); }

#elif defined(__aarch64__)

// Both results and arguments.
#define FLUSH_TO_ZERO ((uint64_t)1 << 24)

uint64_t unroll_flush_subnormals(void) {
  uint64_t previous;
  __asm__ volatile("mrs %0, fpcr" : "=r"(previous));
  __asm__ volatile("msr fpcr, %0" : : "r"(previous | FLUSH_TO_ZERO));
  return previous;
}

void unroll_restore_subnormals(uint64_t previous) {
  __asm__ volatile("msr fpcr, %0" : : "r"(previous));
}

#else

uint64_t unroll_flush_subnormals(void) { return 0; }

void unroll_restore_subnormals(uint64_t previous) { (void)previous; }

#endif
