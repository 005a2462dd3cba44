import { table as arqueroTable, type ColumnTable as ArqueroTable } from 'arquero'
import { IntegerColumn, type NumberColumn, type TextColumn } from './columns.js'
import { describeCensored, type CensoredCell } from './censored.js'
import { columnOfIds, columnOfTimes, keysOf, textColumn, type KeyTable, type RawTable } from './keyColumns.js'
import { MissingWords } from './missing.js'
import { marksOfOthers, type NumberOptions } from './numbers/numberStyle.js'
import { plainNumber } from './numbers/plainNumber.js'
import { columnEvidence, readNumbers, type NumbersContext } from './numbers/readNumbers.js'
import { strangeValues } from './numbers/strangeValues.js'
import { dataError, listNames, plural, quote, type Place } from './place.js'
import { RawColumn } from './raw/rawColumn.js'
import { columnPosition, findRoles, type RoleOptions, type Roles } from './roles.js'
import { measurements } from './roles/notChannels.js'
import { tellingApart } from './roles/tellingApart.js'
import { optionText, splitList } from './shellWord.js'
import type { TimeOptions } from './times/timeForm.js'
import { refuseMixedUnits, unitColumns } from './units.js'

/** A table of typed columns, as read: rows in file order, nothing merged or left out but empty rows. */
export interface ColumnTable extends Omit<KeyTable, 'named'> {
  readonly roles: Roles
  readonly header: readonly string[]
  /** Long tables: names of channels. */
  readonly channel: TextColumn | undefined
  readonly values: readonly NumberColumn[]
  /** Cells like `<4.0`, which are missing in `values`. */
  readonly censored: readonly CensoredCell[]
  /** Units of columns, where a row below the header gives them, by the column's name. */
  readonly units: Readonly<Record<string, string>>
  /** Columns of which each alone would tell apart rows that share id and time. */
  tellingApart(): readonly string[]
  /** The same columns as an arquero table. */
  readonly table: ArqueroTable
}

export interface IngestOptions extends RoleOptions, NumberOptions, TimeOptions {
  /** Further words that stand for a missing value; numbers among them stand for all ways to write them. */
  readonly missing?: readonly string[]
}

/** Takes a table row by row, as text. */
export interface Ingest {
  header(cells: readonly string[], line: number): void
  /** Takes the units that a line below the header gives, by column, empty where there is none; it comes before the first row. */
  units?(cells: readonly string[], line: number): void
  row(cells: readonly string[], line: number): void
  /**
   * @throws DataError what `findRoles`, `readTimes` and `readNumbers` raise, `HeaderOnly`,
   * `MissingId`, `MissingTime`, `MissingChannel`, `MixedUnits`, `NoChannels`
   */
  finish(): ColumnTable
  /**
   * Ids and times alone; there may be nothing else in the table.
   *
   * @param usual columns of ids and times that are taken where there are such and the options name none
   * @throws DataError as `finish` does
   */
  finishKeys(usual: Pick<RoleOptions, 'id' | 'time'>): KeyTable
}

/**
 * Collects a table as it stands; what its columns are is decided at the end, when all rows are known.
 *
 * @param file what messages call the input
 * @param stem what a lone series is called
 */
