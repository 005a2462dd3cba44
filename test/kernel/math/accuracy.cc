// Measures the functions of src/kernel/math.h against the C library in a wider type: float against double, double
// against long double. Prints one JSON object. Compile with -DVECTOR_BYTES=16|32 and the flags of the instruction set.
//
//   accuracy [float32 points per function] [float64 points per function] [keep]
//
// Denormals are flushed to zero, as in the native kernel, unless the third argument is given. The headers are C's, so
// that a compiler without a C++ library will do.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

extern "C" double kernel_sin(double x) { return sin(x); }
extern "C" double kernel_cos(double x) { return cos(x); }
extern "C" double kernel_pow(double a, double b) { return pow(a, b); }

namespace kernel {
#include "../../../src/kernel/vector.h"

#include "../../../src/kernel/math.h"
}
using kernel::f32v;
using kernel::f64v;

template <class T> struct Type;
template <> struct Type<float> {
  typedef double Wide;
  typedef uint32_t Bits;
  typedef f32v Vector;
  static constexpr const char *name = "float32";
  static constexpr int digits = __FLT_MANT_DIG__, wideDigits = __DBL_MANT_DIG__;
  static constexpr float least = __FLT_MIN__, largest = __FLT_MAX__;
};
template <> struct Type<double> {
  typedef long double Wide;
  typedef uint64_t Bits;
  typedef f64v Vector;
  static constexpr const char *name = "float64";
  static constexpr int digits = __DBL_MANT_DIG__, wideDigits = __LDBL_MANT_DIG__;
  static constexpr double least = __DBL_MIN__, largest = __DBL_MAX__;
};

template <class T> struct Function {
  typedef typename Type<T>::Wide Wide;
  const char *name;
  typename Type<T>::Vector (*vector)(typename Type<T>::Vector);
  Wide (*truth)(Wide);
  // Where points are laid evenly, besides those over all exponents.
  double from, to;
  bool odd;
};

