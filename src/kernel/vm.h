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
  template <class T> T *at(int where, int offset) const { return (T *)place[where] + dimension(offset); }
  template <class T> T *tile(int i) const { return (T *)(tiles + i * TILE_STRIDE); }
};

#include "elementwise.h"
#include "layout.h"
#include "reduce.h"

// Rows of B that lie a multiple of many cache lines apart fall into few sets of the cache and push each other out, unless
// they fit as they are: such a B is packed, some rows at a time.
enum { FITS_AS_IT_IS = 32 * 1024 };

template <class T> static void multiplyPacking(Product<T> p, T *panels) {
  const T *a = p.a, *b = p.b;
  const Ending<T> end = p.end;
  const long k = p.k, parts = (k + PACKED_ROWS - 1) / PACKED_ROWS, depth = (k + parts - 1) / parts;
  p.packed = true;
  p.b = panels;
  for (long from = 0; from < k; from += depth) {
    p.k = k - from < depth ? k - from : depth;
    p.end = from + p.k >= k ? end : nullptr;
    p.a = a + from * p.aColumn;
    pack<T>(b + from * p.bRow, p.bRow, 1, p.k, p.n, panels);
    multiply(p);
    p.aheadBytes = 0;
    p.start = START_MATRIX;
    p.init = p.c;
    p.initRow = p.cRow;
  }
}

// On the way back of many steps, what a product of the way there is multiplied with anew lies far away, and is read column
// by column, which no processor foresees. So a product fetches what one of the next instructions, such a product, reads.
enum { LOOK_AHEAD = 6 };

template <class T> INLINE void lookAhead(const int *word, const Frame &frame, Product<T> &product) {
  product.ahead = nullptr;
  product.aheadBytes = 0;
  const int *next = word - 1;
  for (int i = 0; i < LOOK_AHEAD; i++) {
    next += next[0] >> 8;
    if (next >= frame.end) return;
    const int *other = next + 1;
    // A's rows lie side by side, and it is no result of this program.
    if ((next[0] & 255) != PRODUCT || other[6] != 1 || other[4] >= frame.inputs) continue;
    product.ahead = frame.at<T>(other[4], other[5]);
    product.aheadBytes = frame.dimension(other[1]) * frame.dimension(other[3]) * (long)sizeof(T);
    return;
  }
}

template <class T, class F> INLINE void endRows(const T *sums, const T *other, T *c, long cRow, int rows, int vectors, long tail, F f) {
  enum { L = Scalar<T>::lanes };
  const long last = (vectors - 1) * L;
  for (int r = 0; r < rows; r++, c += cRow, other += cRow, sums += last + L) {
    for (long i = 0; i < last; i += L) store(c + i, f(sums + i, other + i));
    const typename Scalar<T>::Vector y = f(sums + last, other + last);
    if (tail > 0) storePartial<T>(c + last, y, tail);
    else store(c + last, y);
  }
}

template <class T, class F> INLINE void endTile(const T *sums, const T *other, T *c, long cRow, int rows, int vectors, long tail, F f) {
#if WIDE_TILES || VECTOR_BYTES == 32
  // A loop for each width: the vectors of a row are computed side by side.
  switch (vectors) {
    case 1: return endRows(sums, other, c, cRow, rows, 1, tail, f);
    case 2: return endRows(sums, other, c, cRow, rows, 2, tail, f);
    case 3: return endRows(sums, other, c, cRow, rows, 3, tail, f);
    default: return endRows(sums, other, c, cRow, rows, WIDEST_PANEL, tail, f);
  }
#else
  endRows(sums, other, c, cRow, rows, vectors, tail, f);
#endif
}

// Without another matrix its pointer goes along and is not followed.
#define ENDING(name, body) \
  template <class T> static void name(const T *sums, const T *other, T *c, long cRow, int rows, int vectors, long tail) { \
    typedef typename Scalar<T>::Vector V; \
    endTile(sums, other ? other : sums, c, cRow, rows, vectors, tail, [](const T *x, const T *y) __attribute__((always_inline)) -> V { (void)y; return body; }); \
  }
ENDING(endByTanh, vtanh(load(x)))
ENDING(endBySigmoid, vsigmoid(load(x)))
ENDING(endByRelu, greater(V{}, load(x)))
ENDING(endByTanhPullback, load(x) * fma(-load(y), load(y), splat((T)1)))
#undef ENDING

