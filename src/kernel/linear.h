// Systems of linear equations, each by itself: LU factors with partial pivoting, and what they solve.
#pragma once

// to -= times * from.
template <class T> INLINE void subtract(T *to, const T *from, T times, long count) {
  enum { L = Scalar<T>::lanes };
  long i = 0;
  if (count >= L) {
    const typename Scalar<T>::Vector minus = splat(-times);
    for (; i + L <= count; i += L) store(to + i, fma(minus, load(from + i), load(to + i)));
  }
  for (; i < count; i++) to[i] -= times * from[i];
}

// Of a matrix A [n, n]: P A = L U, column after column, L's multipliers below the diagonal, U above and on it; then n numbers:
// step k of the elimination exchanged row k for that one. A column that has only zeros left is divided by 0, from which every
// number of a solution becomes infinite or NaN.
template <class T> INLINE void factor(const T *from, T *to, long n) {
  T *exchanged = to + n * n;
  for (long i = 0; i < n; i++)
    for (long j = 0; j < n; j++) to[j * n + i] = from[i * n + j];
  for (long k = 0; k < n; k++) {
    T *column = to + k * n;
    long pivot = k;
    T largest = column[k] < 0 ? -column[k] : column[k];
    for (long i = k + 1; i < n; i++) {
      const T size = column[i] < 0 ? -column[i] : column[i];
      if (size > largest) { largest = size; pivot = i; }
    }
    exchanged[k] = (T)pivot;
    // In small systems a branch that cannot be foreseen costs more than what it spares.
    if (n <= 4 || pivot != k) {
      for (long j = 0; j < n; j++) {
        const T other = to[j * n + k];
        to[j * n + k] = to[j * n + pivot];
        to[j * n + pivot] = other;
      }
    }
    const T divisor = column[k];
    for (long i = k + 1; i < n; i++) column[i] /= divisor;
    for (long j = k + 1; j < n; j++) subtract(to + j * n + k + 1, column + k + 1, to[j * n + k], n - k - 1);
  }
}

// Exchanges x[k] for the one that the factors name; a number that is none, of factors that were not made by lu, gives NaN.
template <class T> INLINE void exchange(T *x, const T *exchanged, long k, long n) {
  const long other = rowNumber(exchanged[k], n);
  const T value = x[k];
  if (other < 0) { x[k] = (T)__builtin_nan(""); return; }
  x[k] = x[other];
  x[other] = value;
}

// x: b, then the solution of A x = b.
template <class T> INLINE void substitute(const T *factors, T *x, long n) {
  const T *exchanged = factors + n * n;
  for (long k = 0; k < n; k++) exchange(x, exchanged, k, n);
  for (long k = 0; k < n; k++) {
    const T *column = factors + k * n;
    const T value = x[k];
    subtract(x + k + 1, column + k + 1, value, n - k - 1);
  }
  for (long k = n - 1; k >= 0; k--) {
    const T *column = factors + k * n;
    const T value = x[k] / column[k];
    x[k] = value;
    subtract(x, column, value, k);
  }
}

// Σ a[i] b[i] in four sums, so that one addition need not wait for the one before.
template <class T> INLINE T dot(const T *a, const T *b, long n) {
  T sum[4] = {0, 0, 0, 0};
  long i = 0;
  for (; i + 4 <= n; i += 4)
    for (long j = 0; j < 4; j++) sum[j] += a[i + j] * b[i + j];
  for (; i < n; i++) sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// x: b, then the solution of A^T x = b.
template <class T> INLINE void substituteTransposed(const T *factors, T *x, long n) {
  const T *exchanged = factors + n * n;
  for (long k = 0; k < n; k++) {
    const T *column = factors + k * n;
    x[k] = (x[k] - dot(column, x, k)) / column[k];
  }
  for (long k = n - 1; k >= 0; k--) x[k] -= dot(factors + k * n + k + 1, x + k + 1, n - k - 1);
  for (long k = n - 1; k >= 0; k--) exchange(x, exchanged, k, n);
}

template <class T> INLINE void factorEach(const T *from, T *to, long count, long n) {
  for (long i = 0; i < count; i++) factor(from + i * n * n, to + i * (n + 1) * n, n);
}

template <class T> INLINE void solveEach(const T *factors, const T *from, T *to, long count, long n, bool transposed) {
  for (long i = 0; i < count; i++) {
    T *x = to + i * n;
    for (long k = 0; k < n; k++) x[k] = from[i * n + k];
    if (transposed) substituteTransposed(factors + i * (n + 1) * n, x, n);
    else substitute(factors + i * (n + 1) * n, x, n);
  }
}

// Small systems with their loops unrolled; the operations, and so the bits, are the same.
template <class T> static void lu(const LuWords &word, const Frame &frame) {
  const T *from = frame.at<T>(word.from);
  T *to = frame.at<T>(word.to);
  const long count = frame.dimension(word.count);
  switch (word.n) {
    case 2: return factorEach(from, to, count, 2);
    case 3: return factorEach(from, to, count, 3);
    case 4: return factorEach(from, to, count, 4);
    default: return factorEach(from, to, count, word.n);
  }
}

template <class T> static void luSolve(const LuSolveWords &word, const Frame &frame) {
  const T *factors = frame.at<T>(word.factors), *from = frame.at<T>(word.from);
  T *to = frame.at<T>(word.to);
  const long count = frame.dimension(word.count);
  const bool transposed = word.transposed != 0;
  switch (word.n) {
    case 2: return solveEach(factors, from, to, count, 2, transposed);
    case 3: return solveEach(factors, from, to, count, 3, transposed);
    case 4: return solveEach(factors, from, to, count, 4, transposed);
    default: return solveEach(factors, from, to, count, word.n, transposed);
  }
}
