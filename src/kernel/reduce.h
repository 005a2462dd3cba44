// Sums and greatest values over one axis of [outer, middle, inner]; lowering brings other axes into this form.
#pragma once

template <class T> INLINE typename Scalar<T>::Vector combine(bool sum, typename Scalar<T>::Vector a, typename Scalar<T>::Vector b) {
  return sum ? a + b : select(a != a, a, greater(a, b));
}

// Over the last axis: vectors along it, their lanes combined in the end.
template <class T> static T reduceRun(bool sum, const T *from, long count) {
  typedef typename Scalar<T>::Vector V;
  enum { L = Scalar<T>::lanes };
  const V rest = splat(sum ? (T)0 : -(T)__builtin_inf());
  V total = rest;
  long i = 0;
  // Partial sums of 64 vectors: the error of a long sum grows with their number, not with its length.
  while (i < count) {
    V part = rest;
    const long end = count - i > 64 * L ? i + 64 * L : count;
    for (; i + L <= end; i += L) part = combine<T>(sum, part, load(from + i));
    if (i < end) { part = combine<T>(sum, part, firstLanes<T>(load(from + i), end - i, rest)); i = end; }
    total = combine<T>(sum, total, part);
  }
  if (sum) return horizontalSum<T>(total);
  T lane[L];
  __builtin_memcpy(lane, &total, sizeof total);
  T best = lane[0];
  for (int j = 1; j < L; j++) best = best != best ? best : lane[j] > best || lane[j] != lane[j] ? lane[j] : best;
  return best;
}

// Over `middle` rows, for G vectors of columns at once: one sum waits for its last addition, several do not wait for each
// other. `tail`: columns in the last vector, 0 if it is full.
template <class T, int G> static void reduceColumns(bool sum, const T *from, const T *start, T *to, long middle, long inner, long tail) {
  typedef typename Scalar<T>::Vector V;
  enum { L = Scalar<T>::lanes, PART = 128 };
  const V none = splat(sum ? (T)0 : -(T)__builtin_inf());
  V total[G];
  UNROLL for (int g = 0; g < G; g++) total[g] = start ? load(start + g * L) : none;
  for (long i = 0; i < middle; i += PART) {
    const long end = middle - i < PART ? middle : i + PART;
    V part[G];
    UNROLL for (int g = 0; g < G; g++) part[g] = none;
    for (long k = i; k < end; k++) UNROLL for (int g = 0; g < G; g++) part[g] = combine<T>(sum, part[g], load(from + k * inner + g * L));
    UNROLL for (int g = 0; g < G; g++) total[g] = combine<T>(sum, total[g], part[g]);
  }
  UNROLL for (int g = 0; g < G - 1; g++) store(to + g * L, total[g]);
  if (tail > 0) storePartial<T>(to + (G - 1) * L, total[G - 1], tail);
  else store(to + (G - 1) * L, total[G - 1]);
}

// Over `middle` rows of `inner` scalars: vectors along the rows.
template <class T> static void reduceRows(bool sum, const T *from, const T *start, T *to, long middle, long inner) {
  enum { L = Scalar<T>::lanes, MOST = 4 };
  long j = 0;
  for (; j + MOST * L <= inner; j += MOST * L) reduceColumns<T, MOST>(sum, from + j, start ? start + j : nullptr, to + j, middle, inner, 0);
  for (; j < inner; j += L) reduceColumns<T, 1>(sum, from + j, start ? start + j : nullptr, to + j, middle, inner, inner - j < L ? inner - j : 0);
}

template <class T> static void reduce(const ReduceWords &word, const Frame &frame) {
  const bool sum = word.op == 0;
  const long outer = frame.dimension(word.outer), middle = frame.dimension(word.middle), inner = frame.dimension(word.inner);
  const T *from = frame.at<T>(word.from), *start = frame.atIfAny<T>(word.start);
  T *to = frame.at<T>(word.to);
  if (inner == 1) {
    for (long i = 0; i < outer; i++) {
      const T value = reduceRun<T>(sum, from + i * middle, middle);
      to[i] = start ? start[i] + value : value;
    }
    return;
  }
  for (long i = 0; i < outer; i++) reduceRows<T>(sum, from + i * middle * inner, start ? start + i * inner : nullptr, to + i * inner, middle, inner);
}
