import { toBatch, type BatchMemory } from '../data/batch.js'
import { normaliseCells, type Normalisation } from '../data/normalise.js'
import type { Series } from '../data/series.js'
import type { OriginName } from '../model/latentOdeConfig.js'
import type { Observations } from '../model/observations.js'

/** How times of the data become times of the model. */
export interface TimeScale {
  readonly origin: OriginName
  /** Earliest time of the training data. */
  readonly earliest: number
  /** Latest time of the training data; not known of models that were written before files said so. */
  readonly latest?: number
  /** Unit of the model's time: the largest span of a training series that is no outlier. */
  readonly span: number
  /** Speed of the dynamics in the model's time. */
  readonly rate: number
}

/** Times in the model's unit, relative to the origin; the subtraction comes first, in float64. */
export const modelTimes = ({ span }: TimeScale, origin: number, times: ArrayLike<number>): Float64Array =>
  Float64Array.from(times, (t) => (t - origin) / span)

/** A row of a batch: a series, the rows of it that are seen, and its origin. */
export interface Selection {
  /** Its times are the data's own. */
  readonly series: Series
  readonly rows: Int32Array
  readonly origin: number
}

/** Selects rows of a series; z0 lives where the scale says, given the first of them, or the first that there is if none is selected. */
export function select(series: Series, { origin, earliest }: TimeScale, rows: Int32Array): Selection {
  const first = series.times[rows[0] ?? 0] ?? earliest
  return { series, rows, origin: origin === 'zero' ? 0 : origin === 'common' ? earliest : first }
}

/** The indices of all rows of a series. */
export const allRows = ({ times }: Series): Int32Array => firstRows(times.length)

/** The indices of so many rows from the first on. */
export function firstRows(count: number): Int32Array {
  const rows = new Int32Array(count)
  for (let i = 0; i < count; i++) rows[i] = i
  return rows
}

/** How a batch is made of series. */
export interface ObservationOptions {
  /** What normalises the values; default: they are normalised. */
  readonly normalisation?: Normalisation | undefined
  /** What the batch is made in; default: memory of its own. */
  readonly memory?: BatchMemory
  /** Whether all rows of the series are taken, not only those selected; default false. */
  readonly whole?: boolean
}

/** Pads selected rows of several series to one batch, times relative to each row's origin. */
export function observationsOf(
  selections: readonly Selection[],
  channels: number,
  scale: TimeScale,
  { normalisation, memory, whole = false }: ObservationOptions = {},
): Observations {
  const { ids: _, ...batch } = toBatch(
    selections.map(({ series }) => series),
    channels,
    { ...(!whole && { rows: selections.map(({ rows }) => rows) }), ...(memory && { memory }) },
  )
  const { times, values, mask, length } = batch
  if (normalisation) normaliseCells(values, mask, normalisation)
  selections.forEach(({ origin }, row) => {
    for (let cell = row * length; cell < (row + 1) * length; cell++) times[cell] = (times[cell]! - origin) / scale.span
  })
  return batch
}
