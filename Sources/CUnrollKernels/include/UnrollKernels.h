// The numeric kernels of Unroll: flat functions of outputs, saved values, inputs and sizes.
//
// Every function takes the element type first and untyped pointers after it, so that generic code
// calls one name for float and double. Matrices are row-major unless strides say otherwise; sizes
// and strides count elements. Nothing allocates. Threads are the caller's: a caller splits rows.
//
// Every result element depends only on its own row and column, never on how many rows or elements
// a call was given: a product element is one chain of multiply-adds over k in order, and the
// element-wise functions treat the last elements of an array as they treat the others.
#ifndef UNROLL_KERNELS_H
#define UNROLL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

typedef enum unroll_type { UNROLL_F32 = 0, UNROLL_F64 = 1 } unroll_type;

// Where the chain of multiply-adds of a product begins.
typedef enum unroll_start {
  UNROLL_START_ZERO = 0,  // c = a b
  UNROLL_START_BIAS = 1,  // c = bias + a b, the bias being one row of n
  UNROLL_START_C = 2      // c = c + a b
} unroll_start;

// Instruction sets. The reference is the naive oracle; the baseline is what every processor of the
// architecture has (SSE2, or NEON on arm64).
typedef enum unroll_isa {
  UNROLL_ISA_REFERENCE = 0,
  UNROLL_ISA_BASELINE = 1,
  UNROLL_ISA_AVX2 = 2,
  UNROLL_ISA_AVX512 = 3
} unroll_isa;

// What a layer-normalized LSTM has beside its matrices: the scales of the normalized inputs and of the
// normalized recurrent product, and the bias, [4 hidden] each in the order i, f, g, o; the scale and the
// bias of the normalized cell, [hidden] each; and what keeps the division from zero in a row of equals.
typedef struct unroll_layer_norm_lstm {
  const void *input_scale, *recurrent_scale, *bias, *cell_scale, *cell_bias;
  double epsilon;
} unroll_layer_norm_lstm;

// What a step of it keeps: the normalized inputs and product, [rows, 4 hidden] each, the normalized cell
// and the last tanh, [rows, hidden] each, and the deviations of inputs, product and cell, [rows, 3].
typedef struct unroll_layer_norm_lstm_saved {
  void *input, *recurrent, *cell, *tanh_out, *deviations;
} unroll_layer_norm_lstm_saved;

