import type { Series } from '../data/series.js'
import type { Observations } from '../model/observations.js'

/** Where z0 lives: at each series' first conditioning time, at the earliest time of the training data, or at 0. */
export const origins = ['first', 'common', 'zero'] as const
export type OriginName = (typeof origins)[number]

export interface TimeScale {
  readonly origin: OriginName
  /** Earliest time of the training data. */
  readonly earliest: number
  /** Unit of the model's time: the largest span of a training series. */
  readonly span: number
}

/** The time at which z0 of a series lives, in the data's unit. */
export const originOf = ({ origin, earliest }: TimeScale, conditioningTimes: ArrayLike<number>): number =>
  origin === 'zero' ? 0 : origin === 'common' || conditioningTimes.length === 0 ? earliest : conditioningTimes[0]!

/** Times in the model's unit, relative to the origin; the subtraction comes first, in float64. */
export const modelTimes = ({ span }: TimeScale, origin: number, times: ArrayLike<number>): Float64Array =>
  Float64Array.from(times, (t) => (t - origin) / span)

/** A row of a batch: a series, the rows of it that are seen, and its origin. */
export interface Selection {
  /** Normalised; its times are the data's own. */
  readonly series: Series
  readonly rows: Int32Array
  readonly origin: number
}

/** Pads selected rows of several series to one batch. */
export function observationsOf(selections: readonly Selection[], channels: number, scale: TimeScale): Observations {
  const rows = selections.length
  const length = Math.max(0, ...selections.map((s) => s.rows.length))
  const times = new Float64Array(rows * length)
  const values = new Float64Array(rows * length * channels)
  const mask = new Uint8Array(rows * length * channels)
  selections.forEach(({ series, rows: chosen, origin }, row) => chosen.forEach((source, i) => {
    times[row * length + i] = (series.times[source]! - origin) / scale.span
    for (let c = 0; c < channels; c++) {
      if (series.mask[source * channels + c] === 0) continue
      const cell = (row * length + i) * channels + c
      values[cell] = series.values[source * channels + c]!
      mask[cell] = 1
    }
  }))
  return { rows, length, channels, lengths: Int32Array.from(selections, (s) => s.rows.length), times, values, mask }
}
