// NEON of 64-bit ARM: all of them.
#include <arm_neon.h>
#include "kernel.h"

extern "C" double kernel_sin(double), kernel_cos(double), kernel_pow(double, double);

#define VECTOR_BYTES 16
namespace neon {
#include "vector.h"
#include "math.h"
#include "gemm.h"
#include "vm.h"
}

extern const Kernel kernel_neon = {
  "neon", VECTOR_BYTES, neon::run, neon::packedSizeOf, neon::packMatrix, neon::gatherRows, neon::scatterRows,
  neon::gatherRowsWeighted, neon::scatterRowsWeighted,
};
