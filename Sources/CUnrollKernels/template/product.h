// c = start + a b, b being packed.
//
// A tile of c, TILE_ROWS rows by one panel of columns, lives in vector registers while k passes:
// every step of k loads one vector pair of b and, for each row, one element of a into all lanes.
// What a step reads of b lies together in memory, packed once by the caller. Around the tile, loops
// choose blocks that fit the caches:
//
//   for blocks of DEPTH steps of k          the tile's chain goes on from what c holds
//     for blocks of BREADTH columns         this block of b stays in the second-level cache
//       for groups of up to TILE_ROWS rows  this block of a stays in the first-level cache
//         for panels of columns             one tile
//
// A block of a is packed unless it is read as fast where it is. Meanwhile what comes next is fetched from
// the caches that are farther away: a's next rows, or b's next block where rows are few.
//
// Each element of c is one chain of multiply-adds over k in order, wherever its tile begins: a row
// comes out the same, bit for bit, whichever rows are computed beside it.

// With DEPTH, 512 KB of b.
#define BREADTH (16384 / ELEMENT_BITS)

// Packed b, in blocks of DEPTH rows; within a block, panels of columns; within a panel, rows. The
// last panel is one vector wide when that holds the columns left. Lanes without a column are zero.
INLINE size_t padded_columns(size_t n) { return (n + LANES - 1) / LANES * LANES; }

INLINE size_t panel_width(size_t columns_left) { return columns_left > LANES ? PANEL : LANES; }

static size_t packed_count(size_t k, size_t n) { return k * padded_columns(n); }

static void pack(size_t k, size_t n, const void *b, ptrdiff_t row_stride, ptrdiff_t column_stride,
                 void *packed) {
  real *to = packed;
  for (size_t k0 = 0; k0 < k; k0 += DEPTH) {
    size_t depth = least(DEPTH, k - k0);
    for (size_t j = 0; j < n; j += PANEL) {
      const real *from = (const real *)b + (ptrdiff_t)k0 * row_stride + (ptrdiff_t)j * column_stride;
      size_t columns = least(PANEL, n - j), width = panel_width(n - j);
      if (columns < width) memset(to, 0, depth * width * sizeof(real));
      interleave(columns, column_stride, depth, row_stride, from, to, width);
      to += depth * width;
    }
  }
}

// What is multiplied, and where a block of c begins in it.
typedef struct {
  size_t n, k;
  const real *a;
  ptrdiff_t a_row_stride, a_column_stride;
  const real *b;
  unroll_start start;
  const real *bias;
  real *c;
  size_t c_row_stride;
} operands;

// Whether lines that lie so far apart push each other out of the caches.
INLINE bool collides(ptrdiff_t stride) { return stride * (ptrdiff_t)sizeof(real) % 4096 == 0; }

// Whether rows of a are read where they are, one after the other: there are whole panels of columns, and
// the rows are few, or stay in the cache beside each other.
INLINE bool reads_rows(const operands *o, size_t rows) {
  return o->a_column_stride == 1 && o->a_row_stride != 1 && rows > 1 && o->n % PANEL == 0 &&
         (rows <= 4 || !collides(o->a_row_stride));
}

// Whether steps of a are read where they are: its elements of a step lie together, and few panels are
// multiplied with them, or it is one row.
INLINE bool reads_steps(const operands *o, size_t rows) {
  return rows == 1 ||
         (o->a_row_stride == 1 && o->n <= 4 * PANEL && !collides(o->a_column_stride));
}

// A block of b: `columns` columns from `column` on, and `depth` steps of k from `k0` on.
typedef struct {
  size_t column, columns, k0, depth;
} block;

INLINE block block_at(const operands *o, size_t column, size_t end, size_t k0) {
  return (block){column, least(BREADTH, end - column), k0, least(DEPTH, o->k - k0)};
}

INLINE const real *start_of(const operands *o, block b) {
  return o->b + b.k0 * padded_columns(o->n) + b.column * b.depth;
}

// The rows of a block of a, a group, by which tiles multiply a block of b.
typedef struct {
  size_t row, rows, next_rows;
} group;

INLINE const real *start_of_rows(const operands *o, size_t row, size_t k0) {
  return o->a + (ptrdiff_t)row * o->a_row_stride + (ptrdiff_t)k0 * o->a_column_stride;
}

// The rows of a after a group.
INLINE ahead rows_after(const operands *o, group g, size_t k0) {
  const char *next = (const char *)start_of_rows(o, g.row + g.rows, k0);
  const ptrdiff_t size = sizeof(real);
  if (g.next_rows == 0) return (ahead){0};
  if (o->a_column_stride == 1) return (ahead){next, size, o->a_row_stride * size, g.next_rows};
  // The elements of a step begin in one line and may end in another.
  return (ahead){next, o->a_column_stride * size, (ptrdiff_t)(g.next_rows - 1) * size, 2};
}

