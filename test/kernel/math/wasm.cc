// The functions of src/kernel/math.h as a WebAssembly module: one export for each type, over a buffer of its own.
extern "C" {
__attribute__((import_module("env"), import_name("sin"))) double kernel_sin(double);
__attribute__((import_module("env"), import_name("cos"))) double kernel_cos(double);
__attribute__((import_module("env"), import_name("pow"))) double kernel_pow(double, double);
}
namespace kernel {
#include "../../../src/kernel/vector.h"

#include "../../../src/kernel/math.h"
}

enum { COUNT = 4096 };
alignas(16) static double buffer[COUNT];

template <class T, class V> static void apply(int function) {
  T *values = (T *)buffer;
  for (int i = 0; i < COUNT; i += (int)(sizeof(V) / sizeof(T))) {
    V x = kernel::load(values + i), y = {};
    switch (function) {
      case 0: y = kernel::vexp(x); break;
      case 1: y = kernel::vexpm1(x); break;
      case 2: y = kernel::vlog(x); break;
      case 3: y = kernel::vlog1p(x); break;
      case 4: y = kernel::vsin(x); break;
      case 5: y = kernel::vcos(x); break;
      case 6: y = kernel::vtanh(x); break;
      case 7: y = kernel::vsigmoid(x); break;
      case 8: y = kernel::vsoftplus(x); break;
    }
    kernel::store(values + i, y);
  }
}

extern "C" {
__attribute__((export_name("address"))) int address() { return (int)(__SIZE_TYPE__)buffer; }
__attribute__((export_name("float32"))) void float32(int function) { apply<float, kernel::f32v>(function); }
__attribute__((export_name("float64"))) void float64(int function) { apply<double, kernel::f64v>(function); }
}
