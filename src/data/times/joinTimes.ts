import { dataError, plural } from '../place.js'
import type { RawCells } from '../rawCells.js'
import { parseDuration } from './durations.js'
import { clockSeconds, dayNumber, secondsPerDay } from './iso.js'
import { looksLikeTimes } from './looksLike.js'
import { badTime, placeOf } from './timeErrors.js'
import type { TimePlace } from './timeForm.js'

const PARTS = ['year', 'month', 'day', 'dayofyear', 'hour', 'minute', 'second'] as const
type Part = (typeof PARTS)[number]

const NAMES: Readonly<Record<Part, readonly string[]>> = {
  year: ['year', 'yr', 'yyyy', 'y'],
  month: ['month', 'mon', 'mo', 'mm', 'mnth'],
  day: ['day', 'dd', 'dom', 'dayofmonth', 'mday', 'dy'],
  dayofyear: ['dayofyear', 'doy', 'yday', 'julianday', 'jday'],
  hour: ['hour', 'hr', 'hh', 'hrs'],
  minute: ['minute', 'min', 'minutes'],
  second: ['second', 'sec', 'seconds', 'ss'],
}
const LEAST: Readonly<Record<Part, number>> = { year: 1000, month: 1, day: 1, dayofyear: 1, hour: 0, minute: 0, second: 0 }
const MOST: Readonly<Record<Part, number>> = { year: 2999, month: 12, day: 31, dayofyear: 366, hour: 24, minute: 59, second: 60 }

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')
const partOf = (name: string): Part | undefined => PARTS.find((part) => NAMES[part].includes(plainName(name)))

/**
 * Columns that together make a date although nobody said so: year and month, and what is finer, by their names; or a column of
 * days beside one of times of day. Positions, in order; undefined where there are none.
 */
export function joinedTimes(columns: readonly RawCells[]): readonly number[] | undefined {
  return numberedParts(columns) ?? dayAndClock(columns)
}

function numberedParts(columns: readonly RawCells[]): readonly number[] | undefined {
  const found = PARTS.map((part) => columns.findIndex(({ name }) => NAMES[part].includes(plainName(name))))
  const fits = (part: Part): boolean => {
    const position = found[PARTS.indexOf(part)]!
    return position !== -1 && inRange(columns[position]!, part)
  }
  if (!fits('year')) return undefined
  const chain: Part[] = fits('month')
    ? ['year', 'month', ...(fits('day') ? ['day' as const] : [])]
    : fits('dayofyear')
      ? ['year', 'dayofyear']
      : ['year']
  if (chain.length === 1) return undefined
  if (chain.includes('day') || chain.includes('dayofyear'))
    for (const part of ['hour', 'minute', 'second'] as const) {
      if (!fits(part)) break
      chain.push(part)
    }
  return chain.map((part) => found[PARTS.indexOf(part)]!)
}