// What group number `g` of `groups` fetches of a block of b.
INLINE ahead share_of(const operands *o, block b, size_t g, size_t groups) {
  const size_t share = b.columns * b.depth * sizeof(real) / groups;
  const size_t tiles = (b.columns + PANEL - 1) / PANEL;
  const ptrdiff_t step = (ptrdiff_t)(share / tiles / b.depth);
  return (ahead){(const char *)start_of(o, b) + g * share, step, step * (ptrdiff_t)b.depth, tiles};
}

// One group of rows by one block of b.
static void multiply_group(const operands *o, group g, block b, ahead ahead) {
  static const real zeros[2 * MOST_PANELS * LANES];
  real packed[DEPTH * GROUP] __attribute__((aligned(VECTOR_BYTES)));
  tile t = {
    .depth = b.depth,
    .a = start_of_rows(o, g.row, b.k0), .a_row = 1,
    .b = start_of(o, b), .panel_step = PANEL * b.depth,
    .c = o->c + g.row * o->c_row_stride + b.column, .c_stride = o->c_row_stride,
    .ahead = ahead,
  };
  if (reads_rows(o, g.rows)) {
    t.a_row = o->a_row_stride;
  } else if (reads_steps(o, g.rows)) {
    t.a_step = o->a_column_stride;
  } else {
    interleave(g.rows, o->a_row_stride, b.depth, o->a_column_stride, t.a, packed, GROUP);
    t.a = packed;
    t.a_step = GROUP;
  }
  if (b.k0 > 0 || o->start == UNROLL_START_C) {
    t.start = t.c;
    t.start_stride = o->c_row_stride;
    t.start_column_stride = 1;
  } else if (o->start == UNROLL_START_BIAS) {
    t.start = o->bias + b.column;
    t.start_column_stride = 1;
  } else {
    t.start = zeros;
  }
  multiply_across(g.rows, b.columns, t);
}

// All rows by one block of b; `next` comes after it. Groups are of nearly the same height: two of 13 rows
// and 12 rather than of 14 and 11.
static void multiply_block(const operands *o, size_t m, block b, block next) {
  if (m == 0) return;
  const size_t groups = (m + TILE_ROWS - 1) / TILE_ROWS, least_rows = m / groups;
  // Many groups read b so often that it is no matter how long the first time takes.
  const bool is_only = next.column == b.column && next.k0 == b.k0;
  const bool fetches_b = groups < 16 && !is_only && next.depth > 0;
  group g = {0};
  for (size_t i = 0; i < groups; i++) {
    g.rows = least_rows + (i < m % groups);
    g.next_rows = i + 1 < groups ? least_rows : 0;
    multiply_group(o, g, b, fetches_b ? share_of(o, next, i, groups) : rows_after(o, g, b.k0));
    g.row += g.rows;
  }
}

// The columns from `first` on, a multiple of UNROLL_COLUMN_GRAIN.
static void product_columns(size_t m, size_t n, size_t k, size_t first, size_t columns,
                            const void *a, ptrdiff_t a_row_stride, ptrdiff_t a_column_stride,
                            const void *packed_b, unroll_start start, const void *bias, void *c,
                            size_t c_row_stride) {
  const operands o = {
    .n = n, .k = k, .a = a, .a_row_stride = a_row_stride, .a_column_stride = a_column_stride,
    .b = packed_b, .start = start, .bias = bias, .c = c, .c_row_stride = c_row_stride,
  };
  const size_t end = first + columns;
  // Also once for k = 0, when c is what it starts from.
  for (size_t k0 = 0; k0 == 0 || k0 < k; k0 += DEPTH) {
    for (size_t j = first; j < end; j += BREADTH) {
      // After the last block the first: a step of a recurrent layer follows on another.
      const bool more_columns = j + BREADTH < end;
      const size_t next_k0 = more_columns ? k0 : k0 + DEPTH < k ? k0 + DEPTH : 0;
      multiply_block(&o, m, block_at(&o, j, end, k0),
                     block_at(&o, more_columns ? j + BREADTH : first, end, next_k0));
    }
  }
}

static void product(size_t m, size_t n, size_t k, const void *a, ptrdiff_t a_row_stride,
                    ptrdiff_t a_column_stride, const void *packed_b, unroll_start start,
                    const void *bias, void *c, size_t c_row_stride) {
  product_columns(m, n, k, 0, n, a, a_row_stride, a_column_stride, packed_b, start, bias, c,
                  c_row_stride);
}
