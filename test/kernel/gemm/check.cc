// Matrix products against plain loops in double precision, over random shapes and layouts.
//   check [cases [seed]]   prints the failures and ends with 1 if there are any
#include "kernel.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace kernel;

static uint64_t state = 1;
static uint32_t random32() {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return (uint32_t)(state >> 33);
}
static long below(long n) { return (long)(random32() % (uint32_t)n); }
static double uniform() { return (double)random32() / (1u << 30) - 1; }

// Half the distance from 1 to the next number: the largest relative error of one rounding.
template <class T> static double roundoff() { return sizeof(T) == 4 ? 0x1p-24 : 0x1p-53; }

// Sizes at the edges of tiles, vectors, panels and chunks.
static long size(long most) {
  static const long edges[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 255, 256, 257, 300, 511, 513};
  long n = below(3) ? below(41) : edges[below(sizeof edges / sizeof *edges)];
  return n < most ? n : most;
}

// Exactly what an operand may use: its scalars, and one vector behind them that may be read.
template <class T> struct Operand {
  long length;
  T *at;
  explicit Operand(long length_) : length(length_), at((T *)malloc(length * sizeof(T) + VECTOR_BYTES)) {
    fill((T)NAN);
  }
  Operand(const Operand &) = delete;
  ~Operand() { free(at); }
  void fill(T value) { for (long i = 0; i < length + VECTOR_BYTES / (long)sizeof(T); i++) at[i] = value; }
};

static int failures = 0;
template <class T> static void fail(const char *what, const Product<T> &x, long i, long j, double found, double expected) {
  if (++failures > 20) return;
  printf("%s (%d bytes): m %ld n %ld k %ld start %d packed %d aRow %ld aColumn %ld: C(%ld, %ld) is %.17g, expected %.17g\n", what,
    (int)sizeof(T), x.m, x.n, x.k, x.start, (int)x.packed, x.aRow, x.aColumn, i, j, found, expected);
}

