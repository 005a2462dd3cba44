import { DateTime, type TokenParser } from 'luxon'
import { clockReader, clockTokens, splitTokens, writeClock, type ClockFormat, type SplitText } from './clockFormat.js'
import { offsetSeconds, parseIso, secondsPerDay } from './iso.js'

/** A moment as a clock on the wall shows it: whole days since 1970, and seconds of the day. Apart for the sake of digits. */
export interface Moment {
  readonly day: number
  readonly second: number
}

/** What a text says in a format. */
export interface ReadMoment {
  /** Seconds since 1970, as if the clock on the wall were that of UTC. */
  readonly local: number
  /** Seconds east of UTC, where the text says so. */
  readonly offset: number | undefined
  readonly hasClock: boolean
}

/** How dates are written, by Luxon's tokens. */
export interface DateFormat {
  readonly tokens: string
  /** The tokens of the day; undefined where Luxon has to read texts as a whole, to the millisecond. */
  readonly day: string | undefined
  readonly clock: ClockFormat | undefined
  read(text: string): ReadMoment | undefined
}

/** English names of months and days, and Latin digits, wherever the machine stands. */
const LOCALE = { locale: 'en-US' } as const

export function dateFormat(tokens: string): DateFormat {
  const parts = splitTokens(tokens)
  if (parts === undefined) return { tokens, day: undefined, clock: undefined, read: wholeReader(tokens) }
  const { day, clock } = parts
  let readers: { readonly days: ReturnType<typeof dayReader>; readonly split: ReturnType<typeof clockReader> | undefined } | undefined
  const iso = /^yyyy-MM-dd( |'T'|$)/.test(tokens)
  return {
    tokens,
    day,
    clock,
    read(text) {
      // Formats are often made to write only.
      const { days, split } = (readers ??= { days: dayReader(day), split: clock === undefined ? undefined : clockReader(clock) })
      if (split === undefined) {
        const midnight = days(text)
        return midnight === undefined ? undefined : { local: midnight * secondsPerDay, offset: undefined, hasClock: false }
      }
      const quick = iso ? parseIso(text) : undefined
      if (quick?.style === 'datetime') return { local: quick.seconds, offset: undefined, hasClock: true }
      return join(split(text), days)
    },
  }
}

function join(parts: SplitText | undefined, days: (text: string) => number | undefined): ReadMoment | undefined {
  const midnight = parts === undefined ? undefined : days(parts.day)
  if (midnight === undefined) return undefined
  const offset = parts!.zone === undefined ? undefined : offsetSeconds(parts!.zone)
  if (parts!.zone !== undefined && offset === undefined) return undefined
  // The digits of a fraction are added last: to the number as a whole, they are then right to its last bit.
  return { local: midnight * secondsPerDay + parts!.seconds + parts!.fraction, offset, hasClock: true }
}

/** Reads days, each distinct text once: there are far fewer days than rows. */
function dayReader(tokens: string): (text: string) => number | undefined {
  const parser = DateTime.buildFormatParser(lenient(tokens), LOCALE)
  const known = new Map<string, number | undefined>()
  return (text) => {
    if (known.has(text)) return known.get(text)
    const date = DateTime.fromFormatParser(plainNames(text), parser, { zone: 'utc', ...LOCALE })
    const day = date.isValid ? date.toMillis() / 86_400_000 : undefined
    known.set(text, day)
    return day
  }
}

