import type { DataError } from '../../errors.js'
import { dataError, plural, quote, type Place } from '../place.js'
import type { RawCells } from '../rawCells.js'
import type { TimePlace } from './timeForm.js'

/** Cells that a message shows. */
export const SHOWN = 3

/** A column of times and where it stands: what messages are made of. */
export interface Told {
  readonly column: RawCells
  readonly place: TimePlace
}

/** The place of a row in a column of times. */
export const placeOf = ({ column, place }: Told, row?: number): Place => ({
  file: place.file,
  unit: place.unit,
  column: column.name,
  ...(row === undefined ? {} : { line: place.line(row) }),
})

/** `line 3: "18.01.2021"`, for the first few of some rows. */
export const showRows = ({ column, place }: Told, rows: readonly number[]): string =>
  rows
    .slice(0, SHOWN)
    .map((row) => `${place.unit} ${place.line(row)}: ${quote(column.text(row))}`)
    .join('; ')

export const badTime = (told: Told, rows: readonly number[], found: string, remedy: string): DataError =>
  dataError('BadTime', placeOf(told, rows[0]!), `${found} (${showRows(told, rows)})`, remedy)

export const noTime = (told: Told, rows: readonly number[]): DataError =>
  badTime(
    told,
    rows,
    'this is neither a number nor a date nor a length of time',
    'Write times as numbers, as dates like 2024-03-01 or 2024-03-01T06:30:00Z, or as lengths like 02:15:00 or 3 days; say how dates ' +
      'are written with --date-format, or name another column with --time.',
  )

export function mixedTimes(
  told: Told,
  first: { readonly row: number; readonly kind: string },
  others: { readonly rows: readonly number[]; readonly kind: string },
): DataError {
  const { column, place } = told
  return dataError(
    'MixedTimes',
    placeOf(told, others.rows[0]!),
    `times mix formats: ${place.unit} ${place.line(first.row)} has ${quote(column.text(first.row))} (${first.kind}), but ` +
      `${showRows(told, others.rows)} (${others.kind})`,
    'Write all times in one format.',
  )
}

export const infiniteTime = (told: Told, row: number): DataError =>
  dataError(
    'InfiniteValue',
    placeOf(told, row),
    `the time is ${quote(told.column.text(row))}`,
    'Times must be finite: correct or remove the row.',
  )

/** An option as it is typed: in quotes where the shell would take it apart. */
export const option = (name: string, value: string): string => `${name} ${/^[\w./:,+-]+$/.test(value) ? value : `"${value}"`}`

/** `3 times`, in notices. */
export const times = (count: number): string => plural(count, 'time')

/** The first row that is not missing. */
export function firstRow({ column }: Told): number | undefined {
  for (let row = 0; row < column.length; row++) if (!column.isMissing(row)) return row
  return undefined
}