// The element-wise operations that a product can end with; null for any other number.
template <class T> INLINE Ending<T> endingOf(int operation) {
  switch (operation) {
    case TANH: return endByTanh<T>;
    case SIGMOID: return endBySigmoid<T>;
    case RELU: return endByRelu<T>;
    case TANH_PULLBACK: return endByTanhPullback<T>;
    default: return nullptr;
  }
}

// Words: see PRODUCT in program.h.
template <class T> static void product(const int *word, const Frame &frame) {
  Product<T> p;
  const long batch = frame.dimension(word[0]);
  p.m = frame.dimension(word[1]);
  p.n = frame.dimension(word[2]);
  p.k = frame.dimension(word[3]);
  const T *a = frame.at<T>(word[4], word[5]);
  p.aRow = frame.dimension(word[6]);
  p.aColumn = frame.dimension(word[7]);
  const long aBatch = frame.dimension(word[8]);
  const T *b = frame.at<T>(word[9], word[10]);
  p.bRow = frame.dimension(word[11]);
  p.packed = word[12] != 0;
  const long bBatch = frame.dimension(word[13]);
  T *c = frame.at<T>(word[14], word[15]);
  p.cRow = frame.dimension(word[16]);
  const long cBatch = frame.dimension(word[17]);
  p.start = word[18];
  const T *init = p.start == START_ZERO ? nullptr : frame.at<T>(word[19], word[20]);
  p.initRow = frame.dimension(word[21]);
  const long initBatch = frame.dimension(word[22]);
  p.end = endingOf<T>(word[24]);
  const T *other = word[25] < 0 ? nullptr : frame.at<T>(word[25], word[26]);
  lookAhead(word, frame, p);
  T *panels = word[23] < 0 || p.k * p.n * (long)sizeof(T) <= FITS_AS_IT_IS ? nullptr : frame.at<T>(word[23], 0);
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

template <class T> static int runInstruction(const int *word, const Frame &frame) {
  switch (word[0] & 255) {
    case ELEMENTWISE: elementwise<T>(word + 1, frame); return RUN_OK;
    case PRODUCT: product<T>(word + 1, frame); return RUN_OK;
    case REDUCE: reduce<T>(word + 1, frame); return RUN_OK;
    case COPY: copyStrided<T>(word + 1, frame); return RUN_OK;
    case ZERO: zero(frame.at<T>(word[1], word[2]), frame.dimension(word[3])); return RUN_OK;
    case GATHER: return gather<T>(word + 1, frame);
    case SCATTER: return scatter<T>(word + 1, frame);
    case ROWS: *frame.at<T>(word[1], word[2]) = (T)frame.rows; return RUN_OK;
    default: return RUN_CODE;
  }
}

// As wide as a pointer; `long` is not, on Windows.
typedef __SIZE_TYPE__ Size;

INLINE unsigned char *blockAt(Memory *memory, Block block) { return memory + (Size)block * BLOCK_BYTES; }

static int run(Memory *memory, Block program, int rows, Block arguments, Block scratch, int from, int to) {
  const int *word = (const int *)blockAt(memory, program);
  if (word[0] != FORMAT) return RUN_CODE;
  const int scalarBytes = word[1], given = word[2] + word[3] + word[4], slots = word[5];
  const int *argument = (const int *)blockAt(memory, arguments);
  // Scratch: the table of places, tiles, slots.
  unsigned char *next = blockAt(memory, scratch);
  unsigned char **place = (unsigned char **)next;
  const Size align = BLOCK_BYTES - 1;
  next += ((given + slots + 1) * (Size)8 + align) & ~align;
  Frame frame = {place, next, rows, word[2], word + word[7]};
  next += (Size)word[8] * TILE_STRIDE;
  for (int i = 0; i < given; i++) place[i] = blockAt(memory, (Block)argument[i]);
  const int *size = word + HEADER_WORDS;
  for (int i = 0; i < slots; i++) {
    place[given + i] = next;
    next += (((Size)size[2 * i] + (Size)size[2 * i + 1] * rows) * scalarBytes + align) & ~align;
  }
  place[given + slots] = blockAt(memory, program + (Block)word[6]);
  const int *end = word + word[7];
  int index = 0;
  for (const int *at = size + 2 * slots; at < end; at += at[0] >> 8, index++) {
    if (index < from) continue;
    if (to >= 0 && index >= to) break;
    const int error = scalarBytes == 4 ? runInstruction<float>(at, frame) : runInstruction<double>(at, frame);
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
