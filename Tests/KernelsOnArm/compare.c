// Compares every flat function, on the instruction set in use, with the reference: on odd sizes, with
// strides, with every start, in float and in double. Prints the largest error of each, and fails if one
// is too large. It is C alone, so that it can be built for a processor that is not here.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "UnrollInt8.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define EACH(size, sizes) for (size_t at_##size = 0, size; \
  at_##size < COUNT(sizes) && (size = sizes[at_##size], 1); at_##size++)

// What a function is given, twice: for the one in use and for the reference. Around it lie NaNs, which
// spoil the result of a function that reads them, and are gone where one writes.
typedef struct { size_t size, count; char *of[2]; } numbers;

enum { MARGIN = 64 };
static char memory[1 << 25] __attribute__((aligned(64)));
static size_t taken;
static unroll_type type;

static double get(const numbers *x, int side, ptrdiff_t i) {
  return x->size == 4 ? (double)((float *)x->of[side])[i] : ((double *)x->of[side])[i];
}

static void put(const numbers *x, ptrdiff_t i, double value) {
  for (int side = 0; side < 2; side++) {
    if (x->size == 4) ((float *)x->of[side])[i] = (float)value;
    if (x->size == 8) ((double *)x->of[side])[i] = value;
  }
}

static numbers between(double low, double high, size_t size, size_t count) {
  numbers x = {.size = size, .count = count};
  const size_t bytes = (size * count + 2 * MARGIN + 63) / 64 * 64;
  for (int side = 0; side < 2; side++, taken += bytes) x.of[side] = memory + taken + MARGIN;
  if (taken > sizeof memory) abort();
  const ptrdiff_t end = (ptrdiff_t)count, margin = (ptrdiff_t)(MARGIN / size);
  static uint64_t state = 1;
  for (ptrdiff_t i = -margin; i < end + margin; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const double part = (double)(state >> 11) * 0x1p-53;
    put(&x, i, i < 0 || i >= end ? NAN : low + (high - low) * part);
  }
  return x;
}

static size_t element(void) { return type == UNROLL_F32 ? sizeof(float) : sizeof(double); }
static numbers some(size_t count) { return between(-1, 1, element(), count); }

// The largest error of each function so far, in either type.
static struct { const char *name; double errors[2]; } results[40], *result;

static void begin(const char *name) {
  for (result = results; result->name != NULL && strcmp(result->name, name) != 0;) result++;
  result->name = name;
}

static void differ(double found, double expected, double least) {
  if (found == expected || (isnan(found) && isnan(expected))) return;
  const double error = fabs(found - expected) / fmax(fabs(expected), least);
  double *largest = &result->errors[type];
  if (!(error <= *largest)) *largest = isnan(error) || least < 0 ? INFINITY : error;
}

// Errors are relative; to `least` where a number is below it, as a sum of terms that cancel may be. With
// EXACT, no difference is allowed.
enum { EXACT = -1 };
static void compare(numbers x, double least) {
  const ptrdiff_t end = (ptrdiff_t)x.count, margin = (ptrdiff_t)(MARGIN / x.size);
  for (ptrdiff_t i = -margin; i < end + margin; i++) differ(get(&x, 0, i), get(&x, 1, i), least);
}

// Calls the flat function and the reference, each with its side of what X names.
#define X(numbers) ((void *)(numbers).of[side])
#define BOTH(name, ...) do { \
  begin(#name); \
  int side = 0; \
  unroll_##name(type, __VA_ARGS__); \
  side = 1; \
  unroll_kernels_for(type, UNROLL_ISA_REFERENCE)->name(__VA_ARGS__); \
} while (0)

static const size_t lengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 17, 31, 33, 63, 65, 100, 259};
static const size_t widths[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 32, 40, 64, 65, 127, 130, 531};
static const size_t heights[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 25, 29};
static const size_t depths[] = {0, 1, 2, 3, 7, 31, 256, 519};
static const size_t few[] = {1, 2, 5};

