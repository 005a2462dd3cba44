import { cellParser } from './cells.js'
import { parseIso } from './dates.js'
import { nearestName } from './nearest.js'
import { dataError, listNames, quote } from './place.js'

/** What the user said about the columns. Everything left out is guessed. */
export interface RoleOptions {
  /** Name of the column that tells series apart; an empty text says there is none. */
  readonly id?: string
  readonly time?: string
  /** Names of the channels: columns of a wide table, entries of the channel column of a long one. Default: all. */
  readonly values?: readonly string[]
  /** `wide` has a column per channel; `long` has columns id, time, channel, value. Default `auto`. */
  readonly format?: 'auto' | 'wide' | 'long'
  /** Long tables: the column of channel names, the column of values. */
  readonly channel?: string
  readonly value?: string
  /** The channels of a fitted model, in its order: what the file must have. Takes the place of `values`. */
  readonly expected?: readonly string[]
}

/** Which column is what, as positions in the header; -1 for none. */
export interface Roles {
  readonly format: 'wide' | 'long'
  readonly id: number
  readonly time: number
  /** Wide: columns that may be channels. Long: the one column of values. */
  readonly values: readonly number[]
  /** True where the user, or the fitted model, named the channels. */
  readonly named: boolean
  /** Long: the column of channel names. */
  readonly channel: number
  readonly notices: readonly string[]
}

/** What to ask of guesses: the header, and the first rows as text. */
export interface Sample {
  readonly file: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly missing: (cell: string) => boolean
  readonly decimal: '.' | ',' | 'undecided'
}

const ID_NAMES = ['uniqueid', 'seriesid', 'patientid', 'subjectid', 'stationid', 'deviceid', 'sensorid', 'personid', 'series', 'patient', 'subject', 'station', 'person', 'individual', 'animal', 'device', 'sensor', 'site', 'unit', 'id', 'ids', 'pid', 'sid', 'recordid', 'record', 'caseid', 'case', 'stayid', 'icustayid', 'hadmid', 'entity', 'item']
const TIME_NAMES = ['time', 'times', 't', 'ds', 'datetime', 'timestamp', 'date', 'day', 'days', 'hour', 'hours', 'minute', 'minutes', 'min', 'second', 'seconds', 'sec', 'week', 'weeks', 'month', 'months', 'year', 'years', 'charttime', 'when']
const CHANNEL_NAMES = ['channel', 'variable', 'parameter', 'feature', 'measure', 'measurement', 'signal', 'attribute', 'test', 'analyte', 'metric', 'key']
const VALUE_NAMES = ['value', 'val', 'values', 'result', 'reading', 'y', 'valuenum']

/**
 * Decides which column is what: by what the user said, else by name, else by content.
 *
 * @throws DataError `NoSuchColumn` (with the nearest name), `NoTimeColumn`, `NoChannels`, `NotLong`
 */
