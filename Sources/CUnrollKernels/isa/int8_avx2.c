// AVX2: also for processors that have AVX-512 without VNNI.
#if defined(__x86_64__)
#define TABLE unroll_int8_avx2
#define TARGET "avx2,fma"
#define VNNI 0
#define VECTOR_BYTES 32
#define ROWS 2
#define COLUMNS 16
#define ROW_COLUMNS 32
#include "../template/int8_table.h"
#endif
