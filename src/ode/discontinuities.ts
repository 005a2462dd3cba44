import type { Dtype } from '../engine/engine.js'

/** Times at which a field is not smooth. Steps end there, and the field is evaluated on either side, never at them. */
export interface Discontinuities {
  /** Ascending. */
  readonly times: readonly number[]
  has(time: number): boolean
  /** The next one beyond `time` in `direction` (1 or −1); ±Infinity if there is none. */
  beyond(time: number, direction: number): number
  /**
   * What the field is told of `time`, counted from `origin` (default 0): if the field jumps there, the
   * number next to it where a step of sign `direction` goes on from it.
   */
  after(time: number, direction: number, origin?: number): number
  /** Likewise; if the field jumps there, the number next to it where a step of that sign comes from. */
  before(time: number, direction: number, origin?: number): number
}

/** @param dtype the numbers that the field will see: neighbours are neighbours among them */
export function createDiscontinuities(times: readonly number[], dtype: Dtype): Discontinuities {
  const sorted = [...new Set(times)].sort((a, b) => a - b)
  const set = new Set(sorted)
  const beside = (time: number, side: number, origin: number): number =>
    sorted.length > 0 && set.has(time) ? neighbour(time - origin, side, dtype) : time - origin
  return {
    times: sorted,
    has: (time) => set.has(time),
    beyond(time, direction) {
      const found = direction > 0 ? sorted.find((other) => other > time) : sorted.findLast((other) => other < time)
      return found ?? direction * Infinity
    },
    after: (time, direction, origin = 0) => beside(time, Math.sign(direction) || 1, origin),
    before: (time, direction, origin = 0) => beside(time, -Math.sign(direction) || -1, origin),
  }
}

/** Least normal numbers: next to 0 come subnormal ones, which engines may take for 0. */
const least = { float32: 2 ** -126, float64: 2 ** -1022 }

/** The number of a type that is next to `x` above (`side` 1) or below (−1). */
export function neighbour(x: number, side: number, dtype: Dtype): number {
  const rounded = dtype === 'float32' ? Math.fround(x) : x
  if ((rounded - x) * side > 0) return rounded
  if (rounded === 0) return side * least[dtype]
  const up = side > 0 === rounded > 0 ? 1 : -1
  if (dtype === 'float32') {
    const bits = new Int32Array(Float32Array.of(rounded).buffer)
    bits[0]! += up
    return new Float32Array(bits.buffer)[0]!
  }
  const bits = new BigInt64Array(Float64Array.of(rounded).buffer)
  bits[0]! += BigInt(up)
  return new Float64Array(bits.buffer)[0]!
}
