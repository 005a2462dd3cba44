// exp, log, tanh and their like on whole vectors, to at most 4 units in the last place (ulp); what is measured stands
// in docs/kernel-accuracy.md. Included after vector.h, inside the namespace of an instruction set. The including file
// declares, before that namespace: extern "C" double kernel_sin(double), kernel_cos(double), kernel_pow(double, double).
//
// NaN gives NaN. Denormal results may be 0; log takes a denormal for 0. Nothing here depends on whether fma() rounds
// once or twice: constants that are multiplied by a whole number have few enough bits for an exact product. The
// coefficients are minimax (Remez exchange in 50 digits, relative error), rounded one by one with the others refitted.
#pragma once

// Sums of the bits of vectors, which may be those of a NaN: they wrap around.
INLINE i32v addBits(i32v a, i32v b) {
  typedef unsigned int u32v __attribute__((vector_size(VECTOR_BYTES)));
  return (i32v)((u32v)a + (u32v)b);
}
INLINE i64v addBits(i64v a, i64v b) {
  typedef unsigned long long u64v __attribute__((vector_size(VECTOR_BYTES)));
  return (i64v)((u64v)a + (u64v)b);
}

// c0 + c1 x + c2 x^2 + …
template <class V, class C> INLINE V polynomial(V, C c) { return splat(c); }
template <class V, class C, class... More> INLINE V polynomial(V x, C c, More... more) {
  return fma(x, polynomial(x, more...), splat(c));
}

// The same sum in two chains, of even and of odd powers: one product more, half the latency. Long polynomials would
// otherwise wait for themselves, as few vectors at a time fit into the processor's window.
template <class V, class C> INLINE V everyOther(V, C c) { return splat(c); }
template <class V, class C> INLINE V everyOther(V, C c, C) { return splat(c); }
template <class V, class C, class... More> INLINE V everyOther(V square, C c, C, More... more) {
  return fma(square, everyOther(square, more...), splat(c));
}
template <class V, class C, class... More> INLINE V polynomialInTwo(V x, C c, More... more) {
  V square = x * x;
  return fma(x, everyOther(square, more...), everyOther(square, c, more...));
}

// Adding 1.5 2^(bits of the fraction) rounds to a whole number and leaves that number in the lowest bits.
static constexpr float ROUND_F32 = 0x1.8p23f;
static constexpr double ROUND_F64 = 0x1.8p52;
// ln 2 in two parts: the first times any exponent is exact.
static constexpr float LN2_HIGH_F32 = 0x1.62e4p-1f, LN2_LOW_F32 = 0x1.7f7d1cp-20f, LOG2E_F32 = 0x1.715476p+0f;
static constexpr double LN2_HIGH_F64 = 0x1.62e42fefa38p-1, LN2_LOW_F64 = 0x1.ef35793c7673p-45, LOG2E_F64 = 0x1.71547652b82fep+0;
static constexpr float INFINITY_F32 = __builtin_inff();
static constexpr double INFINITY_F64 = __builtin_inf();

// e^r = 1 + r + r^2 (…) for |r| <= ln(2) / 2. With sign = -1: e^-r.
template <int sign = 1> INLINE f32v expOfRest(f32v r) {
  return polynomial(r, 1.0f, sign * 1.0f, 0x1.fffffcp-2f, sign * 0x1.55548cp-3f, 0x1.55585ap-5f, sign * 0x1.123decp-7f, 0x1.6ac592p-10f);
}
template <int sign = 1> INLINE f64v expOfRest(f64v r) {
  f64v q = polynomialInTwo(r, 0x1.000000000000ap-1, sign * 0x1.5555555555502p-3, 0x1.55555555504fbp-5, sign * 0x1.111111111fee6p-7,
                           0x1.6c16c18534ceap-10, sign * 0x1.a01a016ced91cp-13, 0x1.a0199696e4edfp-16, sign * 0x1.71de62eacaa45p-19,
                           0x1.28b11d6b2cd6p-22, sign * 0x1.aef2af3a62b3ep-26);
  return fma(r, fma(r, q, splat(sign * 1.0)), splat(1.0));
}

