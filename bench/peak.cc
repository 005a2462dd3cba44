// Peak single-precision throughput of one core: independent multiply-adds on registers, nothing from memory. Built
// with -DBYTES=16, 32 or 64 and the flags of an instruction set; prints GFLOP/s. Where the processor lacks the
// instructions the program dies of an illegal instruction, which is an answer too.
#include <cstdio>
#include <ctime>

typedef float Vector __attribute__((vector_size(BYTES)));
enum { LANES = BYTES / 4, CHAINS = 12, STEPS = 400000, RUNS = 40 };

static double seconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main() {
  Vector sum[CHAINS], factor, term;
  volatile float one = 0.999f, little = 1e-3f;
  for (int lane = 0; lane < LANES; lane++) { factor[lane] = one; term[lane] = little; }
  for (int chain = 0; chain < CHAINS; chain++) sum[chain] = term * (float)chain;
  double best = 0;
  for (int run = 0; run < RUNS; run++) {
    double start = seconds();
    for (int step = 0; step < STEPS; step++) {
#pragma clang loop unroll(full)
      for (int chain = 0; chain < CHAINS; chain++) sum[chain] = sum[chain] * factor + term;
    }
    double rate = 2.0 * LANES * CHAINS * STEPS / (seconds() - start) * 1e-9;
    if (rate > best) best = rate;
  }
  float total = 0;
  for (int chain = 0; chain < CHAINS; chain++) for (int lane = 0; lane < LANES; lane++) total += sum[chain][lane];
  // The sum is printed too, so that it must be computed.
  std::printf("%.2f %g\n", best, (double)total);
}
