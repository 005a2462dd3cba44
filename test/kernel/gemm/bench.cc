// GFLOP/s of matrix products, and their percentage of the fastest this core multiplies and adds, measured in turns.
//   bench [rounds]
#include "kernel.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

using namespace kernel;

// Of this thread: the time that other processes take from it does not count.
static double seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// Sums in enough registers to keep every unit busy. Returns the operations done.
template <class T> __attribute__((noinline)) double peak(T *at, long steps) {
  typedef typename Scalar<T>::Vector Vector;
  enum { SUMS = 12 };
  Vector sum[SUMS], a = load(at), b = load(at + Scalar<T>::lanes);
  UNROLL for (int i = 0; i < SUMS; i++) sum[i] = b;
  KEEP_LOOP for (long p = 0; p < steps; p++) {
    UNROLL for (int i = 0; i < SUMS; i++) {
      sum[i] = fma(a, sum[i], b);
#if defined(__x86_64__)
      asm volatile("" : "+x"(sum[i]));
#elif defined(__aarch64__)
      asm volatile("" : "+w"(sum[i]));
#endif
    }
  }
  UNROLL for (int i = 1; i < SUMS; i++) sum[0] += sum[i];
  store(at, sum[0]);
  return 2.0 * SUMS * Scalar<T>::lanes * (double)steps;
}

struct Shape {
  const char *name;
  long m, k, n;
  // A transposed and B as it is, added to C; else A as it is, B packed, a bias.
  bool gradient;
};
static const Shape shapes[] = {
  {"layer", 50, 100, 100, false}, {"layer in", 50, 10, 100, false}, {"layer out", 50, 100, 10, false},
  {"gradient", 100, 50, 100, true}, {"gradient in", 10, 50, 100, true}, {"gradient out", 100, 50, 10, true},
  {"gradient long", 100, 15000, 100, true}, {"gradient mid", 100, 1000, 100, true}, {"gradient 150", 100, 150, 100, true}, {"small in", 32, 4, 32, false}, {"small out", 32, 32, 4, false}, {"small gradient", 32, 32, 4, true},
  {"GRU", 50, 141, 300, false}, {"rows", 15000, 40, 40, false}, {"one row", 1, 100, 100, false}, {"large", 256, 256, 256, false}, {"larger", 512, 512, 512, false},
};

template <class T> static void measure(int rounds, const char *type) {
  enum { COUNT = sizeof shapes / sizeof *shapes };
  double best[COUNT], bestPeak = 1e9;
  const long size = 15000 * 100 + 64;
  T *a = (T *)malloc(size * sizeof(T)), *b = (T *)malloc(size * sizeof(T)), *c = (T *)malloc(size * sizeof(T)), *packed = (T *)malloc(size * sizeof(T));
  T start[1024];
  for (long i = 0; i < size; i++) a[i] = (T)1e-3 * (T)(i % 7), b[i] = (T)1e-3 * (T)(i % 5), c[i] = 0;
  for (int i = 0; i < 1024; i++) start[i] = (T)0.5;
  for (int s = 0; s < COUNT; s++) best[s] = 1e9;
  for (int round = 0; round < rounds; round++) {
    for (int s = 0; s < COUNT; s++) {
      const Shape &shape = shapes[s];
      Product<T> x{};
      x.m = shape.m, x.n = shape.n, x.k = shape.k;
      x.a = a, x.aRow = shape.gradient ? 1 : shape.k, x.aColumn = shape.gradient ? shape.m : 1;
      x.c = c;
      if (shape.gradient) {
        x.b = b, x.bRow = shape.n, x.start = START_MATRIX, x.init = c, x.initRow = shape.n;
      } else {
        pack(b, shape.n, 1, shape.k, shape.n, packed);
        x.b = packed, x.packed = true, x.start = START_VECTOR, x.init = start;
      }
      const double operations = 2.0 * (double)shape.m * (double)shape.n * (double)shape.k;
      const int calls = 1 + (int)(4e6 / operations);
      multiply(x);
      const double before = seconds();
      for (int call = 0; call < calls; call++) multiply(x);
      const double each = (seconds() - before) / calls;
      if (each < best[s]) best[s] = each;
      T at[2 * Scalar<T>::lanes];
      for (int i = 0; i < 2 * Scalar<T>::lanes; i++) at[i] = (T)0.5;
      const double start = seconds(), done = peak(at, 20000), took = (seconds() - start) / done;
      if (took < bestPeak) bestPeak = took;
    }
  }
  printf("%s, peak %.1f GFLOP/s\n", type, 1e-9 / bestPeak);
  for (int s = 0; s < COUNT; s++) {
    const Shape &shape = shapes[s];
    const double each = best[s] / (2.0 * (double)shape.m * (double)shape.n * (double)shape.k);
    printf("  %-15s %5ld x %5ld x %3ld %10.3f us %7.1f GFLOP/s %4.0f %%\n", shape.name, shape.m, shape.k, shape.n, 1e6 * best[s], 1e-9 / each, 100 * bestPeak / each);
  }
}

// Packing 100 x 100, as it is and transposed.
template <class T> static void measurePacking(int rounds, const char *type) {
  alignas(64) static T b[101 * 100], packed[102 * 128];
  double best[2] = {1e9, 1e9};
  for (T &value : b) value = (T)0.5;
  for (int round = 0; round < rounds * 20; round++) {
    for (int transposed = 0; transposed < 2; transposed++) {
      const double before = seconds();
      for (int i = 0; i < 10; i++) pack<T>(b, transposed ? 1 : 100, transposed ? 100 : 1, 100, 100, packed);
      const double each = (seconds() - before) / 10;
      if (each < best[transposed]) best[transposed] = each;
    }
  }
  printf("pack 100 x 100 %s: %.3f us, transposed %.3f us\n", type, 1e6 * best[0], 1e6 * best[1]);
}

int main(int count, char **words) {
  const int rounds = count > 1 ? atoi(words[1]) : 100;
  measurePacking<float>(rounds, "float");
  measurePacking<double>(rounds, "double");
  measure<float>(rounds, "float");
  measure<double>(rounds, "double");
}
