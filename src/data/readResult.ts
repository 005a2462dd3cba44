import type { ColumnTable as ArqueroTable } from 'arquero'
import type { ColumnTable } from './ingest.js'
import { secondsToTime } from './dates.js'
import type { SeriesSet } from './series.js'
import { toSeries, type ToSeriesOptions } from './toSeries.js'

/** A value of which only a limit is known, as in `<4.0`. */
export interface CensoredValue {
  readonly id: string
  /** On the set's time axis. */
  readonly time: number
  readonly channel: string
  /** The value lies below, or above, the limit. */
  readonly side: 'below' | 'above'
  readonly limit: number
}

/** A data set, and what was done to get it. */
export interface ReadResult {
  readonly set: SeriesSet
  /** What was guessed, left out or merged, as sentences. */
  readonly notices: readonly string[]
  /** Values of which only a limit is known, such as `<4.0`, in file order; the set holds them as missing. */
  readonly censored: readonly CensoredValue[]
  /** Units of columns by their names, where a row below the header gives them. */
  readonly units: Readonly<Record<string, string>>
  /** The columns used, rows in file order; missing numbers are NaN, dates are seconds since 1970. */
  readonly table: ArqueroTable
}

/** What reading comes to, from the columns that were read. @throws DataError as `toSeries` does */
export function toResult(columns: ColumnTable, options: ToSeriesOptions): ReadResult {
  const { set, notices } = toSeries(columns, options)
  const times = columns.time.values()
  const censored = columns.censored.map(({ row, side, limit, channel }): CensoredValue => ({
    id: columns.id.at(row),
    time: set.time.kind === 'number' ? times[row]! : secondsToTime(set.time, times[row]!),
    channel,
    side,
    limit,
  }))
  return { set, notices: [...columns.notices, ...notices], censored, units: columns.units, table: columns.table }
}
