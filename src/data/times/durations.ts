import { Duration } from 'luxon'

/** Seconds of each unit; months and years on the average of the calendar's 400 years. */
export const secondsOf = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800, month: 2_629_746, year: 31_556_952 } as const
export type Unit = keyof typeof secondsOf

/** Units from long to short. */
export const units: readonly Unit[] = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second']

const letters: Readonly<Record<Unit, string>> = { year: 'y', month: 'M', week: 'w', day: 'd', hour: 'h', minute: 'm', second: 's' }

/** Words for units. A lone `m` could be minutes or months. */
const words: Readonly<Record<string, Unit>> = Object.fromEntries(
  (
    Object.entries({
      year: ['y', 'yr', 'yrs', 'year', 'years'],
      month: ['mo', 'mos', 'mth', 'mths', 'month', 'months'],
      week: ['w', 'wk', 'wks', 'week', 'weeks'],
      day: ['d', 'day', 'days'],
      hour: ['h', 'hr', 'hrs', 'hour', 'hours'],
      minute: ['min', 'mins', 'minute', 'minutes'],
      second: ['s', 'sec', 'secs', 'second', 'seconds'],
    }) as [Unit, string[]][]
  ).flatMap(([unit, names]) => names.map((name) => [name, unit])),
)

/** A length of time that a text says, and how it says it. */
export interface WrittenDuration {
  readonly seconds: number
  /** What its column's format is made from; equal for texts of one kind. */
  readonly shape: 'clock' | 'days and clock' | 'units' | 'iso'
  readonly parts: readonly { readonly unit: Unit; readonly word: string; readonly before: string }[]
  /** Clocks: whether hours have two digits wherever they stand, whether there are seconds. */
  readonly padded: boolean
  readonly hasSeconds: boolean
  /** Units: whether one follows the other without a space. */
  readonly dense: boolean
}

const CLOCK = /^(\d+):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/
const DAYS = /^(\d+)( ?)(days?|d)(,?)[ T]\+?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/i

/**
 * Reads a length of time: `26:38:00`, `1 days 02:15`, `2 weeks`, `1h 30m`, `PT1H30M`, with a minus before it where it is one.
 * Two numbers with a colon are hours and minutes. Undefined where the text is none.
 *
 * @param minutes whether an `m` alone is a minute, as the column tells; else it could be a month, and is none
 */
export function parseDuration(text: string, minutes = false): WrittenDuration | undefined {
  const trimmed = text.trim()
  const minus = /^[-−]\s?/.exec(trimmed)
  const read = readUnsigned(minus === null ? trimmed.replace(/^\+/, '') : trimmed.slice(minus[0].length), minutes)
  return read === undefined || minus === null ? read : { ...read, seconds: -read.seconds }
}

function readUnsigned(text: string, minutes: boolean): WrittenDuration | undefined {
  const clock = CLOCK.exec(text)
  if (clock !== null) {
    const seconds = clockLength(clock[1]!, clock[2]!, clock[3], clock[4])
    return seconds === undefined
      ? undefined
      : { seconds, shape: 'clock', parts: [], padded: clock[1]!.length > 1, hasSeconds: clock[3] !== undefined, dense: false }
  }
  const days = DAYS.exec(text)
  if (days !== null) {
    const [, count, space, word, comma, hour, minute, second, fraction] = days
    const seconds = Number(hour) > 23 ? undefined : clockLength(hour!, minute!, second, fraction)
    return seconds === undefined
      ? undefined
      : {
          seconds: Number(count) * 86_400 + seconds,
          shape: 'days and clock',
          parts: [
            { unit: 'day', word: word!, before: space! },
            { unit: 'hour', word: comma!, before: '' },
          ],
          padded: hour!.length > 1,
          hasSeconds: second !== undefined,
          dense: false,
        }
  }
  return /^P/i.test(text) ? readIso(text) : readUnits(text, minutes)
}

