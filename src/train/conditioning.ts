import type { Series } from '../data/series.js'
import type { RandomStream } from '../random.js'
import { firstRows } from './selection.js'

/** Which observations the encoder is shown in training; the loss is always over all of them. */
export const conditionings = ['mixed', 'all', 'interpolation', 'extrapolation'] as const
export type ConditioningName = (typeof conditionings)[number]

/** Indices of the rows of a series that the encoder reads. Never empty for a series that has rows. */
export function conditioningRows(kind: ConditioningName, series: Series, stream: RandomStream): Int32Array {
  const count = series.times.length
  if (kind === 'mixed') {
    const choice = stream.integer(3)
    kind = choice === 0 ? 'all' : choice === 1 ? 'interpolation' : 'extrapolation'
    // From next to nothing, so that forecasts from a row or two are no worse than what holds for all series.
    const fraction = 0.02 + 0.88 * stream.uniform()
    if (kind === 'interpolation') return interpolationRows(series, fraction, stream)
    if (kind === 'extrapolation') return rowsUpTo(series, fraction)
  }
  if (kind === 'all') return firstRows(count)
  return kind === 'interpolation' ? interpolationRows(series, 0.5, stream) : rowsUpTo(series, 0.5)
}

/** A random fraction of the rows, rounded down but at least one: the interpolation task. */
export const interpolationRows = (series: Series, fraction: number, stream: RandomStream): Int32Array =>
  randomRows(series.times.length, Math.max(1, Math.floor(series.times.length * fraction)), stream)

/** Rows in the first part of the time span: the extrapolation task for a fraction of one half. */
export function rowsUpTo({ times }: Series, fraction: number): Int32Array {
  const end = times.length === 0 ? 0 : times[0]! + fraction * (times[times.length - 1]! - times[0]!)
  // Times ascend.
  let count = Math.min(1, times.length)
  while (count < times.length && times[count]! <= end) count++
  return firstRows(count)
}

function randomRows(count: number, take: number, stream: RandomStream): Int32Array {
  const order = firstRows(count)
  // A shuffle (Fisher and Yates) as far as it settles which are the first `take`.
  for (let i = count - 1; i >= take; i--) {
    const j = stream.integer(i + 1)
    const moved = order[i]!
    order[i] = order[j]!
    order[j] = moved
  }
  return order.subarray(0, take).sort()
}
