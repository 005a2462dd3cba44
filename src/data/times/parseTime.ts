import { UserError } from '../../errors.js'
import { quote } from '../place.js'
import type { TimeAxis } from '../series.js'
import { secondsToTime, type DateAxis, type DurationAxis } from './axis.js'
import { dateFormat, refine } from './dateFormat.js'
import { parseDuration, secondsOf } from './durations.js'
import { parseIso } from './iso.js'
import { compactFormats, compactSeconds, epochs, excelSeconds, isCompact, isEpoch, isExcel } from './numberDates.js'
import { timeDetail, timeWriter } from './writeTimes.js'
import { zoneClock } from './zones.js'

/**
 * Reads one time as a user names it: a number; on an axis of dates a date as the data write them, or in ISO 8601; on an axis
 * of lengths of time a length (`26:38:00`, `3 days`), or a number of its units.
 *
 * @throws UserError `BadTime`
 */
export function parseTime(axis: TimeAxis, text: string): number {
  if (axis.kind === 'date') return secondsToTime(axis, dateSeconds(axis, text.trim()))
  const value = text.trim() === '' ? NaN : Number(text)
  if (Number.isFinite(value)) return value
  if (axis.kind === 'duration') return secondsToTime(axis, durationSeconds(axis, text))
  const found =
    parseIso(text) !== undefined
      ? 'is a date, and times here are plain numbers'
      : parseDuration(text, true) !== undefined
        ? 'is a length of time with a unit, and times here are plain numbers'
        : 'is no finite number'
  throw new UserError('BadTime', `The time ${quote(text)} ${found}. Write it like 12 or 12.5.`)
}

/**
 * Reads a length of time as a user names it: a number of the axis's units, or with a unit (`2 weeks`, `14d`, `12h`, `01:30:00`)
 * where the axis has one. Months and years are those of the calendar's average.
 *
 * @param what names the length in messages: `--horizon`
 * @throws UserError `BadTime`
 */
export function parseLength(axis: TimeAxis, text: string | number, what: string): number {
  const value = typeof text === 'number' ? text : text.trim() === '' ? NaN : Number(text)
  const read = Number.isNaN(value) ? parseDuration(String(text), true) : undefined
  if (axis.kind === 'number' && read !== undefined) {
    throw new UserError(
      'BadTime',
      `${what} ${quote(String(text))} has a unit, and times here are plain numbers, whose unit is not known. Give a number, like ` +
        `${what} 12.`,
    )
  }
  const length = read === undefined || axis.kind === 'number' ? value : read.seconds / secondsOf[axis.unit]
  if (length > 0 && length < Infinity) return length
  const example = axis.kind === 'number' ? `${what} 12` : `${what} 12 (in ${axis.unit}s) or ${what} "2 weeks"`
  throw new UserError('BadTime', `${what} ${quote(String(text))} is no length of time above 0. Write it like ${example}.`)
}

function durationSeconds(axis: DurationAxis, text: string): number {
  const read = parseDuration(text, true)
  if (read !== undefined) return axis.format === 'mm:ss' && read.shape === 'clock' && !read.hasSeconds ? read.seconds / 60 : read.seconds
  throw new UserError(
    'BadTime',
    `The time ${quote(text)} is no length of time. Write it like ${exampleOf(axis)}, or as a number of ${axis.unit}s.`,
  )
}

/** Seconds since 1970 (UTC) of a date in the axis's format, or in ISO 8601. */
function dateSeconds(axis: DateAxis, text: string): number {
  const read = readNumber(axis, text) ?? readFormat(axis, text) ?? readIso(text)
  if (read === undefined) {
    const format = axis.format === undefined ? 'ISO date' : 'date'
    const iso = axis.format === undefined ? '' : ` or ${exampleOf({ ...axis, format: 'iso' })}`
    throw new UserError(
      'BadTime',
      `The time ${quote(text)} is no ${format}, and times here are dates. Write it like ${exampleOf(axis)}${iso}.`,
    )
  }
  if (!read.isLocal || axis.zone === undefined) return read.seconds
  const [moment] = zoneClock(axis.zone).momentsOf(read.seconds)
  if (moment === undefined)
    throw new UserError(
      'BadTime',
      `The time ${quote(text)} does not exist in ${axis.zone}, where the clock was put forward. Write it with an offset, like ` +
        '2021-03-28T02:30:00+01:00.',
    )
  return moment
}

interface Read {
  readonly seconds: number
  readonly isLocal: boolean
}

function readNumber({ format = 'iso' }: DateAxis, text: string): Read | undefined {
  const value = text === '' ? NaN : Number(text)
  if (!Number.isFinite(value)) return undefined
  if (isEpoch(format)) return { seconds: value / epochs[format], isLocal: false }
  if (isExcel(format)) return { seconds: excelSeconds(value, format), isLocal: true }
  const compact = isCompact(format) && Number.isInteger(value) ? compactFormats[text.length] : undefined
  const seconds = compact === undefined ? undefined : compactSeconds(value, compact)
  return seconds === undefined ? undefined : { seconds, isLocal: true }
}

function readFormat({ format = 'iso' }: DateAxis, text: string): Read | undefined {
  if (format === 'iso' || isEpoch(format) || isExcel(format)) return undefined
  const own = dateFormat(format)
  for (const one of [own, refine(own, 'day'), refine(own, 'minute'), refine(own, 'second')]) {
    const read = one.read(text)
    if (read !== undefined) return { seconds: read.local - (read.offset ?? 0), isLocal: read.offset === undefined }
  }
  return undefined
}

function readIso(text: string): Read | undefined {
  const date = parseIso(text)
  return date === undefined ? undefined : { seconds: date.seconds, isLocal: date.style !== 'datetime with zone' }
}

const exampleOf = (axis: TimeAxis): string => timeWriter(axis, timeDetail(axis, [Float64Array.of(0)]))(0)