// e^x = 2^n e^r, n whole, r = x - n ln 2. The exponent of e^r is raised by n, as 2^128 is no float.
INLINE f32v vexp(f32v x) {
  f32v shifted = fma(x, splat(LOG2E_F32), splat(ROUND_F32));
  f32v n = shifted - splat(ROUND_F32);
  f32v r = fma(n, splat(-LN2_LOW_F32), fma(n, splat(-LN2_HIGH_F32), x));
  f32v y = fromBits(addBits(bits(expOfRest(r)), bits(shifted) << 23));
  y = select(x <= splat(0x1.62e42ep+6f), y, x * splat(INFINITY_F32));
  return fromBits(bits(y) & ~(x < splat(-0x1.5d589ep+6f)));
}
INLINE f64v vexp(f64v x) {
  f64v shifted = fma(x, splat(LOG2E_F64), splat(ROUND_F64));
  f64v n = shifted - splat(ROUND_F64);
  f64v r = fma(n, splat(-LN2_LOW_F64), fma(n, splat(-LN2_HIGH_F64), x));
  f64v y = fromBits(addBits(bits(expOfRest(r)), bits(shifted) << 52));
  y = select(x <= splat(0x1.62e42fefa39efp+9), y, x * splat(INFINITY_F64));
  return fromBits(bits(y) & ~(x < splat(-0x1.6232bdd7abcd2p+9)));
}

// 2^n (e^r - 1) + (2^n - 1), twice the half of it, so that 2^(n - 1) is finite wherever the result is.
INLINE f32v vexpm1(f32v x) {
  f32v bounded = greater(splat(-18.0f), lesser(splat(89.0f), x));
  f32v shifted = fma(bounded, splat(LOG2E_F32), splat(ROUND_F32 + 126.0f));
  f32v n = shifted - splat(ROUND_F32 + 126.0f);
  f32v r = fma(n, splat(-LN2_LOW_F32), fma(n, splat(-LN2_HIGH_F32), bounded));
  f32v q = polynomial(r, 0x1.fffffep-2f, 0x1.5554aap-3f, 0x1.5557ap-5f, 0x1.122cap-7f, 0x1.6aaecp-10f);
  f32v half = fromBits(bits(shifted) << 23);
  f32v rest = fma(r * r, q, r);
  f32v y = fma(half, rest, half - splat(0.5f));
  // Half of a tiny result would be denormal.
  return copySign(select(n == splat(0.0f), rest, y + y), x);
}
INLINE f64v vexpm1(f64v x) {
  f64v bounded = greater(splat(-38.0), lesser(splat(710.0), x));
  f64v shifted = fma(bounded, splat(LOG2E_F64), splat(ROUND_F64 + 1022.0));
  f64v n = shifted - splat(ROUND_F64 + 1022.0);
  f64v r = fma(n, splat(-LN2_LOW_F64), fma(n, splat(-LN2_HIGH_F64), bounded));
  f64v q = polynomialInTwo(r, 0.5, 0x1.5555555555559p-3, 0x1.5555555555558p-5, 0x1.111111110f44ap-7, 0x1.6c16c16c13a0fp-10, 0x1.a01a01b15f9dbp-13,
                      0x1.a01a01bbca528p-16, 0x1.71ddf39a29c97p-19, 0x1.27e49e2f1159dp-22, 0x1.af6859d17af87p-26, 0x1.1fe857d035ef7p-29);
  f64v half = fromBits(bits(shifted) << 52);
  f64v rest = fma(r * r, q, r);
  f64v y = fma(half, rest, half - splat(0.5));
  return copySign(select(n == splat(0.0), rest, y + y), x);
}

// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), for positive normal x. `biased` is k plus the exponent bias.
struct PartsF32 {
  i32v biased;
  f32v k, f;
};
struct PartsF64 {
  i64v biased;
  f64v k, f;
};
INLINE PartsF32 split(f32v x) {
  const int halfRoot = 0x3f3504f3;
  i32v raised = addBits(bits(x), splatInteger(0x3f800000 - halfRoot));
  i32v biased = (raised >> 23) & splatInteger(0xff);
  // The whole number as the lowest bits of 2^23.
  f32v k = fromBits(biased | splatInteger(0x4b000000)) - splat(0x1p23f + 127.0f);
  return {biased, k, fromBits((raised & splatInteger(0x7fffff)) + splatInteger(halfRoot)) - splat(1.0f)};
}
INLINE PartsF64 split(f64v x) {
  const long long halfRoot = 0x3fe6a09e667f3bcdLL;
  typedef unsigned long long u64v __attribute__((vector_size(VECTOR_BYTES)));
  i64v raised = addBits(bits(x), splatInteger(0x3ff0000000000000LL - halfRoot));
  // A logical shift: AVX2 has no arithmetic one of 64 bits.
  i64v biased = (i64v)((u64v)raised >> 52);
  f64v k = fromBits(biased | splatInteger(0x4330000000000000LL)) - splat(0x1p52 + 1023.0);
  return {biased, k, fromBits((raised & splatInteger(0xfffffffffffffLL)) + splatInteger(halfRoot)) - splat(1.0)};
}