static void products(void) {
  size_t turn = 0;
  EACH(m, heights) EACH(n, widths) EACH(k, depths) {
    taken = 0;
    // Row after row, column after column, neither, and rows that push each other out of a cache.
    const size_t rows[] = {k + 3, 1, 2 * k + 1, 1024}, steps[] = {1, m + 2, 2, 1}, way = ++turn % 4;
    const size_t a_row = rows[way], a_step = steps[way], wide = n + 5;
    const size_t b_row = way < 2 ? n + 1 : 1, b_step = way < 2 ? 1 : k + 1;
    const unroll_start start = (unroll_start)(turn / 4 % 3);
    const size_t share = (1 + turn % 2) * UNROLL_COLUMN_GRAIN, count = unroll_packed_count(type, k, n);
    numbers a = some((m - 1) * a_row + k * a_step + 1), b = some((k + 1) * (n + 1)), bias = some(n);
    numbers packed = some(count + k * n), pieces = some(count), c = some(m * wide);
    BOTH(pack, k, n, X(b), b_row, b_step, X(packed));
    BOTH(product, m, n, k, X(a), a_row, a_step, X(packed), start, X(bias), X(c), wide);
    compare(c, sqrt((double)k + 1));
    for (size_t r = 0; r < k; r += UNROLL_PACK_ROWS) {
      const size_t piece = k - r < UNROLL_PACK_ROWS ? k - r : UNROLL_PACK_ROWS;
      unroll_pack(type, piece, n, b.of[0] + r * b_row * element(), b_row, b_step,
                  pieces.of[0] + unroll_packed_count(type, r, n) * element());
    }
    begin("pack");
    differ(memcmp(pieces.of[0], packed.of[0], count * element()), 0, EXACT);
    for (size_t j = 0; j < n; j += share) {
      BOTH(product_columns, m, n, k, j, n - j < share ? n - j : share, X(a), a_row, a_step, X(packed),
           start, X(bias), X(c), wide);
    }
    compare(c, sqrt((double)k + 1));
    numbers plain = some(m * UNROLL_PLAIN_COLUMNS), right = some(k * UNROLL_PLAIN_COLUMNS);
    if (n == 1) BOTH(plain_product, m, k, X(a), a_row, a_step, X(right), X(plain));
    compare(plain, EXACT);
  }
}

static void arrays(void) {
  EACH(n, lengths) {
    taken = 0;
    const double odd[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e30, -1e30, 1e-30};
    const double most = type == UNROLL_F32 ? 80 : 700;
    numbers x = between(-most, most, element(), n), y = some(n), z = some(n), mean = some(n);
    for (size_t i = 3; i < n; i += 7) put(&x, (ptrdiff_t)i, odd[i / 7 % COUNT(odd)]);
    BOTH(exp, n, X(x), X(z)); compare(z, 0);
    BOTH(sigmoid, n, X(x), X(z)); compare(z, 0);
    BOTH(tanh, n, X(x), X(x)); compare(x, 0);
    BOTH(tanh, n, X(y), X(y)); compare(y, 0);
    BOTH(tanh_backward, n, X(y), X(mean), X(x)); compare(x, 1);
    BOTH(add, n, X(mean), X(y)); compare(y, 1);
    BOTH(scale, n, 0.3, X(y)); compare(y, 1);
    begin("sum_of_squares");
    differ(unroll_sum_of_squares(type, n, y.of[0]),
           unroll_kernels_for(type, UNROLL_ISA_REFERENCE)->sum_of_squares(n, y.of[1]), 1);
    numbers square = between(0, 1, element(), n);
    BOTH(adam, n, X(y), X(x), X(mean), X(square), 0.1, 0.9, 0.999, 1e-8, 0.1, 0.001, 0.01);
    compare(y, 1), compare(mean, 1), compare(square, 1);
  }
}

static void rows_of_classes(void) {
  EACH(rows, few) EACH(n, widths) {
    taken = 0;
    numbers x = between(-20, 20, element(), rows * n), y = some(rows * n), sums = some(n);
    numbers wide = some(rows * (n + 3)), losses = between(0, 1, sizeof(double), rows);
    const int32_t targets[] = {(int32_t)(n / 2), -1, 0, (int32_t)n - 1, (int32_t)(n / 3)};
    BOTH(add_rows, rows, n, X(wide), n + 3, X(sums)); compare(sums, 1);
    if (n > 4) put(&x, 3, -INFINITY);
    BOTH(softmax, rows, n, X(x), X(y)); compare(y, 0);
    BOTH(log_softmax, rows, n, X(x), X(y)); compare(y, 1);
    BOTH(softmax_loss, rows, n, X(x), targets, X(losses));
    compare(x, 1), compare(losses, 1);
  }
}

