// A tile of c, TILE_ROWS rows by one panel of columns, in vector registers while k passes.

#define PANEL (2 * LANES)
#define DEPTH UNROLL_PACK_ROWS
// The elements of a that one step of k reads, padded so that whole vectors can be stored.
#define GROUP ((TILE_ROWS + LANES - 1) / LANES * LANES)
// One row has too few accumulators to hide the latency of a multiply-add, so it takes panels
// beside each other.
#define MOST_PANELS 4

// What later tiles will read and no tile has read yet. While a tile is computed it is fetched into the
// second-level cache, a line for each step of k: at once, the fetches would wait for each other.
typedef struct {
  const char *from;  // what the next tile fetches first
  ptrdiff_t step;    // bytes from a fetch to the next
  ptrdiff_t tile;    // bytes from what a tile fetches to what the next one does
  size_t tiles;      // how many tiles are left that fetch
} ahead;

// The fewest rows in a tile that has time for it.
#define AHEAD_ROWS 5

typedef struct {
  size_t depth;       // steps of k
  const real *a;      // element r of step p at a[p * a_step + r * a_row]; one of the two is 1
  ptrdiff_t a_step, a_row;
  const real *b;      // the first panel
  size_t panel_step;  // from one panel to the next
  const real *start;  // what the chains begin with; a stride of 0 repeats it
  size_t start_stride, start_column_stride;
  real *c;
  size_t c_stride;
  ahead ahead;
} tile;

// One tile. Inlined with constant `rows` and `vectors`, so that the accumulators are registers, and with
// a constant `in_place`: whether a is read where it is, row after row, or packed, step after step.
INLINE void multiply(const size_t rows, const size_t vectors, const bool in_place, const tile *of) {
  const tile t = *of;
  const ptrdiff_t a_row = in_place ? t.a_row : 1, a_step = in_place ? 1 : t.a_step;
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
  const char *fetched = t.ahead.from;
  for (size_t left = t.depth; left > 0; left--, a += a_step, b += width) {
    if (rows >= AHEAD_ROWS) {
      __builtin_prefetch(fetched, 0, 2);
      fetched += t.ahead.step;
    }
    vec columns[2 * MOST_PANELS];
    UNROLLED
    for (size_t v = 0; v < vectors; v++) {
      columns[v] = load(b + v / 2 * t.panel_step + v % 2 * LANES);
    }
    UNROLLED
    for (size_t r = 0; r < rows; r++) {
      vec element = splat(a[(ptrdiff_t)r * a_row]);
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
#define TILE(r, v, in_place) \
  case r: \
    if (r <= TILE_ROWS && (v <= 2 || v <= 2 * panels_at_once(r))) \
      multiply(r <= TILE_ROWS ? r : TILE_ROWS, v, in_place, t); \
    break;
#define TILES_OF_FEW_ROWS(v, in_place) \
  TILE(1, v, in_place) TILE(2, v, in_place) TILE(3, v, in_place) TILE(4, v, in_place)
#define TILES_OF_MANY_ROWS(v, in_place) \
  TILE(5, v, in_place) TILE(6, v, in_place) TILE(7, v, in_place) TILE(8, v, in_place) \
  TILE(9, v, in_place) TILE(10, v, in_place) TILE(11, v, in_place) TILE(12, v, in_place) \
  TILE(13, v, in_place) TILE(14, v, in_place)

static void multiply_1(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(1, false) TILES_OF_MANY_ROWS(1, false) }
}

static void multiply_2(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(2, false) TILES_OF_MANY_ROWS(2, false) }
}

static void multiply_2_in_place(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(2, true) TILES_OF_MANY_ROWS(2, true) }
}

static void multiply_4(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(4, false) }
}

static void multiply_4_in_place(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(4, true) }
}

static void multiply_8(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(8, false) }
}

static void multiply_8_in_place(size_t rows, const tile *t) {
  switch (rows) { TILES_OF_FEW_ROWS(8, true) }
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
//
// With a in place, whole panels.
static void multiply_across(size_t rows, size_t columns, tile t) {
  const size_t most = panels_at_once(rows);
  const bool in_place = t.a_row != 1;
  while (columns > 0) {
    if (t.ahead.tiles == 0) t.ahead = (ahead){.from = (const char *)t.b};
    size_t panels = most;
    while (panels > 1 && panels * PANEL > columns) panels /= 2;
    size_t done = least(panels * PANEL, columns);
    if (done % LANES != 0) {
      multiply_edge(rows, done, &t);
    } else if (done == LANES) {
      multiply_1(rows, &t);
    } else if (panels == 1) {
      (in_place ? multiply_2_in_place : multiply_2)(rows, &t);
    } else if (panels == 2) {
      (in_place ? multiply_4_in_place : multiply_4)(rows, &t);
    } else {
      (in_place ? multiply_8_in_place : multiply_8)(rows, &t);
    }
    columns -= done;
    t.b += panels * t.panel_step;
    t.c += done;
    t.start += done * t.start_column_stride;
    if (t.ahead.tiles > 0) {
      t.ahead.from += t.ahead.tile;
      t.ahead.tiles--;
    }
  }
}

