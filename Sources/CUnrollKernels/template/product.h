// c = start + a b, b being packed.
//
// A tile of c, TILE_ROWS rows by one panel of columns, lives in vector registers while k passes:
// every step of k loads one vector pair of b and, for each row, one element of a into all lanes.
// What a step reads lies together in memory, because both operands are packed: b once by the
// caller, a block of a on the stack. Around the tile, loops choose blocks that fit the caches:
//
//   for blocks of DEPTH steps of k          the tile's chain goes on from what c holds
//     for blocks of BREADTH columns         this block of b stays in the second-level cache
//       for groups of up to TILE_ROWS rows  this block of a stays in the first-level cache
//         for panels of columns             one tile
//
// Each element of c is one chain of multiply-adds over k in order, wherever its tile begins: a row
// comes out the same, bit for bit, whichever rows are computed beside it.

#define PANEL (2 * LANES)
#define DEPTH UNROLL_PACK_ROWS
// With DEPTH, 512 KB of b.
#define BREADTH (16384 / ELEMENT_BITS)
// The elements of a that one step of k reads, padded so that whole vectors can be stored.
#define GROUP ((TILE_ROWS + LANES - 1) / LANES * LANES)
// One row has too few accumulators to hide the latency of a multiply-add, so it takes panels
// beside each other.
#define MOST_PANELS 4

// Packed b, in blocks of DEPTH rows; within a block, panels of columns; within a panel, rows. The
// last panel is one vector wide when that holds the columns left. Lanes without a column are zero.
INLINE size_t padded_columns(size_t n) { return (n + LANES - 1) / LANES * LANES; }

INLINE size_t panel_width(size_t columns_left) { return columns_left > LANES ? PANEL : LANES; }

static size_t packed_count(size_t k, size_t n) { return k * padded_columns(n); }

static void pack(size_t k, size_t n, const void *b, size_t row_stride, size_t column_stride,
                 void *packed) {
  real *to = packed;
  for (size_t k0 = 0; k0 < k; k0 += DEPTH) {
    size_t depth = least(DEPTH, k - k0);
    for (size_t j = 0; j < n; j += PANEL) {
      const real *from = (const real *)b + k0 * row_stride + j * column_stride;
      size_t columns = least(PANEL, n - j), width = panel_width(n - j);
      if (columns < width) memset(to, 0, depth * width * sizeof(real));
      interleave(columns, column_stride, depth, row_stride, from, to, width);
      to += depth * width;
    }
  }
}

typedef struct {
  size_t depth;       // steps of k
  const real *a;      // element r of step p at a[p * a_step + r]
  size_t a_step;
  const real *b;      // the first panel
  size_t panel_step;  // from one panel to the next
  const real *start;  // what the chains begin with; a stride of 0 repeats it
  size_t start_stride, start_column_stride;
  real *c;
  size_t c_stride;
} tile;

// One tile. Inlined with constant `rows` and `vectors`, so that the accumulators are registers.
INLINE void multiply(const size_t rows, const size_t vectors, const tile *of) {
  const tile t = *of;
  const size_t width = vectors == 1 ? LANES : PANEL;
  vec sums[TILE_ROWS][2 * MOST_PANELS];
  UNROLLED
  for (size_t r = 0; r < rows; r++) {
    UNROLLED
    for (size_t v = 0; v < vectors; v++) {
      sums[r][v] = load(t.start + r * t.start_stride + v * LANES);
    }
  }
  const real *a = t.a, *b = t.b;
  for (size_t left = t.depth; left > 0; left--, a += t.a_step, b += width) {
    vec columns[2 * MOST_PANELS];
    UNROLLED
    for (size_t v = 0; v < vectors; v++) {
      columns[v] = load(b + v / 2 * t.panel_step + v % 2 * LANES);
    }
    UNROLLED
    for (size_t r = 0; r < rows; r++) {
      vec element = splat(a[r]);
      UNROLLED
      for (size_t v = 0; v < vectors; v++) {
        sums[r][v] = multiply_add(element, columns[v], sums[r][v]);
      }
    }
  }
  UNROLLED
  for (size_t r = 0; r < rows; r++) {
    UNROLLED
    for (size_t v = 0; v < vectors; v++) store(t.c + r * t.c_stride + v * LANES, sums[r][v]);
  }
}

// The most panels, a power of two, that `rows` rows can take beside each other in the registers.
INLINE size_t panels_at_once(size_t rows) {
  size_t panels = MOST_PANELS;
  while (panels > 1 && rows * panels * 2 > REGISTERS / 2) panels /= 2;
  return panels;
}