function clockLength(hours: string, minutes: string, seconds = '0', fraction = ''): number | undefined {
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + (fraction === '' ? 0 : Number(`0.${fraction}`))
}

function readIso(text: string): WrittenDuration | undefined {
  const duration = Duration.fromISO(text.toUpperCase(), { conversionAccuracy: 'longterm' })
  return duration.isValid
    ? { seconds: duration.toMillis() / 1000, shape: 'iso', parts: [], padded: false, hasSeconds: false, dense: false }
    : undefined
}

/** `2 weeks`, `1h 30m`, `3 days and 4 hours`: each unit once, from long to short. */
function readUnits(text: string, minutes: boolean): WrittenDuration | undefined {
  if (!/^(?:\d+(?:[.,]\d+)?\s?[a-zµ]+[\s,]*(?:and\s)?)+$/i.test(text)) return undefined
  const parts: { unit: Unit; word: string; before: string }[] = []
  let seconds = 0
  for (const [, count, before, word] of text.matchAll(/(\d+(?:[.,]\d+)?)(\s?)([a-zµ]+)(?:[\s,]*and\s)?/gi)) {
    const plain = word!.toLowerCase()
    // After hours, or beside seconds, an m is a minute.
    const unit =
      words[plain] ?? (plain === 'm' && (minutes || parts.at(-1)?.unit === 'hour' || /\d\s?s(ec)?/i.test(text)) ? 'minute' : undefined)
    if (unit === undefined || parts.some((part) => units.indexOf(part.unit) >= units.indexOf(unit))) return undefined
    parts.push({ unit, word: word!, before: before! })
    seconds += Number(count!.replace(',', '.')) * secondsOf[unit]
  }
  return { seconds, shape: 'units', parts, padded: false, hasSeconds: false, dense: /[a-z]\d/i.test(text) }
}

/**
 * The format of a column of lengths of time: its longest text says the most. Tokens as Luxon has them for durations; a
 * word in parentheses, as in `day(s)`, is left out for one.
 */
export function durationFormat(column: readonly WrittenDuration[]): string {
  if (column.every(({ shape }) => shape === 'iso')) return 'iso'
  const clocks = column.filter(({ shape }) => shape === 'clock' || shape === 'days and clock')
  if (clocks.length === column.length) {
    const days = column.filter(({ shape }) => shape === 'days and clock')
    const clock = `${clocks.every(({ padded }) => padded) ? 'hh' : 'h'}:mm${clocks.some(({ hasSeconds }) => hasSeconds) ? ':ss' : ''}`
    if (days.length === 0) return clock
    const [first, second] = (days.find(({ seconds }) => Math.floor(seconds / 86_400) !== 1) ?? days[0]!).parts
    return `d${first!.before}'${singular(first!.word, days)}'${second!.word} ${clock}`
  }
  const used = units.filter((unit) => column.some(({ parts }) => parts.some((part) => part.unit === unit)))
  return used
    .map((unit) => {
      const holding = column.filter(({ parts }) => parts.some((part) => part.unit === unit))
      const part = (holding.find(({ seconds }) => seconds !== secondsOf[unit]) ?? holding[0]!).parts.find((one) => one.unit === unit)!
      return `${letters[unit]}${part.before}'${singular(
        part.word,
        holding.filter(({ parts }) => parts[0]!.unit === unit),
      )}'`
    })
    .join(column.some(({ dense }) => dense) ? '' : ' ')
}

/** `day(s)` where the column writes `1 day`, `days` where it writes `1 days` or no one at all. */
function singular(word: string, column: readonly WrittenDuration[]): string {
  if (word.length < 3) return word
  const stem = word.replace(/s$/i, '')
  const one = column.find(({ seconds, parts }) => Math.floor(Math.abs(seconds) / secondsOf[parts[0]!.unit]) === 1)
  return one === undefined ? (word === stem ? word : `${stem}(s)`) : one.parts[0]!.word === stem && word !== stem ? `${stem}(s)` : word
}

