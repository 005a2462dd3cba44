// The innermost part of matrix products: a tile of R rows and V vectors of C that stays in registers while it walks
// along k.
#pragma once

// Writes a tile of C, `rows` rows of so many vectors, as a function of what its sums have come to (whole vectors, one
// after the other) and of what stands in another matrix at the same place (null if it takes none); `tail` as below.
// epilogue.h has them.
template <class T> using Epilogue = void (*)(const T *sums, const T *other, T *c, long cRow, int rows, int vectors, long tail);

// One panel of columns under some rows of a product; the pointers stand at its upper left corner.
template <class T> struct Strip {
  long k;
  const T *a;
  long aRow, aColumn;
  const T *b;
  long bRow;
  const T *init;
  long initRow;
  T *c;
  long cRow;
  // Columns in the last vector, 0 if it is full.
  long tail;
  // What will be read next is fetched from `ahead` on, this many bytes farther with each step along k.
  const char *ahead;
  long pace;
  // Null if C is not complete yet, or if it is the sums themselves. The other matrix has its rows as far apart as C.
  Epilogue<T> epilogue;
  const T *other;
};

// Stops clang's loop optimiser, which would derive each row's address from that of the row above: a chain of additions
// as long as the products take.
#define OPAQUE(pointer) asm("" : "+r"(pointer))
// Keeps loads where they are: brought forward, they need more registers than there are. (A WebAssembly engine
// places its loads itself, and is better at it when they come early.)
#if defined(__wasm__)
#define IN_ORDER
#else
#define IN_ORDER asm volatile("" ::: "memory")
#endif

// To where what will be read next is fetched.
enum { SECOND_CACHE = 2 };

// `count` tiles below one another; moves the strip's pointers past them. Every element of C is the sum of its k
// products in their order, then added to its start, in tiles of any size: rows have the same bits in any batch.
template <class T, int R, int V> void tiles(Strip<T> &strip, long count) {
  typedef typename Scalar<T>::Vector Vector;
  const long lanes = Scalar<T>::lanes;
  const long aRow = strip.aRow * (long)sizeof(T), aColumn = strip.aColumn * (long)sizeof(T), bRow = strip.bRow;
  const char *corner = (const char *)strip.a, *ahead = strip.ahead;
  const long pace = strip.pace;
  const T *init = strip.init;
  T *c = strip.c;
  for (; count > 0; count--) {
    Vector sum[R][V];
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int v = 0; v < V; v++) sum[r][v] = Vector{};
    const T *b = strip.b;
    const char *a[(R + 2) / 3];
    UNROLL for (int r = 0; r < R; r += 3) a[r / 3] = corner + r * aRow;
    KEEP_LOOP for (long p = strip.k; p > 0; p--) {
      Vector right[V];
      // Wide tiles wait for multiplications, not for loads; a register more is there only where there are 32 of them.
      if (WIDE_TILES && V >= 3) {
        __builtin_prefetch(ahead, 0, SECOND_CACHE);
        ahead += pace;
      }
      UNROLL for (int r = 0; r < R; r += 3) OPAQUE(a[r / 3]);
      UNROLL for (int v = 0; v < V; v++) right[v] = load(b + v * lanes);
      UNROLL for (int r = 0; r < R; r++) {
        IN_ORDER;
        Vector left = splat(*(const T *)(a[r / 3] + r % 3 * aRow));
        UNROLL for (int v = 0; v < V; v++) sum[r][v] = fma(left, right[v], sum[r][v]);
      }
      UNROLL for (int r = 0; r < R; r += 3) a[r / 3] += aColumn;
      b += bRow;
    }
    // Where C is init, a load would wait for the masked store of the row above, whose full width reaches into this one.
    UNROLL for (int r = 0; r < R; r++) {
      UNROLL for (int v = 0; v < V; v++) sum[r][v] = load(init + v * lanes) + sum[r][v];
      init += strip.initRow;
    }
    if (strip.epilogue) {
      T sums[R * V * Scalar<T>::lanes] __attribute__((aligned(VECTOR_BYTES)));
      UNROLL for (int r = 0; r < R; r++) UNROLL for (int v = 0; v < V; v++) store(sums + (r * V + v) * lanes, sum[r][v]);
      strip.epilogue(sums, strip.other, c, strip.cRow, R, V, strip.tail);
      if (strip.other) strip.other += R * strip.cRow;
      c += R * strip.cRow;
      corner += R * aRow;
      continue;
    }
    UNROLL for (int r = 0; r < R; r++) {
      UNROLL for (int v = 0; v < V; v++) {
        if (v == V - 1 && strip.tail > 0) storePartial<T>(c + v * lanes, sum[r][v], strip.tail);
        else store(c + v * lanes, sum[r][v]);
      }
      c += strip.cRow;
    }
    corner += R * aRow;
  }
  strip.a = (const T *)corner;
  strip.ahead = ahead;
  strip.init = init;
  strip.c = c;
}

// Most rows of a tile of V vectors: sums, V vectors of B and one of A fit in the registers.
#if WIDE_TILES
INLINE int mostRows(int vectors) { return vectors == 4 ? 6 : 8; }
#elif VECTOR_BYTES == 32
INLINE int mostRows(int vectors) { return vectors == 3 ? 4 : vectors == 2 ? 6 : 8; }
#else
INLINE int mostRows(int vectors) { return vectors == 2 ? 4 : 8; }
#endif

template <class T> using Tiles = void (*)(Strip<T> &, long);

// tiles() for so many vectors and rows.
template <class T> INLINE Tiles<T> tilesOf(int vectors, int rows) {
  static const Tiles<T> table[WIDEST_PANEL][8] = {
    {tiles<T, 1, 1>, tiles<T, 2, 1>, tiles<T, 3, 1>, tiles<T, 4, 1>, tiles<T, 5, 1>, tiles<T, 6, 1>, tiles<T, 7, 1>, tiles<T, 8, 1>},
#if WIDE_TILES
    {tiles<T, 1, 2>, tiles<T, 2, 2>, tiles<T, 3, 2>, tiles<T, 4, 2>, tiles<T, 5, 2>, tiles<T, 6, 2>, tiles<T, 7, 2>, tiles<T, 8, 2>},
    {tiles<T, 1, 3>, tiles<T, 2, 3>, tiles<T, 3, 3>, tiles<T, 4, 3>, tiles<T, 5, 3>, tiles<T, 6, 3>, tiles<T, 7, 3>, tiles<T, 8, 3>},
    {tiles<T, 1, 4>, tiles<T, 2, 4>, tiles<T, 3, 4>, tiles<T, 4, 4>, tiles<T, 5, 4>, tiles<T, 6, 4>},
#elif VECTOR_BYTES == 32
    {tiles<T, 1, 2>, tiles<T, 2, 2>, tiles<T, 3, 2>, tiles<T, 4, 2>, tiles<T, 5, 2>, tiles<T, 6, 2>},
    {tiles<T, 1, 3>, tiles<T, 2, 3>, tiles<T, 3, 3>, tiles<T, 4, 3>},
#else
    {tiles<T, 1, 2>, tiles<T, 2, 2>, tiles<T, 3, 2>, tiles<T, 4, 2>},
#endif
  };
  return table[vectors - 1][rows - 1];
}
