// AVX2 with FMA: Haswell (2013), Zen (2017) and later.
#include <immintrin.h>
#include "kernel.h"

extern "C" double kernel_sin(double), kernel_cos(double), kernel_pow(double, double);

#define VECTOR_BYTES 32
namespace avx2 {
#include "vector.h"
#include "math.h"
#include "gemm.h"
#include "vm.h"
}

extern const Kernel kernel_avx2 = {
  "avx2", VECTOR_BYTES, avx2::run, avx2::packedSizeOf, avx2::packMatrix, avx2::gatherRows, avx2::scatterRows,
  avx2::gatherRowsWeighted, avx2::scatterRowsWeighted,
};
