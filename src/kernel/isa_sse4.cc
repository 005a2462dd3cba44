// SSE 4.1: Penryn (2008), Bulldozer (2011) and later.
#include <immintrin.h>
#include "kernel.h"

extern "C" double kernel_sin(double), kernel_cos(double), kernel_pow(double, double);

#define VECTOR_BYTES 16
namespace sse4 {
#include "vector.h"
#include "math.h"
#include "gemm.h"
#include "vm.h"
}

extern const Kernel kernel_sse4 = {
  "sse4", VECTOR_BYTES, sse4::run, sse4::packedSizeOf, sse4::packMatrix, sse4::gatherRows, sse4::scatterRows,
  sse4::gatherRowsWeighted, sse4::scatterRowsWeighted,
};