function wholeReader(tokens: string): (text: string) => ReadMoment | undefined {
  const parser: TokenParser = DateTime.buildFormatParser(tokens, LOCALE)
  const zoned = /[Zz]/.test(tokens.replace(/'[^']*'/g, ''))
  const known = new Map<string, ReadMoment | undefined>()
  return (text) => {
    if (known.has(text)) return known.get(text)
    const date = DateTime.fromFormatParser(text, parser, { zone: 'utc', setZone: true, ...LOCALE })
    const offset = zoned ? date.offset * 60 : undefined
    const read = date.isValid ? { local: date.toMillis() / 1000 + (offset ?? 0), offset, hasClock: true } : undefined
    known.set(text, read)
    return read
  }
}

/** Days and months of one or two digits, where something stands between them that is no digit. */
const lenient = (tokens: string): string =>
  tokens.replace(/(^|[^A-Za-z])(dd|MM)(?![A-Za-z])/g, (_, before: string, token: string) => before + token[0]!)

/** `18th Sept. 2021` as Luxon has it: `18 Sep 2021`. */
const plainNames = (text: string): string =>
  /[a-z]/i.test(text)
    ? text
        .replace(/\bsept\b/i, 'Sep')
        .replace(/\b([a-z]{3,9})\./gi, '$1')
        .replace(/(\d)(?:st|nd|rd|th)\b/gi, '$1')
    : text

/** What writes moments of the wall in a format. `digits` behind the point of a second at most; three zeros at the end are left out. */
export function dateWriter({ tokens, day, clock }: DateFormat): (moment: Moment, digits: number, offset?: number) => string {
  const days = new Map<number, string>()
  const dayText = (number: number, written: string): string => {
    let text = days.get(number)
    if (text === undefined)
      days.set(number, (text = DateTime.fromMillis(number * 86_400_000, { zone: 'utc', ...LOCALE }).toFormat(written)))
    return text
  }
  return (moment, digits, offset) => {
    const { day: number, second, fraction } = rounded(moment, digits, clock?.digits ?? 0)
    if (day === undefined)
      return DateTime.fromMillis(number * 86_400_000 + second * 1000 + Number(`.${fraction || 0}`) * 1000, {
        zone: 'utc',
        ...LOCALE,
      }).toFormat(tokens)
    if (clock === undefined) return dayText(number, day)
    return (
      dayText(number, day) +
      writeClock(clock, second, fraction) +
      (offset === undefined ? '' : (clock.zone?.before ?? ' ') + offsetText(offset, clock.zone?.token))
    )
  }
}

/** A moment rounded to so many digits of a second; at least `least` of them are kept, zeros or not. */
export function rounded({ day, second }: Moment, digits: number, least = 0): { day: number; second: number; fraction: string } {
  const scale = 10 ** Math.max(digits, least)
  const ticks = Math.round(second * scale)
  const [over, rest] = ticks >= secondsPerDay * scale ? [1, ticks - secondsPerDay * scale] : [0, ticks]
  const whole = Math.floor(rest / scale)
  const text = scale === 1 ? '' : String(rest - whole * scale).padStart(Math.max(digits, least), '0')
  let length = text.length
  // By threes, as clocks are read: tenths are written .100.
  while (length > least && text.slice(Math.max(least, length - 3), length).replaceAll('0', '') === '') length = Math.max(least, length - 3)
  return { day: day + over, second: whole, fraction: text.slice(0, length) }
}

/** `+01:00`, or as the token has it; `Z` where that is a letter and there is no offset. */
function offsetText(seconds: number, token: NonNullable<ClockFormat['zone']>['token'] = 'ZZ'): string {
  if (token.startsWith(`'`) && seconds === 0) return token.slice(1, -1)
  const minutes = Math.abs(Math.round(seconds / 60))
  const pad = (value: number): string => String(value).padStart(2, '0')
  return `${seconds < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${token === 'ZZZ' ? '' : ':'}${pad(minutes % 60)}`
}

/** How fine a moment is. */
export type Detail = 'month' | 'day' | 'hour' | 'minute' | 'second'

const details: readonly Detail[] = ['month', 'day', 'hour', 'minute', 'second']

export const finer = (a: Detail, b: Detail): Detail => (details.indexOf(a) > details.indexOf(b) ? a : b)

/** How fine a format tells moments apart. A month stands for all that is coarser than a day, too. */
export function detailOf({ day, clock, tokens }: DateFormat): Detail {
  if (day === undefined) return /s/.test(tokens) ? 'second' : /m/.test(tokens) ? 'minute' : /[Hh]/.test(tokens) ? 'hour' : 'day'
  return clock?.finest ?? (/[doE]|[ck]/.test(day.replace(/'[^']*'/g, '')) && !isWeek(day) ? 'day' : 'month')
}

/** Weeks without a day of the week. */
const isWeek = (day: string): boolean => /W/.test(day) && !/[Ec]/.test(day)

/** The format with as much more as it needs to tell moments apart to `detail`. */
export function refine(format: DateFormat, detail: Detail): DateFormat {
  const { day, clock } = format
  if (finer(detailOf(format), detail) === detailOf(format)) return format
  if (day === undefined) return dateFormat(`yyyy-MM-dd'T'HH:mm:ssZZ`)
  if (detailOf(format) === 'month') return refine(dateFormat(withDay(day)), detail)
  if (clock !== undefined)
    return dateFormat(
      day +
        clockTokens({
          ...clock,
          mark: clock.finest === 'hour' && clock.between !== '' ? ':' : clock.mark,
          finest: detail as ClockFormat['finest'],
        }),
    )
  const bare = /^y+M+d+$/.test(day)
  return dateFormat(
    day +
      clockTokens({
        between: bare ? '' : day === 'yyyy-MM-dd' ? 'T' : ' ',
        hour: 'HH',
        mark: bare ? '' : ':',
        finest: finer('minute', detail) as ClockFormat['finest'],
        digits: 0,
        half: undefined,
        zone: undefined,
      }),
  )
}

/** Months with the day put where it belongs: before a month that stands before its year, else at the end. */
function withDay(day: string): string {
  const match = /^(?:(y+)([-/. ]?)(M+)|(M+)([-/. ])(y+))$/.exec(day)
  if (match === null) return 'yyyy-MM-dd'
  const [, , mark, month, firstMonth, firstMark, year] = match
  return month !== undefined ? `${day}${mark}dd` : `${firstMonth!.length === 1 ? 'd' : 'dd'}${firstMark}${firstMonth}${firstMark}${year}`
}