/** Whether a column holds whole numbers of a part's range, in all rows that hold anything. */
function inRange(column: RawCells, part: Part): boolean {
  let count = 0
  for (let row = 0; row < column.length; row++) {
    if (column.isMissing(row)) continue
    const value = partNumber(column, part, row)
    count++
    if (!Number.isInteger(value) || value < LEAST[part] || value > MOST[part]) return false
  }
  return count > 0
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** A cell as a number; a month by its English name too. */
function partNumber(column: RawCells, part: Part, row: number): number {
  const value = column.number(row)
  if (value === value || part !== 'month') return value
  const name = /^[a-z]{3,9}$/i.test(column.text(row)) ? MONTHS.indexOf(column.text(row).slice(0, 3).toLowerCase()) : -1
  return name === -1 ? NaN : name + 1
}

/** One column of days without times, and one of times of day: the only such ones, or next to each other. */
function dayAndClock(columns: readonly RawCells[]): readonly number[] | undefined {
  const days = columns.flatMap((column, i) => (looksLikeTimes(column) === 'date' && !hasClock(column) ? [i] : []))
  if (days.length === 0) return undefined
  const clocks = columns.flatMap((column, i) =>
    isTimeOfDay(column) || (partOf(column.name) === 'hour' && inRange(column, 'hour')) ? [i] : [],
  )
  const pairs = days.flatMap((day) => clocks.map((clock) => [day, clock] as const))
  return pairs.length === 1 ? pairs[0] : pairs.find(([day, clock]) => clock === day + 1)
}

const hasClock = (column: RawCells): boolean => sampleOf(column).some((text) => /\d[:h]\d\d|[ap]\.?m/i.test(text) || /^\d{10,}$/.test(text))

function isTimeOfDay(column: RawCells): boolean {
  const sample = sampleOf(column)
  return sample.length > 0 && sample.every((text) => timeOfDay(text) !== undefined && text.includes(':'))
}

function sampleOf(column: RawCells, most = 200): string[] {
  const step = Math.max(1, Math.floor(column.length / most))
  const texts: string[] = []
  for (let row = 0; row < column.length; row += step) if (!column.isMissing(row)) texts.push(column.text(row))
  return texts
}

/** Seconds since midnight of `14:05`, `14:05:30.25`, `2:05 PM`. */
function timeOfDay(text: string): number | undefined {
  const half = /^(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s?([ap])\.?m\.?$/i.exec(text)
  if (half !== null) {
    const hour = Number(half[1])
    return hour < 1 || hour > 12
      ? undefined
      : clockSeconds((hour % 12) + (/p/i.test(half[4]!) ? 12 : 0), Number(half[2] ?? 0), Number(half[3] ?? 0))
  }
  const read = parseDuration(text)
  return read?.shape === 'clock' && read.seconds >= 0 && read.seconds <= secondsPerDay ? read.seconds : undefined
}

/**
 * Several columns as one, as if each row had been written in one cell: `year,month,day` as ISO dates, anything else with a
 * space between.
 *
 * @throws DataError `BadTime` for parts that are no whole numbers in their range; `NoJoin` for columns that make no date
 */
export function joinColumns(columns: readonly RawCells[], place: TimePlace): RawCells {
  const name = columns.map((column) => column.name).join(',')
  const parts = columns.map((column) => partOf(column.name))
  const told = { column: columns[0]!, place }
  const texts =
    parts[0] === 'year' && columns.length > 1
      ? numbered(columns, parts, place)
      : columns.length === 2
        ? dayWithClock(columns, parts[1])
        : undefined
  if (texts === undefined) {
    throw dataError(
      'NoJoin',
      placeOf(told),
      `${plural(columns.length, 'column')} are named as times, but not as parts of a date`,
      'Name a column of days and one of times of day (--time date,time), or columns named year, month, day, hour, minute, second, ' +
        'from year on.',
    )
  }
  const missing = (row: number): boolean => columns.some((column) => column.isMissing(row))
  return {
    name,
    length: columns[0]!.length,
    isMissing: missing,
    text: (row) => (missing(row) ? '' : texts(row)),
    number: () => NaN,
  }
}

function numbered(
  columns: readonly RawCells[],
  parts: readonly (Part | undefined)[],
  place: TimePlace,
): ((row: number) => string) | undefined {
  const wanted: readonly (readonly Part[])[] = [
    ['year', 'month', 'day', 'hour', 'minute', 'second'],
    ['year', 'dayofyear', 'hour', 'minute', 'second'],
  ]
  if (!wanted.some((order) => parts.every((part, i) => part === order[i]))) return undefined
  return (row) => {
    const values = columns.map((column, i) => partValue(column, parts[i]!, row, place))
    const [year, month, ...rest] = values as [number, number, ...number[]]
    const day = parts[1] === 'dayofyear' ? new Date(Date.UTC(year, 0, month)) : undefined
    const head = day !== undefined ? day.toISOString().slice(0, 10) : [year, month, ...rest.slice(0, 1)].map(pad).join('-')
    const clock = day !== undefined ? rest : rest.slice(1)
    if (day !== undefined && day.getUTCFullYear() !== year) throw badPart(columns[1]!, row, place, `no day of the year ${year}`)
    if (day === undefined && rest.length > 0 && dayNumber(year, month, rest[0]!) === undefined)
      throw badPart(columns[2]!, row, place, `no day of ${year}-${pad(month)}`)
    return clock.length === 0 ? head : `${head} ${[...clock, ...(clock.length === 1 ? [0] : [])].map(pad).join(':')}`
  }
}

const pad = (value: number): string => String(value).padStart(2, '0')

function partValue(column: RawCells, part: Part, row: number, place: TimePlace): number {
  const value = partNumber(column, part, row)
  if (Number.isInteger(value) && value >= LEAST[part] && value <= MOST[part]) return value
  throw badPart(column, row, place, `no ${part} from ${LEAST[part]} to ${MOST[part]}`)
}

const badPart = (column: RawCells, row: number, place: TimePlace, what: string) =>
  badTime({ column, place }, [row], `this is ${what}`, 'Correct the cell, or name other columns with --time.')

/** A day and a time of day, with a space between; hours alone (`14`, `1405`) are written out. */
function dayWithClock([day, clock]: readonly RawCells[], part: Part | undefined): (row: number) => string {
  let most = 0
  for (let row = 0; row < clock!.length; row++) if (!clock!.isMissing(row)) most = Math.max(most, clock!.number(row))
  const isHour = part === 'hour' || most <= 24
  return (row) => {
    const [text, number] = [clock!.text(row), clock!.number(row)]
    if (!Number.isInteger(number)) return `${day!.text(row)} ${text}`
    return isHour ? `${day!.text(row)} ${pad(number)}:00` : `${day!.text(row)} ${pad(Math.floor(number / 100))}:${pad(number % 100)}`
  }
}
