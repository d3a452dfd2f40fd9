// The naive oracle: each element as its definition says it.
#include "../template/int8_layout.h"
#include "../template/int8_quantize.h"

static void quantize(size_t m, size_t k, const float *a, size_t row_stride, size_t column_stride,
                     void *rows) {
  for (size_t i = 0; i < m; i++) {
    float greatest = 0;
    bool is_finite = true;
    for (size_t p = 0; p < k; p++) {
      const float x = fabsf(a[i * row_stride + p * column_stride]);
      greatest = fmaxf(greatest, x);
      is_finite = is_finite && isfinite(x);
    }
    const bool is_zero = greatest < 0x1p-126f;
    const float scale = !is_finite ? NAN : is_zero ? 0 : greatest / 127;
    char *row = (char *)rows + i * row_bytes(k);
    memcpy(row, &scale, sizeof scale);
    uint8_t *to = (uint8_t *)row + sizeof scale;
    for (size_t p = 0; p < padded_to(STEP, k); p++) {
      float q = 0;
      if (p < k && is_finite && !is_zero) {
        q = rintf(a[i * row_stride + p * column_stride] / greatest * 127);
      }
      to[p] = (uint8_t)((int)q + ZERO_POINT);
    }
  }
}

static void product(size_t m, size_t n, size_t k, const void *rows, const void *packed,
                    size_t first, size_t columns, unroll_start start, const float *bias, float *c,
                    size_t c_row_stride) {
  const packed_columns b = packed_columns_at(packed, n);
  for (size_t i = 0; i < m; i++) {
    const char *row = (const char *)rows + i * row_bytes(k);
    for (size_t j = first; j < first + columns; j++) {
      const size_t j0 = j / BLOCK * BLOCK, width = block_width(n, j0);
      const int8_t *block = block_at(b, k, j0);
      int32_t sum = 0;
      for (size_t p = 0; p < k; p++) {
        sum += (row_elements(row)[p] - ZERO_POINT) *
               block[p / STEP * width * STEP + (j - j0) * STEP + p % STEP];
      }
      float *element = c + i * c_row_stride + j, begin = 0;
      if (start == UNROLL_START_BIAS) begin = bias[j];
      if (start == UNROLL_START_C) begin = *element;
      *element = begin + row_scale(row) * b.scales[j] * (float)sum;
    }
  }
}

const unroll_int8_kernels unroll_int8_reference = {.quantize = quantize, .product = product};
