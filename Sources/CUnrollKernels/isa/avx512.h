// AVX-512: F, VL, DQ and BW, which came together.
#if defined(__x86_64__)
#define TABLE_NAME avx512
#define TARGET "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#define VECTOR_BYTES 64
#define FUSED 1
#define MASKED 1
#define REGISTERS 32
#define TILE_ROWS 14
#include "../template/table.h"
#endif
