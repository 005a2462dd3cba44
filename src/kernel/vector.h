// Vectors of float and double, as wide as the instruction set of the file that includes this. The including file
// defines VECTOR_BYTES (16, 32 or 64) and includes the target's intrinsics before it opens its namespace.
#pragma once

#define INLINE static inline __attribute__((always_inline))

typedef float f32v __attribute__((vector_size(VECTOR_BYTES)));
typedef double f64v __attribute__((vector_size(VECTOR_BYTES)));
// What comparisons give: vectors of int and long long, or of whatever else is as wide (long, in clang for WebAssembly).
typedef decltype(f32v{} < f32v{}) i32v;
typedef decltype(f64v{} < f64v{}) i64v;

// What belongs to a scalar type: its vector, the integers of the same width, the number of lanes.
template <class T> struct Scalar;
template <> struct Scalar<float> {
  typedef f32v Vector;
  typedef i32v Integers;
  typedef int Integer;
  enum { lanes = VECTOR_BYTES / 4 };
};
template <> struct Scalar<double> {
  typedef f64v Vector;
  typedef i64v Integers;
  typedef long long Integer;
  enum { lanes = VECTOR_BYTES / 8 };
};

// Loads and stores need no alignment.
typedef f32v f32u __attribute__((aligned(4), may_alias));
typedef f64v f64u __attribute__((aligned(8), may_alias));
INLINE f32v load(const float *p) { return *(const f32u *)p; }
INLINE f64v load(const double *p) { return *(const f64u *)p; }
INLINE void store(float *p, f32v v) { *(f32u *)p = v; }
INLINE void store(double *p, f64v v) { *(f64u *)p = v; }

// All lanes x. (Subtracting 0 keeps the sign of -0.)
INLINE f32v splat(float x) { return x - f32v{}; }
INLINE f64v splat(double x) { return x - f64v{}; }
INLINE i32v splatInteger(int x) { return x - i32v{}; }
INLINE i64v splatInteger(long long x) { return x - i64v{}; }

// The bits of a vector as integers and back.
INLINE i32v bits(f32v v) { return (i32v)v; }
INLINE i64v bits(f64v v) { return (i64v)v; }
INLINE f32v fromBits(i32v v) { return (f32v)v; }
INLINE f64v fromBits(i64v v) { return (f64v)v; }

// a where the mask (all ones or all zeros, as comparisons give) is set, else b.
INLINE f32v select(i32v mask, f32v a, f32v b) { return fromBits((mask & bits(a)) | (~mask & bits(b))); }
INLINE f64v select(i64v mask, f64v a, f64v b) { return fromBits((mask & bits(a)) | (~mask & bits(b))); }

INLINE f32v magnitude(f32v v) { return fromBits(bits(v) & splatInteger(0x7fffffff)); }
INLINE f64v magnitude(f64v v) { return fromBits(bits(v) & splatInteger(0x7fffffffffffffffLL)); }
// Magnitude of a, sign of b.
INLINE f32v copySign(f32v a, f32v b) { return fromBits((bits(a) & splatInteger(0x7fffffff)) | (bits(b) & splatInteger((int)0x80000000u))); }
INLINE f64v copySign(f64v a, f64v b) { return fromBits((bits(a) & splatInteger(0x7fffffffffffffffLL)) | (bits(b) & splatInteger((long long)0x8000000000000000ULL))); }