/** The units that a format of lengths of time has, from long to short. */
export function unitsOf(format: string): readonly Unit[] {
  if (format === 'iso') return units.filter((unit) => unit !== 'year' && unit !== 'month' && unit !== 'week')
  const bare = bareTokens(format)
  return units.filter((unit) => bare.includes(letters[unit]))
}

/** The format with seconds, where it has a clock without; of units, the shortest takes decimals. */
export const withSeconds = (format: string): string => (hasClock(format) && !format.includes('ss') ? `${format}:ss` : format)

const bareTokens = (format: string): string => format.replace(/'[^']*'/g, '')
const hasClock = (format: string): boolean => bareTokens(format).includes(':')

/** Whether a text is a format of lengths of time at all. */
export const isWritable = (format: string): boolean =>
  format === 'iso' || (unitsOf(format).length > 0 && /^(?:([yMwdhms])\1? ?(?:'[^']*')?[,:]? ?)+$/.test(format))

/** Whether a format is one of lengths of time: tokens of units without those of a day of the calendar. */
export const isDurationFormat = (format: string): boolean => /^(?:h{1,2}:mm(?::ss)?|m{1,2}:ss)$/.test(format)

/** A length of time in a format, to so many digits behind the point of a second; zeros at the end are left out. */
export function writeDuration(format: string, seconds: number, digits: number): string {
  const names = unitsOf(format)
  const shortest = secondsOf[names.at(-1)!]
  const scale = 10 ** (digits + Math.ceil(Math.log10(shortest)))
  // In ticks, so that what is rounded up carries over: never 60 seconds.
  let ticks = Math.round((Math.abs(seconds) / shortest) * scale)
  const minus = seconds < 0 && ticks > 0 ? '-' : ''
  const counts = names.map((unit) => {
    const size = Math.round((secondsOf[unit] / shortest) * scale)
    const count = unit === names.at(-1) ? ticks / scale : Math.floor(ticks / size)
    ticks -= unit === names.at(-1) ? ticks : count * size
    return { unit, count }
  })
  return minus + (format === 'iso' ? isoDuration(counts) : fillFormat(format, counts))
}

type Count = { readonly unit: Unit; readonly count: number }

/** All tokens filled in; of units alone, those that are none are left out. */
function fillFormat(format: string, counts: readonly Count[]): string {
  const whole = hasClock(format)
  const filled = whole ? undefined : counts.filter(({ count }) => count !== 0)
  const shown = filled === undefined ? counts : filled.length === 0 ? counts.slice(-1) : filled
  return format
    .replace(
      /([yMwdhms])(\1?)( ?)(?:'([^']*)')?([,:]? ?)/g,
      (_, letter: string, pad: string, space: string, word: string | undefined, after: string) => {
        const found = shown.find(({ unit }) => letters[unit] === letter)
        if (found === undefined) return ''
        const number = plainNumber(found.count)
        return (
          (pad === '' ? number : number.replace(/^\d(?!\d)/, '0$&')) +
          (word === undefined ? '' : space + word.replace(/\((.*?)\)/, found.count === 1 ? '' : '$1')) +
          after
        )
      },
    )
    .trimEnd()
}

function isoDuration(counts: readonly Count[]): string {
  const shown = counts.filter(({ count }) => count !== 0)
  const text = (one: readonly Count[]): string => one.map(({ unit, count }) => plainNumber(count) + letters[unit].toUpperCase()).join('')
  const [days, clock] = [shown.filter(({ unit }) => unit === 'day'), shown.filter(({ unit }) => unit !== 'day')]
  return shown.length === 0 ? 'PT0S' : `P${text(days)}${clock.length === 0 ? '' : `T${text(clock)}`}`
}

/** Without an exponent, however small. */
const plainNumber = (value: number): string => (value !== 0 && value < 1e-6 ? value.toFixed(12).replace(/0+$/, '') : String(value))
