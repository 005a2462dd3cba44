// Measures the functions of src/kernel/math.h against the C library in a wider type: float against double, double
// against long double. Prints one JSON object. Compile with -DVECTOR_BYTES=16|32 and the flags of the instruction set.
//
//   accuracy [float32 points per function] [float64 points per function] [keep]
//
// Denormals are flushed to zero, as in the native kernel, unless the third argument is given.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

extern "C" double kernel_sin(double x) { return std::sin(x); }
extern "C" double kernel_cos(double x) { return std::cos(x); }
extern "C" double kernel_pow(double a, double b) { return std::pow(a, b); }

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
};
template <> struct Type<double> {
  typedef long double Wide;
  typedef uint64_t Bits;
  typedef f64v Vector;
  static constexpr const char *name = "float64";
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

template <class W> W sigmoid(W x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
template <class W> W softplus(W x) { return std::fmax(x, W(0)) + std::log1p(std::exp(-std::fabs(x))); }

#define LIST(V, W, FAR)                                                                                          \
  {                                                                                                              \
    {"exp", [](V x) { return kernel::vexp(x); }, [](W x) { return std::exp(x); }, -FAR, FAR, false},             \
    {"expm1", [](V x) { return kernel::vexpm1(x); }, [](W x) { return std::expm1(x); }, -40, 40, false},         \
    {"log", [](V x) { return kernel::vlog(x); }, [](W x) { return std::log(x); }, 0, 4, false},                  \
    {"log1p", [](V x) { return kernel::vlog1p(x); }, [](W x) { return std::log1p(x); }, -1, 3, false},           \
    {"sin", [](V x) { return kernel::vsin(x); }, [](W x) { return std::sin(x); }, -50, 50, true},                \
    {"cos", [](V x) { return kernel::vcos(x); }, [](W x) { return std::cos(x); }, -50, 50, false},               \
    {"tanh", [](V x) { return kernel::vtanh(x); }, [](W x) { return std::tanh(x); }, -20, 20, true},             \
    {"sigmoid", [](V x) { return kernel::vsigmoid(x); }, [](W x) { return sigmoid<W>(x); }, -FAR, 40, false},    \
    {"softplus", [](V x) { return kernel::vsoftplus(x); }, [](W x) { return softplus<W>(x); }, -FAR, 40, false}, \
  }
static const Function<float> functionsOfFloat[] = LIST(f32v, double, 90);
static const Function<double> functionsOfDouble[] = LIST(f64v, long double, 710);

// What was seen of one function.
struct Seen {
  double worst = 0, at = 0;
  // Largest magnitude, and how often f(-x) was not -f(x).
  double largest = 0;
  long asymmetric = 0, points = 0;
};

// |y - truth| in units of the last place of the truth in T; infinite where a limit, a sign or a NaN is missed.
template <class T> double errorInUlp(T y, typename Type<T>::Wide truth) {
  typedef std::numeric_limits<T> Limits;
  const double wrong = std::numeric_limits<double>::infinity();
  if (std::isnan(truth)) return std::isnan(y) ? 0 : wrong;
  if (std::isnan(y)) return wrong;
  typename Type<T>::Wide size = std::fabs(truth);
  // Below the normal numbers any value of them, or 0, will do.
  if (size < Limits::min()) return std::fabs(y) <= Limits::min() && (y == 0 || std::signbit(y) == std::signbit(truth)) ? 0 : wrong;
  if (std::isinf((T)truth)) return y == (T)truth ? 0 : wrong;
  if (std::isinf(y)) return wrong;
  int exponent;
  std::frexp(size, &exponent);
  return (double)(std::fabs((typename Type<T>::Wide)y - truth) / std::ldexp((typename Type<T>::Wide)1, exponent - Limits::digits));
}

// One vector of points.
template <class T> void measure(const Function<T> &f, const T *x, Seen &seen) {
  typedef typename Type<T>::Vector V;
  enum { lanes = sizeof(V) / sizeof(T) };
  V v;
  std::memcpy(&v, x, sizeof v);
  V y = f.vector(v), mirrored = f.vector(-v);
  for (int i = 0; i < lanes; i++) {
    // A denormal argument counts as zero.
    T argument = std::fabs(x[i]) < std::numeric_limits<T>::min() ? std::copysign(T(0), x[i]) : x[i];
    double error = errorInUlp<T>(y[i], f.truth(argument));
    if (!(error <= seen.worst)) seen.worst = error, seen.at = x[i];
    if (!(std::fabs((double)y[i]) <= seen.largest) && !std::isnan(y[i])) seen.largest = std::fabs((double)y[i]);
    if (f.odd && !std::isnan(y[i]) && y[i] != -mirrored[i]) seen.asymmetric++;
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
    for (int i = 0; i < lanes; i++, pattern += stride) std::memcpy(&x[i], &pattern, sizeof(T));
    measure(f, x, seen);
  }
  for (long done = 0; done < points / 2; done += lanes) {
    for (int i = 0; i < lanes; i++) x[i] = (T)(f.from + (f.to - f.from) * ((done + i + 0.5) / (points / 2)));
    measure(f, x, seen);
  }
  return seen;
}

// The float or double nearest to each multiple of pi/2 in reach: there sin and cos lose most digits.
template <class T> void nearMultiples(const Function<T> &f, Seen &seen) {
  enum { lanes = sizeof(typename Type<T>::Vector) / sizeof(T) };
  const long double quarter = 1.570796326794896619231321691639751442L;
  T x[lanes];
  for (long n = 1; n + lanes < 1000000; n += lanes) {
    for (int i = 0; i < lanes; i++) x[i] = (T)((n + i) * quarter);
    measure(f, x, seen);
  }
}

template <class T> void printValue(T v) {
  if (std::isnan(v)) std::printf("\"NaN\"");
  else if (std::isinf(v)) std::printf(v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  else if (v == 0) std::printf(std::signbit(v) ? "\"-0\"" : "\"0\"");
  else std::printf("\"%.17g\"", (double)v);
}

template <class T, int count> void report(const Function<T> (&functions)[count], long points) {
  typedef typename Type<T>::Vector V;
  const T infinity = std::numeric_limits<T>::infinity(), largest = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::min();
  const T special[] = {-infinity, -largest, -1000, -88, -50, -2, -1, -least, T(-0.0), 0, least, 1, 50, 1000, largest, infinity, std::numeric_limits<T>::quiet_NaN()};
  std::printf("\"%s\":{\"digits\":[%d,%d],\"functions\":{", Type<T>::name, std::numeric_limits<T>::digits, std::numeric_limits<typename Type<T>::Wide>::digits);
  for (int i = 0; i < count; i++) {
    const Function<T> &f = functions[i];
    Seen seen = sweep(f, points);
    if (!std::strcmp(f.name, "sin") || !std::strcmp(f.name, "cos")) nearMultiples(f, seen);
    std::printf("%s\"%s\":{\"ulp\":", i ? "," : "", f.name);
    if (std::isinf(seen.worst)) std::printf("1e999"); else std::printf("%.4f", seen.worst);
    std::printf(",\"at\":");
    printValue(seen.at);
    std::printf(",\"largest\":");
    printValue(seen.largest);
    std::printf(",\"asymmetric\":%ld,\"points\":%ld,\"values\":{", seen.asymmetric, seen.points);
    for (unsigned k = 0; k < sizeof special / sizeof *special; k++) {
      V x = kernel::splat(special[k]);
      if (k) std::printf(",");
      printValue(special[k]);
      std::printf(":");
      printValue(f.vector(x)[k % (sizeof(V) / sizeof(T))]);
    }
    std::printf("}}\n");
  }
  std::printf("}}");
}

int main(int count, char **arguments) {
  long pointsOfFloat = count > 1 ? std::atol(arguments[1]) : 1000000, pointsOfDouble = count > 2 ? std::atol(arguments[2]) : 1000000;
#if defined(__x86_64__)
  if (count <= 3) _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
  std::printf("{");
  report(functionsOfFloat, pointsOfFloat);
  std::printf(",");
  report(functionsOfDouble, pointsOfDouble);
  std::printf("}\n");
}