// The table of one element type on one instruction set.
typedef struct unroll_kernels {
  size_t (*packed_count)(size_t k, size_t n);
  void (*pack)(size_t k, size_t n, const void *b, ptrdiff_t row_stride, ptrdiff_t column_stride,
               void *packed);
  void (*product)(size_t m, size_t n, size_t k, const void *a, ptrdiff_t a_row_stride,
                  ptrdiff_t a_column_stride, const void *packed_b, unroll_start start,
                  const void *bias, void *c, size_t c_row_stride);
  void (*product_columns)(size_t m, size_t n, size_t k, size_t first, size_t columns, const void *a,
                          ptrdiff_t a_row_stride, ptrdiff_t a_column_stride, const void *packed_b,
                          unroll_start start, const void *bias, void *c, size_t c_row_stride);
  void (*plain_product)(size_t m, size_t k, const void *a, ptrdiff_t a_row_stride,
                        ptrdiff_t a_column_stride, const void *b, void *c);
  void (*exp)(size_t n, const void *x, void *y);
  void (*tanh)(size_t n, const void *x, void *y);
  void (*sigmoid)(size_t n, const void *x, void *y);
  void (*tanh_backward)(size_t n, const void *y, const void *dy, void *dx);
  void (*softmax)(size_t rows, size_t columns, const void *x, void *y);
  void (*log_softmax)(size_t rows, size_t columns, const void *x, void *y);
  void (*softmax_loss)(size_t rows, size_t classes, void *logits, const int32_t *targets,
                       double *losses);
  void (*lstm_forward)(size_t rows, size_t hidden, void *gates, const void *c_before,
                       size_t before_stride, void *h, size_t h_stride, void *c, size_t c_stride,
                       void *tanh_c);
  void (*lstm_backward)(size_t rows, size_t hidden, void *gates, const void *tanh_c,
                        const void *c_before, size_t before_stride, const void *dh,
                        size_t dh_stride, void *dc, size_t dc_stride);
  void (*gru_forward)(size_t rows, size_t hidden, void *gates, void *recurrent,
                      const void *bias_hn, const void *h_before, size_t before_stride, void *h,
                      size_t h_stride);
  void (*gru_backward)(size_t rows, size_t hidden, void *gates, void *recurrent,
                       const void *h_before, size_t before_stride, void *dh, size_t dh_stride);
  void (*layer_norm_lstm_forward)(size_t rows, size_t hidden, const unroll_layer_norm_lstm *by,
                                  void *gates, const unroll_layer_norm_lstm_saved *saved,
                                  const void *c_before, size_t before_stride, void *h,
                                  size_t h_stride, void *c, size_t c_stride);
  void (*layer_norm_lstm_backward)(size_t rows, size_t hidden, const unroll_layer_norm_lstm *by,
                                   void *gates, const unroll_layer_norm_lstm_saved *saved,
                                   const void *c_before, size_t before_stride, const void *dh,
                                   size_t dh_stride, void *dc, size_t dc_stride, void *da,
                                   void *d_product);
  void (*sweep_forward)(size_t steps, size_t size, const void *a, const void *b,
                        const void *c_before, void *c);
  void (*sweep_backward)(size_t steps, size_t size, void *a, const void *c_before, const void *c,
                         void *dc, void *dc_before);
  void (*add)(size_t n, const void *x, void *y);
  void (*scale)(size_t n, double factor, void *x);
  void (*add_rows)(size_t rows, size_t columns, const void *x, ptrdiff_t row_stride, void *sums);
  void (*add_products)(size_t rows, size_t columns, const void *x, const void *y,
                       ptrdiff_t row_stride, void *sums);
  double (*sum_of_squares)(size_t n, const void *x);
  void (*adam)(size_t n, void *value, const void *gradient, void *mean, void *square, double rate,
               double beta1, double beta2, double epsilon, double correction1, double correction2,
               double decay);
} unroll_kernels;

// The table of an instruction set, or NULL where this processor lacks it.
const unroll_kernels *unroll_kernels_for(unroll_type type, unroll_isa isa);

// The instruction set in use: the best that the processor has, or what the environment variable
// UNROLL_ISA names (reference, baseline, avx2, avx512; in small letters or in capitals) where the
// processor has that.
unroll_isa unroll_isa_in_use(void);
const char *unroll_isa_name(unroll_isa isa);

// Matrix product. `unroll_pack` lays out b [k, n], element (i, j) at b[i * row_stride + j *
// column_stride] (so a transpose is a swap of strides), in `unroll_packed_count` elements aligned
// to 64 bytes; the layout is private to the instruction set. `unroll_product` computes
// c [m, n] (+)= a [m, k] b; c overlaps no operand.
//
// Rows of b may be packed in pieces, by several threads: the piece that begins at row r, a multiple
// of UNROLL_PACK_ROWS, goes `unroll_packed_count(r, n)` elements behind the beginning.
#define UNROLL_PACK_ROWS 256
size_t unroll_packed_count(unroll_type type, size_t k, size_t n);
void unroll_pack(unroll_type type, size_t k, size_t n, const void *b, ptrdiff_t row_stride,
                 ptrdiff_t column_stride, void *packed);
void unroll_product(unroll_type type, size_t m, size_t n, size_t k, const void *a,
                    ptrdiff_t a_row_stride, ptrdiff_t a_column_stride, const void *packed_b,
                    unroll_start start, const void *bias, void *c, size_t c_row_stride);

