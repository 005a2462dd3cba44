// AVX-512 F, VL, DQ and BW: Skylake-X (2017), Zen 4 (2022) and later.
#include <immintrin.h>
#include "kernel.h"

extern "C" double kernel_sin(double), kernel_cos(double), kernel_pow(double, double);

#define VECTOR_BYTES 64
namespace avx512 {
#include "vector.h"
#include "math.h"
#include "gemm.h"
#include "vm.h"
}

extern const Kernel kernel_avx512 = {
  "avx512", VECTOR_BYTES, avx512::run, avx512::packedSizeOf, avx512::packMatrix, avx512::gatherRows, avx512::scatterRows,
  avx512::gatherRowsWeighted, avx512::scatterRowsWeighted,
};
