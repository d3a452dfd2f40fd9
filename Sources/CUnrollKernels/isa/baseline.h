// What every processor of the architecture has: SSE2 on x86-64, NEON on arm64. Elsewhere the
// compiler makes what it can of vectors of 16 bytes.
#define TABLE_NAME baseline
#define VECTOR_BYTES 16
#define MASKED 0
#if defined(__aarch64__)
#define FUSED 1
#define REGISTERS 32
#define TILE_ROWS 12
#else
#define FUSED 0
#define REGISTERS 16
#define TILE_ROWS 6
#endif
#include "../template/table.h"
