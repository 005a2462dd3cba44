import { UserError } from '../../errors.js'
import { quote } from '../place.js'
import { dateFormat, dateWriter, type DateFormat } from './dateFormat.js'
import { isDurationFormat } from './durations.js'
import { formatsOf } from './guessDates.js'
import { isEpoch, isExcel } from './numberDates.js'
import { readNumbers, readNumbersAs } from './readNumbers.js'
import { asRead, readAs } from './readTexts.js'
import type { ReadTexts } from './timeForm.js'
import { readClocks } from './readDurations.js'
import { badTime, firstRow, option, type Told } from './timeErrors.js'

/** Other words for formats. */
const SAME: Readonly<Record<string, string>> = {
  unix: 'epoch',
  x: 'epoch milliseconds',
  X: 'epoch seconds',
  'epoch s': 'epoch seconds',
  'epoch ms': 'epoch milliseconds',
  'epoch us': 'epoch microseconds',
  'epoch ns': 'epoch nanoseconds',
  'YYYY-MM-DD': 'iso',
  'yyyy-MM-dd': 'iso',
  numbers: 'number',
  ISO: 'iso',
  iso8601: 'iso',
}

/**
 * Reads a column in the format that the user names, and in no other.
 *
 * @param numbers the column's cells where all are numbers
 * @throws UserError `BadDateFormat`; DataError `BadTime` with the first cells that do not fit, and how a date would be written
 */
export function readNamed(told: Told, named: string, numbers: Float64Array | undefined): ReadTexts {
  const format = SAME[named.trim()] ?? named.trim()
  if (isDurationFormat(format)) return readClocks(told, format.replace(/H/g, 'h')) ?? refuse(told, format, () => false)
  if (format === 'number' || format === 'epoch' || isEpoch(format) || isExcel(format)) {
    if (numbers === undefined) throw notNumbers(told, format)
    const read = format === 'epoch' ? readNumbers(told, numbers) : readNumbersAs(told, numbers, format)!
    if (format === 'epoch' && (read.form.kind !== 'date' || !isEpoch(read.form.format)))
      return { ...readNumbersAs(told, numbers, 'epoch seconds')!, isLocal: false }
    return { ...read, notices: [], isLocal: isExcel(format) }
  }
  if (numbers !== undefined) {
    const read = readNumbersAs(told, numbers, format)
    if (read !== undefined) return { ...read, isLocal: format.includes('HH') }
  }
  const tokens = format === 'iso' ? 'yyyy-MM-dd' : format
  const compiled = compile(tokens, named)
  const read = readAs(told, compiled)
  return read.bad.length === 0 ? asRead(told, read) : refuse(told, tokens, (better) => readAs(told, better).bad.length === 0, read.bad)
}

function compile(tokens: string, named: string): DateFormat {
  const bare = tokens.replace(/'[^']*'/g, '')
  const wrong = !/[yk]/.test(bare) ? 'says no year' : !/[MLoqW]/.test(bare) && /[dHhms]/.test(bare) ? 'says no month' : undefined
  const better = corrected(tokens)
  if (wrong !== undefined || /%|[DY]/.test(bare)) {
    const hint =
      better === tokens
        ? `Write it like ${option('--date-format', 'dd/MM/yyyy')} or ${option('--date-format', 'yyyy-MM-dd HH:mm:ss')}`
        : `Did you mean ${option('--date-format', better)}`
    throw new UserError(
      'BadDateFormat',
      `--date-format ${quote(named)} ${wrong ?? 'is not in Luxon’s tokens'}. ${hint}${better === tokens ? '.' : '?'} Days are dd, ` +
        'months MM, years yyyy; hours HH, minutes mm, seconds ss; names of months MMM.',
    )
  }
  try {
    const format = dateFormat(tokens)
    // What Luxon has to object to tokens it says when it first reads.
    format.read('')
    return format
  } catch (error) {
    throw new UserError(
      'BadDateFormat',
      `--date-format ${quote(named)} cannot be used: ${error instanceof Error ? error.message : String(error)}. Write it like ` +
        `${option('--date-format', 'dd/MM/yyyy')}.`,
    )
  }
}

/** Whether the `format` of a form of dates can be read and written. */
export function isUsableFormat(format: string): boolean {
  if (format === 'iso' || isEpoch(format) || isExcel(format)) return true
  try {
    dateFormat(format).read('')
    return true
  } catch {
    return false
  }
}

/** Tokens of other libraries as Luxon has them: `%d/%m/%Y`, `DD/MM/YYYY`; minutes that must be months. */
function corrected(tokens: string): string {
  const strptime: Readonly<Record<string, string>> = {
    d: 'dd',
    m: 'MM',
    Y: 'yyyy',
    y: 'yy',
    H: 'HH',
    I: 'hh',
    M: 'mm',
    S: 'ss',
    f: 'SSS',
    p: 'a',
    b: 'MMM',
    B: 'MMMM',
    j: 'ooo',
    z: 'ZZZ',
    e: 'd',
  }
  const plain = tokens.includes('%')
    ? tokens.replace(/%-?([a-zA-Z])/g, (all, letter: string) => strptime[letter] ?? all)
    : tokens.replace(/D/g, 'd').replace(/Y/g, 'y')
  return /M/.test(plain) ? plain : plain.replace(/(?<![hH]:?)mm(?!:?ss)/, 'MM')
}

/** The moment by which formats are shown. */
const EXAMPLE = { day: Date.UTC(2021, 0, 18) / 86_400_000, second: 14 * 3600 + 5 * 60 + 30 }

function refuse(told: Told, tokens: string, fits: (format: DateFormat) => boolean, bad: readonly number[] = [firstRow(told) ?? 0]): never {
  const text = told.column.text(bad[0]!)
  const example = isDurationFormat(tokens)
    ? tokens.replace(/h+/, '14').replace(/mm/, '05').replace(/ss/, '30')
    : dateWriter(dateFormat(tokens))(EXAMPLE, 0, /Z/.test(tokens) ? 0 : undefined)
  const others = formatsOf(text).filter((other) => fits(dateFormat(other)))
  const remedy =
    others.length > 0
      ? `The column fits ${others.map((other) => option('--date-format', other)).join(' or ')}.`
      : 'Correct the cells, or the format: dd is the day, MM the month, yyyy the year, HH the hour, mm the minute, ss the second.'
  throw badTime(
    told,
    bad,
    `this does not fit the format ${tokens}, in which ${isDurationFormat(tokens) ? 'a time' : '18 January 2021, 14:05:30,'} is ` +
      `written ${quote(example)}`,
    remedy,
  )
}

function notNumbers(told: Told, format: string): Error {
  const { column } = told
  const bad: number[] = []
  for (let row = 0; row < column.length && bad.length < 3; row++)
    if (!column.isMissing(row) && !Number.isFinite(column.number(row))) bad.push(row)
  return badTime(
    told,
    bad,
    `this is no number, which --date-format ${format} asks for`,
    'Correct the cells, or say how dates are written: --date-format dd/MM/yyyy, say.',
  )
}
