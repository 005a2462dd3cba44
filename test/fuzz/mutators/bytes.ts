import type { RandomStream } from '../../../src/random.js'

/** Values that counts, sizes and offsets go wrong with. */
const WORDS = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x40000000]

/** A copy of bytes, damaged in one to three places: bits, words, pieces cut out, doubled, or from another file. */
export function mutateBytes(bytes: Uint8Array, random: RandomStream, other: Uint8Array = bytes): Buffer {
  let changed: Buffer = Buffer.from(bytes)
  for (let left = 1 + random.integer(3); left > 0; left--) changed = once(changed, random, other)
  return changed
}

function once(bytes: Buffer, random: RandomStream, other: Uint8Array): Buffer {
  if (bytes.length < 8) return Buffer.from([random.integer(256)])
  const at = random.integer(bytes.length)
  const length = 1 + random.integer(Math.min(64, bytes.length - at))
  switch (random.integer(8)) {
    case 0:
    case 1:
      bytes[at]! ^= 1 << random.integer(8)
      return bytes
    case 2:
      bytes[at] = random.integer(256)
      return bytes
    case 3: {
      const word = random.integer(2) === 0 ? WORDS[random.integer(WORDS.length)]! : random.integer(2 ** 32)
      // At a multiple of 4, where words stand, more often than not.
      bytes.writeUInt32LE(word, Math.min(random.integer(4) === 0 ? at : at & ~3, bytes.length - 4))
      return bytes
    }
    case 4:
      return bytes.subarray(0, at)
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 6:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
    default: {
      const from = random.integer(other.length)
      return Buffer.concat([
        bytes.subarray(0, at),
        other.subarray(from, from + length),
        bytes.subarray(at + (random.integer(2) === 0 ? length : 0)),
      ])
    }
  }
}
