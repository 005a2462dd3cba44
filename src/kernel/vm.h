// The virtual machine: runs the instructions of a program (program.h) one after the other.
#pragma once
#include "kernel.h"
#include "program.h"

// What an instruction sees: the places of its operands, the number of rows, tiles to work in; how many of the
// places are inputs, and where the instructions end.
struct Frame {
  unsigned char *const *place;
  unsigned char *tiles;
  long rows;
  int inputs;
  const int *end;

  long dimension(int d) const { return d >= 0 ? d : -(long)d * rows; }
  template <class T> T *at(Address to) const { return (T *)place[to.place] + dimension(to.offset); }
  // Null if there is no operand.
  template <class T> T *atIfAny(Address to) const { return to.place == NONE ? nullptr : at<T>(to); }
  template <class T> T *tile(int i) const { return (T *)(tiles + i * TILE_STRIDE); }
};

// Of an instruction: its code, its length in words, and what follows.
INLINE int codeOf(const int *instruction) { return *instruction & 255; }
INLINE int lengthOf(const int *instruction) { return *instruction >> 8; }
template <class Words> INLINE const Words &wordsOf(const int *instruction) { return *(const Words *)(instruction + 1); }

#include "elementwise.h"
#include "epilogue.h"
#include "layout.h"
#include "linear.h"
#include "reduce.h"

// Rows of B that lie a multiple of many cache lines apart fall into few sets of the cache and push each other out, unless
// they fit as they are: such a B is packed, some rows at a time.
enum { FITS_AS_IT_IS = 32 * 1024 };

template <class T> static void multiplyPacking(Product<T> p, T *panels) {
  const T *a = p.a, *b = p.b;
  const Epilogue<T> epilogue = p.epilogue;
  const long k = p.k, parts = (k + PACKED_ROWS - 1) / PACKED_ROWS, depth = (k + parts - 1) / parts;
  p.packed = true;
  p.b = panels;
  for (long from = 0; from < k; from += depth) {
    p.k = k - from < depth ? k - from : depth;
    p.epilogue = from + p.k >= k ? epilogue : nullptr;
    p.a = a + from * p.aColumn;
    pack<T>(b + from * p.bRow, p.bRow, 1, p.k, p.n, panels);
    multiply(p);
    p.aheadBytes = 0;
    p.start = START_MATRIX;
    p.init = p.c;
    p.initRow = p.n;
  }
}

// On the way back of many steps, what a product of the way there is multiplied with anew lies far away, and is read column
// by column, which no processor foresees. So a product fetches what one of the next instructions, such a product, reads.
enum { LOOK_AHEAD = 6 };

template <class T> INLINE void lookAhead(const int *instruction, const Frame &frame, Product<T> &product) {
  product.ahead = nullptr;
  product.aheadBytes = 0;
  const int *next = instruction;
  for (int i = 0; i < LOOK_AHEAD; i++) {
    next += lengthOf(next);
    if (next >= frame.end) return;
    if (codeOf(next) != PRODUCT) continue;
    const ProductWords &other = wordsOf<ProductWords>(next);
    // A's rows lie side by side, and it is no result of this program.
    if (other.aRow != 1 || other.a.place >= frame.inputs) continue;
    product.ahead = frame.at<T>(other.a);
    product.aheadBytes = frame.dimension(other.m) * frame.dimension(other.k) * (long)sizeof(T);
    return;
  }
}

