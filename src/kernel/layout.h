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

// word: rank, source place and offset, destination place and offset, then size and both strides of each axis.
template <class T> static void copyStrided(const int *word, const Frame &frame) {
  enum { MOST_AXES = 8 };
  const int rank = word[0];
  const T *from = frame.at<T>(word[1], word[2]);
  T *to = frame.at<T>(word[3], word[4]);
  if (rank == 0) { *to = *from; return; }
  long size[MOST_AXES], fromStride[MOST_AXES], toStride[MOST_AXES], index[MOST_AXES];
  for (int i = 0; i < rank; i++) {
    size[i] = frame.dimension(word[5 + 3 * i]);
    fromStride[i] = frame.dimension(word[6 + 3 * i]);
    toStride[i] = frame.dimension(word[7 + 3 * i]);
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

template <class T> static int gather(const int *word, const Frame &frame) {
  const T *from = frame.at<T>(word[0], word[1]), *index = frame.at<T>(word[2], word[3]);
  T *to = frame.at<T>(word[4], word[5]);
  const long count = frame.dimension(word[6]), width = frame.dimension(word[7]), rows = frame.dimension(word[8]);
  for (long i = 0; i < count; i++) {
    const long row = rowNumber(index[i], rows);
    if (row < 0) return RUN_INDEX;
    copyExactly(to + i * width, from + row * width, width);
  }
  return RUN_OK;
}

template <class T> static int scatter(const int *word, const Frame &frame) {
  const T *from = frame.at<T>(word[0], word[1]), *index = frame.at<T>(word[2], word[3]);
  T *to = frame.at<T>(word[4], word[5]);
  const long count = frame.dimension(word[6]), width = frame.dimension(word[7]), rows = frame.dimension(word[8]);
  zero(to, rows * width);
  for (long i = 0; i < count; i++) {
    const long row = rowNumber(index[i], rows);
    if (row < 0) return RUN_INDEX;
    addTo(to + row * width, from + i * width, width);
  }
  return RUN_OK;
}