// Some columns of the same product, which are shared out among threads where there are few rows: those
// from `first` on, a multiple of UNROLL_COLUMN_GRAIN. c and bias begin at column 0 all the same.
#define UNROLL_COLUMN_GRAIN 64
void unroll_product_columns(unroll_type type, size_t m, size_t n, size_t k, size_t first,
                            size_t columns, const void *a, ptrdiff_t a_row_stride,
                            ptrdiff_t a_column_stride, const void *packed_b, unroll_start start,
                            const void *bias, void *c, size_t c_row_stride);

// c [m, UNROLL_PLAIN_COLUMNS] += a [m, k] b [k, UNROLL_PLAIN_COLUMNS], b and c row after row, element
// (i, p) of a at a[i * a_row_stride + p * a_column_stride]. Each element of c is one chain over k in
// order of which every product and every sum is rounded, never both at once: the same bits on every
// instruction set, at half the speed of `unroll_product` or less. c overlaps no operand.
#define UNROLL_PLAIN_COLUMNS 32
void unroll_plain_product(unroll_type type, size_t m, size_t k, const void *a, ptrdiff_t a_row_stride,
                          ptrdiff_t a_column_stride, const void *b, void *c);

// Element-wise; y may be x. Accurate to 1e-6 relative in float, 1e-15 in double.
void unroll_exp(unroll_type type, size_t n, const void *x, void *y);
void unroll_tanh(unroll_type type, size_t n, const void *x, void *y);
void unroll_sigmoid(unroll_type type, size_t n, const void *x, void *y);

// dx = dy (1 - y^2), for y = tanh(x).
void unroll_tanh_backward(unroll_type type, size_t n, const void *y, const void *dy, void *dx);

// Row by row, without overflow; y may be x.
void unroll_softmax(unroll_type type, size_t rows, size_t columns, const void *x, void *y);
void unroll_log_softmax(unroll_type type, size_t rows, size_t columns, const void *x, void *y);

// losses[r] = -log softmax(logits[r])[targets[r]] in nats, and logits[r] becomes its gradient,
// softmax minus one-hot. A negative target is left out: loss 0, gradient 0; others are below
// classes, unchecked. A logit that is NaN or infinite makes its row's loss NaN or infinite, except
// that -infinity is a class of probability 0.
void unroll_softmax_loss(unroll_type type, size_t rows, size_t classes, void *logits,
                         const int32_t *targets, double *losses);

// One LSTM step after the matrix products. gates [rows, 4 hidden], in the order i, f, g, o, holds
// pre-activations and receives activations; tanh_c is [rows, hidden]; c_before, h and c have the row
// strides beside them. c may be c_before.
//   c = f c_before + i g     h = o tanh(c)
void unroll_lstm_forward(unroll_type type, size_t rows, size_t hidden, void *gates,
                         const void *c_before, size_t before_stride, void *h, size_t h_stride,
                         void *c, size_t c_stride, void *tanh_c);

// Its gradient: gates holds activations and receives the gradient of the pre-activations; dc holds
// the gradient of c from the step after and receives that of c_before.
void unroll_lstm_backward(unroll_type type, size_t rows, size_t hidden, void *gates,
                          const void *tanh_c, const void *c_before, size_t before_stride,
                          const void *dh, size_t dh_stride, void *dc, size_t dc_stride);

// One GRU step after the matrix products, the reset gate applied after the recurrent one. gates
// [rows, 3 hidden], in the order r, z, n, holds the projected inputs and receives activations;
// recurrent [rows, 3 hidden] holds W_hh h_before and receives, in its last third, q. h may be
// h_before.
//   q = W_hn h_before + bias_hn     n = tanh(a_n + r q)     h = (1 - z) n + z h_before
void unroll_gru_forward(unroll_type type, size_t rows, size_t hidden, void *gates,
                        void *recurrent, const void *bias_hn, const void *h_before,
                        size_t before_stride, void *h, size_t h_stride);