static void cells(void) {
  // What is before a step lies apart from what is after it, or is where that goes.
  EACH(rows, few) EACH(n, lengths) for (int apart = 0; apart < 2; apart++) {
    taken = 0;
    const size_t wide = n + 2, s = n + 3;
    numbers gates = between(-6, 6, element(), rows * 4 * n), before = some(rows * wide);
    numbers h = some(rows * s), c = some(rows * wide), tanh_c = some(rows * n), dc = some(rows * s);
    numbers from = apart ? before : c;
    BOTH(lstm_forward, rows, n, X(gates), X(from), wide, X(h), s, X(c), wide, X(tanh_c));
    compare(gates, 1), compare(h, 1), compare(c, 1), compare(tanh_c, 1);
    BOTH(lstm_backward, rows, n, X(gates), X(tanh_c), X(before), wide, X(h), s, X(dc), s);
    compare(gates, 1), compare(dc, 1);
    gates = between(-6, 6, element(), rows * 3 * n);
    numbers recurrent = some(rows * 3 * n), bias = some(n);
    BOTH(gru_forward, rows, n, X(gates), X(recurrent), X(bias), X(from), wide, X(c), wide);
    compare(gates, 1), compare(recurrent, 1), compare(c, 1);
    BOTH(gru_backward, rows, n, X(gates), X(recurrent), X(before), wide, X(dc), s);
    compare(gates, 1), compare(recurrent, 1), compare(dc, 1);
    numbers a = some(rows * n), b = some(rows * n), after = some(rows * n), d = some(n);
    BOTH(sweep_forward, rows, n, X(a), X(b), X(before), X(after));
    compare(after, 1);
    BOTH(sweep_backward, rows, n, X(a), X(before), X(after), X(b), X(d));
    compare(a, 1), compare(b, 1), compare(d, 1);
  }
}

// What is below the normal numbers is zero while it is flushed, and is not afterwards.
static void subnormals(void) {
  begin("flush_subnormals");
  const double least = type == UNROLL_F32 ? 0x1p-126 : 0x1p-1022;
  numbers x = between(least, least, element(), 1);
  const uint64_t previous = unroll_flush_subnormals();
  unroll_scale(type, 1, 0.5, x.of[0]);
  unroll_restore_subnormals(previous);
  differ(get(&x, 0, 0), 0, EXACT);
  unroll_scale(type, 1, 0.5, x.of[1]);
  differ(get(&x, 1, 0), least / 2, EXACT);
}

// Products of bytes, on one way of computing them.
static void bytes(const char *name, const unroll_int8_kernels *found) {
  const unroll_int8_kernels *sides[] = {found, unroll_int8_kernels_for(UNROLL_INT8_REFERENCE)};
  size_t turn = 0;
  begin(name);
  EACH(m, heights) EACH(n, widths) EACH(k, depths) {
    taken = 0;
    const unroll_start start = (unroll_start)(++turn % 3);
    const size_t step = 1 + turn % 2, row = k * step + 1, row_bytes = unroll_int8_row_bytes(k);
    numbers a = some(m * row), b = some(k * (n + 1)), bias = some(n), c = some(m * (n + 3));
    numbers rows = some(m * row_bytes / 4), packed = some(unroll_int8_packed_bytes(k, n) / 4);
    if (turn % 5 == 0) put(&a, 0, turn % 10 == 0 ? NAN : 1e38);
    for (int side = 0; side < 2; side++) {
      const size_t share = side == 0 ? step * UNROLL_INT8_BLOCK : n;
      sides[side]->quantize(m, k, X(a), row, step, X(rows));
      for (size_t j = 0, columns; j < n; j += columns) {
        columns = n - j < share ? n - j : share;
        unroll_int8_pack(k, n, X(b), n + 1, 1, j, columns, X(packed));
        sides[side]->product(m, n, k, X(rows), X(packed), j, columns, start, X(bias), X(c), n + 3);
      }
    }
    compare(c, EXACT);
    differ(memcmp(rows.of[0], rows.of[1], m * row_bytes), 0, EXACT);
    differ(memcmp(packed.of[0], packed.of[1], packed.count * 4), 0, EXACT);
  }
}

int main(void) {
  static void (*const tests[])(void) = {products, arrays, rows_of_classes, cells, subnormals};
  const char *const ways[] = {"", "int8 baseline", "int8 avx2", "int8 avx_vnni", "int8 avx512", "int8 dot"};
  static const unroll_int8_kernels flat = {unroll_int8_quantize, unroll_int8_product};
  bytes("int8", &flat);
  for (unsigned i = UNROLL_INT8_BASELINE; i < COUNT(ways); i++) {
    const unroll_int8_kernels *kernels = unroll_int8_kernels_for((unroll_int8_isa)i);
    if (kernels != NULL) bytes(ways[i], kernels);
  }
  for (type = UNROLL_F32; type <= UNROLL_F64; type++) {
    for (size_t i = 0; i < COUNT(tests); i++) tests[i]();
  }
  int failed = 0;
  printf("%-18s %9s %9s\n", unroll_isa_name(unroll_isa_in_use()), "float", "double");
  for (result = results; result->name != NULL; result++) {
    const double *of = result->errors;
    const int wrong = of[0] > 1e-5 || of[1] > 1e-12;
    printf("%-18s %9.1e %9.1e%s\n", result->name, of[0], of[1], wrong ? "  WRONG" : "");
    failed |= wrong;
  }
  return failed;
}
