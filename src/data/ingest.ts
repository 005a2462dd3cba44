import { table as arqueroTable, type ColumnTable as ArqueroTable } from 'arquero'
import { INFINITE, TEXT, cellParser, missingTest } from './cells.js'
import { IntegerColumn, NumberColumn, TextColumn } from './columns.js'
import { parseIso, type IsoDate } from './dates.js'
import { dataError, listNames, plural, quote, type Place } from './place.js'
import { findRoles, type RoleOptions, type Roles } from './roles.js'

/** A table of typed columns, as read: rows in file order, nothing merged or left out but empty rows. */
export interface ColumnTable {
  readonly file: string
  readonly unit: 'line' | 'row'
  readonly roles: Roles
  readonly header: readonly string[]
  readonly id: TextColumn
  /** Long tables: names of channels. */
  readonly channel: TextColumn | undefined
  /** Numbers as they stand, or seconds since 1970 where `style` says that they are dates. */
  readonly time: NumberColumn
  readonly style: IsoDate['style'] | undefined
  readonly values: readonly NumberColumn[]
  readonly lines: Int32Array
  readonly notices: readonly string[]
  /** The same columns as an arquero table. */
  readonly table: ArqueroTable
}

export interface IngestOptions extends RoleOptions {
  /** Further words that stand for a missing value. */
  readonly missing?: readonly string[]
}

/** Takes a table row by row, as text. */
export interface Ingest {
  header(cells: readonly string[], line: number): void
  row(cells: readonly string[], line: number): void
  /** @throws DataError `HeaderOnly`, `TextInNumericColumn`, `InfiniteValue`, `BadTime`, `MixedTimes`, `NoChannels` */
  finish(): ColumnTable
}

/** The rows that roles are guessed from. */
const SAMPLE_ROWS = 1000
const TIMES_SHOWN = 3

/**
 * @param file what messages call the input
 * @param stem what a lone series is called
 */
