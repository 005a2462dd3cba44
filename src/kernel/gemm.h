// Matrix products C = init + A B.
#pragma once
#include "pack.h"
#include "microkernel.h"

// Nothing, the same vector in every row, a matrix.
enum Start { START_ZERO = 0, START_VECTOR = 1, START_MATRIX = 2 };

// C [m, n] = init + A [m, k] B [k, n], and then its epilogue, if there is one. Any of m, n and k may be 0. C is
// contiguous; it may be the very matrix init, and overlaps nothing else. Operands are read in whole vectors,
// past their end too.
template <class T> struct Product {
  long m, n, k;
  // A(i, p) = a[i*aRow + p*aColumn]; one of the two is 1.
  const T *a;
  long aRow, aColumn;
  // packed: as pack() writes it; else B(p, j) = b[p*bRow + j].
  const T *b;
  long bRow;
  bool packed;
  // START_ZERO: nothing; START_VECTOR: init[j] in every row; START_MATRIX: init[i*initRow + j].
  int start;
  const T *init;
  long initRow;
  T *c;
  // Bytes that will be read after this, to be fetched meanwhile; 0 if nothing is known of it.
  const void *ahead;
  long aheadBytes;
  // Null if there is none. `other`, its second operand, is laid out as C; null if it takes none.
  Epilogue<T> epilogue;
  const T *other;
};

// Longest walks along k at once: longer ones are cut and their partial sums are added, for accuracy, and for the
// panel of B to stay in the first cache. Rows of what is not packed lie apart and use the cache worse.
#if VECTOR_BYTES == 64
enum { CHUNK_PACKED = 128, CHUNK = 64 };
#else
enum { CHUNK_PACKED = 256, CHUNK = 96 };
#endif
// Bytes of A that all panels of B pass over before the next ones: less than the second cache.
enum { BLOCK_OF_A = 128 * 1024 };

// The rows of a strip in tiles as equal in size as can be.
template <class T> INLINE void strips(Strip<T> &strip, int vectors, long rows) {
  unsigned most = (unsigned)mostRows(vectors), count = ((unsigned)rows + most - 1) / most;
  unsigned least = (unsigned)rows / count, larger = (unsigned)rows % count;
  if (larger) tilesOf<T>(vectors, (int)least + 1)(strip, (long)larger);
  tilesOf<T>(vectors, (int)least)(strip, (long)(count - larger));
}

template <class T> void multiply(const Product<T> &product) {
  static const T zeros[WIDEST_PANEL * Scalar<T>::lanes] = {};
  const long m = product.m, n = product.n, k = product.k, lanes = Scalar<T>::lanes;
  if (m <= 0 || n <= 0) return;
  const Panels panels = panelsOf<T>(n);
  const long tail = n % lanes;
  const long longest = product.packed ? CHUNK_PACKED : CHUNK;
  const long chunks = (k + longest - 1) / longest, depth = chunks > 1 ? (k + chunks - 1) / chunks : k;
  const long height = depth > 0 ? BLOCK_OF_A / (depth * (long)sizeof(T)) : m;
  // About as many as there are steps along k.
  const long turns = panels.count * (m / mostRows(WIDEST_PANEL) + 1) * k;
  const long pace = product.aheadBytes > 0 && turns > 0 ? (product.aheadBytes + turns - 1) / turns : 0;
  const char *ahead = (const char *)(pace > 0 ? product.ahead : product.a);
  long from = 0;
  do {
    const long chunk = k - from < depth ? k - from : depth;
    const bool first = from == 0;
    for (long top = 0; top < m; top += height) {
      const long rows = m - top < height ? m - top : height;
      long vector = 0;
      for (long panel = 0; panel < panels.count; panel++) {
        const int width = panels.width + (panel < panels.wider);
        const long column = vector * lanes;
        Strip<T> strip;
        strip.k = chunk;
        strip.ahead = ahead;
        strip.pace = pace;
        strip.epilogue = from + chunk >= k ? product.epilogue : nullptr;
        strip.other = product.other ? product.other + top * n + column : nullptr;
        strip.a = product.a + top * product.aRow + from * product.aColumn;
        strip.aRow = product.aRow;
        strip.aColumn = product.aColumn;
        strip.b = product.packed ? product.b + column * k + from * width * lanes : product.b + from * product.bRow + column;
        strip.bRow = product.packed ? width * lanes : product.bRow;
        strip.c = product.c + top * n + column;
        strip.cRow = n;
        if (!first) {
          strip.init = strip.c;
          strip.initRow = strip.cRow;
        } else if (product.start == START_MATRIX) {
          strip.init = product.init + top * product.initRow + column;
          strip.initRow = product.initRow;
        } else {
          strip.init = product.start == START_VECTOR ? product.init + column : zeros;
          strip.initRow = 0;
        }
        vector += width;
        strip.tail = panel == panels.count - 1 ? tail : 0;
        strips(strip, width, rows);
        ahead = strip.ahead;
      }
    }
    from += chunk;
  } while (from < k);
}
