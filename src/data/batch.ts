import { UserError } from '../errors.js'
import { random } from '../random.js'
import type { Series, SeriesSet } from './series.js'

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

/** Memory that one batch after another is made in: a batch is good until the next is made. */
export class BatchMemory {
  #times: Float64Array = new Float64Array(0)
  #values: Float64Array = new Float64Array(0)
  #mask: Uint8Array = new Uint8Array(0)

  /** @param shared whether other threads see the same memory when they are sent a batch, instead of a copy of all of it */
  constructor(private readonly shared = false) {}

  /** Arrays of zeros for so many times, and cells. */
  zeros(times: number, cells: number): Pick<Batch, 'times' | 'values' | 'mask'> {
    const bytes = (count: number): ArrayBufferLike => (this.shared ? new SharedArrayBuffer(count) : new ArrayBuffer(count))
    if (times > this.#times.length) this.#times = new Float64Array(bytes(8 * times))
    if (cells > this.#values.length) [this.#values, this.#mask] = [new Float64Array(bytes(8 * cells)), new Uint8Array(bytes(cells))]
    return {
      times: this.#times.subarray(0, times).fill(0),
      values: this.#values.subarray(0, cells).fill(0),
      mask: this.#mask.subarray(0, cells).fill(0),
    }
  }
}

/** Options of {@link toBatch}. */
export interface BatchMaking {
  /** Which rows of each series, ascending; default all. */
  readonly rows?: readonly (readonly number[] | Int32Array)[]
  /** Default: memory of its own. */
  readonly memory?: BatchMemory
}

/** Pads series into a batch. What stands in unobserved cells, NaN and infinities among it, becomes 0. */
export function toBatch(
  series: readonly Series[],
  channels: number,
  { rows: chosen, memory = new BatchMemory() }: BatchMaking = {},
): Batch {
  const rows = series.length
  const lengths = Int32Array.from(series, ({ times }, row) => (chosen ? chosen[row]! : times).length)
  const length = lengths.reduce((longest, count) => Math.max(longest, count), 0)
  const batch = {
    ids: series.map(({ id }) => id),
    rows,
    length,
    channels,
    ...memory.zeros(rows * length, rows * length * channels),
    lengths,
  }
  series.forEach(({ times, values, mask }, row) => {
    const count = lengths[row]!
    for (let i = 0; i < count; i++) {
      const from = chosen ? chosen[row]![i]! : i
      const to = row * length + i
      batch.times[to] = times[from]!
      for (let c = 0; c < channels; c++) {
        if (mask[from * channels + c] !== 1) continue
        batch.mask[to * channels + c] = 1
        batch.values[to * channels + c] = values[from * channels + c]!
      }
    }
    if (count > 0) batch.times.fill(batch.times[row * length + count - 1]!, row * length + count, (row + 1) * length)
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
  if (!Number.isInteger(size) || size < 1)
    throw new UserError('BadBatchSize', `The batch size ${size} is no positive whole number. Give one like 50.`)
  const positions = Array.from({ length: count }, (_, i) => i)
  const order = shuffle ? random(seed, 'batches', epoch).shuffle(positions) : positions
  return Array.from({ length: Math.ceil(count / size) }, (_, b) => order.slice(b * size, (b + 1) * size))
}

/** A set with only the series named, in the set's order. */
export function pickSeries(set: SeriesSet, ids: readonly string[]): SeriesSet {
  const chosen = new Set(ids)
  return { ...set, series: set.series.filter(({ id }) => chosen.has(id)) }
}
