import { noKernel, times, type View } from './view.js'

/** Axes of a copy at most: MOST_AXES of layout.h. */
const mostAxes = 8

/** The words of a copy after its code: axes of length 1 are dropped, those that follow each other evenly joined. */
export function copyCode(
  from: View,
  strides: readonly number[],
  source: readonly [number, number],
  destination: readonly [number, number],
): number[] {
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
  if (axes.length > mostAxes) throw noKernel(`copies of ${axes.length} axes (at most ${mostAxes})`)
  return [axes.length, ...source, ...destination, ...axes.flatMap(({ size, from: a, to }) => [size, a, to])]
}
