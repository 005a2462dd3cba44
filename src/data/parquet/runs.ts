/** Whole numbers as they are unpacked, of the smallest kind that holds `width` bits. */
export type Numbers = Uint8Array | Uint16Array | Uint32Array

/**
 * Unpacks `count` numbers of `width` bits from runs of equal numbers and groups of eight, the "hybrid" of Parquet's
 * description.
 *
 * @throws Error if they do not lie in bytes `from` to `to`
 */
export function readRuns(bytes: Uint8Array, from: number, to: number, width: number, count: number): Numbers {
  if (width > 32) throw new Error(`numbers of ${width} bits`)
  const out = width <= 8 ? new Uint8Array(count) : width <= 16 ? new Uint16Array(count) : new Uint32Array(count)
  if (width === 0) return out
  const size = (width + 7) >> 3
  let at = from
  let done = 0
  while (done < count) {
    let head = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= to || shift > 28) throw new Error('runs of numbers are cut off')
      const group = bytes[at++]!
      head += (group & 0x7f) * 2 ** shift
      if (group < 0x80) break
    }
    if (head % 2 === 1) {
      const groups = (head - 1) / 2
      const taken = Math.min(8 * groups, count - done)
      if (at + Math.ceil((taken * width) / 8) > to) throw new Error('runs of numbers are cut off')
      unpack(bytes, at, width, out, done, taken)
      at += groups * width
      done += taken
    } else {
      if (at + size > to) throw new Error('runs of numbers are cut off')
      let value = 0
      for (let i = 0; i < size; i++) value += bytes[at++]! * 2 ** (8 * i)
      const taken = Math.min(head / 2, count - done)
      out.fill(value, done, done + taken)
      done += taken
    }
  }
  return out
}

/** Numbers packed one behind the other, lowest bits first. */
function unpack(bytes: Uint8Array, at: number, width: number, out: Numbers, from: number, count: number): void {
  for (let i = 0, bit = at * 8; i < count; i++, bit += width) out[from + i] = bitsAt(bytes, bit, width)
}

/** Up to 32 bits as a number without a sign; bytes past the end count as 0. */
export function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  const at = Math.floor(bit / 8)
  const shift = bit % 8
  let value = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> shift
  if (shift + width > 32) value |= bytes[at + 4]! << (32 - shift)
  return width === 32 ? value >>> 0 : value & (2 ** width - 1)
}