template <class T> static void product(const int *instruction, const Frame &frame) {
  const ProductWords &word = wordsOf<ProductWords>(instruction);
  Product<T> p;
  const long batch = frame.dimension(word.batch);
  p.m = frame.dimension(word.m);
  p.n = frame.dimension(word.n);
  p.k = frame.dimension(word.k);
  const T *a = frame.at<T>(word.a);
  p.aRow = frame.dimension(word.aRow);
  p.aColumn = frame.dimension(word.aColumn);
  const long aBatch = frame.dimension(word.aBatch);
  const T *b = frame.at<T>(word.b);
  p.bRow = frame.dimension(word.bRow);
  p.packed = word.bPacked != 0;
  const long bBatch = frame.dimension(word.bBatch);
  T *c = frame.at<T>(word.c);
  const long cBatch = p.m * p.n;
  p.start = word.start;
  const T *init = frame.atIfAny<T>(word.init);
  p.initRow = frame.dimension(word.initRow);
  const long initBatch = frame.dimension(word.initBatch);
  p.epilogue = epilogueOf<T>(word.epilogue);
  const T *other = frame.atIfAny<T>(word.other);
  lookAhead(instruction, frame, p);
  T *panels = word.panels == NONE || p.k * p.n * (long)sizeof(T) <= FITS_AS_IT_IS ? nullptr : (T *)frame.place[word.panels];
  for (long i = 0; i < batch; i++) {
    p.a = a + i * aBatch;
    p.b = b + i * bBatch;
    p.c = c + i * cBatch;
    p.init = init ? init + i * initBatch : nullptr;
    p.other = other ? other + i * cBatch : nullptr;
    if (panels) multiplyPacking(p, panels);
    else multiply(p);
    p.aheadBytes = 0;
  }
}

template <class T> static int runInstruction(const int *instruction, const Frame &frame) {
  switch (codeOf(instruction)) {
    case ELEMENTWISE: elementwise<T>(wordsOf<ElementwiseWords>(instruction), frame); return RUN_OK;
    case PRODUCT: product<T>(instruction, frame); return RUN_OK;
    case REDUCE: reduce<T>(wordsOf<ReduceWords>(instruction), frame); return RUN_OK;
    case COPY: copyStrided<T>(wordsOf<CopyWords>(instruction), frame); return RUN_OK;
    case ZERO: {
      const ZeroWords &word = wordsOf<ZeroWords>(instruction);
      zero(frame.at<T>(word.to), frame.dimension(word.count));
      return RUN_OK;
    }
    case GATHER: return gather<T>(wordsOf<IndexWords>(instruction), frame);
    case SCATTER: return scatter<T>(wordsOf<IndexWords>(instruction), frame);
    case ROWS: *frame.at<T>(wordsOf<RowsWords>(instruction).to) = (T)frame.rows; return RUN_OK;
    case LU: lu<T>(wordsOf<LuWords>(instruction), frame); return RUN_OK;
    case LU_SOLVE: luSolve<T>(wordsOf<LuSolveWords>(instruction), frame); return RUN_OK;
    default: return RUN_CODE;
  }
}

// As wide as a pointer; `long` is not, on Windows.
typedef __SIZE_TYPE__ Size;

INLINE unsigned char *blockAt(Memory *memory, Block block) { return memory + (Size)block * BLOCK_BYTES; }

static int run(Memory *memory, Block program, int rows, Block arguments, Block scratch, int from, int to) {
  const int *words = (const int *)blockAt(memory, program);
  const HeaderWords &header = *(const HeaderWords *)words;
  if (header.format != FORMAT) return RUN_CODE;
  const int given = header.inputs + header.outputs + header.packs;
  const int *argument = (const int *)blockAt(memory, arguments);
  // Scratch: the table of places, tiles, slots.
  unsigned char *next = blockAt(memory, scratch);
  unsigned char **place = (unsigned char **)next;
  const Size align = BLOCK_BYTES - 1;
  next += ((given + header.slots + 1) * (Size)8 + align) & ~align;
  const int *end = words + header.words;
  Frame frame = {place, next, rows, header.inputs, end};
  next += (Size)header.tiles * TILE_STRIDE;
  for (int i = 0; i < given; i++) place[i] = blockAt(memory, (Block)argument[i]);
  const SlotWords *slot = (const SlotWords *)(&header + 1);
  for (int i = 0; i < header.slots; i++) {
    place[given + i] = next;
    next += (((Size)slot[i].fixed + (Size)slot[i].perRow * rows) * header.scalarBytes + align) & ~align;
  }
  place[given + header.slots] = blockAt(memory, program + (Block)header.constants);
  int index = 0;
  for (const int *at = (const int *)(slot + header.slots); at < end; at += lengthOf(at), index++) {
    if (index < from) continue;
    if (to >= 0 && index >= to) break;
    const int error = header.scalarBytes == 4 ? runInstruction<float>(at, frame) : runInstruction<double>(at, frame);
    if (error) return error;
  }
  return RUN_OK;
}

