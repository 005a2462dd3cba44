import type { Dtype, FloatArray } from '../engine/engine.js'
import type { ParameterSpecs } from '../nn/parameters.js'

/** Lengths of arrays by name. */
export type ArrayLengths = Readonly<Record<string, number>>

export const arrayLengths = (specs: ParameterSpecs): ArrayLengths =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, shape.reduce((a, b) => a * b, 1)]))

const kinds = { float32: Float32Array, float64: Float64Array } as const
const bytesOf = (lengths: ArrayLengths, dtype: Dtype): number =>
  Object.values(lengths).reduce((sum, length) => sum + length, 0) * kinds[dtype].BYTES_PER_ELEMENT

/** Memory that all threads see, for `slots` sets of arrays. */
export const sharedArrays = (lengths: ArrayLengths, dtype: Dtype, slots = 1): SharedArrayBuffer =>
  new SharedArrayBuffer(slots * bytesOf(lengths, dtype))

/** The arrays of one slot, one after another. */
export function viewArrays(lengths: ArrayLengths, dtype: Dtype, buffer: SharedArrayBuffer, slot = 0): Record<string, FloatArray> {
  let offset = slot * bytesOf(lengths, dtype)
  return Object.fromEntries(
    Object.entries(lengths).map(([name, length]) => {
      const view = dtype === 'float32' ? new Float32Array(buffer, offset, length) : new Float64Array(buffer, offset, length)
      offset += view.byteLength
      return [name, view]
    }),
  )
}

export function copyArrays(from: Readonly<Record<string, ArrayLike<number>>>, to: Readonly<Record<string, FloatArray>>): void {
  for (const [name, array] of Object.entries(to)) array.set(from[name]!)
}
