/** How numbers on the time axis are to be read. Dates are stored as numbers of `unit`s since `epoch`. */
export type TimeAxis =
  | { readonly kind: 'number' }
  | { readonly kind: 'date'; readonly unit: 'second' | 'minute' | 'hour' | 'day'; readonly epoch: string; readonly dateOnly: boolean }

/** One series: its rows in time order. */
export interface Series {
  readonly id: string
  /** Strictly increasing times, `[length]`, in the data's own unit. */
  readonly times: Float64Array
  /** `[length, channels]`, row-major. Where `mask` is 0 the number is meaningless. */
  readonly values: Float64Array
  /** 1 where a value was observed, 0 where it is missing; `[length, channels]`. */
  readonly mask: Uint8Array
}

/** A cleaned data set: many series over the same channels. */
export interface SeriesSet {
  readonly channels: readonly string[]
  readonly time: TimeAxis
  readonly idColumn: string
  readonly timeColumn: string
  readonly series: readonly Series[]
}
