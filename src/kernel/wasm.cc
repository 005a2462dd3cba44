// The kernel as a WebAssembly module, compiled twice: with relaxed SIMD and without. Its functions are those of
// kernel.h; `memory` is the address at which block 0 lies, behind the module's own data and stack (`__heap_base`).
#include "kernel.h"

// Math.sin, Math.cos and Math.pow.
extern "C" {
__attribute__((import_module("env"), import_name("kernel_sin"))) double kernel_sin(double);
__attribute__((import_module("env"), import_name("kernel_cos"))) double kernel_cos(double);
__attribute__((import_module("env"), import_name("kernel_pow"))) double kernel_pow(double, double);
}

#define VECTOR_BYTES 16
namespace wasm {
#include "vector.h"
#include "math.h"
#include "gemm.h"
#include "vm.h"
}

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

EXPORT(format) int exportedFormat() { return wasm::FORMAT; }

EXPORT(isRelaxed) int exportedIsRelaxed() {
#if defined(__wasm_relaxed_simd__)
  return 1;
#else
  return 0;
#endif
}

EXPORT(run) int exportedRun(Memory *memory, Block program, int rows, Block arguments, Block scratch, int from, int to) {
  return wasm::run(memory, program, rows, arguments, scratch, from, to);
}

EXPORT(packedSize) double exportedPackedSize(int k, int n, int scalarBytes) { return wasm::packedSizeOf(k, n, scalarBytes); }

EXPORT(pack) void exportedPack(Memory *memory, Block source, Block destination, int k, int n, int transposed, int scalarBytes) {
  wasm::packMatrix(memory, source, destination, k, n, transposed, scalarBytes);
}

EXPORT(gather) void exportedGather(Memory *memory, Block source, Block destination, Block index, int count, int width, int scalarBytes) {
  wasm::gatherRows(memory, source, destination, index, count, width, scalarBytes);
}

EXPORT(scatterAdd) void exportedScatterAdd(Memory *memory, Block source, Block destination, Block index, int count, int rows, int width, int scalarBytes) {
  wasm::scatterRows(memory, source, destination, index, count, rows, width, scalarBytes);
}

EXPORT(gatherWeighted) void exportedGatherWeighted(Memory *memory, Block source, Block destination, Block index, Block weights, int count, int terms, int width, int scalarBytes) {
  wasm::gatherRowsWeighted(memory, source, destination, index, weights, count, terms, width, scalarBytes);
}

EXPORT(scatterWeighted) void exportedScatterWeighted(Memory *memory, Block source, Block destination, Block from, Block index, Block weights, int count, int rows, int terms, int width, int scalarBytes) {
  wasm::scatterRowsWeighted(memory, source, destination, from, index, weights, count, rows, terms, width, scalarBytes);
}
