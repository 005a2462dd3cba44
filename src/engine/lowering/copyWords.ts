import { MOST_AXES } from './codes.js'
import { noKernel, times, type View } from './view.js'
import { wordsOf, type Address } from './words.js'

/** The words of a copy after its code: axes of length 1 are dropped, those that follow each other evenly joined. */
export function copyWords(from: View, strides: readonly number[], source: Address, destination: Address): number[] {
  const axes: { size: number; from: number; to: number }[] = []
  from.shape.forEach((size, i) => {
    if (size === 1) return
    const next = { size, from: from.strides[i]!, to: strides[i]! }
    const last = axes.at(-1)
    // Two axes are one if a step of the outer is as long as all steps of the inner, on both sides.
    const even = last && last.from === times(next.from, size) && last.to === times(next.to, size) && !(last.size < 0 && size < 0)
    if (even) axes[axes.length - 1] = { ...next, size: times(last.size, size) }
    else axes.push(next)
  })
  if (axes.length > MOST_AXES) throw noKernel(`copies of ${axes.length} axes (at most ${MOST_AXES})`)
  return [
    ...wordsOf('copy', { axes: axes.length, from: source, to: destination }),
    ...axes.flatMap(({ size, from: fromStride, to: toStride }) => wordsOf('axis', { size, fromStride, toStride })),
  ]
}
