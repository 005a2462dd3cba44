import { NumberColumn, TextColumn } from './columns.js'
import type { MissingWords } from './missing.js'
import { dataError, quote, type Place } from './place.js'
import type { RawColumn } from './raw/rawColumn.js'
import { findKeys, type RoleOptions, type Roles } from './roles.js'
import { listText, optionText } from './shellWord.js'
import type { TimeForm, TimeOptions } from './times/timeForm.js'
import { readTimes } from './times/readTimes.js'

/** What of a table tells series and times: rows in file order, nothing merged or left out but empty rows. */
export interface KeyTable {
  readonly file: string
  readonly unit: 'line' | 'row'
  readonly id: TextColumn
  /** Whether a column tells series apart. */
  readonly named: boolean
  /** Numbers as they stand; seconds since 1970 where `form` says that they are dates; seconds where it says durations. */
  readonly time: NumberColumn
  readonly form: TimeForm
  readonly lines: Int32Array
  /** What was guessed or left out, as sentences. */
  readonly notices: readonly string[]
}

/** A table before anything is decided about it. */
export interface RawTable {
  readonly file: string
  readonly stem: string
  readonly unit: 'line' | 'row'
  readonly columns: readonly RawColumn[]
  readonly lines: Int32Array
  readonly missing: MissingWords
  readonly usual: '.' | ','
  at(row?: number, column?: string): Place
}

/** Finds out which columns tell series and times, and reads them. */
export function keysOf(raw: RawTable, options: RoleOptions & TimeOptions): KeyTable {
  const { file, unit, columns, lines } = raw
  const keys = findKeys(columns, file, options)
  const time = columnOfTimes(raw, keys, options)
  const id = columnOfIds(raw, keys)
  return {
    file,
    unit,
    id,
    named: keys.id.length > 0,
    time: time.column,
    form: time.form,
    lines,
    notices: time.notices,
  }
}

export function columnOfTimes(
  { file, unit, columns, lines, at }: RawTable,
  { time: positions }: Pick<Roles, 'time'>,
  options: TimeOptions,
): { column: NumberColumn; form: TimeForm; notices: readonly string[] } {
  const chosen = positions.map((i) => columns[i]!)
  for (let row = 0; row < lines.length; row++) {
    const lacking = chosen.find((one) => one.isMissing(row))
    if (lacking !== undefined)
      throw dataError('MissingTime', at(row, lacking.name), 'the row has no time', 'Fill in the time, or remove the row.')
  }
  const { form, values, notices } = readTimes(chosen, { file, unit, line: (row) => lines[row]! }, options)
  const column = new NumberColumn(chosen.length === 1 ? chosen[0]!.name : listText(chosen.map(({ name }) => name)), lines.length)
  for (const value of values) column.push(value)
  return { column, form, notices: [...notices, ...serialNotice(column, form)] }
}

/** Days of a spreadsheet look like any other numbers; a column that is called a date should say more. */
function serialNotice(column: NumberColumn, form: TimeForm): string[] {
  const serial =
    form.kind === 'number' && /date|datum|fecha/i.test(column.name) && column.values().every((value) => value >= 20_000 && value < 75_000)
  return serial
    ? [
        `Times of ${quote(column.name)} are read as numbers. If they count the days of a spreadsheet, add ` +
          `${optionText('date-format', 'excel')}.`,
      ]
    : []
}

export const columnOfIds = (raw: RawTable, { id }: Pick<Roles, 'id'>): TextColumn =>
  id.length === 0
    ? lone(raw.stem, raw.lines.length)
    : textColumn(raw, id, 'MissingId', 'the row does not say which series it belongs to', 'Fill in the id, or remove the row.')

function lone(stem: string, rows: number): TextColumn {
  const column = new TextColumn('id')
  for (let row = 0; row < rows; row++) column.push(stem)
  return column
}

/** A column of names, or several made one: `north / 17`. */
export function textColumn(
  { columns, lines, at }: RawTable,
  positions: readonly number[],
  code: string,
  found: string,
  remedy: string,
): TextColumn {
  const parts = positions.map((i) => columns[i]!)
  const column = new TextColumn(parts.length === 1 ? parts[0]!.name : listText(parts.map(({ name }) => name)))
  for (let row = 0; row < lines.length; row++) {
    const lacking = parts.find((part) => part.isBlank(row))
    if (lacking !== undefined) throw dataError(code, at(row, lacking.name), found, remedy)
    column.push(parts.length === 1 ? parts[0]!.text(row) : parts.map((part) => part.text(row)).join(' / '))
  }
  return column
}
