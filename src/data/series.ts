/**
 * How numbers on the time axis are to be read. Dates are stored as numbers of `unit`s since `epoch`, lengths of time as
 * numbers of `unit`s; `format` and `zone` say how the data write them, and so how forecasts do (see `TimeForm`).
 */
export type TimeAxis =
  | { readonly kind: 'number' }
  | {
      readonly kind: 'date'
      readonly unit: 'second' | 'minute' | 'hour' | 'day'
      readonly epoch: string
      /** Whether all times are whole days. */
      readonly dateOnly: boolean
      /** Luxon tokens and the like. Default: ISO 8601. */
      readonly format?: string
      /** Zone in which times are written. Default: UTC. */
      readonly zone?: string
      /** Digits of a second that tell times apart, where these are more than three. */
      readonly digits?: number
    }
  | {
      readonly kind: 'duration'
      readonly unit: 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'
      readonly format: string
      readonly digits?: number
    }

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

/** How long series are cut: windows of so many rows, each so many rows after the one before. */
export interface Windows {
  readonly rows: number
  readonly stride: number
}

/** A cleaned data set: many series over the same channels. */
export interface SeriesSet {
  readonly channels: readonly string[]
  readonly time: TimeAxis
  readonly idColumn: string
  readonly timeColumn: string
  readonly series: readonly Series[]
  /** Where the series are windows of longer ones: how those were cut. */
  readonly windows?: Windows
}