export function startIngest(
  file: string,
  stem: string,
  decimal: '.' | ',' | 'undecided',
  unit: 'line' | 'row',
  options: IngestOptions = {},
): Ingest {
  const missing = new MissingWords(options.missing)
  const lines = new IntegerColumn()
  const notices: string[] = []
  let header: readonly string[] = []
  let columns: RawColumn[] = []
  let emptyRows = 0
  let units: Readonly<Record<string, string>> = {}
  const at = (line?: number, column?: string): Place => ({
    file,
    unit,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  })
  return {
    header(cells, line) {
      header = cells.map((cell) => cell.trim())
      checkHeader(header, at(line))
      const unnamed = header.flatMap((name, i) => (name === '' ? [i + 1] : []))
      if (unnamed.length > 0) notices.push(`Left out ${plural(unnamed.length, 'column')} without a name (number ${unnamed.join(', ')}).`)
      columns = header.map((name) => new RawColumn(name, decimal === ',' ? ',' : '.', missing, decimal === 'undecided'))
    },
    units(cells) {
      units = Object.fromEntries(cells.flatMap((cell, i) => (cell.trim() === '' ? [] : [[header[i]!, cell.trim()]])))
    },
    row(cells, line) {
      if (cells.length !== header.length) {
        if (cells.length === 1 && cells[0]!.trim() === '') return
        throw raggedRow(cells, header, at(line))
      }
      if (cells.every((cell) => cell === '' || missing.isText(cell.trim()))) {
        emptyRows++
        return
      }
      for (let i = 0; i < cells.length; i++) columns[i]!.push(cells[i]!)
      lines.push(line)
    },
    finish() {
      const table = typed(rawTable(), options)
      return { ...table, header, units, notices: [...notices, ...lateNotices(), ...table.notices] }
    },
    finishKeys(usual) {
      const has = (names: string): boolean =>
        [[names], splitList(names)].some((parts) => parts.every((name) => columnPosition(header, name) !== -1))
      const found = Object.fromEntries(Object.entries(usual).filter(([, names]) => names === '' || has(names)))
      const table = keysOf(rawTable(), { ...found, ...options })
      return { ...table, notices: [...notices, ...lateNotices(), ...table.notices] }
    },
  }

  function rawTable(): RawTable {
    if (lines.length === 0) throw noRows(at(), emptyRows)
    return {
      file,
      stem,
      unit,
      columns,
      lines: lines.values(),
      missing,
      usual: decimal === '.' ? '.' : ',',
      at: (row, column) => at(row === undefined ? undefined : lines.values()[row]!, column),
    }
  }

  /** Once all cells were looked at. */
  function lateNotices(): string[] {
    return [
      ...(emptyRows > 0 ? [`Left out ${plural(emptyRows, 'empty row')}.`] : []),
      ...missing.unmet().map((word) => `No cell holds ${quote(word)} (${optionText('missing', [word])}).`),
    ]
  }
}

const raggedRow = (cells: readonly string[], header: readonly string[], place: Place): Error =>
  dataError(
    'RaggedRow',
    place,
    `the row has ${plural(cells.length, 'cell')}, the header ${header.length}`,
    'Correct the row; a cell that holds the delimiter must stand in double quotes.',
  )

const noRows = (place: Place, emptyRows: number): Error =>
  dataError(
    'HeaderOnly',
    place,
    emptyRows > 0 ? 'all rows are empty' : 'there is a header but no row below it',
    'Give at least one row for each observation.',
  )

function checkHeader(header: readonly string[], place: Place): void {
  const isNumber = (name: string): boolean => !Number.isNaN(plainNumber(name, '.')) || !Number.isNaN(plainNumber(name, ','))
  if (header.every(isNumber))
    throw dataError(
      'NoHeader',
      place,
      `the first ${place.unit} holds numbers (${listNames(header, 4)}), not column names`,
      'Add a line with the names of the columns.',
    )
  const twice = header.find((name, i) => name !== '' && header.indexOf(name) !== i)
  if (twice !== undefined)
    throw dataError(
      'DuplicateColumn',
      { ...place, column: twice },
      `the header names ${header.filter((name) => name === twice).length} columns so`,
      'Give every column a name of its own.',
    )
  if (header.every((name) => name === ''))
    throw dataError('NoHeader', place, 'no column has a name', 'Add a line with the names of the columns.')
}

/** Finds out what each column is, and reads it as that. */
function typed(raw: RawTable, options: IngestOptions): Omit<ColumnTable, 'header' | 'units'> {
  const { file, unit, columns, lines } = raw
  const roles = findRoles(columns, file, options)
  const time = columnOfTimes(raw, roles, options)
  const id = columnOfIds(raw, roles)
  const channel =
    roles.format === 'wide'
      ? undefined
      : textColumn(
          raw,
          [roles.channel],
          'MissingChannel',
          'the row does not say which channel was measured',
          'Fill in the channel, or remove the row.',
        )
  const { values, censored, notices } = columnsOfValues(raw, roles, channel, options)
  refuseUnits(raw, roles, channel, values)
  const named: [string, Iterable<string | number>][] = [
    [id.name, id],
    [time.column.name, time.column.values()],
  ]
  if (channel !== undefined) named.push([channel.name, channel])
  for (const column of values) named.push([column.name, column.values()])
  return {
    file,
    unit,
    roles,
    id,
    channel,
    time: time.column,
    form: time.form,
    values,
    censored,
    lines,
    notices: [
      ...roles.notices,
      ...time.notices,
      ...notices,
      ...describeCensored(values, channel, censored, (row) => lines[row]!, unit),
      ...oddValues(values, channel, lines, unit),
    ],
    tellingApart: () => tellingApart(columns, roles),
    table: arqueroTable(named),
  }
}

