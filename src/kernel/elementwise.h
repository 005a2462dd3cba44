// Chains of element-wise operations. They run tile by tile, so that what one operation makes is still in the cache
// when the next reads it; operands that are repeated along an axis are written out in a tile of their own.
#pragma once

enum Code {
  NEG, RECIPROCAL, ABS, SIGN, SQUARE, SQRT, RSQRT, EXP, EXPM1, LOG, LOG1P, SIN, COS, TANH, SIGMOID, SOFTPLUS, RELU,
  ADD, SUB, MUL, DIV, POW, MAXIMUM, MINIMUM,
  LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL,
  // a where the condition (first) is not 0, else b.
  SELECT,
  // a b + c, a b - c, c - a b.
  MUL_ADD, MUL_SUB, SUB_MUL,
  // a (1 - b^2): a cotangent of tanh pulled back, b being its value.
  TANH_PULLBACK,
};

template <class T, class F> INLINE void mapOne(T *d, const T *a, long n, F f) {
  long i = 0;
  for (; i + Scalar<T>::lanes <= n; i += Scalar<T>::lanes) store(d + i, f(load(a + i)));
  if (i < n) storePartial<T>(d + i, f(load(a + i)), n - i);
}

template <class T, class F> INLINE void mapTwo(T *d, const T *a, const T *b, long n, F f) {
  long i = 0;
  for (; i + Scalar<T>::lanes <= n; i += Scalar<T>::lanes) store(d + i, f(load(a + i), load(b + i)));
  if (i < n) storePartial<T>(d + i, f(load(a + i), load(b + i)), n - i);
}

template <class T, class F> INLINE void mapThree(T *d, const T *a, const T *b, const T *c, long n, F f) {
  long i = 0;
  for (; i + Scalar<T>::lanes <= n; i += Scalar<T>::lanes) store(d + i, f(load(a + i), load(b + i), load(c + i)));
  if (i < n) storePartial<T>(d + i, f(load(a + i), load(b + i), load(c + i)), n - i);
}

// 1 where the mask is set, else 0.
INLINE f32v truth(i32v mask) { return fromBits(mask & bits(splat(1.f))); }
INLINE f64v truth(i64v mask) { return fromBits(mask & bits(splat(1.0))); }

// d = code(a, b, c), n scalars. d may be a, b or c. (That no code is forgotten is an error of the compiler: scripts/kernel.mjs.)
template <class T> static void operate(Code code, T *d, const T *a, const T *b, const T *c, long n) {
  typedef typename Scalar<T>::Vector V;
  const V zero = V{}, one = splat((T)1);
#define ONE(body) mapOne<T>(d, a, n, [=](V x) __attribute__((always_inline)) { return body; }); return
#define TWO(body) mapTwo<T>(d, a, b, n, [=](V x, V y) __attribute__((always_inline)) { return body; }); return
#define THREE(body) mapThree<T>(d, a, b, c, n, [=](V x, V y, V z) __attribute__((always_inline)) { return body; }); return
  switch (code) {
    case NEG: ONE(-x);
    case RECIPROCAL: ONE(one / x);
    case ABS: ONE(magnitude(x));
    case SIGN: ONE(select(x > zero, one, select(x < zero, -one, x)));
    case SQUARE: ONE(x * x);
    case SQRT: ONE(squareRoot(x));
    case RSQRT: ONE(one / squareRoot(x));
    case EXP: ONE(vexp(x));
    case EXPM1: ONE(vexpm1(x));
    case LOG: ONE(vlog(x));
    case LOG1P: ONE(vlog1p(x));
    case SIN: ONE(vsin(x));
    case COS: ONE(vcos(x));
    case TANH: ONE(vtanh(x));
    case SIGMOID: ONE(vsigmoid(x));
    case SOFTPLUS: ONE(vsoftplus(x));
    case RELU: ONE(greater(zero, x));
    case ADD: TWO(x + y);
    case SUB: TWO(x - y);
    case MUL: TWO(x * y);
    case DIV: TWO(x / y);
    case POW: TWO(vpow(x, y));
    // `greater` gives y if either is NaN.
    case MAXIMUM: TWO(select(x != x, x, greater(x, y)));
    case MINIMUM: TWO(select(x != x, x, lesser(x, y)));
    case LESS: TWO(truth(x < y));
    case LESS_EQUAL: TWO(truth(x <= y));
    case GREATER: TWO(truth(x > y));
    case GREATER_EQUAL: TWO(truth(x >= y));
    case EQUAL: TWO(truth(x == y));
    case NOT_EQUAL: TWO(truth(x != y));
    case SELECT: THREE(select(x != zero, y, z));
    case MUL_ADD: THREE(fma(x, y, z));
    case MUL_SUB: THREE(fma(x, y, -z));
    case SUB_MUL: THREE(fma(-x, y, z));
    case TANH_PULLBACK: TWO(x * fma(-y, y, one));
  }
#undef ONE
#undef TWO
#undef THREE
}

