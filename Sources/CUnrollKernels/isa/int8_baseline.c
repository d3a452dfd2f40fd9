// What every processor of the architecture has: SSE2 on x86-64, NEON on arm64.
#define TABLE unroll_int8_baseline
#define VNNI 0
#define VECTOR_BYTES 16
#if defined(__aarch64__)
#define ROWS 2
#define ROW_COLUMNS 32
#else
#define ROWS 1
#define ROW_COLUMNS 16
#endif
#define COLUMNS 16
#include "../template/int8_table.h"
