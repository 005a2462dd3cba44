import { bitsAt } from './runs.js'

/**
 * Numbers stored as differences in blocks, DELTA_BINARY_PACKED in Parquet's description.
 *
 * @param count how many there are to be
 * @returns the numbers, and where they end
 * @throws Error if they do not lie in bytes `from` to `to`
 */
export function readDeltas(
  bytes: Uint8Array,
  from: number,
  to: number,
  count: number,
  bits: 32 | 64,
): { values: Int32Array | BigInt64Array; end: number } {
  let at = from
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= to) break
      const group = bytes[at++]!
      value |= BigInt(group & 0x7f) << shift
      if (group < 0x80) return value
    }
    throw new Error('differences are cut off')
  }
  const zigzag = (): bigint => {
    const value = varint()
    return BigInt.asIntN(bits, (value >> 1n) ^ -(value & 1n))
  }

  const blockSize = Number(varint())
  const miniblocks = Number(varint())
  const total = Number(varint())
  const perMiniblock = blockSize / miniblocks
  if (total !== count) throw new Error(`a page declares ${count} numbers and holds ${total}`)
  if (!(miniblocks > 0 && perMiniblock > 0 && perMiniblock % 8 === 0 && miniblocks <= to - from + 1))
    throw new Error('differences come in blocks of a wrong size')

  const wide = new BigInt64Array(bits === 64 ? count : 0)
  const narrow = new Int32Array(bits === 32 ? count : 0)
  let last = zigzag()
  let small = Number(BigInt.asIntN(32, last))
  let done = 0
  const put = (): void => {
    if (bits === 64) wide[done++] = last
    else narrow[done++] = small
  }
  if (count > 0) put()
  while (done < count) {
    const least = zigzag()
    const smallLeast = Number(BigInt.asIntN(32, least))
    const widths = at
    at += miniblocks
    if (at > to) throw new Error('differences are cut off')
    for (let block = 0; block < miniblocks && done < count; block++) {
      const width = bytes[widths + block]!
      const taken = Math.min(perMiniblock, count - done)
      if (width > bits || at + Math.ceil((taken * width) / 8) > to) throw new Error('differences are cut off')
      for (let i = 0, bit = at * 8; i < taken; i++, bit += width) {
        if (bits === 32) small = (small + smallLeast + bitsAt(bytes, bit, width)) | 0
        else {
          const low = BigInt(bitsAt(bytes, bit, Math.min(width, 32)))
          last = BigInt.asIntN(64, last + least + (width > 32 ? low | (BigInt(bitsAt(bytes, bit + 32, width - 32)) << 32n) : low))
        }
        put()
      }
      at += (perMiniblock * width) / 8
    }
  }
  // The last miniblock may lack the padding that nobody reads.
  return { values: bits === 64 ? wide : narrow, end: Math.min(at, to) }
}