// Its gradient: gates receives that of the projected inputs, recurrent that of W_hh h_before; dh
// holds the gradient of h and receives that of h_before, what goes through W_hh left out.
void unroll_gru_backward(unroll_type type, size_t rows, size_t hidden, void *gates,
                         void *recurrent, const void *h_before, size_t before_stride, void *dh,
                         size_t dh_stride);

// One step of a layer-normalized LSTM after the matrix products. gates [rows, 4 hidden] holds W_ih x and
// receives the activations i, f, g, o; saved->recurrent holds W_hh h_before, and all of saved is
// written. c may be c_before. With N(v) = (v - mean(v)) / sqrt(variance(v) + epsilon) of a row,
//   a = input_scale N(W_ih x) + recurrent_scale N(W_hh h_before) + bias
//   c = f c_before + i g     h = o tanh(cell_scale N(c) + cell_bias)
void unroll_layer_norm_lstm_forward(unroll_type type, size_t rows, size_t hidden,
                                    const unroll_layer_norm_lstm *by, void *gates,
                                    const unroll_layer_norm_lstm_saved *saved,
                                    const void *c_before, size_t before_stride, void *h,
                                    size_t h_stride, void *c, size_t c_stride);

// Its gradient: gates holds activations and receives the gradient of W_ih x, d_product that of
// W_hh h_before and da that of a, [rows, 4 hidden] each; saved->tanh_out receives that of what the last
// tanh is taken of, and the rest of saved is read; dc holds the gradient of c from the step after and
// receives that of c_before.
void unroll_layer_norm_lstm_backward(unroll_type type, size_t rows, size_t hidden,
                                     const unroll_layer_norm_lstm *by, void *gates,
                                     const unroll_layer_norm_lstm_saved *saved,
                                     const void *c_before, size_t before_stride, const void *dh,
                                     size_t dh_stride, void *dc, size_t dc_stride, void *da,
                                     void *d_product);

// A recurrence that is linear, element by element, over all steps. a, b, c and dc are [steps, size];
// c_before, [size], is what is before the first step.
//   c_t = a_t c_{t-1} + b_t
void unroll_sweep_forward(unroll_type type, size_t steps, size_t size, const void *a,
                          const void *b, const void *c_before, void *c);

// Its gradient: dc holds that of every c_t without what comes from the step after, and receives it
// with that, which is the gradient of b_t too; a receives the gradient of a_t; dc_before holds the
// gradient of the last c_t from what comes after the steps, and receives that of c_before.
void unroll_sweep_backward(unroll_type type, size_t steps, size_t size, void *a,
                           const void *c_before, const void *c, void *dc, void *dc_before);

// y += x.
void unroll_add(unroll_type type, size_t n, const void *x, void *y);
// x *= factor.
void unroll_scale(unroll_type type, size_t n, double factor, void *x);
// sums[j] += the sum over rows r, in order, of x[r * row_stride + j].
void unroll_add_rows(unroll_type type, size_t rows, size_t columns, const void *x,
                     ptrdiff_t row_stride, void *sums);
// sums[j] += the sum over rows r, in order, of x[r * row_stride + j] y[r * row_stride + j].
void unroll_add_products(unroll_type type, size_t rows, size_t columns, const void *x,
                         const void *y, ptrdiff_t row_stride, void *sums);
// In double, in an order that depends on n alone.
double unroll_sum_of_squares(unroll_type type, size_t n, const void *x);

// One step of Adam (Kingma and Ba 2015), with decoupled weight decay (Loshchilov and Hutter 2019):
//   mean = beta1 mean + (1 - beta1) g        square = beta2 square + (1 - beta2) g^2
//   value -= rate (mean / correction1 / (sqrt(square / correction2) + epsilon) + decay value)
void unroll_adam(unroll_type type, size_t n, void *value, const void *gradient, void *mean,
                 void *square, double rate, double beta1, double beta2, double epsilon,
                 double correction1, double correction2, double decay);

// Makes this thread treat subnormal numbers as zero; returns what to restore.
uint64_t unroll_flush_subnormals(void);
void unroll_restore_subnormals(uint64_t previous);

#endif