/** The columns of numbers; those that hold words, or are no measurements, are left out where nobody named them. */
function columnsOfValues(
  raw: RawTable,
  roles: Roles,
  channel: TextColumn | undefined,
  options: IngestOptions,
): { values: NumberColumn[]; censored: CensoredCell[]; notices: string[] } {
  const { file, unit, columns, at } = raw
  const evidence = roles.values.map((i) => columnEvidence(columns[i]!))
  const marks = marksOfOthers(evidence)
  const notices: string[] = []
  const found: NumberColumn[] = []
  const censored: CensoredCell[] = []
  for (const [k, i] of roles.values.entries()) {
    const context: NumbersContext = {
      options,
      evidence: evidence[k]!,
      file: marks[k],
      usual: raw.usual,
      required: roles.named || roles.format === 'long',
      at,
      unit,
    }
    const read = readNumbers(columns[i]!, context)
    if (read.kind === 'text') {
      notices.push(`Left out the column ${quote(columns[i]!.name)}: it holds text (${unit} ${at(read.row).line}: ${quote(read.cell)}).`)
      continue
    }
    notices.push(...read.notices)
    found.push(read.column)
    for (const cell of read.censored) censored.push({ ...cell, channel: channel === undefined ? read.column.name : channel.at(cell.row) })
  }
  if (found.length === 0)
    throw dataError(
      'NoChannels',
      { file },
      `no column holds numbers (columns beside id and time: ${listNames(roles.values.map((i) => columns[i]!.name))})`,
      'Give at least one column of measured numbers, or name another table.',
    )
  if (roles.named || roles.format === 'long') return { values: found, censored, notices }
  const { kept, notices: left } = measurements(
    found,
    columns.map(({ name }) => name),
  )
  return {
    values: kept,
    censored: censored.filter((cell) => kept.some(({ name }) => name === cell.channel)),
    notices: [...notices, ...left],
  }
}

/** Values in different units are no channel. */
function refuseUnits(
  { columns, unit, at }: RawTable,
  roles: Roles,
  channel: TextColumn | undefined,
  values: readonly NumberColumn[],
): void {
  const used = new Set([...roles.id, roles.channel, ...roles.time, ...(roles.format === 'long' ? roles.values : [])])
  const unused = columns.flatMap((_, i) => (used.has(i) || values.some(({ name }) => name === columns[i]!.name) ? [] : [i]))
  for (const one of unitColumns(columns, unused, channel === undefined ? values.map(({ name }) => name) : [])) {
    const measured = one.channel === undefined ? undefined : values.find(({ name }) => name === one.channel)!.values()
    if (channel === undefined && measured === undefined) continue
    refuseMixedUnits(
      one,
      (row) => (channel !== undefined ? channel.at(row) : Number.isNaN(measured![row]!) ? undefined : one.channel),
      at,
      unit,
    )
  }
}

/** What a look at the values themselves finds, channel by channel. */
function oddValues(values: readonly NumberColumn[], channel: TextColumn | undefined, lines: Int32Array, unit: 'line' | 'row'): string[] {
  if (channel === undefined)
    return strangeValues(
      values.map((column) => ({ name: column.name, values: column.values(), line: (row: number) => lines[row]! })),
      unit,
    )
  const all = values[0]!.values()
  const rowsOf: number[][] = channel.names.map(() => [])
  channel.codes().forEach((code, row) => rowsOf[code]!.push(row))
  return strangeValues(
    channel.names.map((name, code) => ({
      name,
      values: Float64Array.from(rowsOf[code]!, (row) => all[row]!),
      line: (i: number) => lines[rowsOf[code]![i]!]!,
    })),
    unit,
  )
}
