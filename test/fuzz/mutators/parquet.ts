import type { RandomStream } from '../../../src/random.js'
import { mutateBytes } from './bytes.js'

/** Bytes of the mark and of the footer's length, which hold all else shut when they are wrong. */
const END = 8

/** A Parquet file, damaged; mostly not in its marks, and as often in its footer as in its pages. */
export function mutateParquet(bytes: Uint8Array, random: RandomStream, other?: Uint8Array): Buffer {
  if (random.integer(5) === 0) return mutateBytes(bytes, random, other)
  const whole = Buffer.from(bytes)
  const footer = whole.length - END - whole.readUInt32LE(whole.length - END)
  if (random.integer(2) === 0)
    return Buffer.concat([whole.subarray(0, 4), mutateBytes(whole.subarray(4, footer), random, other), whole.subarray(footer)])
  const changed = mutateBytes(whole.subarray(footer, -END), random, other)
  const end = Buffer.from(whole.subarray(-END))
  end.writeUInt32LE(changed.length)
  return Buffer.concat([whole.subarray(0, footer), changed, end])
}