// k ln 2 + log(1 + f). In float32 a polynomial; in float64 by s = f / (2 + f), as log(1 + f) = 2 artanh(s).
// What comes of the long chain (the polynomial) is added last, so that little waits for it.
INLINE f32v logOfParts(f32v k, f32v f) {
  f32v square = f * f;
  f32v q = polynomialInTwo(f, 0x1.555554p-2f, -0x1.00022ap-2f, 0x1.99a03cp-3f, -0x1.54718ep-3f, 0x1.22d496p-3f, -0x1.0d8d7ap-3f,
                           0x1.058ddep-3f, -0x1.38e98p-4f);
  f32v y = fma(k, splat(LN2_HIGH_F32), fma(k, splat(LN2_LOW_F32), fma(square, splat(-0.5f), f)));
  return fma(f * square, q, y);
}
INLINE f64v logOfParts(f64v k, f64v f) {
  f64v s = f / (f + splat(2.0));
  f64v z = s * s, halfSquare = splat(0.5) * f * f;
  f64v q = polynomialInTwo(z, 0x1.5555555555593p-1, 0x1.999999997f9f8p-2, 0x1.249249422a496p-2, 0x1.c71c51d7c9869p-3, 0x1.746649b11da6dp-3,
                           0x1.39a095599e8bep-3, 0x1.2f1181b72f3c2p-3);
  // 2 artanh(s) = f - f^2/2 + s (f^2/2 + z q): f is exact and carries most of the result.
  f64v y = fma(k, splat(LN2_HIGH_F64), fma(k, splat(LN2_LOW_F64), f - halfSquare));
  return fma(s, fma(z, q, halfSquare), y);
}

INLINE f32v vlog(f32v x) {
  PartsF32 parts = split(x);
  f32v y = select(x < splat(INFINITY_F32), logOfParts(parts.k, parts.f), x);
  // -infinity or, with all bits set, NaN.
  f32v below = fromBits(bits(splat(-INFINITY_F32)) | (x <= splat(-0x1p-126f)));
  return select(x < splat(0x1p-126f), below, y);
}
INLINE f64v vlog(f64v x) {
  PartsF64 parts = split(x);
  f64v y = select(x < splat(INFINITY_F64), logOfParts(parts.k, parts.f), x);
  f64v below = fromBits(bits(splat(-INFINITY_F64)) | (x <= splat(-0x1p-1022)));
  return select(x < splat(0x1p-1022), below, y);
}

// log(1 + x) = log(u + lost), where u = 1 + x as rounded and `lost` is what the rounding took away: f + 2^-k lost.
// (The sign is set last: clang 21 gets a copySign wrong whose result is chosen by a mask against one of its operands; it
// folds the two into one masked ternary instruction and mixes up the operands.)
INLINE f32v vlog1p(f32v x) {
  f32v u = splat(1.0f) + x, lost = x - (u - splat(1.0f));
  PartsF32 parts = split(u);
  // The power leaves its range (its bits turn negative) for u > 2^127; there `lost` does not count.
  f32v power = greater(fromBits((splatInteger(254) - parts.biased) << 23), splat(0.0f));
  f32v y = copySign(select(x < splat(INFINITY_F32), logOfParts(parts.k, fma(lost, power, parts.f)), x), x);
  f32v below = fromBits(bits(splat(-INFINITY_F32)) | (x < splat(-1.0f)));
  return select(x <= splat(-1.0f), below, y);
}
INLINE f64v vlog1p(f64v x) {
  f64v u = splat(1.0) + x, lost = x - (u - splat(1.0));
  PartsF64 parts = split(u);
  f64v power = greater(fromBits((splatInteger(2046LL) - parts.biased) << 52), splat(0.0));
  f64v y = copySign(select(x < splat(INFINITY_F64), logOfParts(parts.k, fma(lost, power, parts.f)), x), x);
  f64v below = fromBits(bits(splat(-INFINITY_F64)) | (x < splat(-1.0)));
  return select(x <= splat(-1.0), below, y);
}

