// VNNI of AVX-512.
#if defined(__x86_64__)
#define TABLE unroll_int8_avx512_vnni
#define TARGET "avx512vnni,avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#define VNNI 1
#define VECTOR_BYTES 64
#define ROWS 6
#define COLUMNS 64
#define ROW_COLUMNS 64
#include "../template/int8_table.h"
#endif
