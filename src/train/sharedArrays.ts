import type { ParameterSpecs } from '../nn/parameters.js'

/** Lengths of arrays by name. */
export type ArrayLengths = Readonly<Record<string, number>>

export const arrayLengths = (specs: ParameterSpecs): ArrayLengths =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, shape.reduce((a, b) => a * b, 1)]))

const bytesOf = (lengths: ArrayLengths): number => Object.values(lengths).reduce((sum, length) => sum + length, 0) * Float64Array.BYTES_PER_ELEMENT

/** Memory that all threads see, for `slots` sets of arrays of doubles. */
export const sharedArrays = (lengths: ArrayLengths, slots = 1): SharedArrayBuffer => new SharedArrayBuffer(slots * bytesOf(lengths))

/** The arrays of one slot, one after another. */
export function viewArrays(lengths: ArrayLengths, buffer: SharedArrayBuffer, slot = 0): Record<string, Float64Array> {
  let offset = slot * bytesOf(lengths)
  return Object.fromEntries(Object.entries(lengths).map(([name, length]) => {
    const view = new Float64Array(buffer, offset, length)
    offset += view.byteLength
    return [name, view]
  }))
}

export function copyArrays(from: Readonly<Record<string, ArrayLike<number>>>, to: Readonly<Record<string, Float64Array>>): void {
  for (const [name, array] of Object.entries(to)) array.set(from[name]!)
}