// tanh(x) = 2 t / (1 + t^2) with t = tanh(x/2) = N / D, a ratio of polynomials in x: one division gives 2 N D / (D^2 + N^2).
// Where tanh nears 1 an error of t hardly counts (its derivative by t vanishes), so that few terms do; all of them
// are positive, so nothing cancels. Minimax in relative error up to where tanh rounds to 1. The constant terms are as
// large as they may be below a power of two, where rounding weighs least. At the bound both give 1, fused or not.
INLINE f32v vtanh(f32v x) {
  x = greater(splat(-9.02f), lesser(splat(9.02f), x));
  f32v z = x * x;
  f32v n = x * polynomial(z, 0x1.dce9f4p+0f, 0x1.c670cep-5f, 0x1.beaf3cp-13f);
  f32v d = polynomial(z, 0x1.dce9f4p+1f, 0x1.af8d78p-2f, 0x1.26b53ep-8f, 0x1.33b81ap-18f);
  f32v y = n * (d + d) / fma(n, n, d * d);
  // With a fused fma no float32 gives more than 1: all were tried.
  if (VECTOR_BYTES > 16) return y;
  return greater(splat(-1.0f), lesser(splat(1.0f), y));
}
INLINE f64v vtanh(f64v x) {
  x = greater(splat(-19.0625), lesser(splat(19.0625), x));
  f64v z = x * x;
  f64v n = x * polynomial(z, 0x1.dcf309f0ccdf6p+0, 0x1.1675a2ba1c8c1p-4, 0x1.385e998beadecp-11, 0x1.ec472249e327p-20,
                          0x1.21ba81ca166a6p-29, 0x1.acc027d6ccd3cp-41, 0x1.6503a46e82ea5p-55);
  f64v d = polynomial(z, 0x1.dcf309f0ccdf6p+1, 0x1.c9322d52ec304p-2, 0x1.e17cb1f7af7c6p-8, 0x1.39452be84db4fp-15,
                          0x1.2f526061e9a53p-24, 0x1.a12ed20f429a5p-35, 0x1.19b66d5bdd8f1p-47);
  f64v y = n * (d + d) / fma(n, n, d * d);
  return greater(splat(-1.0), lesser(splat(1.0), y));
}

// 1 / (1 + e^-x), relative accuracy down to the last normal number. 2^n is made in place: 0 below, infinite above.
INLINE f32v vsigmoid(f32v x) {
  x = greater(splat(-89.0f), lesser(splat(88.0f), x));
  f32v shifted = fma(x, splat(-LOG2E_F32), splat(ROUND_F32 + 127.0f));
  f32v n = shifted - splat(ROUND_F32 + 127.0f);
  f32v r = fma(n, splat(LN2_LOW_F32), fma(n, splat(LN2_HIGH_F32), x));
  return splat(1.0f) / fma(expOfRest<-1>(r), fromBits(bits(shifted) << 23), splat(1.0f));
}
INLINE f64v vsigmoid(f64v x) {
  x = greater(splat(-710.0), lesser(splat(709.0), x));
  f64v shifted = fma(x, splat(-LOG2E_F64), splat(ROUND_F64 + 1023.0));
  f64v n = shifted - splat(ROUND_F64 + 1023.0);
  f64v r = fma(n, splat(LN2_LOW_F64), fma(n, splat(LN2_HIGH_F64), x));
  return splat(1.0) / fma(expOfRest<-1>(r), fromBits(bits(shifted) << 52), splat(1.0));
}

