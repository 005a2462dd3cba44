// The form of a program: 32-bit words in the kernel's memory, written by src/engine/lowering/ (words.ts there has the
// same structs; a test compares them). All sizes, strides and offsets count scalars. A dimension d >= 0 stands for
// itself, d < 0 for -d times the rows.
//
//   HeaderWords
//   SlotWords for each slot; they lie one after the other in scratch
//   instructions: a word with the code in its low 8 bits and the length in words, itself included, above; then the
//   words of that code
#pragma once

enum { FORMAT = 6 };
// Bytes of a tile, the piece of an array that chains of element-wise operations work on; one vector behind it is free.
enum { TILE_BYTES = 2048, TILE_STRIDE = TILE_BYTES + 64 };
// Rows of B that are packed at a time where a product packs what it reads.
enum { PACKED_ROWS = 256 };
// Axes of a copy at most.
enum { MOST_AXES = 8 };
// Where there is no operand: its place.
enum { NONE = -1 };

struct HeaderWords {
  int format;
  int scalarBytes;
  int inputs;
  int outputs;
  int packs;
  int slots;
  // In blocks from the program's start.
  int constants;
  // Words of the program.
  int words;
  int tiles;
};

// A piece of scratch memory: fixed + perRow * rows scalars.
struct SlotWords {
  int fixed;
  int perRow;
};

// Where an array begins: `place` is an index into [inputs..., outputs..., packs..., slots..., constants].
struct Address {
  int place;
  int offset;
};

enum Instruction {
  ELEMENTWISE = 1,
  PRODUCT = 2,
  REDUCE = 3,
  COPY = 4,
  ZERO = 5,
  GATHER = 6,
  SCATTER = 7,
  ROWS = 8,
  LU = 9,
  LU_SOLVE = 10,
};

// Then so many OperandWords, ResultWords and OperationWords. Operations name slots: operands, then tiles, then results.
struct ElementwiseWords {
  // R x C: what is made, cut into rows and columns.
  int R;
  int C;
  int operands;
  int tiles;
  int results;
  int operations;
};

enum OperandKind {
  // R x C scalars, one after the other.
  FULL = 0,
  // C scalars, the same in every row.
  ROW = 1,
  // R scalars, `rowStride` apart, each the same in its whole row.
  COLUMN = 2,
  // One scalar.
  SCALAR = 3,
  // R rows of C scalars, `rowStride` apart.
  WINDOW = 4,
};

struct OperandWords {
  int kind;
  Address from;
  int rowStride;
  int tile;
};

// R x C scalars, one after the other.
struct ResultWords {
  Address to;
};

// to = code(a, b, c): a code of elementwise.h, and slots.
struct OperationWords {
  int code;
  int to;
  int a;
  int b;
  int c;
};

// C [m, n] = start + A [m, k] B [k, n], and then its epilogue, for each matrix of a batch. C lies row after row, matrix
// after matrix.
struct ProductWords {
  int batch;
  int m;
  int n;
  int k;
  Address a;
  int aRow;
  int aColumn;
  int aBatch;
  Address b;
  int bRow;
  // Whether B is packed.
  int bPacked;
  int bBatch;
  Address c;
  // A Start of gemm.h, and the matrix or vector.
  int start;
  Address init;
  int initRow;
  int initBatch;
  // A place to pack PACKED_ROWS rows of B in; NONE: B is read as it is.
  int panels;
  // The code of elementwise.h that C is made by in the end (NONE: none), and its second operand, which lies as C does.
  int epilogue;
  Address other;
};

// Over the middle axis: the sum, added to `start` if there is one, or the greatest value.
struct ReduceWords {
  // 0 sum or 1 max.
  int op;
  int outer;
  int middle;
  int inner;
  Address from;
  Address to;
  Address start;
};

// Then AxisWords for each axis.
struct CopyWords {
  int axes;
  Address from;
  Address to;
};

struct AxisWords {
  int size;
  int fromStride;
  int toStride;
};

struct ZeroWords {
  Address to;
  int count;
};

// Gather: to[i] = from[index[i]]. Scatter: to[index[i]] += from[i], from zeros. `rows` of what is indexed.
struct IndexWords {
  Address from;
  Address index;
  Address to;
  int count;
  int width;
  int rows;
};

// The number of rows.
struct RowsWords {
  Address to;
};

// For each of `count` matrices [n, n] its factors [n + 1, n], as linear.h arranges them.
struct LuWords {
  int count;
  int n;
  Address from;
  Address to;
};

// For each of `count` vectors [n] the solution of A x = b, or of A's transpose, given A's factors.
struct LuSolveWords {
  int count;
  int n;
  int transposed;
  Address factors;
  Address from;
  Address to;
};
