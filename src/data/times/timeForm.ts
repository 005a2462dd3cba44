import type { TimeAxis } from '../series.js'

/** Dates: how they are written. */
export interface DateForm {
  readonly kind: 'date'
  /**
   * Luxon tokens such as `dd/MM/yyyy HH:mm`, or `iso`, `epoch seconds`, `epoch
   * milliseconds`, `epoch microseconds`, `epoch nanoseconds`, `excel`.
   */
  readonly format: string
  /** IANA zone of times that have no offset of their own. Default: UTC. */
  readonly zone?: string
  readonly style: 'date' | 'datetime' | 'datetime with zone'
}

/** Lengths of time: how they are written. */
export interface DurationForm {
  readonly kind: 'duration'
  /** Like `hh:mm:ss`, `d 'days' hh:mm:ss`, `w 'weeks'`, or `iso` for `PT1H30M`. */
  readonly format: string
}

/** How a column of times is written. Plain data: it goes into the model file inside the time axis. */
export type TimeForm = { readonly kind: 'number' } | DateForm | DurationForm

export interface TimeOptions {
  /**
   * Luxon tokens, or `iso`, `number`, `epoch`, `excel`, or the tokens of a length of
   * time such as `mm:ss`. Default: found out from the column.
   */
  readonly dateFormat?: string
  /** IANA zone that times without an offset are local to. Default UTC. */
  readonly timeZone?: string
  /** The axis of a fitted model: settles what is ambiguous. */
  readonly axis?: TimeAxis
}

export interface TimeColumn {
  readonly form: TimeForm
  /** Numbers as they stand; dates in seconds since 1970 UTC; durations in seconds. NaN where the cell is missing. */
  readonly values: Float64Array
  readonly notices: readonly string[]
}

/** Where a column stands, for messages. */
export interface TimePlace {
  readonly file: string
  readonly unit: 'line' | 'row'
  /** The line (or row) of the file, counted as people do, in which a row of the column stands. */
  line(row: number): number
}

/** Times as written: of dates, seconds since 1970 by the clock on the wall where `isLocal`, else of UTC. */
export interface ReadTexts {
  readonly form: TimeForm
  readonly values: Float64Array
  readonly isLocal: boolean
  readonly notices: readonly string[]
}
