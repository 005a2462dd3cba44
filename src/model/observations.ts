/**
 * A padded batch of observed series: what models read and score. Times are in the model's unit, relative to where
 * z0 lives, ascending in each row. Cells that were not observed are 0 in `values` and in `mask`.
 */
export interface Observations {
  readonly rows: number
  /** Length of the longest row. */
  readonly length: number
  readonly channels: number
  /** Entries in use per row, `[rows]`. */
  readonly lengths: Int32Array
  /** `[rows, length]` */
  readonly times: Float64Array
  /** `[rows, length, channels]`, normalised. */
  readonly values: Float64Array
  /** `[rows, length, channels]`, 1 where observed. */
  readonly mask: Uint8Array
}

/** The times of each row, `[rows]`, without the padding. */
export const rowTimes = ({ rows, length, lengths, times }: Observations): Float64Array[] =>
  Array.from({ length: rows }, (_, row) => times.subarray(row * length, row * length + lengths[row]!))

/** Observed values of each row, `[rows]`; none of rows that `failed`. */
export function countObserved({ rows, length, channels, lengths, mask }: Observations, failed?: Uint8Array): Float64Array {
  const observed = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    if (failed?.[row] === 1) continue
    let count = 0
    const [from, to] = [row * length * channels, (row * length + lengths[row]!) * channels]
    for (let cell = from; cell < to; cell++) if (mask[cell] !== 0) count++
    observed[row] = count
  }
  return observed
}

/** Whether nothing was observed of a row, `[rows]`. */
export const unseenRows = ({ rows, length, channels, mask }: Observations): boolean[] =>
  Array.from({ length: rows }, (_, row) => !mask.subarray(row * length * channels, (row + 1) * length * channels).includes(1))