export function findRoles(sample: Sample, options: RoleOptions = {}): Roles {
  const notices: string[] = []
  const { header } = sample
  const named = (name: string, role: string): number => {
    const position = columnPosition(header, name)
    if (position === -1) throw noSuchColumn(sample.file, header, name, role)
    return position
  }
  const givenId = options.id === undefined ? undefined : options.id === '' ? -1 : named(options.id, '--id')
  const givenTime = options.time === undefined ? undefined : named(options.time, '--time')
  const taken = (position: number): boolean => position === givenId || position === givenTime
  const time = givenTime ?? guessTime(sample, givenId)
  const id = givenId ?? guessId(sample, time, taken)
  if (id === time) throw dataError('SameColumn', { file: sample.file, column: header[time]! }, 'the column is named for both id and time', 'Name two columns with --id and --time.')
  if (givenTime === undefined) notices.push(`Times are taken from the column ${quote(header[time]!)} (--time names another).`)
  if (givenId === undefined) notices.push(id === -1 ? 'No column tells series apart: all rows are one series (--id names a column).' : `Series are told apart by the column ${quote(header[id]!)} (--id names another).`)

  const others = header.map((_, i) => i).filter((i) => i !== id && i !== time && header[i] !== '')
  const channels = options.expected ?? options.values
  const long = findLong(sample, options, others, named)
  if (long !== undefined) {
    if (options.format !== 'long' && options.channel === undefined) notices.push(`This is read as a long table: channels from ${quote(header[long.channel]!)}, values from ${quote(header[long.value]!)} (--format wide reads it otherwise).`)
    const unused = others.filter((i) => i !== long.channel && i !== long.value)
    if (unused.length > 0) notices.push(`Columns not used: ${listNames(unused.map((i) => header[i]!))}.`)
    return { format: 'long', id, time, values: [long.value], channel: long.channel, named: channels !== undefined, notices }
  }
  const values = channels === undefined ? others : channels.map((name) => {
    if (options.expected !== undefined && columnPosition(header, name) === -1) throw missingChannels(sample.file, options.expected, header)
    return named(name, '--values')
  })
  const twice = values.find((position, i) => values.indexOf(position) !== i)
  if (twice !== undefined) throw dataError('NamedTwice', { file: sample.file, column: header[twice]! }, '--values names the column twice', 'Name each channel once.')
  const misplaced = values.find((position) => position === id || position === time)
  if (misplaced !== undefined) throw dataError('SameColumn', { file: sample.file, column: header[misplaced]! }, `the column is named as a channel and is the ${misplaced === id ? 'id' : 'time'} column too`, 'Leave it out of --values, or name another with --id or --time.')
  if (values.length === 0) throw dataError('NoChannels', { file: sample.file }, `beside id and time there is no column (found: ${listNames(header)})`, 'Give at least one column of measured numbers.')
  return { format: 'wide', id, time, values, channel: -1, named: channels !== undefined, notices }
}

/** The position of a column by its exact name, else by its name without case if that is unique, else -1. */
export function columnPosition(header: readonly string[], name: string): number {
  const exact = header.indexOf(name)
  if (exact !== -1) return exact
  const alike = header.flatMap((other, i) => (other.toLowerCase() === name.trim().toLowerCase() ? [i] : []))
  return alike.length === 1 ? alike[0]! : -1
}

export function noSuchColumn(file: string, header: readonly string[], name: string, role: string) {
  const nearest = nearestName(name, header)
  const hint = nearest === undefined ? 'Name one of them' : `Did you mean ${quote(nearest)}? Correct it`
  return dataError('NoSuchColumn', { file, column: name }, `there is no such column (columns: ${listNames(header)})`, `${hint} with ${role}.`)
}

