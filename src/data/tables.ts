import type { ColumnTable as ArqueroTable } from 'arquero'
import { UserError } from '../errors.js'
import { cellText } from './cellText.js'
import { startIngest } from './ingest.js'
import type { ReadOptions } from './read.js'
import { toResult, type ReadResult } from './readResult.js'
import { wantedColumns } from './typedTable.js'

/** What is asked of a DataFrame of danfojs, by its shape: the package itself is not needed. */
export interface DanfoFrame {
  readonly columns: readonly string[]
  /** Rows of cells; of a Series, which is refused, cells. */
  readonly values: unknown
  readonly dtypes: readonly string[]
  readonly index: readonly (string | number)[]
}

/** Text tables have more to be told than tables in memory. */
export type TableOptions = Omit<ReadOptions, 'delimiter' | 'encoding' | 'skipRows'>

/**
 * A data set from an arquero table (or anything with its `columnNames`, `numRows` and `objects`), read as a file would
 * be. Cells may be numbers, texts, dates, null; times that are Dates are UTC.
 *
 * @throws DataError as `readSeries` does, counting rows from 1
 */
export function fromTable(table: Pick<ArqueroTable, 'columnNames' | 'numRows' | 'objects'>, options: TableOptions = {}): ReadResult {
  const names = table.columnNames()
  const rows = table.objects() as Record<string, unknown>[]
  return fromRows(
    names,
    rows.map((row) => names.map((name) => row[name])),
    'the table',
    options,
  )
}

/**
 * A data set from a DataFrame of danfojs (or danfojs-node), read as a file would be. The index is not looked at: what it
 * holds beside row numbers has to be made a column first.
 *
 * @throws UserError `NotDataFrame`; DataError as `readSeries` does, counting rows from 1
 */
export function fromDanfo(frame: DanfoFrame, options: TableOptions = {}): ReadResult {
  if (!isDanfo(frame))
    throw new UserError(
      'NotDataFrame',
      'This is no DataFrame of danfojs: it lacks columns, values, dtypes or index, or it is a Series. Give a DataFrame; an arquero ' +
        'table goes through fromTable.',
    )
  return fromRows(frame.columns, frame.values as unknown[][], 'the DataFrame', options)
}

/** True for a DataFrame of danfojs, told by its shape; not for a Series of it, whose values are no rows. */
export function isDanfo(value: unknown): value is DanfoFrame {
  if (typeof value !== 'object' || value === null) return false
  const { columns, values, dtypes, index } = value as Partial<DanfoFrame>
  return (
    Array.isArray(columns) &&
    Array.isArray(values) &&
    Array.isArray(dtypes) &&
    Array.isArray(index) &&
    dtypes.length === columns.length &&
    values.every((row) => Array.isArray(row))
  )
}

function fromRows(names: readonly string[], rows: readonly (readonly unknown[])[], what: string, options: TableOptions): ReadResult {
  const ingest = startIngest(options.name ?? what, 'series', options.decimal ?? '.', 'row', options)
  ingest.header(names.map(String), 1)
  const wanted = names.map(wantedColumns(options))
  rows.forEach((row, i) =>
    ingest.row(
      row.map((cell, c) => cellText(wanted[c]! && typeof cell === 'boolean' ? Number(cell) : cell)),
      i + 1,
    ),
  )
  return toResult(ingest.finish(), options)
}
