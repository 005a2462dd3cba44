import { clockSeconds } from './iso.js'

/** How the time of day is written: the end of a Luxon format, in parts. */
export interface ClockFormat {
  /** What stands between day and time: a space, `T`, nothing. */
  readonly between: string
  readonly hour: 'HH' | 'H' | 'hh' | 'h'
  /** What stands between hours, minutes and seconds. */
  readonly mark: string
  readonly finest: 'hour' | 'minute' | 'second'
  /** Digits of a second that are written even where they are zeros. */
  readonly digits: number
  /** What stands before AM and PM; undefined for clocks of 24 hours. */
  readonly half: string | undefined
  /** What stands before the offset, and how it is written; undefined where there is none. */
  readonly zone: { readonly before: string; readonly token: 'Z' | 'ZZ' | 'ZZZ' | `'${string}'` } | undefined
}

const TOKENS = /^(.*?)(HH?|hh?)(?:('h'|[:.]?)(mm)(?:\3(ss)(?:[.,](S{1,9}|u))?)?)?(?:( ?)(a))?(?:( ?)(Z{1,3}|'(?:Z|UTC|GMT)'))?$/

/** Takes a Luxon format apart into the day's tokens and the clock; undefined where it is not a day followed by a clock. */
export function splitTokens(tokens: string): { day: string; clock: ClockFormat | undefined } | undefined {
  const rest = tokens.replace(/'[^']*'/g, '')
  if (!/[HhmsSuaZzX]/.test(rest)) return { day: tokens, clock: undefined }
  const match = TOKENS.exec(tokens)
  if (match === null) return undefined
  const [, before, hour, mark = '', minute, second, fraction = '', halfBefore = '', half, zoneBefore = '', zone] = match
  const ending = /(?:'[^']*'|[ ,:_T-])*$/.exec(before!)![0]
  const day = before!.slice(0, before!.length - ending.length)
  if (day === '' || /[HhmsSuaZzX]/.test(day.replace(/'[^']*'/g, ''))) return undefined
  return {
    day,
    clock: {
      between: ending.replace(/'([^']*)'/g, '$1'),
      hour: hour as ClockFormat['hour'],
      mark: mark === `'h'` ? 'h' : mark,
      finest: second !== undefined ? 'second' : minute !== undefined ? 'minute' : 'hour',
      digits: fraction === 'u' ? 0 : fraction.length,
      half: half === undefined ? undefined : halfBefore,
      zone: zone === undefined ? undefined : { before: zoneBefore, token: zone as NonNullable<ClockFormat['zone']>['token'] },
    },
  }
}

/** The tokens that `splitTokens` takes apart. */
export function clockTokens({ between, hour, mark, finest, digits, half, zone }: ClockFormat): string {
  const quoted = between.replace(/[A-Za-z]+/g, (word) => `'${word}'`)
  const separator = mark === 'h' ? `'h'` : mark
  return (
    quoted +
    hour +
    (finest === 'hour' ? '' : `${separator}mm`) +
    (finest === 'second' ? `${separator}ss` : '') +
    (digits > 0 ? `.${'S'.repeat(digits)}` : '') +
    (half === undefined ? '' : `${half}a`) +
    (zone === undefined ? '' : zone.before + zone.token)
  )
}

/** A text taken apart: the day's words, seconds since midnight, and the offset where it has one. */
export interface SplitText {
  readonly day: string
  readonly seconds: number
  /** Parts of a second, apart for the sake of their digits. */
  readonly fraction: number
  readonly zone: string | undefined
}

/**
 * What takes texts apart. An offset is taken wherever there is one, a fraction of a second wherever there are seconds,
 * seconds wherever there are minutes: within a column they come and go.
 */
export function clockReader(format: ClockFormat): (text: string) => SplitText | undefined {
  const mark = escape(format.mark)
  const digits = format.mark === '' ? '{2}' : '{1,2}'
  const time = `(\\d${digits})${format.finest === 'hour' ? '' : `${mark}(\\d{2})(?:${mark}(\\d{2})(?:[.,](\\d{1,9}))?)?`}`
  const between = format.between === '' ? '' : /^ +$/.test(format.between) ? '\\s+' : `${escape(format.between.trimEnd())}\\s*`
  const pattern = new RegExp(
    `^(.*?)${between}${time}${format.half === undefined ? '' : '\\s?([ap])\\.?m\\.?'}(?:\\s?(Z|[-+]\\d{2}(?::?\\d{2})?|[a-z]{2,4}))?$`,
    'i',
  )
  return (text) => {
    const match = pattern.exec(text)
    if (match === null) return undefined
    const groups = match.slice(2)
    const hour = Number(groups.shift())
    const [minute, second, fraction] = format.finest === 'hour' ? [] : groups.splice(0, 3)
    const half = format.half === undefined ? undefined : groups.shift()!.toLowerCase()
    if (half !== undefined && (hour < 1 || hour > 12)) return undefined
    const seconds = clockSeconds(
      half === undefined ? hour : (hour % 12) + (half === 'p' ? 12 : 0),
      Number(minute ?? 0),
      Number(second ?? 0),
    )
    const parts = fraction === undefined ? 0 : Number(`0.${fraction}`)
    if (seconds === undefined || seconds + parts > 86_400) return undefined
    return { day: match[1]!, seconds, fraction: parts, zone: groups[0] }
  }
}

/** The time of day as a format has it: `seconds` are whole, `fraction` holds the digits behind the point. */
export function writeClock({ between, hour, mark, finest, half }: ClockFormat, seconds: number, fraction: string): string {
  const pad = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const shown = half === undefined ? hours : hours % 12 === 0 ? 12 : hours % 12
  return (
    between +
    (hour.length === 2 ? pad(shown) : String(shown)) +
    (finest === 'hour' ? '' : mark + pad(Math.floor(seconds / 60) % 60)) +
    (finest === 'second' ? mark + pad(seconds % 60) + (fraction === '' ? '' : `.${fraction}`) : '') +
    (half === undefined ? '' : half + (hours < 12 ? 'AM' : 'PM'))
  )
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
