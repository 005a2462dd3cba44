// The order in which matrix products read their right operand B [k, n]: columns are cut into panels of a few whole
// vectors, and each panel holds its rows one after the other, so that a product reads it from end to end.
#pragma once

// Widest panel in vectors, as the registers allow (see microkernel.h); WIDE_TILES: there are 32 of them.
#if VECTOR_BYTES == 64 || defined(__aarch64__)
#define WIDE_TILES 1
enum { WIDEST_PANEL = 4 };
#elif VECTOR_BYTES == 32
enum { WIDEST_PANEL = 3 };
#else
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

// Writes the panels of B [k, n], B(p, j) = b[p*bRow + j*bColumn]; what fills up the last vector is 0.
template <class T> void pack(const T *b, long bRow, long bColumn, long k, long n, T *packed) {
  const Panels panels = panelsOf<T>(n);
  long from = 0;
  for (long panel = 0; panel < panels.count; panel++) {
    long columns = (panels.width + (panel < panels.wider)) * (long)Scalar<T>::lanes;
    long given = n - from < columns ? n - from : columns;
    for (long p = 0; p < k; p++) {
      for (long j = 0; j < given; j++) packed[j] = b[p * bRow + (from + j) * bColumn];
      for (long j = given; j < columns; j++) packed[j] = 0;
      packed += columns;
    }
    from += columns;
  }
}
