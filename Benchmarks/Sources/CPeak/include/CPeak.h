// The most arithmetic that one core can do: multiply-adds that wait for nothing.
#include <stddef.h>

// Does `rounds` rounds of independent multiply-adds in single precision with vectors of an
// instruction set: "avx512", "avx2" or any other name for what every processor has.
//
// Returns how many floating-point operations that were, two for each multiply-add of each lane.
double peak_run(const char *isa, size_t rounds);
