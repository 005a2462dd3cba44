import type { RandomStream } from '../../../src/random.js'
import { mutateBytes } from './bytes.js'

/** `ARROW1` and padding in front; the footer's length and `ARROW1` behind. */
const [FRONT, END] = [8, 10]

/** An Arrow file or stream, damaged; files mostly not in their marks. */
export function mutateArrow(bytes: Uint8Array, random: RandomStream, other?: Uint8Array): Buffer {
  if (bytes[0] !== 0x41 || random.integer(5) === 0) return mutateBytes(bytes, random, other)
  const whole = Buffer.from(bytes)
  const footer = whole.length - END - whole.readInt32LE(whole.length - END)
  if (random.integer(2) === 0)
    return Buffer.concat([whole.subarray(0, FRONT), mutateBytes(whole.subarray(FRONT, footer), random, other), whole.subarray(footer)])
  const changed = mutateBytes(whole.subarray(footer, -END), random, other)
  const end = Buffer.from(whole.subarray(-END))
  end.writeInt32LE(changed.length)
  return Buffer.concat([whole.subarray(0, footer), changed, end])
}
