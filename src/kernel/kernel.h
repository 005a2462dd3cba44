// The functions that one instruction set of the kernel offers. A memory is one block of bytes that starts on a
// multiple of 64; places in it are given in blocks of 64 bytes ("block" below), so that 32 bits reach 256 GiB.
// At least one unused block follows whatever is in use: vectors are read whole, past the end of an array too.
#pragma once

typedef unsigned char Memory;
typedef unsigned int Block;
enum { BLOCK_BYTES = 64 };

// What run() returns if not 0.
enum RunError {
  RUN_OK = 0,
  // An index of gather or scatter is not a whole number in range.
  RUN_INDEX = 1,
  // A code that the kernel does not know: program and kernel are of different versions.
  RUN_CODE = 2,
};

struct Kernel {
  // "avx512", "avx2", "sse4", "neon", "simd128" or "relaxed-simd".
  const char *name;
  int vectorBytes;
  // Runs the instructions [from, to) of a program (see program.h); `to` below 0 means to the end. `arguments` is
  // where the blocks of inputs and outputs stand, `scratch` where the program may write.
  int (*run)(Memory *memory, Block program, int rows, Block arguments, Block scratch, int from, int to);
  // Scalars that pack() writes for B [k, n].
  double (*packedSize)(int k, int n, int scalarBytes);
  // Brings B [k, n] (row-major; with transposed: B's transpose [n, k] is what is stored) into the order in which
  // matrix products read it.
  void (*pack)(Memory *memory, Block source, Block destination, int k, int n, int transposed, int scalarBytes);
  // Rows index[i] of source [., width] to row i of destination; index is an int32 array. Indices are in range.
  void (*gather)(Memory *memory, Block source, Block destination, Block index, int count, int width, int scalarBytes);
  // Zeros destination [rows, width], then adds row i of source [count, width] to its row index[i].
  void (*scatterAdd)(Memory *memory, Block source, Block destination, Block index, int count, int rows, int width, int scalarBytes);
  // Row i of destination [count, width]: the sum over j of weights[i, j] times block j of row index[i] of source
  // [., terms*width].
  void (*gatherWeighted)(Memory *memory, Block source, Block destination, Block index, Block weights, int count, int terms, int width, int scalarBytes);
  // Its transpose: zeros destination [rows, terms*width], then adds weights[from[i], j] times row from[i]
  // of source [., width] to block j of its row index[i].
  void (*scatterWeighted)(Memory *memory, Block source, Block destination, Block from, Block index, Block weights, int count, int rows, int terms, int width, int scalarBytes);
};
