// Moving scalars: copies with strides (transposes, broadcasts, blocks), zeros, rows by index.
#pragma once

template <class T> static void zero(T *to, long count) {
  mapOne<T>(to, to, count, [](typename Scalar<T>::Vector) __attribute__((always_inline)) { return typename Scalar<T>::Vector{}; });
}

template <class T> static void copyLine(T *to, long toStride, const T *from, long fromStride, long count) {
  if (toStride == 1 && fromStride == 1) return copyExactly(to, from, count);
  if (toStride == 1 && fromStride == 0) {
    const typename Scalar<T>::Vector v = splat(*from);
    return mapOne<T>(to, to, count, [=](typename Scalar<T>::Vector) __attribute__((always_inline)) { return v; });
  }
  for (long i = 0; i < count; i++) to[i * toStride] = from[i * fromStride];
}

// Rows no longer than a vector, each written exactly.
template <class T> INLINE void copyShortRows(T *to, long toStride, const T *from, long fromStride, long rows, long count) {
  if (count == Scalar<T>::lanes) {
    for (long r = 0; r < rows; r++) store(to + r * toStride, load(from + r * fromStride));
  } else {
    for (long r = 0; r < rows; r++) storePartial<T>(to + r * toStride, load(from + r * fromStride), count);
  }
}

template <class T> static void copyStrided(const CopyWords &word, const Frame &frame) {
  const int rank = word.axes;
  const AxisWords *axes = (const AxisWords *)(&word + 1);
  const T *from = frame.at<T>(word.from);
  T *to = frame.at<T>(word.to);
  if (rank == 0) { *to = *from; return; }
  long size[MOST_AXES], fromStride[MOST_AXES], toStride[MOST_AXES], index[MOST_AXES];
  for (int i = 0; i < rank; i++) {
    size[i] = frame.dimension(axes[i].size);
    fromStride[i] = frame.dimension(axes[i].fromStride);
    toStride[i] = frame.dimension(axes[i].toStride);
    index[i] = 0;
    if (size[i] == 0) return;
  }
  const int last = rank - 1;
  if (rank == 2 && toStride[1] == 1 && fromStride[1] == 1 && size[1] <= Scalar<T>::lanes) return copyShortRows(to, toStride[0], from, fromStride[0], size[0], size[1]);
  for (;;) {
    copyLine(to, toStride[last], from, fromStride[last], size[last]);
    int axis = last - 1;
    for (; axis >= 0; axis--) {
      from += fromStride[axis];
      to += toStride[axis];
      if (++index[axis] < size[axis]) break;
      from -= fromStride[axis] * size[axis];
      to -= toStride[axis] * size[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

// A row number held as a scalar, or -1 if it is none.
template <class T> INLINE long rowNumber(T value, long rows) {
  return value >= 0 && value < (T)rows && (T)(long)value == value ? (long)value : -1;
}

template <class T> INLINE void addTo(T *to, const T *from, long count) {
  mapTwo<T>(to, to, from, count, [](typename Scalar<T>::Vector x, typename Scalar<T>::Vector y) __attribute__((always_inline)) { return x + y; });
}

template <class T> static int gather(const IndexWords &word, const Frame &frame) {
  const T *from = frame.at<T>(word.from), *index = frame.at<T>(word.index);
  T *to = frame.at<T>(word.to);
  const long count = frame.dimension(word.count), width = frame.dimension(word.width), rows = frame.dimension(word.rows);
  for (long i = 0; i < count; i++) {
    const long row = rowNumber(index[i], rows);
    if (row < 0) return RUN_INDEX;
    copyExactly(to + i * width, from + row * width, width);
  }
  return RUN_OK;
}

template <class T> static int scatter(const IndexWords &word, const Frame &frame) {
  const T *from = frame.at<T>(word.from), *index = frame.at<T>(word.index);
  T *to = frame.at<T>(word.to);
  const long count = frame.dimension(word.count), width = frame.dimension(word.width), rows = frame.dimension(word.rows);
  zero(to, rows * width);
  for (long i = 0; i < count; i++) {
    const long row = rowNumber(index[i], rows);
    if (row < 0) return RUN_INDEX;
    addTo(to + row * width, from + i * width, width);
  }
  return RUN_OK;
}

// The last term first: the first is the largest where the weights are those of a path.
template <class T> static void gatherWeighted(T *to, const T *from, const int *index, const T *weight, long count, long terms, long width) {
  typedef typename Scalar<T>::Vector V;
  enum { L = Scalar<T>::lanes };
  for (long i = 0; i < count; i++, to += width, weight += terms) {
    const T *row = from + index[i] * terms * width;
    for (long c = 0; c < width; c += L) {
      V sum = splat(weight[terms - 1]) * load(row + (terms - 1) * width + c);
      for (long j = terms - 2; j >= 0; j--) sum = fma(splat(weight[j]), load(row + j * width + c), sum);
      if (c + L <= width) store(to + c, sum);
      else storePartial<T>(to + c, sum, width - c);
    }
  }
}

// Adds rows `row[i]` of [., width], each times its own weights, to G blocks of one row. All of their numbers are read
// before any is written: a load would wait for the masked store before it.
template <class T, int G> static void addWeighted(T *to, const T *from, const int *row, const T *weight, long count, long terms, long width) {
  typedef typename Scalar<T>::Vector V;
  enum { L = Scalar<T>::lanes };
  for (long c = 0; c < width; c += L) {
    V sum[G];
    UNROLL for (int g = 0; g < G; g++) sum[g] = load(to + g * width + c);
    for (long i = 0; i < count; i++) {
      const V x = load(from + row[i] * width + c);
      UNROLL for (int g = 0; g < G; g++) sum[g] = fma(splat(weight[row[i] * terms + g]), x, sum[g]);
    }
    UNROLL for (int g = 0; g < G; g++) {
      if (c + L <= width) store(to + g * width + c, sum[g]);
      else storePartial<T>(to + g * width + c, sum[g], width - c);
    }
  }
}

template <class T> static void scatterWeighted(T *to, const T *from, const int *row, const int *index, const T *weight, long count, long rows, long terms, long width) {
  zero(to, rows * terms * width);
  for (long i = 0, next = 0; i < count; i = next) {
    // Those that are added to the same row, one after the other.
    while (next < count && index[next] == index[i]) next++;
    T *at = to + index[i] * terms * width;
    long j = 0;
    for (; j + 4 <= terms; j += 4) addWeighted<T, 4>(at + j * width, from, row + i, weight + j, next - i, terms, width);
    for (; j < terms; j++) addWeighted<T, 1>(at + j * width, from, row + i, weight + j, next - i, terms, width);
  }
}
