/** A FlatBuffer as it is walked over to see that what it refers to lies within it; places are counted in bytes. */
export interface FlatBuffer {
  /** The table that the reference at `at` means. @throws Error */
  table(at: number): FlatTable
  /** The elements of the vector that the reference at `at` means: where each begins. @throws Error */
  vector(at: number, stride: number): number[]
  /** A text. @throws Error */
  text(at: number): void
  byte(at: number): number
  int32(at: number): number
  /** @throws Error if it is no whole number that JavaScript has exactly */
  int64(at: number): number
}

export interface FlatTable {
  /** Where the value of a field stands; undefined if the table has none. Fields are counted from 0. */
  field(index: number): number | undefined
}

/** A buffer to walk over. Every element that is visited counts, so that references in a circle come to an end. */
export function flatBuffer(bytes: Uint8Array): FlatBuffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let left = 4 * bytes.length

  const visit = (count: number): void => {
    left -= count
    if (left < 0) throw new Error('a description refers to itself')
  }
  const within = (at: number, size: number): number => {
    if (!(at >= 0 && at + size <= bytes.length)) throw new Error('a description refers to what lies outside it')
    return at
  }
  const int32 = (at: number): number => view.getInt32(within(at, 4), true)
  const follow = (at: number): number => within(at + int32(at), 4)
  const vector = (at: number, stride: number): number[] => {
    const start = follow(at)
    const length = int32(start)
    if (length < 0 || length * stride > bytes.length - start - 4) throw new Error('a description declares more than there is')
    visit(length)
    return Array.from({ length }, (_, i) => start + 4 + i * stride)
  }
  return {
    int32,
    vector,
    byte: (at) => view.getUint8(within(at, 1)),
    int64(at) {
      const value = Number(view.getBigInt64(within(at, 8), true))
      if (!Number.isSafeInteger(value)) throw new Error('a description holds a number out of range')
      return value
    },
    text(at) {
      vector(at, 1)
    },
    table(at) {
      visit(1)
      const start = follow(at)
      const layout = within(start - int32(start), 4)
      const size = view.getUint16(layout, true)
      within(layout, size)
      return {
        field(index) {
          const place = 4 + 2 * index
          const offset = place + 2 <= size ? view.getUint16(layout + place, true) : 0
          return offset === 0 ? undefined : within(start + offset, 1)
        },
      }
    },
  }
}
