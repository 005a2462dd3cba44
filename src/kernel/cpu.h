// What the processor and the operating system offer. An own cpuid: the compiler's __builtin_cpu_supports needs a
// runtime library.
#pragma once

struct Features {
  bool sse4, avx2, avx512;
};

#if defined(__x86_64__)

struct Registers {
  unsigned int a, b, c, d;
};

static inline Registers cpuid(unsigned int leaf, unsigned int subleaf) {
  Registers r;
  __asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(subleaf));
  return r;
}

// The register states that the operating system saves when it switches threads (XCR0).
static inline unsigned int savedStates() {
  unsigned int low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 14.3 (AVX) and 15.2 (AVX-512).
static inline Features detectFeatures() {
  enum { FMA = 1 << 12, SSE4_1 = 1 << 19, OSXSAVE = 1 << 27, AVX = 1 << 28 };
  enum { AVX2 = 1 << 5, AVX512F = 1 << 16, AVX512DQ = 1 << 17, AVX512BW = 1 << 30 };
  const unsigned int AVX512VL = 1u << 31;
  enum { YMM_SAVED = 0x06, ZMM_SAVED = 0xe6 };
  const unsigned int avx512 = AVX512F | AVX512DQ | AVX512BW | AVX512VL;

  Features found = {false, false, false};
  const unsigned int leaves = cpuid(0, 0).a;
  const unsigned int basic = cpuid(1, 0).c;
  found.sse4 = basic & SSE4_1;
  if (leaves < 7 || (basic & (OSXSAVE | AVX | FMA)) != (OSXSAVE | AVX | FMA)) return found;
  const unsigned int extended = cpuid(7, 0).b, saved = savedStates();
  found.avx2 = (extended & AVX2) && (saved & YMM_SAVED) == YMM_SAVED;
  found.avx512 = found.avx2 && (extended & avx512) == avx512 && (saved & ZMM_SAVED) == ZMM_SAVED;
  return found;
}

// Denormal numbers cost a hundred cycles an operation and mean nothing here: flushed to zero while a program runs.
// The former state comes back with leave(), as JavaScript counts on denormals.
typedef unsigned int FloatState;
static inline FloatState enterFlushToZero() {
  enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
  FloatState before, during;
  __asm__ volatile("stmxcsr %0" : "=m"(before));
  during = before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO;
  __asm__ volatile("ldmxcsr %0" : : "m"(during) : "memory");
  return before;
}
static inline void leaveFlushToZero(FloatState before) { __asm__ volatile("ldmxcsr %0" : : "m"(before) : "memory"); }

#elif defined(__aarch64__)

// NEON is part of the architecture.
static inline Features detectFeatures() { return Features{false, false, false}; }

typedef unsigned long long FloatState;
static inline FloatState enterFlushToZero() {
  const FloatState FLUSH_TO_ZERO = 1 << 24;
  FloatState before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | FLUSH_TO_ZERO) : "memory");
  return before;
}
static inline void leaveFlushToZero(FloatState before) { __asm__ volatile("msr fpcr, %0" : : "r"(before) : "memory"); }

#endif
