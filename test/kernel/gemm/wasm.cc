// Products for Node; operands lie in the memory that begins at `start()`.
#include "kernel.h"

using namespace kernel;

#define EXPORT extern "C" __attribute__((visibility("default")))

static char bytes[48 << 20] __attribute__((aligned(64)));

EXPORT void *start() { return bytes; }

template <class T> static void run(long m, long n, long k, const T *a, long aRow, long aColumn, const T *b, long bRow, int packed, int start,
  const T *init, long initRow, T *c, long times) {
  const Product<T> product = {m, n, k, a, aRow, aColumn, b, bRow, packed != 0, start, init, initRow, c, nullptr, 0, nullptr, nullptr};
  for (; times > 0; times--) multiply(product);
}

// Sums in as many registers as 16 lanes of two operands leave: the most this engine multiplies and adds.
template <class T> static double sweep(T *at, long steps) {
  typedef typename Scalar<T>::Vector Vector;
  enum { SUMS = 12 };
  Vector sum[SUMS], a = load(at), b = load(at + Scalar<T>::lanes);
  UNROLL for (int i = 0; i < SUMS; i++) sum[i] = b * splat((T)(i + 1));
  KEEP_LOOP for (long p = 0; p < steps; p++) UNROLL for (int i = 0; i < SUMS; i++) sum[i] = fma(a, sum[i], b);
  UNROLL for (int i = 1; i < SUMS; i++) sum[0] += sum[i];
  store(at, sum[0]);
  return 2.0 * SUMS * Scalar<T>::lanes * (double)steps;
}

#define EXPORTS(name, T) \
  EXPORT void multiply##name(long m, long n, long k, const T *a, long aRow, long aColumn, const T *b, long bRow, int packed, int start, \
    const T *init, long initRow, T *c, long times) { \
    run(m, n, k, a, aRow, aColumn, b, bRow, packed, start, init, initRow, c, times); \
  } \
  EXPORT void pack##name(const T *b, long bRow, long bColumn, long k, long n, T *packed) { pack(b, bRow, bColumn, k, n, packed); } \
  EXPORT double peak##name(T *at, long steps) { return sweep(at, steps); }

EXPORTS(32, float)
EXPORTS(64, double)