template <class T> static void checkOne(bool large) {
  long m = large ? 1 + below(700) : size(600), n = large ? 1 + below(300) : size(600), k = large ? 1 + below(1500) : size(600);
  // Large in two of the three, for the time it takes.
  long *const side = below(2) ? &n : below(2) ? &m : &k;
  while (m * n * k > 2000000) *side = (*side + 1) / 2;
  const bool transposedA = below(2), packed = below(2), transposedB = packed && below(2), inPlace = below(2);
  const T guard = (T)12345;

  Product<T> x{};
  x.m = m, x.n = n, x.k = k;
  const long aLine = (transposedA ? m : k) + below(2) * below(9), aLines = transposedA ? k : m;
  Operand<T> a(aLines ? (aLines - 1) * aLine + (transposedA ? m : k) : 0);
  x.a = a.at, x.aRow = transposedA ? 1 : aLine, x.aColumn = transposedA ? aLine : 1;
  for (long i = 0; i < m; i++) for (long p = 0; p < k; p++) a.at[i * x.aRow + p * x.aColumn] = (T)uniform();

  const long bLine = (transposedB ? k : n) + below(2) * below(9), bLines = transposedB ? n : k;
  Operand<T> b(bLines ? (bLines - 1) * bLine + (transposedB ? k : n) : 0);
  const long bRow = transposedB ? 1 : bLine, bColumn = transposedB ? bLine : 1;
  for (long p = 0; p < k; p++) for (long j = 0; j < n; j++) b.at[p * bRow + j * bColumn] = (T)uniform();
  Operand<T> panels(packedSize<T>(k, n));
  if (packed) {
    pack(b.at, bRow, bColumn, k, n, panels.at);
    for (long i = 0; i < panels.length; i++) if (panels.at[i] != panels.at[i]) fail("pack left a gap", x, 0, i, panels.at[i], 0);
    for (long i = panels.length; i < panels.length + VECTOR_BYTES / (long)sizeof(T); i++) if (panels.at[i] == panels.at[i]) fail("pack wrote past its end", x, 0, i, panels.at[i], 0);
  }
  x.b = packed ? panels.at : b.at, x.bRow = packed ? -1 : bRow, x.packed = packed;

  // What is fetched for later changes nothing, and may end anywhere.
  if (below(2)) x.ahead = b.at, x.aheadBytes = below(3) ? below(100000) : 1;

  x.start = (int)below(3);
  Operand<T> c(m * n);
  c.fill(guard);
  x.c = c.at;
  const long initRow = inPlace ? n : n + below(3);
  Operand<T> init(x.start == START_VECTOR ? n : x.start == START_MATRIX && !inPlace && m ? (m - 1) * initRow + n : 0);
  Operand<double> sums(m * n), magnitudes(m * n);
  sums.fill(0), magnitudes.fill(0);
  double *expected = sums.at, *scale = magnitudes.at;
  if (x.start == START_VECTOR) {
    for (long j = 0; j < n; j++) init.at[j] = (T)uniform();
    x.init = init.at;
    for (long i = 0; i < m; i++) for (long j = 0; j < n; j++) expected[i * n + j] = init.at[j];
  } else if (x.start == START_MATRIX) {
    T *from = inPlace ? c.at : init.at;
    for (long i = 0; i < m; i++) for (long j = 0; j < n; j++) expected[i * n + j] = from[i * initRow + j] = (T)uniform();
    x.init = from, x.initRow = initRow;
  }
  for (long i = 0; i < m * n; i++) scale[i] = fabs(expected[i]);
  for (long i = 0; i < m; i++)
    for (long p = 0; p < k; p++) {
      const double left = a.at[i * x.aRow + p * x.aColumn];
      for (long j = 0; j < n; j++) {
        const double term = left * b.at[p * bRow + j * bColumn];
        expected[i * n + j] += term, scale[i * n + j] += fabs(term);
      }
    }
  // One row again in a batch of its own, from the same start: before C changes, as C may be the start.
  const long row = m ? below(m) : 0;
  const long single = m ? 1 + below(m - row < 9 ? m - row : 9) : 0;
  Operand<T> again(single * n);
  if (m) {
    Product<T> y = x;
    y.m = single, y.a = x.a + row * x.aRow, y.c = again.at;
    if (y.start == START_MATRIX) y.init = x.init + row * x.initRow;
    multiply(y);
  }

  multiply(x);

  // A sum of k products and a start, in any order, is within k + 1 roundings of the sum of magnitudes (Higham,
  // Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), without fused products k more; the reference,
  // in double precision, has an error of its own.
  const double unit = roundoff<T>() + roundoff<double>();
  for (long i = 0; i < m; i++)
    for (long j = 0; j < n; j++) {
      const double found = c.at[i * n + j];
      if (!(fabs(found - expected[i * n + j]) <= (double)(2 * k + 2) * unit * scale[i * n + j])) fail("wrong", x, i, j, found, expected[i * n + j]);
    }
  for (long i = 0; i < single; i++)
    for (long j = 0; j < n; j++)
      if (memcmp(again.at + i * n + j, c.at + (row + i) * n + j, sizeof(T))) fail("other bits in another batch", x, row + i, j, again.at[i * n + j], c.at[(row + i) * n + j]);
  for (long j = 0; j < VECTOR_BYTES / (long)sizeof(T); j++)
    if (c.at[c.length + j] != guard) fail("wrote behind C", x, m, j, c.at[c.length + j], guard);
}

// Partial sums keep the error of long sums from growing with k: summed in one walk, equal terms in single precision
// are wrong by some 2e-5, as additions of a small term to a large sum round alike many times in a row.
template <class T> static void checkLong() {
  const long k = 15000;
  Operand<T> a(k), b(k), c(1);
  for (long p = 0; p < k; p++) a.at[p] = (T)0.1, b.at[p] = (T)0.3;
  Product<T> x{};
  x.m = x.n = 1, x.k = k, x.a = a.at, x.aRow = 1, x.aColumn = 1, x.b = b.at, x.bRow = 1, x.c = c.at;
  multiply(x);
  const double expected = (double)k * (double)(T)0.1 * (double)(T)0.3, unit = roundoff<T>();
  // However k is cut in parts of 64 to 256, terms of a part and parts are at most 320; in one walk: 15 000 roundings.
  if (!(fabs(c.at[0] - expected) <= 420 * unit * expected)) fail("inaccurate", x, 0, 0, c.at[0], expected);
}

int main(int count, char **words) {
  const long cases = count > 1 ? atol(words[1]) : 3000;
  if (count > 2) state = (uint64_t)atol(words[2]);
  for (long i = 0; i < cases; i++) {
    const bool large = i % 100 == 99;
    checkOne<float>(large);
    checkOne<double>(large);
  }
  checkLong<float>();
  checkLong<double>();
  printf("%ld products of each type, %d failures\n", cases, failures);
  return failures > 0;
}