// fma(a, b, c) = a b + c: rounded once where the instruction set has it, else twice.
// lesser and greater return b if either is NaN.
#if VECTOR_BYTES == 64 && defined(__AVX512F__)
INLINE f32v fma(f32v a, f32v b, f32v c) { return (f32v)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
INLINE f64v fma(f64v a, f64v b, f64v c) { return (f64v)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
INLINE f32v squareRoot(f32v v) { return (f32v)_mm512_sqrt_ps((__m512)v); }
INLINE f64v squareRoot(f64v v) { return (f64v)_mm512_sqrt_pd((__m512d)v); }
INLINE f32v nearest(f32v v) { return (f32v)_mm512_roundscale_ps((__m512)v, 8); }
INLINE f64v nearest(f64v v) { return (f64v)_mm512_roundscale_pd((__m512d)v, 8); }
INLINE f32v lesser(f32v a, f32v b) { return (f32v)_mm512_min_ps((__m512)a, (__m512)b); }
INLINE f64v lesser(f64v a, f64v b) { return (f64v)_mm512_min_pd((__m512d)a, (__m512d)b); }
INLINE f32v greater(f32v a, f32v b) { return (f32v)_mm512_max_ps((__m512)a, (__m512)b); }
INLINE f64v greater(f64v a, f64v b) { return (f64v)_mm512_max_pd((__m512d)a, (__m512d)b); }
#elif VECTOR_BYTES == 32 && defined(__AVX2__) && defined(__FMA__)
INLINE f32v fma(f32v a, f32v b, f32v c) { return (f32v)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
INLINE f64v fma(f64v a, f64v b, f64v c) { return (f64v)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
INLINE f32v squareRoot(f32v v) { return (f32v)_mm256_sqrt_ps((__m256)v); }
INLINE f64v squareRoot(f64v v) { return (f64v)_mm256_sqrt_pd((__m256d)v); }
INLINE f32v nearest(f32v v) { return (f32v)_mm256_round_ps((__m256)v, 8); }
INLINE f64v nearest(f64v v) { return (f64v)_mm256_round_pd((__m256d)v, 8); }
INLINE f32v lesser(f32v a, f32v b) { return (f32v)_mm256_min_ps((__m256)a, (__m256)b); }
INLINE f64v lesser(f64v a, f64v b) { return (f64v)_mm256_min_pd((__m256d)a, (__m256d)b); }
INLINE f32v greater(f32v a, f32v b) { return (f32v)_mm256_max_ps((__m256)a, (__m256)b); }
INLINE f64v greater(f64v a, f64v b) { return (f64v)_mm256_max_pd((__m256d)a, (__m256d)b); }
#elif VECTOR_BYTES == 16 && defined(__SSE4_1__)
INLINE f32v fma(f32v a, f32v b, f32v c) { return a * b + c; }
INLINE f64v fma(f64v a, f64v b, f64v c) { return a * b + c; }
INLINE f32v squareRoot(f32v v) { return (f32v)_mm_sqrt_ps((__m128)v); }
INLINE f64v squareRoot(f64v v) { return (f64v)_mm_sqrt_pd((__m128d)v); }
INLINE f32v nearest(f32v v) { return (f32v)_mm_round_ps((__m128)v, 8); }
INLINE f64v nearest(f64v v) { return (f64v)_mm_round_pd((__m128d)v, 8); }
INLINE f32v lesser(f32v a, f32v b) { return (f32v)_mm_min_ps((__m128)a, (__m128)b); }
INLINE f64v lesser(f64v a, f64v b) { return (f64v)_mm_min_pd((__m128d)a, (__m128d)b); }
INLINE f32v greater(f32v a, f32v b) { return (f32v)_mm_max_ps((__m128)a, (__m128)b); }
INLINE f64v greater(f64v a, f64v b) { return (f64v)_mm_max_pd((__m128d)a, (__m128d)b); }
#elif VECTOR_BYTES == 16 && defined(__aarch64__)
INLINE f32v fma(f32v a, f32v b, f32v c) { return (f32v)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b); }
INLINE f64v fma(f64v a, f64v b, f64v c) { return (f64v)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b); }
INLINE f32v squareRoot(f32v v) { return (f32v)vsqrtq_f32((float32x4_t)v); }
INLINE f64v squareRoot(f64v v) { return (f64v)vsqrtq_f64((float64x2_t)v); }
INLINE f32v nearest(f32v v) { return (f32v)vrndnq_f32((float32x4_t)v); }
INLINE f64v nearest(f64v v) { return (f64v)vrndnq_f64((float64x2_t)v); }
INLINE f32v lesser(f32v a, f32v b) { return select(a < b, a, b); }
INLINE f64v lesser(f64v a, f64v b) { return select(a < b, a, b); }
INLINE f32v greater(f32v a, f32v b) { return select(a > b, a, b); }
INLINE f64v greater(f64v a, f64v b) { return select(a > b, a, b); }
#elif VECTOR_BYTES == 16 && defined(__wasm_simd128__)
#if defined(__wasm_relaxed_simd__)
INLINE f32v fma(f32v a, f32v b, f32v c) { return __builtin_wasm_relaxed_madd_f32x4(a, b, c); }
INLINE f64v fma(f64v a, f64v b, f64v c) { return __builtin_wasm_relaxed_madd_f64x2(a, b, c); }
#else
INLINE f32v fma(f32v a, f32v b, f32v c) { return a * b + c; }
INLINE f64v fma(f64v a, f64v b, f64v c) { return a * b + c; }
#endif
INLINE f32v squareRoot(f32v v) { return __builtin_wasm_sqrt_f32x4(v); }
INLINE f64v squareRoot(f64v v) { return __builtin_wasm_sqrt_f64x2(v); }
INLINE f32v nearest(f32v v) { return __builtin_wasm_nearest_f32x4(v); }
INLINE f64v nearest(f64v v) { return __builtin_wasm_nearest_f64x2(v); }
// pmin(x, y) is y < x ? y : x.
INLINE f32v lesser(f32v a, f32v b) { return __builtin_wasm_pmin_f32x4(b, a); }
INLINE f64v lesser(f64v a, f64v b) { return __builtin_wasm_pmin_f64x2(b, a); }
INLINE f32v greater(f32v a, f32v b) { return __builtin_wasm_pmax_f32x4(b, a); }
INLINE f64v greater(f64v a, f64v b) { return __builtin_wasm_pmax_f64x2(b, a); }
#else
#error "vector.h: no instruction set for VECTOR_BYTES"
#endif

// The first `count` lanes (fewer than all), written without touching what lies behind them.
#if VECTOR_BYTES == 64 && defined(__AVX512F__)
INLINE void storeFirst(float *p, f32v v, long count) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v); }
INLINE void storeFirst(double *p, f64v v, long count) { _mm512_mask_storeu_pd(p, (__mmask8)((1u << count) - 1), (__m512d)v); }
template <class T> INLINE void storePartial(T *p, typename Scalar<T>::Vector v, long count) { storeFirst(p, v, count); }
#else
template <class T> INLINE void storePartial(T *p, typename Scalar<T>::Vector v, long count) {
  const char *from = (const char *)&v;
  char *to = (char *)p;
  long bytes = count * (long)sizeof(T);
  if (VECTOR_BYTES > 32 && (bytes & 32)) { __builtin_memcpy(to, from, 32); from += 32; to += 32; }
  if (VECTOR_BYTES > 16 && (bytes & 16)) { __builtin_memcpy(to, from, 16); from += 16; to += 16; }
  if (bytes & 8) { __builtin_memcpy(to, from, 8); from += 8; to += 8; }
  if (bytes & 4) __builtin_memcpy(to, from, 4);
}
#endif

// The lanes' sum, halves added to halves: an order that depends on the width only.
template <class T> INLINE T horizontalSum(typename Scalar<T>::Vector v) {
  T lane[Scalar<T>::lanes];
  __builtin_memcpy(lane, &v, sizeof v);
  for (int half = Scalar<T>::lanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lane[i] += lane[i + half];
  return lane[0];
}

// Lanes below `count` of a, zeros (or `rest`) in the others.
template <class T> INLINE typename Scalar<T>::Vector firstLanes(typename Scalar<T>::Vector a, long count, typename Scalar<T>::Vector rest) {
  typename Scalar<T>::Integers lane;
  for (int i = 0; i < Scalar<T>::lanes; i++) lane[i] = i;
  return select(lane < splatInteger((typename Scalar<T>::Integer)count), a, rest);
}