export function startIngest(file: string, stem: string, decimal: '.' | ',' | 'undecided', unit: 'line' | 'row', options: IngestOptions = {}): Ingest {
  const missing = missingTest(options.missing)
  const parse = cellParser(decimal, missing, (options.missing ?? []).length > 0)
  const at = (line?: number, column?: string): Place => ({ file, unit, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) })
  const notices: string[] = []
  const lines = new IntegerColumn()
  let header: readonly string[] = []
  let roles: Roles | undefined
  let sample: { cells: readonly string[]; line: number }[] = []
  let id = new TextColumn('id')
  let channel: TextColumn | undefined
  let time = new NumberColumn('time')
  let values: NumberColumn[] = []
  let emptyRows = 0
  let firstTime: { line: number; cell: string; style: IsoDate['style'] | 'number' } | undefined
  const badTimes: { line: number; cell: string }[] = []
  const otherTimes: { line: number; cell: string; style: IsoDate['style'] | 'number' }[] = []

  const settle = (): Roles => {
    if (roles !== undefined) return roles
    roles = findRoles({ file, header, rows: sample.map(({ cells }) => cells), missing, decimal }, options)
    id = new TextColumn(roles.id === -1 ? 'id' : header[roles.id]!)
    time = new NumberColumn(header[roles.time]!)
    if (roles.format === 'long') channel = new TextColumn(header[roles.channel]!)
    values = roles.values.map((position) => new NumberColumn(header[position]!))
    const rows = sample
    sample = []
    for (const { cells, line } of rows) store(roles, cells, line)
    return roles
  }

  const store = (where: Roles, cells: readonly string[], line: number): void => {
    const idCell = where.id === -1 ? stem : cells[where.id]!.trim()
    const timeCell = cells[where.time]!
    if (idCell === '') {
      if (cells.every((cell) => missing(cell))) {
        emptyRows++
        return
      }
      throw dataError('MissingId', at(line, header[where.id]), 'the row does not say which series it belongs to', 'Fill in the id, or remove the row.')
    }
    const seconds = readTime(timeCell, line, where, cells)
    if (seconds === undefined) return
    id.push(idCell)
    time.push(seconds)
    lines.push(line)
    if (channel !== undefined) {
      const name = cells[where.channel]!.trim()
      if (name === '') throw dataError('MissingChannel', at(line, header[where.channel]), 'the row does not say which channel was measured', 'Fill in the channel, or remove the row.')
      channel.push(name)
    }
    for (let i = 0; i < values.length; i++) {
      const cell = cells[where.values[i]!]!
      const column = values[i]!
      const value = cell === '' ? NaN : parse(cell)
      if (typeof value === 'number') column.push(value)
      else if (value === INFINITE) column.pushInfinite(line, cell)
      else column.pushText(line, cell)
    }
  }

  /** A time as a number; undefined where the row is empty and to be left out. */
  const readTime = (cell: string, line: number, where: Roles, cells: readonly string[]): number | undefined => {
    const number = parse(cell)
    const date = number === TEXT ? parseIso(cell) : undefined
    if (typeof number === 'number' && number !== number) {
      if (cells.every((other) => missing(other))) {
        emptyRows++
        return undefined
      }
      throw dataError('MissingTime', at(line, header[where.time]), 'the row has no time', 'Fill in the time, or remove the row.')
    }
    if (number === INFINITE) throw dataError('InfiniteValue', at(line, header[where.time]), `the time is ${quote(cell)}`, 'Times must be finite: correct or remove the row.')
    if (number === TEXT && date === undefined) {
      if (badTimes.push({ line, cell }) >= TIMES_SHOWN) throw timeError()
      return NaN
    }
    const style = date?.style ?? 'number'
    firstTime ??= { line, cell, style }
    if (style !== firstTime.style) {
      if (otherTimes.push({ line, cell, style }) >= TIMES_SHOWN) throw timeError()
    }
    return date === undefined ? (number as number) : date.seconds
  }

  const timeError = () => {
    const column = header[roles!.time]!
    const show = (offences: readonly { line: number; cell: string }[]): string => offences.map(({ line, cell }) => `${unit} ${line}: ${quote(cell)}`).join('; ')
    if (badTimes.length > 0) {
      const slashes = badTimes.some(({ cell }) => /^\s*\d{1,4}[./]\d{1,2}[./]\d{1,4}/.test(cell))
      return dataError('BadTime', at(badTimes[0]!.line, column), `this is neither a number nor an ISO date (${show(badTimes)})`, slashes
        ? 'Dates like 03/04/2024 can be read two ways: write them as 2024-04-03.'
        : 'Write times as numbers, or as dates like 2024-03-01 or 2024-03-01T06:30:00Z, or name another column with --time.')
    }
    const kind = { number: 'numbers', date: 'dates', datetime: 'datetimes without a zone', 'datetime with zone': 'datetimes with a zone' }
    return dataError('MixedTimes', at(otherTimes[0]!.line, column), `times mix formats: ${unit} ${firstTime!.line} has ${quote(firstTime!.cell)} (${kind[firstTime!.style]}), but ${show(otherTimes)} (${kind[otherTimes[0]!.style]})`, 'Write all times in one format.')
  }

  return {
    header(cells, line) {
      header = cells.map((cell) => cell.trim())
      if (header.every((name) => name !== '' && typeof parse(name) === 'number')) throw dataError('NoHeader', at(line), `the first ${unit} holds numbers (${listNames(header, 4)}), not column names`, 'Add a line with the names of the columns.')
      const twice = header.find((name, i) => name !== '' && header.indexOf(name) !== i)
      if (twice !== undefined) throw dataError('DuplicateColumn', at(line, twice), `the header names ${header.filter((name) => name === twice).length} columns so`, 'Give every column a name of its own.')
      const unnamed = header.flatMap((name, i) => (name === '' ? [i + 1] : []))
      if (unnamed.length === header.length) throw dataError('NoHeader', at(line), 'no column has a name', 'Add a line with the names of the columns.')
      if (unnamed.length > 0) notices.push(`Left out ${plural(unnamed.length, 'column')} without a name (number ${unnamed.join(', ')}).`)
    },
    row(cells, line) {
      if (cells.length !== header.length) {
        if (cells.length === 1 && cells[0]!.trim() === '') return
        throw dataError('RaggedRow', at(line), `the row has ${plural(cells.length, 'cell')}, the header ${header.length}`, 'Correct the row; a cell that holds the delimiter must stand in double quotes.')
      }
      if (roles !== undefined) store(roles, cells, line)
      else if (sample.push({ cells, line }) >= SAMPLE_ROWS) settle()
    },
    finish() {
      if (roles === undefined && sample.length === 0) throw dataError('HeaderOnly', at(), 'there is a header but no row below it', 'Give at least one row for each observation.')
      const settled = settle()
      if (badTimes.length > 0 || otherTimes.length > 0) throw timeError()
      if (id.length === 0) throw dataError('HeaderOnly', at(), 'all rows are empty', 'Give at least one row for each observation.')
      const kept = values.filter((column) => usable(column, settled, at, unit, notices))
      if (kept.length === 0) throw dataError('NoChannels', at(), `no column holds numbers (columns beside id and time: ${listNames(values.map(({ name }) => name))})`, 'Give at least one column of measured numbers, or name another table.')
      if (emptyRows > 0) notices.push(`Left out ${plural(emptyRows, 'empty row')}.`)
      const columns: [string, Iterable<string | number>][] = [[id.name, id], [time.name, time.values()]]
      if (channel !== undefined) columns.push([channel.name, channel])
      for (const column of kept) columns.push([column.name, column.values()])
      return {
        file, unit, roles: settled, header, id, channel, time, values: kept, lines: lines.values(), notices: [...settled.notices, ...notices],
        style: firstTime === undefined || firstTime.style === 'number' ? undefined : firstTime.style,
        table: arqueroTable(columns),
      }
    },
  }
}

/** False for a column of words that nobody named; raises on words or infinities in a column that is to be used. */
function usable(column: NumberColumn, roles: Roles, at: (line?: number, column?: string) => Place, unit: string, notices: string[]): boolean {
  const show = (offences: readonly { line: number; cell: string }[]): string => offences.map(({ line, cell }) => `${unit} ${line}: ${quote(cell)}`).join('; ')
  const required = roles.named || roles.format === 'long'
  if (column.texts > 0 && !required && column.texts > column.observed + column.infinites) {
    notices.push(`Left out the column ${quote(column.name)}: it holds text (${unit} ${column.textOffences[0]!.line}: ${quote(column.textOffences[0]!.cell)}).`)
    return false
  }
  if (column.texts > 0) {
    const words = [...new Set(column.textOffences.map(({ cell }) => cell.trim()))]
    throw dataError('TextInNumericColumn', at(column.textOffences[0]!.line, column.name), `there is text among numbers, in ${plural(column.texts, unit)} (${show(column.textOffences)})`,
      `Correct the cells, leave the column out with --values, or say that the text means a missing value: --missing ${words.map((word) => (/^[\w.-]+$/.test(word) ? word : quote(word))).join(' ')}.`)
  }
  if (column.infinites > 0) throw dataError('InfiniteValue', at(column.infiniteOffences[0]!.line, column.name), `values must be finite, but ${plural(column.infinites, 'is not', 'are not')} (${show(column.infiniteOffences)})`, 'Correct the cells, or leave them empty if nothing was measured.')
  return true
}