// `count` times the same scalar; a vector may be written past the end.
template <class T> INLINE void repeat(T *d, T value, long count) {
  typename Scalar<T>::Vector v = splat(value);
  for (long i = 0; i < count; i += Scalar<T>::lanes) store(d + i, v);
}

// `count` scalars copied; whole vectors are read and written.
template <class T> INLINE void copyOver(T *d, const T *a, long count) {
  for (long i = 0; i < count; i += Scalar<T>::lanes) store(d + i, load(a + i));
}

template <class T> INLINE void copyExactly(T *d, const T *a, long count) {
  mapOne<T>(d, a, count, [](typename Scalar<T>::Vector x) __attribute__((always_inline)) { return x; });
}

template <class T> static void elementwise(const ElementwiseWords &word, const Frame &frame) {
  enum { TILE = TILE_BYTES / sizeof(T), MOST_SLOTS = 128 };
  const long R = frame.dimension(word.R), C = frame.dimension(word.C);
  const int operands = word.operands, tiles = word.tiles, results = word.results, operations = word.operations;
  const OperandWords *operand = (const OperandWords *)(&word + 1);
  const ResultWords *result = (const ResultWords *)(operand + operands);
  const OperationWords *operation = (const OperationWords *)(result + results);
  if (R == 0 || C == 0) return;
  // Where each slot's scalars stand for the tile at work.
  T *slot[MOST_SLOTS];
  for (int i = 0; i < tiles; i++) slot[operands + i] = frame.tile<T>(i);
  T **resultSlot = slot + operands + tiles;

  // One operation on whole arrays needs no tiles: nothing is read again soon, and each tile waits for its last vectors.
  const bool whole = operations == 1 && tiles == 0;
  const long tileRows = whole ? R : C >= TILE ? 1 : TILE / C < R ? TILE / C : R;
  const long width = whole || C < TILE ? C : TILE;
  // What is the same for every tile. A tile begins where a row begins, or holds a part of one row.
  for (int i = 0; i < operands; i++) {
    const OperandWords &o = operand[i];
    if (o.kind == SCALAR) repeat(slot[i] = frame.tile<T>(o.tile), *frame.at<T>(o.from), tileRows * width);
    else if (o.kind == ROW && C <= width) {
      slot[i] = frame.tile<T>(o.tile);
      for (long r = 0; r < tileRows; r++) copyOver(slot[i] + r * C, frame.at<T>(o.from), C);
    }
  }
  for (long row = 0; row < R; row += tileRows) {
    const long height = R - row < tileRows ? R - row : tileRows;
    for (long column = 0; column < C; column += width) {
      const long across = C - column < width ? C - column : width;
      for (int i = 0; i < operands; i++) {
        const OperandWords &o = operand[i];
        T *from = frame.at<T>(o.from);
        if (o.kind == FULL) slot[i] = from + row * C + column;
        else if (o.kind == ROW && C > width) slot[i] = from + column;
        else if (o.kind == COLUMN) {
          T *to = slot[i] = frame.tile<T>(o.tile);
          const long stride = frame.dimension(o.rowStride);
          for (long r = 0; r < height; r++) repeat(to + r * across, from[(row + r) * stride], across);
        } else if (o.kind == WINDOW) {
          const long stride = frame.dimension(o.rowStride);
          if (height == 1) {
            slot[i] = from + row * stride + column;
          } else {
            T *to = slot[i] = frame.tile<T>(o.tile);
            for (long r = 0; r < height; r++) copyOver(to + r * across, from + (row + r) * stride + column, across);
          }
        }
      }
      for (int i = 0; i < results; i++) resultSlot[i] = frame.at<T>(result[i].to) + row * C + column;
      for (int i = 0; i < operations; i++) {
        const OperationWords &o = operation[i];
        operate<T>((Code)o.code, slot[o.to], slot[o.a], slot[o.b], slot[o.c], height * across);
      }
    }
  }
}
