import type { DataError } from '../../errors.js'
import { dataError, quote } from '../place.js'
import { clockTokens } from './clockFormat.js'
import { dateFormat, refine, type DateFormat } from './dateFormat.js'
import { parseDuration } from './durations.js'
import { formatsOf } from './guessDates.js'
import { offsetSeconds, parseIso } from './iso.js'
import { readDurations } from './readDurations.js'
import { isInfinite } from './readNumbers.js'
import { firstRow, infiniteTime, mixedTimes, noTime, option, placeOf, SHOWN, type Told } from './timeErrors.js'
import type { DateForm, ReadTexts } from './timeForm.js'

const KINDS = {
  number: 'numbers',
  date: 'dates',
  datetime: 'datetimes without a zone',
  'datetime with zone': 'datetimes with a zone',
  duration: 'lengths of time',
} as const
type Style = keyof typeof KINDS

/** Rows that formats are guessed from, over the whole column. */
const SAMPLE = 200

/**
 * Reads a column of texts: ISO dates, dates in the one format that fits them all, or lengths of time.
 *
 * @param known formats of a fitted model, which settle what could be read two ways
 * @throws DataError `AmbiguousDates`, `BadTime`, `MixedTimes`, `InfiniteValue`
 */
export function readTexts(told: Told, known: readonly string[]): ReadTexts {
  const iso = readIso(told)
  if (iso !== undefined) return iso
  const durations = readDurations(told)
  if (durations !== undefined) return durations
  const formats = known.map(dateFormat)
  const candidates = [...candidatesOf(told), ...formats.filter(({ day }) => day === undefined)]
  const fitting = candidates.map((format) => readAs(told, format)).filter(({ bad }) => bad.length === 0)
  const preferred = new Set(formats.flatMap((format) => [format, refine(format, 'day'), refine(format, 'minute')]).map(keyOf))
  const chosen = fitting.find(({ format }) => preferred.has(keyOf(format))) ?? settle(told, fitting)
  if (chosen === undefined) throw notOneFormat(told, candidates)
  return asRead(told, chosen)
}

/** ISO 8601, by far the most common, and the fastest to read; undefined where a cell is none. */
function readIso(told: Told): ReadTexts | undefined {
  const { column } = told
  const values = new Float64Array(column.length).fill(NaN)
  let style: Style | undefined
  let first = -1
  const others: number[] = []
  let seconds = false
  for (let row = 0; row < column.length; row++) {
    if (column.isMissing(row)) continue
    const text = column.text(row)
    const date = parseIso(text)
    if (date === undefined) return undefined
    values[row] = date.seconds
    if (style === undefined) [style, first] = [date.style, row]
    if (date.style !== style && others.push(row) >= SHOWN) break
    seconds ||= text.charCodeAt(16) === 58
  }
  if (style === undefined) return undefined
  if (others.length > 0)
    throw mixedTimes(told, { row: first, kind: KINDS[style] }, { rows: others, kind: KINDS[parseIso(column.text(others[0]!))!.style] })
  const between = column.text(first)[10] === 'T' ? `'T'` : ' '
  const clock = `yyyy-MM-dd${between}HH:mm${seconds ? ':ss' : ''}`
  if (style !== 'datetime with zone')
    return {
      form: { kind: 'date', style: style as DateForm['style'], format: style === 'date' ? 'iso' : clock },
      values,
      isLocal: style === 'datetime',
      notices: [],
    }
  const zone = commonZone(told)
  const token = zone.suffix === undefined ? 'ZZ' : /^\s?Z$/i.test(zone.suffix) ? `'Z'` : zone.suffix.includes(':') ? 'ZZ' : 'ZZZ'
  const form: DateForm = { kind: 'date', style, format: between === `'T'` ? 'iso' : clock + token }
  return { form: zone.name === undefined ? form : { ...form, zone: zone.name }, values, isLocal: false, notices: [] }
}

/** The offset that all cells have, as a zone; none where they differ or have none. */
function commonZone({ column }: Told): { readonly suffix: string | undefined; readonly name: string | undefined } {
  const rows = Array.from({ length: column.length }, (_, row) => row).filter((row) => !column.isMissing(row))
  const suffix = /\s?(?:[Zz]|[-+]\d{2}(?::?\d{2})?)$/.exec(column.text(rows[0]!))![0]
  if (!rows.every((row) => column.text(row).endsWith(suffix))) return { suffix: undefined, name: undefined }
  return { suffix, name: offsetName(offsetSeconds(suffix.trim())!) }
}

