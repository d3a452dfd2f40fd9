// The functions of each instruction set, private to the target.
#ifndef UNROLL_PRIVATE_INT8_H
#define UNROLL_PRIVATE_INT8_H

#include "UnrollInt8.h"

extern const unroll_int8_kernels unroll_int8_reference, unroll_int8_baseline;
#if defined(__x86_64__)
extern const unroll_int8_kernels unroll_int8_avx2, unroll_int8_avx_vnni, unroll_int8_avx512_vnni;
#elif defined(__aarch64__)
extern const unroll_int8_kernels unroll_int8_dot;
#endif

#endif