/** The fitted model's channels that a table lacks, all at once. */
export function missingChannels(file: string, expected: readonly string[], found: readonly string[]) {
  const lacking = expected.filter((name) => columnPosition(found, name) === -1)
  const nearest = nearestName(lacking[0]!, found.filter((name) => !expected.includes(name)))
  const hint = nearest === undefined ? '' : ` Did ${quote(nearest)} use to be ${quote(lacking[0]!)}?`
  return dataError('MissingChannels', { file, column: lacking[0]! }, `the model was fitted to channels that are not here: ${listNames(lacking)} (found: ${listNames(found)})`, `Add the columns (empty where nothing was measured) or rename them.${hint}`)
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function byName(header: readonly string[], names: readonly string[], suffix?: RegExp): number[] {
  const exact = names.flatMap((name) => header.flatMap((column, i) => (plainName(column) === name ? [i] : [])))
  const ending = suffix === undefined ? [] : header.flatMap((column, i) => (suffix.test(column) && !exact.includes(i) ? [i] : []))
  return [...exact, ...ending]
}

function guessTime(sample: Sample, id: number | undefined): number {
  const { header, rows, file } = sample
  const parse = cellParser(sample.decimal, sample.missing)
  const isTimes = (i: number): boolean => rows.length > 0 && rows.every((row) => typeof parse(row[i]!) === 'number' || parseIso(row[i]!) !== undefined)
  const candidates = byName(header, TIME_NAMES, /(^|[_ .-])(time|date|datetime|timestamp)$|[a-z](Time|Date)$/).filter((i) => i !== id)
  const good = candidates.find(isTimes)
  if (good !== undefined) return good
  if (candidates.length > 0) return candidates[0]!
  const dates = header.findIndex((name, i) => name !== '' && i !== id && rows.length > 0 && rows.every((row) => parseIso(row[i]!) !== undefined))
  if (dates !== -1) return dates
  throw dataError('NoTimeColumn', { file }, `no column looks like times (columns: ${listNames(header)})`, 'Name it with --time.')
}

function guessId(sample: Sample, time: number, taken: (position: number) => boolean): number {
  const { header, rows } = sample
  const distinct = (key: (row: readonly string[]) => string): number => new Set(rows.map(key)).size
  // A column that is different in every row numbers the rows; it does not tell series apart.
  const repeats = (i: number): boolean => rows.length < 20 || distinct((row) => row[i]!) < rows.length
  const candidates = byName(header, ID_NAMES, /[_ .-]id$|[a-z]I[Dd]$/i).filter((i) => i !== time && !taken(i))
  const named = candidates.find(repeats)
  if (named !== undefined) return named
  const timesRepeat = distinct((row) => row[time]!) < rows.length
  if (!timesRepeat) return -1
  const parse = cellParser(sample.decimal, sample.missing)
  const words = (i: number): boolean => rows.every((row) => typeof parse(row[i]!) !== 'number')
  // Whole numbers may be ids where they stand before the time, many rows each; elsewhere they are measurements.
  const numbers = (i: number): boolean => i < time && rows.every((row) => Number.isInteger(parse(row[i]!))) && distinct((row) => row[i]!) <= rows.length / 2
  const unnamed = header.flatMap((name, i) => (name !== '' && i !== time && !taken(i) && !CHANNEL_NAMES.includes(plainName(name)) ? [i] : []))
    .filter((i) => rows.every((row) => !sample.missing(row[i]!)) && repeats(i) && (words(i) || numbers(i)))
  // It must tell apart the rows that share a time.
  const telling = unnamed.find((i) => distinct((row) => `${row[i]!}\n${row[time]!}`) === rows.length)
  return telling ?? (candidates.length > 0 ? candidates[0]! : -1)
}

function findLong(sample: Sample, options: RoleOptions, others: readonly number[], named: (name: string, role: string) => number): { channel: number; value: number } | undefined {
  const { file, header } = sample
  if (options.format === 'wide') return undefined
  const wanted = options.format === 'long' || options.channel !== undefined || options.value !== undefined
  const first = (names: readonly string[], besides = -1): number => byName(header, names).find((i) => others.includes(i) && i !== besides) ?? -1
  const channel = options.channel === undefined ? first(CHANNEL_NAMES) : named(options.channel, '--channel')
  const value = options.value === undefined ? first(VALUE_NAMES, channel) : named(options.value, '--value')
  if (!wanted) return channel !== -1 && value !== -1 ? { channel, value } : undefined
  // By content: the one column of words, the one column of numbers.
  const parse = cellParser(sample.decimal, sample.missing)
  const only = (columns: readonly number[]): number => (columns.length === 1 ? columns[0]! : -1)
  const wordy = (i: number): boolean => sample.rows.filter((row) => typeof parse(row[i]!) !== 'number').length > sample.rows.length / 2
  const chosenChannel = channel === -1 ? only(others.filter((i) => i !== value && wordy(i))) : channel
  const chosen = { channel: chosenChannel, value: value === -1 ? only(others.filter((i) => i !== chosenChannel && !wordy(i))) : value }
  if (chosen.channel === -1 || chosen.value === -1 || chosen.channel === chosen.value) throw dataError('NotLong', { file }, `a long table needs a column of channel names and a column of values (columns: ${listNames(header)})`, 'Name them with --channel and --value, or use --format wide.')
  return chosen
}
