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
