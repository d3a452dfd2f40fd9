// AVX2 with fused multiply-add.
#if defined(__x86_64__)
#define TABLE_NAME avx2
#define TARGET "avx2,fma"
#define VECTOR_BYTES 32
#define FUSED 1
#define MASKED 0
#define REGISTERS 16
#define TILE_ROWS 6
#include "../template/table.h"
#endif
