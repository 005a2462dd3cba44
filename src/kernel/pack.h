// The order in which matrix products read their right operand B [k, n]: columns are cut into panels of a few whole
// vectors, and each panel holds its rows one after the other, so that a product reads it from end to end.
#pragma once

// Loops over registers are unrolled whole, loops over memory not at all.
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define KEEP_LOOP _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define KEEP_LOOP _Pragma("GCC unroll 1")
#endif

// Widest panel in vectors, as the registers allow (see microkernel.h); WIDE_TILES: there are 32 of them.
#if VECTOR_BYTES == 64 || defined(__aarch64__)
#define WIDE_TILES 1
enum { WIDEST_PANEL = 4 };
#elif VECTOR_BYTES == 32
#define WIDE_TILES 0
enum { WIDEST_PANEL = 3 };
#else
#define WIDE_TILES 0
enum { WIDEST_PANEL = 2 };
#endif

// The panels of n columns: `count` of them, the first `wider` of `width` + 1 vectors, the others of `width`.
struct Panels {
  long count, wider;
  int width;
};

template <class T> INLINE Panels panelsOf(long n) {
  unsigned vectors = (unsigned)((n + Scalar<T>::lanes - 1) / Scalar<T>::lanes);
  unsigned count = (vectors + WIDEST_PANEL - 1) / WIDEST_PANEL;
  if (count <= 1) return {(long)count, 0, (int)vectors};
  return {(long)count, (long)(vectors % count), (int)(vectors / count)};
}

// Scalars that pack() writes for B [k, n].
template <class T> long packedSize(long k, long n) {
  return k * ((n + Scalar<T>::lanes - 1) / Scalar<T>::lanes * Scalar<T>::lanes);
}

// a0 b0 a1 b1 ... from the lower and from the upper halves of a and b.
#define INTERLEAVE_2(from) __builtin_shufflevector(a, b, from, from + 2)
#define INTERLEAVE_4(from) __builtin_shufflevector(a, b, from, from + 4, from + 1, from + 5)
#define INTERLEAVE_8(from) __builtin_shufflevector(a, b, from, from + 8, from + 1, from + 9, from + 2, from + 10, from + 3, from + 11)
#define INTERLEAVE_16(from) __builtin_shufflevector(a, b, from, from + 16, from + 1, from + 17, from + 2, from + 18, from + 3, from + 19, \
  from + 4, from + 20, from + 5, from + 21, from + 6, from + 22, from + 7, from + 23)
#if VECTOR_BYTES == 64
INLINE f32v interleaveLower(f32v a, f32v b) { return INTERLEAVE_16(0); }
INLINE f32v interleaveUpper(f32v a, f32v b) { return INTERLEAVE_16(8); }
INLINE f64v interleaveLower(f64v a, f64v b) { return INTERLEAVE_8(0); }
INLINE f64v interleaveUpper(f64v a, f64v b) { return INTERLEAVE_8(4); }
#elif VECTOR_BYTES == 32
INLINE f32v interleaveLower(f32v a, f32v b) { return INTERLEAVE_8(0); }
INLINE f32v interleaveUpper(f32v a, f32v b) { return INTERLEAVE_8(4); }
INLINE f64v interleaveLower(f64v a, f64v b) { return INTERLEAVE_4(0); }
INLINE f64v interleaveUpper(f64v a, f64v b) { return INTERLEAVE_4(2); }
#else
INLINE f32v interleaveLower(f32v a, f32v b) { return INTERLEAVE_4(0); }
INLINE f32v interleaveUpper(f32v a, f32v b) { return INTERLEAVE_4(2); }
INLINE f64v interleaveLower(f64v a, f64v b) { return INTERLEAVE_2(0); }
INLINE f64v interleaveUpper(f64v a, f64v b) { return INTERLEAVE_2(1); }
#endif

// As many vectors as a vector has lanes, transposed: interleaving each with the one half a block further is
// a perfect shuffle of all their scalars, and log2(lanes) of these exchange rows and columns.
template <class T> INLINE void transpose(typename Scalar<T>::Vector *rows) {
  const int lanes = Scalar<T>::lanes;
  UNROLL for (int step = 1; step < lanes; step *= 2) {
    typename Scalar<T>::Vector shuffled[lanes];
    UNROLL for (int i = 0; i < lanes / 2; i++) {
      shuffled[2 * i] = interleaveLower(rows[i], rows[i + lanes / 2]);
      shuffled[2 * i + 1] = interleaveUpper(rows[i], rows[i + lanes / 2]);
    }
    UNROLL for (int i = 0; i < lanes; i++) rows[i] = shuffled[i];
  }
}

// A panel of `columns` columns, `given` of which are B's; the others become 0. B's rows are contiguous.
template <class T> INLINE void packRows(const T *b, long bRow, long k, long given, T *packed, long columns) {
  const long lanes = Scalar<T>::lanes, whole = given / lanes * lanes;
  for (long p = 0; p < k; p++) {
    for (long j = 0; j < whole; j += lanes) store(packed + j, load(b + j));
    if (whole < given) store(packed + whole, firstLanes<T>(load(b + whole), given - whole, typename Scalar<T>::Vector{}));
    b += bRow;
    packed += columns;
  }
}

// The same where B's columns are contiguous.
template <class T> INLINE void packColumns(const T *b, long bColumn, long k, long given, T *packed, long columns) {
  const int lanes = Scalar<T>::lanes;
  for (long column = 0; column < columns; column += lanes) {
    for (long p = 0; p < k; p += lanes) {
      typename Scalar<T>::Vector block[lanes];
      UNROLL for (int j = 0; j < lanes; j++) {
        if (column + j < given) block[j] = load(b + (column + j) * bColumn + p);
        else block[j] = typename Scalar<T>::Vector{};
      }
      transpose<T>(block);
      UNROLL for (int i = 0; i < lanes; i++) if (p + i < k) store(packed + (p + i) * columns + column, block[i]);
    }
  }
}

// Writes the panels of B [k, n], B(p, j) = b[p*bRow + j*bColumn], one of the two strides being 1; what fills up the
// last vector is 0. (Not inlined: where clang sees that the operands do not overlap, it copies each row by a call.)
template <class T> __attribute__((noinline)) void pack(const T *b, long bRow, long bColumn, long k, long n, T *packed) {
  const Panels panels = panelsOf<T>(n);
  long from = 0;
  for (long panel = 0; panel < panels.count; panel++) {
    const long columns = (panels.width + (panel < panels.wider)) * (long)Scalar<T>::lanes;
    const long given = n - from < columns ? n - from : columns;
    if (bColumn == 1) packRows<T>(b + from, bRow, k, given, packed, columns);
    else packColumns<T>(b + from * bColumn, bColumn, k, given, packed, columns);
    packed += k * columns;
    from += columns;
  }
}
