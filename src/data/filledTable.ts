import { timeColumn, type Frame, type FrameColumn } from './frame.js'
import type { TableWithGaps } from './gaps.js'
import { measuredCell } from './numbers/measuredCell.js'
import type { TimeAxis } from './series.js'

/** A value for a cell in which nothing stood. */
export interface Filling {
  readonly row: number
  readonly column: number
  /** The channel's name, for the column that says what was filled. */
  readonly channel: string
  readonly value: number
}

/** A table with its gaps filled, its last column naming the channels that were filled in each row. */
export interface FilledTable {
  readonly header: readonly string[]
  readonly units?: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The table with values in its gaps, each written as the others of its column are: decimal mark, unit beside it. */
export function filledTable(table: TableWithGaps, fillings: readonly Filling[]): FilledTable {
  const { header, units, rows, numberColumns } = table
  const writers = new Map(numberColumns.map((column) => [column, writerLike(table, column)]))
  const filled = rows.map((cells) => [...cells])
  const named: string[][] = rows.map(() => [])
  for (const { row, column, channel, value } of fillings) {
    filled[row]![column] = writers.get(column)!(value)
    named[row]!.push(channel)
  }
  return {
    header: [...header, freeName(header)],
    ...(units && { units: [...units, ''] }),
    rows: filled.map((cells, row) => [...cells, named[row]!.join('; ')]),
  }
}

/** `filled`, or where there is such a column `filled2` and so on. */
function freeName(header: readonly string[]): string {
  const taken = new Set(header.map((name) => name.trim().toLowerCase()))
  for (let i = 1; ; i++) {
    const name = i === 1 ? 'filled' : `filled${i}`
    if (!taken.has(name)) return name
  }
}

/** Writes numbers as the first cells of a column that hold one do. */
function writerLike({ rows, numbers, written }: TableWithGaps, column: number): (value: number) => string {
  const values = numbers.get(column)!
  const first = values.findIndex((value) => !Number.isNaN(value))
  const shown = [column, ...numbers.keys()].map((one) => commaIn(rows, numbers.get(one)!, one)).find((comma) => comma !== undefined)
  const comma = shown ?? written.decimal === ','
  const text = first === -1 ? '' : rows[first]![column]!.trim()
  const cell = measuredCell(text)
  const [before, after] =
    cell.kind === 'number' && cell.affix !== '' && text.includes(cell.digits.replace(/^[-+]/, '')) ? around(text, cell.digits) : ['', '']
  return (value) => {
    const digits = comma ? String(value).replace('.', ',') : String(value)
    return before === '' ? `${digits}${after}` : `${value < 0 ? '-' : ''}${before}${digits.replace('-', '')}${after}`
  }
}

/** Whether the decimal mark of a column is a comma; undefined where none of its numbers has decimals. */
function commaIn(rows: TableWithGaps['rows'], values: Float64Array, column: number): boolean | undefined {
  const broken = values.findIndex((value) => !Number.isNaN(value) && !Number.isInteger(value))
  return broken === -1 ? undefined : /,\d*\D*$/.test(rows[broken]![column]!)
}

/** What stands before and after the digits of a cell, without its sign. */
function around(text: string, digits: string): [string, string] {
  const bare = digits.replace(/^[-+]/, '')
  const at = text.indexOf(bare)
  return [text.slice(0, at).replace(/^[-+−]\s*/, ''), text.slice(at + bare.length)]
}

/** The filled table as text, a line at a time, separated as the table that was read. */
export function* filledLines({ header, units, rows }: FilledTable, delimiter: string): Generator<string> {
  const line = (cells: readonly string[]): string => `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\n`
  yield line(header)
  if (units) yield line(units)
  for (const cells of rows) yield line(cells)
}

/** In quotes where it has to be; an empty cell between blanks would be none. */
const quoted = (cell: string, delimiter: string): string =>
  cell.includes(delimiter) || /["\r\n]/.test(cell) || (delimiter === ' ' && cell.trim() === '') ? `"${cell.replaceAll('"', '""')}"` : cell

/** The filled table in types, for files that have some: times, numbers, texts. */
export function filledFrame(table: TableWithGaps, filled: FilledTable, axis: TimeAxis): Frame {
  const { times, timeColumns, numberColumns, numbers, rows } = table
  const last = filled.header.length - 1
  return filled.header.map((name, c): FrameColumn => {
    const cells = filled.rows.map((row) => row[c]!)
    if (c === timeColumns[0] && timeColumns.length === 1 && !times.some(Number.isNaN)) return timeColumn(name, axis, times)
    const own = numbers.get(c)
    // A limit such as <4.0 is text, and so is all of its column then.
    const asRead =
      own !== undefined &&
      numberColumns.includes(c) &&
      cells.every((cell, row) => cell === '' || cell !== rows[row]![c] || !Number.isNaN(own[row]!))
    if (asRead)
      return { name, kind: 'number', values: Float64Array.from(own, (value, row) => (Number.isNaN(value) ? numberOf(cells[row]!) : value)) }
    const plain = c !== last && cells.every((cell) => cell === '' || String(Number(cell)) === cell)
    return plain ? { name, kind: 'number', values: Float64Array.from(cells, numberOf) } : { name, kind: 'text', values: cells }
  })
}

/** NaN of an empty cell. */
const numberOf = (cell: string): number => (cell.trim() === '' ? NaN : Number(cell))
