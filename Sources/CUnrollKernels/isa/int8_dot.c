// The dot products of NEON, which most processors of arm64 have.
#if defined(__aarch64__)
#define TABLE unroll_int8_dot
#define TARGET "dotprod"
#define VNNI 1
#define VECTOR_BYTES 16
#define ROWS 6
#define COLUMNS 16
#define ROW_COLUMNS 64
#include "../template/int8_table.h"
#endif
