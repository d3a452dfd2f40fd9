// Packs weights of 8 bits, and sends products to the instruction set in use.
#include <stdatomic.h>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "template/int8_layout.h"
#include "template/int8_quantize.h"

size_t unroll_int8_packed_bytes(size_t k, size_t n) {
  return padded_to(PANEL, n) * (sizeof(float) + sizeof(int32_t) + padded_to(STEP, k));
}

size_t unroll_int8_row_bytes(size_t k) { return row_bytes(k); }

// One column: its bytes `stride` apart from one step to the next, its scale, and 128 times its sum.
static void pack_column(size_t k, const float *b, size_t b_step, int8_t *to, size_t stride,
                        float *scale, int32_t *correction) {
  const int32_t greatest = greatest_magnitude(k, b, b_step);
  const float most = value_of(greatest);
  const bool has_numbers = is_quantized(greatest);
  uint32_t sum = 0;
  for (size_t p0 = 0; p0 < k; p0 += STEP, to += stride) {
    int8_t four[STEP] = {0};
    for (size_t p = p0; p < k && p < p0 + STEP && has_numbers; p++) {
      four[p - p0] = (int8_t)quantized(b[p * b_step], most);
      sum += (uint32_t)four[p - p0];
    }
    memcpy(to, four, STEP);
  }
  *scale = scale_of(greatest);
  *correction = (int32_t)(ZERO_POINT * sum);
}

void unroll_int8_pack(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride,
                      size_t first, size_t columns, void *packed) {
  const packed_columns to = packed_columns_at(packed, n);
  const size_t end = first + columns == n ? padded_to(PANEL, n) : first + columns;
  for (size_t j = first; j < end; j++) {
    const size_t j0 = j / BLOCK * BLOCK;
    const bool exists = j < n;
    pack_column(k, exists ? b + j * column_stride : b, exists ? row_stride : 0,
                (int8_t *)block_at(to, k, j0) + (j - j0) * STEP, block_width(n, j0) * STEP,
                (float *)to.scales + j, (int32_t *)to.corrections + j);
  }
}

#if defined(__aarch64__)
static bool has_dot_products(void) {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;
#elif defined(__linux__)
  enum { DOT_PRODUCTS = 1 << 20 };
  return getauxval(AT_HWCAP) & DOT_PRODUCTS;
#elif defined(__APPLE__)
  int has = 0;
  size_t size = sizeof has;
  return sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &size, NULL, 0) == 0 && has != 0;
#else
  return false;
#endif
}
#endif

static bool processor_has(unroll_int8_isa isa) {
  switch (isa) {
    case UNROLL_INT8_REFERENCE:
    case UNROLL_INT8_BASELINE:
      return true;
#if defined(__x86_64__)
    case UNROLL_INT8_AVX2:
      return unroll_kernels_for(UNROLL_F32, UNROLL_ISA_AVX2) != NULL;
    case UNROLL_INT8_AVX_VNNI:
      return processor_has(UNROLL_INT8_AVX2) && __builtin_cpu_supports("avxvnni");
    case UNROLL_INT8_AVX512_VNNI:
      return unroll_kernels_for(UNROLL_F32, UNROLL_ISA_AVX512) != NULL &&
             __builtin_cpu_supports("avx512vnni");
#elif defined(__aarch64__)
    case UNROLL_INT8_DOT:
      return has_dot_products();
#endif
    default:
      return false;
  }
}

static const unroll_int8_kernels *const tables[] = {
  [UNROLL_INT8_REFERENCE] = &unroll_int8_reference,
  [UNROLL_INT8_BASELINE] = &unroll_int8_baseline,
#if defined(__x86_64__)
  [UNROLL_INT8_AVX2] = &unroll_int8_avx2,
  [UNROLL_INT8_AVX_VNNI] = &unroll_int8_avx_vnni,
  [UNROLL_INT8_AVX512_VNNI] = &unroll_int8_avx512_vnni,
#elif defined(__aarch64__)
  [UNROLL_INT8_DOT] = &unroll_int8_dot,
#endif
};

const unroll_int8_kernels *unroll_int8_kernels_for(unroll_int8_isa isa) {
  return processor_has(isa) ? tables[isa] : NULL;
}

static unroll_int8_isa choose_isa(void) {
  static const unroll_int8_isa best[] = {
    [UNROLL_ISA_REFERENCE] = UNROLL_INT8_REFERENCE,
#if defined(__aarch64__)
    [UNROLL_ISA_BASELINE] = UNROLL_INT8_DOT,
#else
    [UNROLL_ISA_BASELINE] = UNROLL_INT8_BASELINE,
#endif
    [UNROLL_ISA_AVX2] = UNROLL_INT8_AVX_VNNI,
    [UNROLL_ISA_AVX512] = UNROLL_INT8_AVX512_VNNI,
  };
  unroll_int8_isa isa = best[unroll_isa_in_use()];
  while (!processor_has(isa)) isa--;
  return isa;
}

unroll_int8_isa unroll_int8_isa_in_use(void) {
  // Threads that come here at the same time for the first time choose alike.
  static atomic_int chosen = -1;
  int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (isa < 0) {
    isa = (int)choose_isa();
    atomic_store_explicit(&chosen, isa, memory_order_relaxed);
  }
  return (unroll_int8_isa)isa;
}

void unroll_int8_quantize(size_t m, size_t k, const float *a, size_t row_stride,
                          size_t column_stride, void *rows) {
  tables[unroll_int8_isa_in_use()]->quantize(m, k, a, row_stride, column_stride, rows);
}

void unroll_int8_product(size_t m, size_t n, size_t k, const void *rows, const void *packed,
                         size_t first, size_t columns, unroll_start start, const float *bias,
                         float *c, size_t c_row_stride) {
  tables[unroll_int8_isa_in_use()]->product(m, n, k, rows, packed, first, columns, start, bias, c,
                                            c_row_stride);
}
