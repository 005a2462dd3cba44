import { UserError } from '../errors.js'
import { random } from '../random.js'
import type { Series, SeriesSet } from './series.js'
import { takeRows } from './toSeries.js'

/** Several series side by side, padded at the end to the longest. */
export interface Batch {
  readonly ids: readonly string[]
  /** Number of series. */
  readonly rows: number
  /** Length of the longest. */
  readonly length: number
  readonly channels: number
  /** `[rows, length]`; padding repeats a series' last time. */
  readonly times: Float64Array
  /** `[rows, length, channels]`; 0 wherever nothing was observed, padding included. */
  readonly values: Float64Array
  /** `[rows, length, channels]`; 1 where a value was observed. */
  readonly mask: Uint8Array
  /** `[rows]`; how many rows of each series are real. */
  readonly lengths: Int32Array
}

/** Pads series into a batch. What stands in unobserved cells, NaN and infinities among it, becomes 0. */
export function toBatch(series: readonly Series[], channels: number): Batch {
  const rows = series.length
  const length = series.reduce((longest, { times }) => Math.max(longest, times.length), 0)
  const batch = {
    ids: series.map(({ id }) => id), rows, length, channels,
    times: new Float64Array(rows * length),
    values: new Float64Array(rows * length * channels),
    mask: new Uint8Array(rows * length * channels),
    lengths: Int32Array.from(series, ({ times }) => times.length),
  }
  series.forEach(({ times, values, mask }, row) => {
    batch.times.set(times, row * length)
    if (times.length > 0) batch.times.fill(times[times.length - 1]!, row * length + times.length, (row + 1) * length)
    const start = row * length * channels
    batch.mask.set(mask, start)
    for (let cell = 0; cell < values.length; cell++) if (mask[cell] === 1) batch.values[start + cell] = values[cell]!
  })
  return batch
}

export interface BatchOptions {
  /** Series per batch. Default 50. */
  readonly size?: number
  /** Order of the series: shuffled by (seed, epoch), or as they stand where `shuffle` is false. Default true. */
  readonly shuffle?: boolean
  readonly seed?: number
  readonly epoch?: number
}

/** Which series make up each batch of an epoch, as positions in the set. */
export function batchPositions(count: number, options: BatchOptions = {}): number[][] {
  const { size = 50, shuffle = true, seed = 0, epoch = 0 } = options
  if (!Number.isInteger(size) || size < 1) throw new UserError('BadBatchSize', `The batch size ${size} is no positive whole number. Give one like 50.`)
  const positions = Array.from({ length: count }, (_, i) => i)
  const order = shuffle ? random(seed, 'batches', epoch).shuffle(positions) : positions
  return Array.from({ length: Math.ceil(count / size) }, (_, b) => order.slice(b * size, (b + 1) * size))
}

/** A series with only some of its rows, in the order of `rows` (which must ascend, so that times do). */
export function pickRows(series: Series, rows: readonly number[] | Int32Array): Series {
  const width = series.times.length === 0 ? 0 : series.values.length / series.times.length
  return { id: series.id, ...takeRows(series, width, rows) }
}

/** A set with only the series named, in the set's order. */
export function pickSeries(set: SeriesSet, ids: readonly string[]): SeriesSet {
  const chosen = new Set(ids)
  return { ...set, series: set.series.filter(({ id }) => chosen.has(id)) }
}
