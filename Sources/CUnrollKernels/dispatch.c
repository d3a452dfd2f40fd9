// Chooses the instruction set once, and sends every flat function through its table.
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#include "kernels.h"

enum { ISA_COUNT = UNROLL_ISA_AVX512 + 1 };

static const char *const isa_names[ISA_COUNT] = {"reference", "baseline", "avx2", "avx512"};

static const unroll_kernels *const tables[ISA_COUNT][2] = {
  [UNROLL_ISA_REFERENCE] = {&unroll_reference_f32, &unroll_reference_f64},
  [UNROLL_ISA_BASELINE] = {&unroll_baseline_f32, &unroll_baseline_f64},
#if defined(__x86_64__)
  [UNROLL_ISA_AVX2] = {&unroll_avx2_f32, &unroll_avx2_f64},
  [UNROLL_ISA_AVX512] = {&unroll_avx512_f32, &unroll_avx512_f64},
#endif
};

static bool processor_has(unroll_isa isa) {
  switch (isa) {
    case UNROLL_ISA_REFERENCE:
    case UNROLL_ISA_BASELINE:
      return true;
#if defined(__x86_64__)
    // These ask the operating system too: whether it saves the wide registers.
    case UNROLL_ISA_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case UNROLL_ISA_AVX512:
      return processor_has(UNROLL_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw");
#endif
    default:
      return false;
  }
}

const unroll_kernels *unroll_kernels_for(unroll_type type, unroll_isa isa) {
  return processor_has(isa) ? tables[isa][type] : NULL;
}

const char *unroll_isa_name(unroll_isa isa) {
  return (unsigned)isa < ISA_COUNT ? isa_names[isa] : "unknown";
}

static unroll_isa choose_isa(void) {
  const char *wanted = getenv("UNROLL_ISA");
  for (int isa = 0; wanted != NULL && isa < ISA_COUNT; isa++) {
    if (strcasecmp(wanted, isa_names[isa]) == 0 && processor_has((unroll_isa)isa)) {
      return (unroll_isa)isa;
    }
  }
  for (int isa = ISA_COUNT - 1; isa > UNROLL_ISA_BASELINE; isa--) {
    if (processor_has((unroll_isa)isa)) return (unroll_isa)isa;
  }
  return UNROLL_ISA_BASELINE;
}

unroll_isa unroll_isa_in_use(void) {
  // Threads that come here at the same time for the first time choose alike.
  static atomic_int chosen = -1;
  int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (isa < 0) {
    isa = (int)choose_isa();
    atomic_store_explicit(&chosen, isa, memory_order_relaxed);
  }
  return (unroll_isa)isa;
}

static const unroll_kernels *table(unroll_type type) { return tables[unroll_isa_in_use()][type]; }

size_t unroll_packed_count(unroll_type type, size_t k, size_t n) {
  return table(type)->packed_count(k, n);
}

void unroll_pack(unroll_type type, size_t k, size_t n, const void *b, ptrdiff_t row_stride,
                 ptrdiff_t column_stride, void *packed) {
  table(type)->pack(k, n, b, row_stride, column_stride, packed);
}

void unroll_product(unroll_type type, size_t m, size_t n, size_t k, const void *a,
                    ptrdiff_t a_row_stride, ptrdiff_t a_column_stride, const void *packed_b,
                    unroll_start start, const void *bias, void *c, size_t c_row_stride) {
  table(type)->product(m, n, k, a, a_row_stride, a_column_stride, packed_b, start, bias, c,
                       c_row_stride);
}

void unroll_product_columns(unroll_type type, size_t m, size_t n, size_t k, size_t first,
                            size_t columns, const void *a, ptrdiff_t a_row_stride,
                            ptrdiff_t a_column_stride, const void *packed_b, unroll_start start,
                            const void *bias, void *c, size_t c_row_stride) {
  table(type)->product_columns(m, n, k, first, columns, a, a_row_stride, a_column_stride, packed_b,
                               start, bias, c, c_row_stride);
}

void unroll_plain_product(unroll_type type, size_t m, size_t k, const void *a, ptrdiff_t a_row_stride,
                          ptrdiff_t a_column_stride, const void *b, void *c) {
  table(type)->plain_product(m, k, a, a_row_stride, a_column_stride, b, c);
}

void unroll_exp(unroll_type type, size_t n, const void *x, void *y) { table(type)->exp(n, x, y); }

void unroll_tanh(unroll_type type, size_t n, const void *x, void *y) { table(type)->tanh(n, x, y); }

void unroll_sigmoid(unroll_type type, size_t n, const void *x, void *y) {
  table(type)->sigmoid(n, x, y);
}

void unroll_tanh_backward(unroll_type type, size_t n, const void *y, const void *dy, void *dx) {
  table(type)->tanh_backward(n, y, dy, dx);
}

void unroll_softmax(unroll_type type, size_t rows, size_t columns, const void *x, void *y) {
  table(type)->softmax(rows, columns, x, y);
}

void unroll_log_softmax(unroll_type type, size_t rows, size_t columns, const void *x, void *y) {
  table(type)->log_softmax(rows, columns, x, y);
}

void unroll_softmax_loss(unroll_type type, size_t rows, size_t classes, void *logits,
                         const int32_t *targets, double *losses) {
  table(type)->softmax_loss(rows, classes, logits, targets, losses);
}

void unroll_lstm_forward(unroll_type type, size_t rows, size_t hidden, void *gates,
                         const void *c_before, size_t before_stride, void *h, size_t h_stride,
                         void *c, size_t c_stride, void *tanh_c) {
  table(type)->lstm_forward(rows, hidden, gates, c_before, before_stride, h, h_stride, c, c_stride,
                            tanh_c);
}

void unroll_lstm_backward(unroll_type type, size_t rows, size_t hidden, void *gates,
                          const void *tanh_c, const void *c_before, size_t before_stride,
                          const void *dh, size_t dh_stride, void *dc, size_t dc_stride) {
  table(type)->lstm_backward(rows, hidden, gates, tanh_c, c_before, before_stride, dh, dh_stride,
                             dc, dc_stride);
}

void unroll_gru_forward(unroll_type type, size_t rows, size_t hidden, void *gates,
                        void *recurrent, const void *bias_hn, const void *h_before,
                        size_t before_stride, void *h, size_t h_stride) {
  table(type)->gru_forward(rows, hidden, gates, recurrent, bias_hn, h_before, before_stride, h,
                           h_stride);
}

void unroll_gru_backward(unroll_type type, size_t rows, size_t hidden, void *gates,
                         void *recurrent, const void *h_before, size_t before_stride, void *dh,
                         size_t dh_stride) {
  table(type)->gru_backward(rows, hidden, gates, recurrent, h_before, before_stride, dh,
                            dh_stride);
}

void unroll_layer_norm_lstm_forward(unroll_type type, size_t rows, size_t hidden,
                                    const unroll_layer_norm_lstm *by, void *gates,
                                    const unroll_layer_norm_lstm_saved *saved,
                                    const void *c_before, size_t before_stride, void *h,
                                    size_t h_stride, void *c, size_t c_stride) {
  table(type)->layer_norm_lstm_forward(rows, hidden, by, gates, saved, c_before, before_stride, h,
                                       h_stride, c, c_stride);
}

void unroll_layer_norm_lstm_backward(unroll_type type, size_t rows, size_t hidden,
                                     const unroll_layer_norm_lstm *by, void *gates,
                                     const unroll_layer_norm_lstm_saved *saved,
                                     const void *c_before, size_t before_stride, const void *dh,
                                     size_t dh_stride, void *dc, size_t dc_stride, void *da,
                                     void *d_product) {
  table(type)->layer_norm_lstm_backward(rows, hidden, by, gates, saved, c_before, before_stride,
                                        dh, dh_stride, dc, dc_stride, da, d_product);
}

void unroll_sweep_forward(unroll_type type, size_t steps, size_t size, const void *a,
                          const void *b, const void *c_before, void *c) {
  table(type)->sweep_forward(steps, size, a, b, c_before, c);
}

void unroll_sweep_backward(unroll_type type, size_t steps, size_t size, void *a,
                           const void *c_before, const void *c, void *dc, void *dc_before) {
  table(type)->sweep_backward(steps, size, a, c_before, c, dc, dc_before);
}

void unroll_add(unroll_type type, size_t n, const void *x, void *y) { table(type)->add(n, x, y); }

void unroll_scale(unroll_type type, size_t n, double factor, void *x) {
  table(type)->scale(n, factor, x);
}

void unroll_add_rows(unroll_type type, size_t rows, size_t columns, const void *x,
                     ptrdiff_t row_stride, void *sums) {
  table(type)->add_rows(rows, columns, x, row_stride, sums);
}

void unroll_add_products(unroll_type type, size_t rows, size_t columns, const void *x,
                         const void *y, ptrdiff_t row_stride, void *sums) {
  table(type)->add_products(rows, columns, x, y, row_stride, sums);
}

double unroll_sum_of_squares(unroll_type type, size_t n, const void *x) {
  return table(type)->sum_of_squares(n, x);
}

void unroll_adam(unroll_type type, size_t n, void *value, const void *gradient, void *mean,
                 void *square, double rate, double beta1, double beta2, double epsilon,
                 double correction1, double correction2, double decay) {
  table(type)->adam(n, value, gradient, mean, square, rate, beta1, beta2, epsilon, correction1,
                    correction2, decay);
}
