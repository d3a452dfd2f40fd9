// The tables, private to the target. A file of isa/ makes each out of the headers of template/.
#ifndef UNROLL_PRIVATE_KERNELS_H
#define UNROLL_PRIVATE_KERNELS_H

#include "UnrollKernels.h"

extern const unroll_kernels unroll_reference_f32, unroll_reference_f64;
extern const unroll_kernels unroll_baseline_f32, unroll_baseline_f64;
#if defined(__x86_64__)
extern const unroll_kernels unroll_avx2_f32, unroll_avx2_f64;
extern const unroll_kernels unroll_avx512_f32, unroll_avx512_f64;
#endif

#endif