// The same list for both types: `suffix` is that of the C library's functions of the wider type.
#define FUNCTIONS(V, W, suffix, far)                                                                                     \
  {                                                                                                                      \
    {"exp", [](V x) { return kernel::vexp(x); }, [](W x) { return exp##suffix(x); }, -far, far, false},                  \
    {"expm1", [](V x) { return kernel::vexpm1(x); }, [](W x) { return expm1##suffix(x); }, -40, 40, false},              \
    {"log", [](V x) { return kernel::vlog(x); }, [](W x) { return log##suffix(x); }, 0, 4, false},                       \
    {"log1p", [](V x) { return kernel::vlog1p(x); }, [](W x) { return log1p##suffix(x); }, -1, 3, false},                \
    {"sin", [](V x) { return kernel::vsin(x); }, [](W x) { return sin##suffix(x); }, -50, 50, true},                     \
    {"cos", [](V x) { return kernel::vcos(x); }, [](W x) { return cos##suffix(x); }, -50, 50, false},                    \
    {"tanh", [](V x) { return kernel::vtanh(x); }, [](W x) { return tanh##suffix(x); }, -20, 20, true},                  \
    {"sigmoid", [](V x) { return kernel::vsigmoid(x); },                                                                 \
     [](W x) { return x >= 0 ? 1 / (1 + exp##suffix(-x)) : exp##suffix(x) / (1 + exp##suffix(x)); }, -far, 40, false},   \
    {"softplus", [](V x) { return kernel::vsoftplus(x); },                                                               \
     [](W x) { return (x < 0 ? 0 : x) + log1p##suffix(exp##suffix(-fabs##suffix(x))); }, -far, 40, false},               \
  }
static const Function<float> functionsOfFloat[] = FUNCTIONS(f32v, double, , 90);
static const Function<double> functionsOfDouble[] = FUNCTIONS(f64v, long double, l, 710);

// What was seen of one function.
struct Seen {
  double worst = 0, at = 0;
  // Largest magnitude, and how often f(-x) was not -f(x).
  double largest = 0;
  long asymmetric = 0, points = 0;
};

// |y - truth| in units of the last place of the truth in T; infinite where a limit, a sign or a NaN is missed.
template <class T> double errorInUlp(T y, typename Type<T>::Wide truth) {
  typedef typename Type<T>::Wide Wide;
  const double wrong = __builtin_inf();
  if (__builtin_isnan(truth)) return __builtin_isnan(y) ? 0 : wrong;
  if (__builtin_isnan(y)) return wrong;
  Wide size = truth < 0 ? -truth : truth;
  // Below the normal numbers any value of them, or 0, will do.
  if (size < Type<T>::least)
    return y == 0 || (y <= Type<T>::least && y >= -Type<T>::least && !__builtin_signbit(y) == !__builtin_signbit(truth)) ? 0 : wrong;
  if (__builtin_isinf((T)truth)) return y == (T)truth ? 0 : wrong;
  if (__builtin_isinf(y)) return wrong;
  Wide error = (Wide)y - truth;
  int exponent;
  frexpl(size, &exponent);
  return (double)ldexpl(error < 0 ? -error : error, Type<T>::digits - exponent);
}

// One vector of points.
template <class T> void measure(const Function<T> &f, const T *x, Seen &seen) {
  typedef typename Type<T>::Vector V;
  enum { lanes = sizeof(V) / sizeof(T) };
  V v;
  memcpy(&v, x, sizeof v);
  V y = f.vector(v), mirrored = f.vector(-v);
  for (int i = 0; i < lanes; i++) {
    // A denormal argument counts as zero.
    T argument = __builtin_fabs(x[i]) < Type<T>::least ? x[i] * 0 : x[i];
    double error = errorInUlp<T>(y[i], f.truth(argument));
    if (!(error <= seen.worst)) seen.worst = error, seen.at = x[i];
    if (!(__builtin_fabs((double)y[i]) <= seen.largest) && !__builtin_isnan(y[i])) seen.largest = __builtin_fabs((double)y[i]);
    if (f.odd && !__builtin_isnan(y[i]) && y[i] != -mirrored[i]) seen.asymmetric++;
    seen.points++;
  }
}

// Half of the points over all bit patterns (so all exponents, both signs, infinities, NaN), half evenly in [from, to].
template <class T> Seen sweep(const Function<T> &f, long points) {
  typedef typename Type<T>::Bits Bits;
  enum { lanes = sizeof(typename Type<T>::Vector) / sizeof(T) };
  Seen seen;
  T x[lanes];
  // Multiples of the golden ratio, modulo all bit patterns.
  const Bits stride = (Bits)(sizeof(T) == 4 ? 0x9e3779b1u : 0x9e3779b97f4a7c15ull);
  Bits pattern = 0;
  for (long done = 0; done < points / 2; done += lanes) {
    for (int i = 0; i < lanes; i++, pattern += stride) memcpy(&x[i], &pattern, sizeof(T));
    measure(f, x, seen);
  }
  for (long done = 0; done < points / 2; done += lanes) {
    for (int i = 0; i < lanes; i++) x[i] = (T)(f.from + (f.to - f.from) * ((done + i + 0.5) / (points / 2)));
    measure(f, x, seen);
  }
  return seen;
}

// The float or double nearest to each multiple of pi/2 in reach: there sin and cos lose most digits.
template <class T> void nearMultiples(const Function<T> &f, long points, Seen &seen) {
  enum { lanes = sizeof(typename Type<T>::Vector) / sizeof(T) };
  const long double quarter = 1.570796326794896619231321691639751442L;
  T x[lanes];
  const long reach = 1000000, step = points < reach ? reach / points : 1;
  for (long n = 1; n + lanes * step < reach; n += lanes * step) {
    for (int i = 0; i < lanes; i++) x[i] = (T)((n + i * step) * quarter);
    measure(f, x, seen);
  }
}

template <class T> void printValue(T v) {
  if (__builtin_isnan(v)) printf("\"NaN\"");
  else if (__builtin_isinf(v)) printf(v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  else if (v == 0) printf(__builtin_signbit(v) ? "\"-0\"" : "\"0\"");
  else printf("\"%.17g\"", (double)v);
}

// How many of some powers differ from the host's, lane for lane.
template <class T> long wrongPowers() {
  typedef typename Type<T>::Vector V;
  long wrong = 0;
  for (T base = -4; base <= 4; base += T(0.5))
    for (T exponent = -3; exponent <= 3; exponent += T(0.25)) {
      V a = kernel::splat(base), b = kernel::splat(exponent);
      a[0] = 2;
      V y = kernel::vpow(a, b);
      T first = (T)pow(2.0, (double)exponent), second = (T)pow((double)base, (double)exponent);
      if (y[0] != first || !(y[1] == second || (__builtin_isnan(y[1]) && __builtin_isnan(second)))) wrong++;
    }
  return wrong;
}

template <class T, int count> void report(const Function<T> (&functions)[count], long points) {
  typedef typename Type<T>::Vector V;
  const T infinity = (T)__builtin_inf(), largest = Type<T>::largest, least = Type<T>::least;
  const T special[] = {-infinity, -largest, -1000, -80, -50, -2, -1, -least, T(-0.0), 0, least, 1, 50, 1000, largest, infinity, (T)__builtin_nan("")};
  printf("\"%s\":{\"digits\":[%d,%d],\"wrongPowers\":%ld,\"functions\":{", Type<T>::name, Type<T>::digits, Type<T>::wideDigits, wrongPowers<T>());
  for (int i = 0; i < count; i++) {
    const Function<T> &f = functions[i];
    Seen seen = sweep(f, points);
    if (!strcmp(f.name, "sin") || !strcmp(f.name, "cos")) nearMultiples(f, points, seen);
    printf("%s\"%s\":{\"ulp\":", i ? "," : "", f.name);
    if (__builtin_isinf(seen.worst)) printf("1e999"); else printf("%.4f", seen.worst);
    printf(",\"at\":");
    printValue(seen.at);
    printf(",\"largest\":");
    printValue(seen.largest);
    printf(",\"asymmetric\":%ld,\"points\":%ld,\"values\":{", seen.asymmetric, seen.points);
    for (unsigned k = 0; k < sizeof special / sizeof *special; k++) {
      V x = kernel::splat(special[k]);
      if (k) printf(",");
      printValue(special[k]);
      printf(":");
      printValue(f.vector(x)[k % (sizeof(V) / sizeof(T))]);
    }
    printf("}}\n");
  }
  printf("}}");
}

int main(int count, char **arguments) {
  long pointsOfFloat = count > 1 ? atol(arguments[1]) : 1000000, pointsOfDouble = count > 2 ? atol(arguments[2]) : 1000000;
#if defined(__x86_64__)
  if (count <= 3) _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
  printf("{");
  report(functionsOfFloat, pointsOfFloat);
  printf(",");
  report(functionsOfDouble, pointsOfDouble);
  printf("}\n");
}