// log(1 + e^x) = max(x, 0) + log(1 + u), u = e^-|x|. With s = u / (2 + u): log(1 + u) = 2 artanh(s) = u - s (u - s^2 (2/3 + …)).
INLINE f32v vsoftplus(f32v x) {
  f32v a = lesser(splat(88.0f), magnitude(x));
  f32v shifted = fma(a, splat(-LOG2E_F32), splat(ROUND_F32 + 127.0f));
  f32v n = shifted - splat(ROUND_F32 + 127.0f);
  f32v r = fma(n, splat(LN2_LOW_F32), fma(n, splat(LN2_HIGH_F32), a));
  f32v u = expOfRest<-1>(r) * fromBits(bits(shifted) << 23);
  f32v s = u / (u + splat(2.0f));
  f32v z = s * s;
  f32v q = polynomial(z, -0x1.5555p-1f, -0x1.99d29ep-2f, -0x1.1eb3a2p-2f, -0x1.1f0578p-2f);
  return fma(-s, fma(z, q, u), greater(x, splat(0.0f)) + u);
}
INLINE f64v vsoftplus(f64v x) {
  f64v a = lesser(splat(709.0), magnitude(x));
  f64v shifted = fma(a, splat(-LOG2E_F64), splat(ROUND_F64 + 1023.0));
  f64v n = shifted - splat(ROUND_F64 + 1023.0);
  f64v r = fma(n, splat(LN2_LOW_F64), fma(n, splat(LN2_HIGH_F64), a));
  f64v u = expOfRest<-1>(r) * fromBits(bits(shifted) << 52);
  f64v s = u / (u + splat(2.0));
  f64v z = s * s;
  f64v q = polynomialInTwo(z, -0x1.5555555555535p-1, -0x1.99999999a0787p-2, -0x1.2492492089fabp-2, -0x1.c71c741db8591p-3, -0x1.745cb3559a723p-3,
                           -0x1.3b1dfe6a87826p-3, -0x1.10648805218edp-3, -0x1.f025f661d4864p-4, -0x1.53e2cc6ff84d5p-4, -0x1.5e98d2e55c975p-3);
  return fma(-s, fma(z, q, u), greater(x, splat(0.0)) + u);
}

// x - n pi/2, n the whole number nearest to x 2/pi, in [-pi/4, pi/4]; n is left in the lowest bits of `shifted`. pi/2
// stands in parts of 33 bits, whose products with n are exact for |n| < 2^20, that is |x| < 1.6e6 (Cody and Waite).
static constexpr float TRIGONOMETRIC_LIMIT_F32 = 1e6f;
static constexpr double TRIGONOMETRIC_LIMIT_F64 = 1.6e6;
template <int parts> INLINE f64v reduceQuadrant(f64v x, f64v &shifted) {
  shifted = fma(x, splat(0x1.45f306dc9c883p-1), splat(ROUND_F64));
  f64v n = shifted - splat(ROUND_F64);
  f64v r = fma(n, splat(-0x1.921fb544p+0), x);
  // 86 bits of pi/2 do for any float32, however near to a multiple of pi/2; a float64 takes 152.
  if (parts == 2) return fma(n, splat(-0x1.0b4611a626331p-34), r);
  r = fma(n, splat(-0x1.0b4611a6p-34), r);
  r = fma(n, splat(-0x1.3198a2ep-69), r);
  return fma(n, splat(-0x1.b839a252049c1p-104), r);
}

// sin(r + quadrant pi/2).
INLINE f32v sinInQuadrant(f32v r, i32v quadrant) {
  f32v z = r * r;
  f32v sine = fma(r * z, polynomial(z, -0x1.555546p-3f, 0x1.11077ap-7f, -0x1.9954a4p-13f), r);
  f32v cosine = polynomial(z, 1.0f, -0.5f, 0x1.55554ap-5f, -0x1.6c0c1ap-10f, 0x1.99e0eep-16f);
  f32v y = select((quadrant & splatInteger(1)) == splatInteger(0), sine, cosine);
  return fromBits(bits(y) ^ ((quadrant & splatInteger(2)) << 30));
}
INLINE f64v sinInQuadrant(f64v r, i64v quadrant) {
  f64v z = r * r;
  f64v sine = fma(r * z, polynomial(z, -0x1.5555555555549p-3, 0x1.111111110f892p-7, -0x1.a01a019c121aap-13, 0x1.71de3576bc431p-19,
                                    -0x1.ae5e64a6f4b43p-26, 0x1.5d925d0befb33p-33), r);
  f64v cosine = polynomial(z, 1.0, -0.5, 0x1.555555555554cp-5, -0x1.6c16c16c1521p-10, 0x1.a01a019cbaf9ep-16, -0x1.27e4f80d2fffbp-22,
                           0x1.1ee9ec04b1876p-29, -0x1.8fadb1d84a6fbp-37);
  f64v y = select((quadrant & splatInteger(1LL)) == splatInteger(0LL), sine, cosine);
  return fromBits(bits(y) ^ ((quadrant & splatInteger(2LL)) << 62));
}