/** `UTC+1` for an offset, nothing for none. */
function offsetName(seconds: number): string | undefined {
  if (seconds === 0) return undefined
  const minutes = Math.abs(seconds) / 60
  return `UTC${seconds < 0 ? '-' : '+'}${Math.floor(minutes / 60)}${minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`}`
}

/** The formats that cells of the column could have, one for each way of reading them. */
function candidatesOf({ column }: Told): readonly DateFormat[] {
  const step = Math.max(1, Math.floor(column.length / SAMPLE))
  const guessed = new Map<string, DateFormat>()
  for (let row = 0; row < column.length; row += step) {
    if (column.isMissing(row)) continue
    for (const tokens of formatsOf(column.text(row))) {
      const format = dateFormat(tokens)
      const key = keyOf(format)
      const before = guessed.get(key)
      guessed.set(key, merged(before ?? format, format))
    }
  }
  return [...guessed.values()]
}

/** What reads the same texts has the same key: padded or not, with seconds or without. */
function keyOf({ tokens, day, clock }: DateFormat): string {
  if (day === undefined) return tokens
  const plain = day
    .replace(/dd/g, 'd')
    .replace(/(?<!M)MM(?!M)/g, 'M')
    .replace(/M{3,4}/g, 'MMM')
  return (
    plain +
    (clock === undefined
      ? ''
      : clockTokens({
          ...clock,
          between: clock.between.trim() === '' && clock.between !== '' ? ' ' : clock.between,
          hour: clock.half === undefined ? 'H' : 'h',
          half: clock.half === undefined ? undefined : '',
          finest: clock.finest === 'hour' ? 'hour' : 'second',
          zone: clock.zone === undefined ? undefined : { before: '', token: 'ZZ' },
        }))
  )
}

const isUnpadded = (day: string): boolean => /(?<!d)d(?!d)|(?<!M)M(?!M)/.test(day)

/**
 * Of two formats that read the same, the one that writes what both need: no zeros where one has
 * none, seconds where one has them, months in full where one has them.
 */
function merged(a: DateFormat, b: DateFormat): DateFormat {
  if (a.day === undefined || b.day === undefined) return a
  const days = [a.day, b.day]
  const long = days.find((one) => one.includes('MMMM')) ?? a.day
  const day = days.some(isUnpadded) ? long.replace(/dd/g, 'd').replace(/(?<!M)MM(?!M)/g, 'M') : long
  if (a.clock === undefined || b.clock === undefined) return day === a.day ? a : dateFormat(day)
  const hour = a.clock.hour.length === 1 ? a.clock.hour : b.clock.hour
  const finest = a.clock.finest === 'second' ? a.clock.finest : b.clock.finest
  const zone = a.clock.zone?.token === b.clock.zone?.token ? a.clock.zone : { before: a.clock.zone!.before, token: 'ZZ' as const }
  const tokens = day + clockTokens({ ...a.clock, hour, finest, zone })
  return tokens === a.tokens ? a : dateFormat(tokens)
}

/** A column read by one format: rows that do not fit, up to a few, and whether those that do have an offset. */
interface ReadFormat {
  readonly format: DateFormat
  readonly values: Float64Array
  readonly bad: readonly number[]
  readonly fits: number
  /** The offset of the first row, and whether all have that one. */
  readonly offset: number | undefined
  readonly sameOffset: boolean
}

/** @throws DataError `MixedTimes` where some cells have an offset and some have none */
export function readAs(told: Told, format: DateFormat): ReadFormat {
  const { column } = told
  const values = new Float64Array(column.length).fill(NaN)
  const bad: number[] = []
  const others: number[] = []
  let [fits, first, sameOffset] = [0, -1, true]
  let offset: number | undefined
  for (let row = 0; row < column.length; row++) {
    if (column.isMissing(row)) continue
    const read = format.read(column.text(row))
    if (read === undefined) {
      if (bad.length < SHOWN) bad.push(row)
      continue
    }
    if (fits++ === 0) [first, offset] = [row, read.offset]
    if (read.offset !== offset) {
      sameOffset = false
      if ((read.offset === undefined) !== (offset === undefined) && others.length < SHOWN) others.push(row)
    }
    values[row] = read.local - (read.offset ?? 0)
  }
  if (bad.length === 0 && others.length > 0) {
    const [has, lacks] = [KINDS['datetime with zone'], KINDS.datetime]
    throw mixedTimes(
      told,
      { row: first, kind: offset === undefined ? lacks : has },
      { rows: others, kind: offset === undefined ? has : lacks },
    )
  }
  return { format, values, bad, fits, offset, sameOffset }
}

/** A column that fits a format, as times. */
export function asRead({ column }: Told, { format, values, offset, sameOffset }: ReadFormat): ReadTexts {
  const { tokens, clock, day } = format
  const hasClock = clock !== undefined || day === undefined
  const style = !hasClock ? 'date' : offset === undefined ? 'datetime' : 'datetime with zone'
  const zone = offset !== undefined && sameOffset ? offsetName(offset) : undefined
  const short = /(?<!y)yy(?!y)/.test(tokens)
  return {
    form: { kind: 'date', format: tokens, style, ...(zone !== undefined && { zone }) },
    values,
    isLocal: style === 'datetime',
    notices: short ? [`Years of two digits in the column ${quote(column.name)} are taken as 1961 to 2060.`] : [],
  }
}

/** The one reading, or none. @throws DataError `AmbiguousDates` where there are more */
function settle(told: Told, readings: readonly ReadFormat[]): ReadFormat | undefined {
  if (readings.length < 2) return readings[0]
  const believed = readings.filter((one) => !readings.some((other) => other !== one && isYearOdd(one) && !isYearOdd(other)))
  if (believed.length === 1) return believed[0]
  throw ambiguousDates(told, believed)
}

/** A year of two digits that changes more often than the day of the month does is likely none. */
function isYearOdd({ format, values }: ReadFormat): boolean {
  if (!/(?<!y)yy(?!y)/.test(format.tokens)) return false
  const [years, days] = [new Set<number>(), new Set<number>()]
  for (const value of values) {
    if (value !== value) continue
    const date = new Date(value * 1000)
    years.add(date.getUTCFullYear())
    days.add(date.getUTCDate())
  }
  return years.size > days.size
}

const WORDS = ['no', 'one', 'two', 'three', 'four']

function ambiguousDates(told: Told, readings: readonly ReadFormat[]): DataError {
  const { column } = told
  const [a, b] = [readings[0]!.values, readings[1]!.values]
  const differing = a.findIndex((value, row) => value === value && value !== b[row])
  const row = differing === -1 ? firstRow(told)! : differing
  const day = (seconds: number): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' }).format(seconds * 1000)
  const shown = readings.map(({ format, values }) => `${day(values[row]!)} (${format.tokens})`)
  const options = readings.map(({ format }) => option('--date-format', format.tokens))
  return dataError(
    'AmbiguousDates',
    placeOf(told, row),
    `these dates can be read ${WORDS[readings.length] ?? readings.length} ways: ${quote(column.text(row))} is ` +
      `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}, and no date in the column settles it`,
    `Say which: ${options.slice(0, -1).join(', ')} or ${options.at(-1)}.`,
  )
}

/** What to say of a column that no one format fits: cells that are no times at all, or times of several kinds. */
function notOneFormat(told: Told, candidates: readonly DateFormat[]): DataError {
  const { column } = told
  const styles = new Map<number, string>()
  const formats = new Map<string, DateFormat>()
  const formatOf = (tokens: string): DateFormat => {
    if (!formats.has(tokens)) formats.set(tokens, dateFormat(tokens))
    return formats.get(tokens)!
  }
  const bad: number[] = []
  const kindOf = (row: number): string | undefined => {
    const text = column.text(row)
    const number = column.number(row)
    if (isInfinite(number, text)) throw infiniteTime(told, row)
    if (number === number) return KINDS.number
    const style = parseIso(text)?.style
    if (style !== undefined) return KINDS[style]
    const format = formatsOf(text)
      .map(formatOf)
      .find((one) => one.read(text) !== undefined)
    if (format !== undefined) {
      // Day or month first is what the column settles: it is no other kind.
      const settled = candidates.filter((one) => one.read(text) !== undefined)
      return `dates like ${(settled[0] ?? format).tokens}`
    }
    return parseDuration(text) === undefined ? undefined : KINDS.duration
  }
  for (let row = 0; row < column.length && bad.length < SHOWN; row++) {
    if (column.isMissing(row)) continue
    const kind = kindOf(row)
    if (kind === undefined) bad.push(row)
    else styles.set(row, kind)
  }
  if (bad.length > 0) return noTime(told, bad)
  const [[first, kind]] = [...styles] as [[number, string]]
  const others = [...styles].filter(([, other]) => other !== kind)
  if (others.length > 0)
    return mixedTimes(
      told,
      { row: first, kind },
      {
        rows: others
          .filter(([, other]) => other === others[0]![1])
          .slice(0, SHOWN)
          .map(([row]) => row),
        kind: others[0]![1],
      },
    )
  return neverBoth(told, candidates)
}

/** Dates of one shape, of which some can only be day first and some only month first. */
function neverBoth(told: Told, candidates: readonly DateFormat[]): DataError {
  const [best, other] = candidates.map((format) => readAs(told, format)).sort((a, b) => b.fits - a.fits)
  const rows = best!.bad
  const first = best!.values.findIndex((value, row) => value === value && (other === undefined || other.values[row] !== other.values[row]))
  if (other === undefined || first === -1) return noTime(told, rows)
  return mixedTimes(told, { row: first, kind: best!.format.tokens }, { rows, kind: `not ${best!.format.tokens}` })
}