static double packedSizeOf(int k, int n, int scalarBytes) {
  return scalarBytes == 4 ? (double)packedSize<float>(k, n) : (double)packedSize<double>(k, n);
}

template <class T> static void packAs(Memory *memory, Block source, Block destination, int k, int n, int transposed) {
  pack<T>((const T *)blockAt(memory, source), transposed ? 1 : n, transposed ? k : 1, k, n, (T *)blockAt(memory, destination));
}

static void packMatrix(Memory *memory, Block source, Block destination, int k, int n, int transposed, int scalarBytes) {
  if (scalarBytes == 4) packAs<float>(memory, source, destination, k, n, transposed);
  else packAs<double>(memory, source, destination, k, n, transposed);
}

template <class T> static void gatherAs(Memory *memory, Block source, Block destination, Block index, long count, long width) {
  const int *row = (const int *)blockAt(memory, index);
  const T *from = (const T *)blockAt(memory, source);
  T *to = (T *)blockAt(memory, destination);
  if (width == 1) {
    for (long i = 0; i < count; i++) to[i] = from[row[i]];
    return;
  }
  for (long i = 0; i < count; i++) copyExactly(to + i * width, from + row[i] * width, width);
}

static void gatherRows(Memory *memory, Block source, Block destination, Block index, int count, int width, int scalarBytes) {
  if (scalarBytes == 4) gatherAs<float>(memory, source, destination, index, count, width);
  else gatherAs<double>(memory, source, destination, index, count, width);
}

template <class T> static void scatterAs(Memory *memory, Block source, Block destination, Block index, long count, long rows, long width) {
  const int *row = (const int *)blockAt(memory, index);
  const T *from = (const T *)blockAt(memory, source);
  T *to = (T *)blockAt(memory, destination);
  zero(to, rows * width);
  for (long i = 0; i < count; i++) addTo(to + row[i] * width, from + i * width, width);
}

static void scatterRows(Memory *memory, Block source, Block destination, Block index, int count, int rows, int width, int scalarBytes) {
  if (scalarBytes == 4) scatterAs<float>(memory, source, destination, index, count, rows, width);
  else scatterAs<double>(memory, source, destination, index, count, rows, width);
}

static void gatherRowsWeighted(Memory *memory, Block source, Block destination, Block index, Block weights, int count, int terms, int width, int scalarBytes) {
  const int *row = (const int *)blockAt(memory, index);
  const void *from = blockAt(memory, source), *weight = blockAt(memory, weights);
  void *to = blockAt(memory, destination);
  if (scalarBytes == 4) gatherWeighted((float *)to, (const float *)from, row, (const float *)weight, count, terms, width);
  else gatherWeighted((double *)to, (const double *)from, row, (const double *)weight, count, terms, width);
}

static void scatterRowsWeighted(Memory *memory, Block source, Block destination, Block from, Block index, Block weights, int count, int rows, int terms, int width, int scalarBytes) {
  const int *row = (const int *)blockAt(memory, from), *target = (const int *)blockAt(memory, index);
  const void *numbers = blockAt(memory, source), *weight = blockAt(memory, weights);
  void *to = blockAt(memory, destination);
  if (scalarBytes == 4) scatterWeighted((float *)to, (const float *)numbers, row, target, (const float *)weight, count, rows, terms, width);
  else scatterWeighted((double *)to, (const double *)numbers, row, target, (const double *)weight, count, rows, terms, width);
}