// Replaces the lanes of y whose |x| is over the limit (or infinite) by the host's function.
template <class T, class V> __attribute__((noinline)) static void callForLarge(const V &x, V &y, T limit, double (*host)(double)) {
  for (int i = 0; i < Scalar<T>::lanes; i++)
    if (__builtin_fabs((double)x[i]) > (double)limit) y[i] = (T)host((double)x[i]);
}
template <class I> INLINE bool anyLane(I mask) {
  long long words[VECTOR_BYTES / 8], any = 0;
  __builtin_memcpy(words, &mask, sizeof mask);
  for (int i = 0; i < VECTOR_BYTES / 8; i++) any |= words[i];
  return any != 0;
}

#if VECTOR_BYTES == 64
#define LOW_HALF 0, 1, 2, 3, 4, 5, 6, 7
#define HIGH_HALF 8, 9, 10, 11, 12, 13, 14, 15
#elif VECTOR_BYTES == 32
#define LOW_HALF 0, 1, 2, 3
#define HIGH_HALF 4, 5, 6, 7
#else
#define LOW_HALF 0, 1
#define HIGH_HALF 2, 3
#endif

// sin(x + turn pi/2). A float32 is reduced in float64, half a vector at a time.
INLINE f32v turnedSine(f32v x, int turn, double (*host)(double)) {
  typedef float Half __attribute__((vector_size(VECTOR_BYTES / 2)));
  f64v low, high;
  f64v lowRest = reduceQuadrant<2>(__builtin_convertvector(__builtin_shufflevector(x, x, LOW_HALF), f64v), low);
  f64v highRest = reduceQuadrant<2>(__builtin_convertvector(__builtin_shufflevector(x, x, HIGH_HALF), f64v), high);
  f32v r = __builtin_shufflevector(__builtin_convertvector(lowRest, Half), __builtin_convertvector(highRest, Half), LOW_HALF, HIGH_HALF);
  low -= splat(ROUND_F64);
  high -= splat(ROUND_F64);
  f32v n = __builtin_shufflevector(__builtin_convertvector(low, Half), __builtin_convertvector(high, Half), LOW_HALF, HIGH_HALF);
  f32v y = sinInQuadrant(r, addBits(bits(n + splat(ROUND_F32)), splatInteger(turn)));
  if (anyLane(magnitude(x) > splat(TRIGONOMETRIC_LIMIT_F32))) callForLarge<float>(x, y, TRIGONOMETRIC_LIMIT_F32, host);
  return y;
}
INLINE f64v turnedSine(f64v x, int turn, double (*host)(double)) {
  f64v shifted;
  f64v r = reduceQuadrant<4>(x, shifted);
  f64v y = sinInQuadrant(r, addBits(bits(shifted), splatInteger((long long)turn)));
  if (anyLane(magnitude(x) > splat(TRIGONOMETRIC_LIMIT_F64))) callForLarge<double>(x, y, TRIGONOMETRIC_LIMIT_F64, host);
  return y;
}
INLINE f32v vsin(f32v x) { return turnedSine(x, 0, kernel_sin); }
INLINE f64v vsin(f64v x) { return turnedSine(x, 0, kernel_sin); }
INLINE f32v vcos(f32v x) { return turnedSine(x, 1, kernel_cos); }
INLINE f64v vcos(f64v x) { return turnedSine(x, 1, kernel_cos); }

// a^b by the host, lane by lane.
INLINE f32v vpow(f32v a, f32v b) {
  for (int i = 0; i < Scalar<float>::lanes; i++) a[i] = (float)kernel_pow((double)a[i], (double)b[i]);
  return a;
}
INLINE f64v vpow(f64v a, f64v b) {
  for (int i = 0; i < Scalar<double>::lanes; i++) a[i] = kernel_pow(a[i], b[i]);
  return a;
}
