import type { ColumnTable } from 'arquero'
import { readSeries, type ReadOptions } from '../data/read.js'
import type { CensoredValue, ReadResult } from '../data/readResult.js'
import type { SeriesSet } from '../data/series.js'
import { sourceName, type Source } from '../data/source.js'
import { fromDanfo as readDanfo, fromTable as readTable, type DanfoFrame, type TableOptions } from '../data/tables.js'

/** A data set, and what was done to get it. Whatever takes a data set takes this. */
export interface Dataset extends SeriesSet {
  /** What messages and reports call it. */
  readonly name: string
  /** What was guessed, left out or merged, as sentences. */
  readonly notices: readonly string[]
  /** Values of which only a limit is known, such as `<4.0`, in file order; the set holds them as missing. */
  readonly censored: readonly CensoredValue[]
  /** Units of columns by their names, where a row below the header gives them. */
  readonly units: Readonly<Record<string, string>>
  /** The columns used, rows in file order, as an arquero table; missing numbers are NaN, dates are seconds since 1970. */
  readonly columns: ColumnTable
}

/**
 * Reads a data set from a file (CSV, TSV, Parquet, Arrow; `.gz`), standard input (`-`) or a stream: one row for each
 * observation, with an id, a time and values. Text is streamed, never held as one.
 *
 *     const visits = await read('visits.csv', { id: 'patient', time: 'day' })
 *
 * @param source a path, `-`, or a stream
 * @param options which column is what, and how it is written; by default found out from the data
 * @throws DataError with a code, naming file, line or column, and what to do
 */
export async function read(source: Source, options: ReadOptions = {}): Promise<Dataset> {
  return datasetOf(await readSeries(source, options), options.name ?? sourceName(source))
}

/**
 * A data set from an arquero table (or anything with its `columnNames`, `numRows` and `objects`), read as a file would
 * be. Cells may be numbers, texts, dates, null; times that are Dates are UTC.
 *
 * @throws DataError as `read` does, counting rows from 1
 */
export const fromTable = (table: Pick<ColumnTable, 'columnNames' | 'numRows' | 'objects'>, options: TableOptions = {}): Dataset =>
  datasetOf(readTable(table, options), options.name ?? 'the table')

/**
 * A data set from a DataFrame of danfojs (or danfojs-node), read as a file would be. The index is not looked at: what it
 * holds beside row numbers has to be made a column first.
 *
 * @throws UserError `NotDataFrame`; DataError as `read` does, counting rows from 1
 */
export const fromDanfo = (frame: DanfoFrame, options: TableOptions = {}): Dataset =>
  datasetOf(readDanfo(frame, options), options.name ?? 'the DataFrame')

const datasetOf = ({ set, table, ...rest }: ReadResult, name: string): Dataset => ({ ...set, ...rest, name, columns: table })

/** What messages and reports call a data set. */
export const nameOf = (data: SeriesSet | Dataset): string => ('name' in data ? data.name : 'the data')