// The tiles that exist, each compiled with its size. Rows and vectors that the registers cannot
// hold are never asked for, and compile to nothing.
#define TILE(r, v) \
  case r: \
    if (r <= TILE_ROWS && (v <= 2 || v <= 2 * panels_at_once(r))) \
      multiply(r <= TILE_ROWS ? r : TILE_ROWS, v, t); \
    break;
#define TILES_OF_FEW_ROWS(v) TILE(1, v) TILE(2, v) TILE(3, v) TILE(4, v)
#define TILES(v) \
  TILES_OF_FEW_ROWS(v) \
  TILE(5, v) TILE(6, v) TILE(7, v) TILE(8, v) TILE(9, v) TILE(10, v) TILE(11, v) TILE(12, v) \
  TILE(13, v) TILE(14, v)

static void multiply_1(size_t rows, const tile *t) {
  switch (rows) { TILES(1) }
}

static void multiply_2(size_t rows, const tile *t) {
  switch (rows) { TILES(2) }
}

static void multiply_4(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(4) }
}

static void multiply_8(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(8) }
}

// The last panel, when its columns do not fill its vectors: computes the tile aside and copies the
// columns that exist.
static void multiply_edge(size_t rows, size_t columns, const tile *t) {
  real aside[TILE_ROWS * PANEL];
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < columns; j += LANES) {
      const real *start = t->start + r * t->start_stride + j;
      store(aside + r * PANEL + j, load_up_to(start, columns - j, 0));
    }
  }
  tile edge = *t;
  edge.start = edge.c = aside;
  edge.start_stride = edge.c_stride = PANEL;
  if (columns > LANES) {
    multiply_2(rows, &edge);
  } else {
    multiply_1(rows, &edge);
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < columns; j += LANES) {
      store_up_to(t->c + r * t->c_stride + j, load(aside + r * PANEL + j), columns - j);
    }
  }
}

// The tiles of one group of rows, side by side over `columns` columns.
static void multiply_across(size_t rows, size_t columns, tile t) {
  const size_t most = panels_at_once(rows);
  while (columns > 0) {
    size_t panels = most;
    while (panels > 1 && panels * PANEL > columns) panels /= 2;
    size_t done = least(panels * PANEL, columns);
    if (done % LANES != 0) {
      multiply_edge(rows, done, &t);
    } else if (done == LANES) {
      multiply_1(rows, &t);
    } else if (panels == 1) {
      multiply_2(rows, &t);
    } else if (panels == 2) {
      multiply_4(rows, &t);
    } else {
      multiply_8(rows, &t);
    }
    columns -= done;
    t.b += panels * t.panel_step;
    t.c += done;
    t.start += done * t.start_column_stride;
  }
}

static void product(size_t m, size_t n, size_t k, const void *a, size_t a_row_stride,
                    size_t a_column_stride, const void *packed_b, unroll_start start,
                    const void *bias, void *c, size_t c_row_stride) {
  static const real zeros[2 * MOST_PANELS * LANES];
  real group[DEPTH * GROUP] __attribute__((aligned(VECTOR_BYTES)));
  if (m == 0 || n == 0) return;
  const size_t groups = (m + TILE_ROWS - 1) / TILE_ROWS;
  // Also once for k = 0, when c is what it starts from.
  for (size_t k0 = 0; k0 == 0 || k0 < k; k0 += DEPTH) {
    const size_t depth = least(DEPTH, k - k0);
    const real *block = (const real *)packed_b + k0 * padded_columns(n);
    for (size_t j = 0; j < n; j += BREADTH) {
      size_t row = 0;
      for (size_t g = 0; g < groups; g++) {
        // Groups of nearly the same height: two of 13 rows and 12 rather than of 14 and 11.
        const size_t rows = m / groups + (g < m % groups);
        const real *rows_of_a = (const real *)a + row * a_row_stride + k0 * a_column_stride;
        tile t = {
          .depth = depth, .a = group, .a_step = GROUP, .b = block + j * depth,
          .panel_step = PANEL * depth, .c = (real *)c + row * c_row_stride + j,
          .c_stride = c_row_stride,
        };
        if (rows == 1) {
          t.a = rows_of_a;
          t.a_step = a_column_stride;
        } else {
          interleave(rows, a_row_stride, depth, a_column_stride, rows_of_a, group, GROUP);
        }
        if (k0 > 0 || start == UNROLL_START_C) {
          t.start = t.c;
          t.start_stride = c_row_stride;
          t.start_column_stride = 1;
        } else if (start == UNROLL_START_BIAS) {
          t.start = (const real *)bias + j;
          t.start_column_stride = 1;
        } else {
          t.start = zeros;
        }
        multiply_across(rows, least(BREADTH, n - j), t);
        row += rows;
      }
    }
  }
}
