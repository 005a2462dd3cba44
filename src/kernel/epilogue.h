// Epilogues: what is done to a tile of a product while its sums are at hand. Such an operation costs no pass over C, and
// its divisions run beside the products of the next tile.
#pragma once

template <class T, class F> INLINE void epilogueRows(const T *sums, const T *other, T *c, long cRow, int rows, int vectors, long tail, F f) {
  enum { L = Scalar<T>::lanes };
  const long last = (vectors - 1) * L;
  for (int r = 0; r < rows; r++, c += cRow, other += cRow, sums += last + L) {
    for (long i = 0; i < last; i += L) store(c + i, f(sums + i, other + i));
    const typename Scalar<T>::Vector y = f(sums + last, other + last);
    if (tail > 0) storePartial<T>(c + last, y, tail);
    else store(c + last, y);
  }
}

template <class T, class F> INLINE void epilogueTile(const T *sums, const T *other, T *c, long cRow, int rows, int vectors, long tail, F f) {
#if WIDE_TILES || VECTOR_BYTES == 32
  // A loop for each width: the vectors of a row are computed side by side.
  switch (vectors) {
    case 1: return epilogueRows(sums, other, c, cRow, rows, 1, tail, f);
    case 2: return epilogueRows(sums, other, c, cRow, rows, 2, tail, f);
    case 3: return epilogueRows(sums, other, c, cRow, rows, 3, tail, f);
    default: return epilogueRows(sums, other, c, cRow, rows, WIDEST_PANEL, tail, f);
  }
#else
  epilogueRows(sums, other, c, cRow, rows, vectors, tail, f);
#endif
}

// Without another matrix its pointer goes along and is not followed.
#define EPILOGUE(name, body) \
  template <class T> static void name(const T *sums, const T *other, T *c, long cRow, int rows, int vectors, long tail) { \
    typedef typename Scalar<T>::Vector V; \
    epilogueTile(sums, other ? other : sums, c, cRow, rows, vectors, tail, [](const T *x, const T *y) __attribute__((always_inline)) -> V { (void)y; return body; }); \
  }
EPILOGUE(epilogueTanh, vtanh(load(x)))
EPILOGUE(epilogueSigmoid, vsigmoid(load(x)))
EPILOGUE(epilogueRelu, greater(V{}, load(x)))
EPILOGUE(epilogueTanhPullback, load(x) * fma(-load(y), load(y), splat((T)1)))
#undef EPILOGUE

// The epilogue of an operation of elementwise.h (`epilogues` of codes.ts); null for any other number.
template <class T> INLINE Epilogue<T> epilogueOf(int operation) {
  switch (operation) {
    case TANH: return epilogueTanh<T>;
    case SIGMOID: return epilogueSigmoid<T>;
    case RELU: return epilogueRelu<T>;
    case TANH_PULLBACK: return epilogueTanhPullback<T>;
    default: return nullptr;
  }
}
