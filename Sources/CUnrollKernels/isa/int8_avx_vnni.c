// VNNI in vectors of 32 bytes, as processors have it that lack AVX-512.
#if defined(__x86_64__)
#define TABLE unroll_int8_avx_vnni
#define TARGET "avxvnni,avx2,fma"
#define VNNI 1
#define VECTOR_BYTES 32
#define ROWS 4
#define COLUMNS 16
#define ROW_COLUMNS 64
#include "../template/int8_table.h"
#endif
