/** What a text says that is a date: seconds since 1970-01-01, of UTC where it has an offset, else of the clock on the wall. */
export interface WrittenDate {
  readonly seconds: number
  /** The way it is written; a column keeps to one. */
  readonly style: 'date' | 'datetime' | 'datetime with zone'
}

export const secondsPerDay = 86_400

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[-+]\d{2}(?::?\d{2})?)?)?$/

/**
 * Reads an ISO 8601 date or datetime: `2024-03-01`, `2024-03-01T06:30`, `2024-03-01 06:30:15.25`, with or without a zone
 * (`Z`, `+02:00`). Without one it is UTC. Undefined where the text is no such date, or the date does not exist.
 */
export function parseIso(text: string): WrittenDate | undefined {
  const match = ISO.exec(text.trim())
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = match
  const midnight = dayNumber(Number(year), Number(month), Number(day))
  if (midnight === undefined) return undefined
  if (hour === undefined) return { seconds: midnight * secondsPerDay, style: 'date' }
  const clock = clockSeconds(Number(hour), Number(minute), Number(second))
  if (clock === undefined || (clock === secondsPerDay && Number(fraction) > 0)) return undefined
  const local = midnight * secondsPerDay + clock + (fraction === '' ? 0 : Number(`0.${fraction}`))
  if (zone === undefined) return { seconds: local, style: 'datetime' }
  const offset = offsetSeconds(zone)
  return offset === undefined ? undefined : { seconds: local - offset, style: 'datetime with zone' }
}

/** Days since 1970, undefined for days that are not in the (proleptic Gregorian) calendar. */
export function dayNumber(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 86_400_000 : undefined
}

/** Seconds since midnight, undefined for what no clock shows; 24:00 is the midnight after. */
export function clockSeconds(hour: number, minute: number, second: number): number | undefined {
  return hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0) ? undefined : hour * 3600 + minute * 60 + second
}

/** Zones that RFC 2822 knows by letters, and UTC: whole hours. Others mean different things in different places. */
const LETTERS: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  UT: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  CET: 1,
  CEST: 2,
}

/** Seconds east of UTC that `Z`, `+02:00`, `-0530`, `+02` or `EST` stand for. */
export function offsetSeconds(zone: string): number | undefined {
  const named = LETTERS[zone.toUpperCase()]
  if (named !== undefined) return named * 3600
  const match = /^([-+])(\d{2})(?::?(\d{2}))?$/.exec(zone)
  if (match === null) return undefined
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)]
  if (hours > 23 || minutes > 59) return undefined
  return (match[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60)
}
