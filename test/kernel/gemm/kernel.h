// The products of one instruction set (VECTOR_BYTES and compiler flags choose it), as the kernel includes them.
#pragma once
#if defined(EMULATE_AVX512)
// The shapes of AVX-512 on any processor: its intrinsics that vector.h uses, in terms of the compiler's own vectors.
typedef float __m512 __attribute__((vector_size(64)));
typedef double __m512d __attribute__((vector_size(64)));
static inline __m512 _mm512_fmadd_ps(__m512 a, __m512 b, __m512 c) { return a * b + c; }
static inline __m512d _mm512_fmadd_pd(__m512d a, __m512d b, __m512d c) { return a * b + c; }
static inline __m512 _mm512_min_ps(__m512 a, __m512 b) { return a < b ? a : b; }
static inline __m512d _mm512_min_pd(__m512d a, __m512d b) { return a < b ? a : b; }
static inline __m512 _mm512_max_ps(__m512 a, __m512 b) { return a > b ? a : b; }
static inline __m512d _mm512_max_pd(__m512d a, __m512d b) { return a > b ? a : b; }
__m512 _mm512_sqrt_ps(__m512);
__m512d _mm512_sqrt_pd(__m512d);
__m512 _mm512_roundscale_ps(__m512, int);
__m512d _mm512_roundscale_pd(__m512d, int);
typedef unsigned short __mmask16;
typedef unsigned char __mmask8;
static inline void _mm512_mask_storeu_ps(void *p, __mmask16 mask, __m512 v) { for (int i = 0; i < 16; i++) if (mask >> i & 1) ((float *)p)[i] = v[i]; }
static inline void _mm512_mask_storeu_pd(void *p, __mmask8 mask, __m512d v) { for (int i = 0; i < 8; i++) if (mask >> i & 1) ((double *)p)[i] = v[i]; }
#define __AVX512F__ 1
#elif defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace kernel {
#include "../../../src/kernel/vector.h"
#include "../../../src/kernel/gemm.h"
}
