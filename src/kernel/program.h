// The form of a program: 32-bit words in the kernel's memory, written by src/engine/lowering/ (emit.ts names the same
// numbers). All sizes and strides count scalars. A dimension d >= 0 stands for itself, d < 0 for -d times the rows.
//
//   header   FORMAT, scalar bytes, inputs, outputs, packs, slots, block of the constants (from the program's start),
//            words in all, tiles
//   slots    two words each: a fixed size and a size per row; they lie one after the other in scratch
//   then     instructions: a word with the code in its low 8 bits and the length in words above, then operands
//
// An operand lies at a place: an index into [inputs..., outputs..., packs..., slots..., constants], and an offset.
#pragma once

enum { FORMAT = 4, HEADER_WORDS = 9 };
// Bytes of a tile, the piece of an array that chains of element-wise operations work on; one vector behind it is free.
enum { TILE_BYTES = 2048, TILE_STRIDE = TILE_BYTES + 64 };

// Rows of B that are packed at a time where a product packs what it reads.
enum { PACKED_ROWS = 256 };

enum Instruction {
  // R, C, operands, tiles, results, operations (their numbers), then
  // operand: kind, place, offset, row stride, tile; result: slot, kind, place, offset, row stride;
  // operation: code, destination, a, b, c, which are slots: operands, then tiles, then results.
  ELEMENTWISE = 1,
  // batch, m, n, k; A: place, offset, row, column and batch stride; B: place, offset, row stride, packed, batch stride;
  // C: place, offset, row and batch stride; start; its matrix or vector: place, offset, row and batch stride; a place
  // to pack PACKED_ROWS rows of B in (-1: B is read where it is); the Operation of elementwise.h that C is made by in
  // the end (-1: none), and its second operand, as C in shape: place (-1: none), offset.
  PRODUCT = 2,
  // 0 sum or 1 max; outer, middle, inner; source: place, offset; destination: place, offset; start: place (-1: none), offset.
  REDUCE = 3,
  // rank; source: place, offset; destination: place, offset; for each axis: size, source stride, destination stride.
  COPY = 4,
  // place, offset, count: zeros.
  ZERO = 5,
  // source: place, offset; index: place, offset; destination: place, offset; indices, width, rows there are.
  GATHER = 6,
  SCATTER = 7,
  // place, offset: the number of rows.
  ROWS = 8,
};

enum OperandKind {
  // R x C scalars, one after the other.
  FULL = 0,
  // C scalars, the same in every row.
  ROW = 1,
  // R scalars, `row stride` apart, each the same in its whole row.
  COLUMN = 2,
  // One scalar.
  SCALAR = 3,
  // R rows of C scalars, `row stride` apart.
  WINDOW = 4,
};
