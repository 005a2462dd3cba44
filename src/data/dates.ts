import { UserError } from '../errors.js'
import type { TimeAxis } from './series.js'
import { quote } from './place.js'

/** What an ISO 8601 text says. */
export interface IsoDate {
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number
  /** The way it is written; a column keeps to one. */
  readonly style: 'date' | 'datetime' | 'datetime with zone'
}

type DateAxis = Extract<TimeAxis, { kind: 'date' }>

export const secondsPer = { second: 1, minute: 60, hour: 3600, day: 86400 } as const

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[-+]\d{2}(?::?\d{2})?)?)?$/

/**
 * Reads an ISO 8601 date or datetime: `2024-03-01`, `2024-03-01T06:30`, `2024-03-01 06:30:15.25`, with or without a zone
 * (`Z`, `+02:00`). Without one it is UTC. Undefined where the text is no such date, or the date does not exist.
 */
export function parseIso(text: string): IsoDate | undefined {
  const match = ISO.exec(text.trim())
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = match
  const midnight = utcDay(Number(year), Number(month), Number(day))
  if (midnight === undefined) return undefined
  if (hour === undefined) return { seconds: midnight, style: 'date' }
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  if (h > 24 || m > 59 || s > 59 || (h === 24 && m + s > 0)) return undefined
  const local = midnight + h * 3600 + m * 60 + s + (fraction === '' ? 0 : Number(`0.${fraction}`))
  if (zone === undefined) return { seconds: local, style: 'datetime' }
  const offset = zoneSeconds(zone)
  return offset === undefined ? undefined : { seconds: local - offset, style: 'datetime with zone' }
}

/** Seconds of a day's midnight, undefined for days that are not in the (proleptic Gregorian) calendar. */
function utcDay(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 1000 : undefined
}

function zoneSeconds(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)]
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60)
}

/**
 * The time axis of dates: the unit is the largest of day, hour, minute, second that is not longer than the typical
 * (median) gap, the epoch is the midnight (UTC) before the earliest date. Where every time is a midnight, they are days,
 * however they were written: what writes tables often knows datetimes only.
 *
 * @param seconds all times, in seconds since 1970
 * @param gaps positive gaps between neighbouring times of the same series, in seconds
 */
export function dateAxis(seconds: Float64Array, gaps: Float64Array): DateAxis {
  const dateOnly = seconds.every((second) => second % secondsPer.day === 0)
  const typical = gaps.length === 0 ? secondsPer.day : gaps.slice().sort()[Math.floor((gaps.length - 1) / 2)]!
  const unit = dateOnly || typical >= secondsPer.day ? 'day' : typical >= secondsPer.hour ? 'hour' : typical >= secondsPer.minute ? 'minute' : 'second'
  const earliest = seconds.reduce((least, value) => Math.min(least, value), Infinity)
  const midnight = Math.floor((earliest === Infinity ? 0 : earliest) / secondsPer.day) * secondsPer.day
  return { kind: 'date', unit, epoch: isoText(midnight), dateOnly }
}

/** A date, in seconds since 1970, as a number on the axis. */
export function secondsToTime(axis: DateAxis, seconds: number): number {
  return (seconds - epochSeconds(axis)) / secondsPer[axis.unit]
}

/** Seconds since 1970 of the axis's zero. */
export function epochSeconds(axis: DateAxis): number {
  const epoch = parseIso(axis.epoch)
  if (epoch === undefined) throw new UserError('BadTimeAxis', `The time axis has the epoch ${quote(axis.epoch)}, which is no ISO date. The model file may be damaged.`)
  return epoch.seconds
}

/**
 * A number on the axis as people read it: a plain number, or a date in UTC. An axis of whole days gives `2024-03-01`
 * where the number is whole and a datetime elsewhere; fractions of seconds are given to the millisecond where there are any.
 */
export function formatTime(axis: TimeAxis, time: number): string {
  if (axis.kind === 'number' || !Number.isFinite(time)) return String(time)
  const milliseconds = Math.round((epochSeconds(axis) + time * secondsPer[axis.unit]) * 1000)
  if (Math.abs(milliseconds) > 8.64e15) throw new UserError('TimeOutOfRange', `The time ${time} ${axis.unit}s after ${axis.epoch} is beyond any calendar. Ask for times nearer to the data.`)
  const text = isoText(milliseconds / 1000)
  return axis.dateOnly && text.endsWith('T00:00:00Z') ? text.slice(0, -10) : text
}

/** The ISO text of seconds since 1970, milliseconds only where there are any. */
function isoText(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString().replace('.000Z', 'Z')
}

/**
 * Reads one time as a user names it: a number, or on an axis of dates an ISO date.
 *
 * @throws UserError `BadTime`
 */
export function parseTime(axis: TimeAxis, text: string): number {
  if (axis.kind === 'date') {
    const date = parseIso(text)
    if (date !== undefined) return secondsToTime(axis, date.seconds)
    throw new UserError('BadTime', `The time ${quote(text)} is no ISO date, and times here are dates. Write it like ${formatTime(axis, 0)}.`)
  }
  const value = text.trim() === '' ? NaN : Number(text)
  if (Number.isFinite(value)) return value
  const found = parseIso(text) === undefined ? 'is no finite number' : 'is a date, and times here are plain numbers'
  throw new UserError('BadTime', `The time ${quote(text)} ${found}. Write it like 12 or 12.5.`)
}

/** `days since 2024-03-01`, or `time` for plain numbers: a title for axes and tables. */
export function describeAxis(axis: TimeAxis): string {
  return axis.kind === 'number' ? 'time' : `${axis.unit}s since ${axis.epoch.replace('T00:00:00Z', '')}`
}
