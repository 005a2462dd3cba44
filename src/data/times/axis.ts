import { UserError } from '../../errors.js'
import { quote } from '../place.js'
import type { TimeAxis } from '../series.js'
import { secondsOf, unitsOf } from './durations.js'
import { parseIso, secondsPerDay } from './iso.js'
import type { DateForm, DurationForm, TimeForm } from './timeForm.js'

export type DateAxis = Extract<TimeAxis, { kind: 'date' }>
export type DurationAxis = Extract<TimeAxis, { kind: 'duration' }>

/**
 * The axis of a column of times.
 *
 * @param seconds all times as `readTimes` gives them
 * @param gaps positive gaps between neighbouring times of the same series
 */
export function axisOf(form: TimeForm, seconds: Float64Array, gaps: Float64Array): TimeAxis {
  switch (form.kind) {
    case 'number':
      return form
    case 'date':
      return dateAxis(seconds, gaps, form)
    case 'duration':
      return durationAxis(seconds, gaps, form)
  }
}

/** Dates in ISO 8601, which every axis had before there were others. */
const ISO: DateForm = { kind: 'date', format: 'iso', style: 'datetime with zone' }

/**
 * The time axis of dates: the unit is the largest of day, hour, minute, second that is not longer than the typical
 * (median) gap, the epoch is the midnight (UTC) before the earliest date. Where every time is a midnight, they are days,
 * however they were written: what writes tables often knows datetimes only.
 */
export function dateAxis(seconds: Float64Array, gaps: Float64Array, { format, zone }: DateForm = ISO): DateAxis {
  const dateOnly = zone === undefined && seconds.every((second) => second % secondsPerDay === 0)
  const typical = medianOf(gaps) ?? secondsPerDay
  const unit =
    dateOnly || typical >= secondsPerDay ? 'day' : typical >= secondsOf.hour ? 'hour' : typical >= secondsOf.minute ? 'minute' : 'second'
  const earliest = seconds.reduce((least, value) => Math.min(least, value), Infinity)
  const midnight = Math.floor((earliest === Infinity ? 0 : earliest) / secondsPerDay) * secondsPerDay
  const digits = digitsOf(seconds)
  return {
    kind: 'date',
    unit,
    epoch: new Date(midnight * 1000).toISOString().replace('.000Z', 'Z'),
    dateOnly,
    ...(format !== 'iso' && !(dateOnly && format.startsWith('yyyy-MM-dd')) && { format }),
    ...(zone !== undefined && { zone }),
    ...(digits > 3 && { digits }),
  }
}

/** The axis of lengths of time: the unit is the largest that the column's form has and that is not longer than the typical gap. */
function durationAxis(seconds: Float64Array, gaps: Float64Array, { format }: DurationForm): DurationAxis {
  const typical = medianOf(gaps) ?? 0
  const units = unitsOf(format)
  const digits = digitsOf(seconds)
  return {
    kind: 'duration',
    unit: units.find((unit) => secondsOf[unit] <= typical) ?? units.at(-1)!,
    format,
    ...(digits > 3 && { digits }),
  }
}

const medianOf = (values: Float64Array): number | undefined => values.slice().sort()[Math.floor((values.length - 1) / 2)]

/** Digits of a second, by threes, that the times have beyond what a number of 64 bits adds to them: 0, 3, 6 or 9. */
function digitsOf(seconds: Float64Array): number {
  return [0, 3, 6].find((digits) => seconds.every((value) => isRound(value, digits, Math.abs(value) * 2 ** -52))) ?? 9
}

/** Whether a number has so many digits behind the point, but for `tolerance`. */
export function isRound(value: number, digits: number, tolerance: number): boolean {
  const part = value - Math.floor(value)
  return Math.abs(part - Math.round(part * 10 ** digits) / 10 ** digits) <= tolerance
}

/** Times as `readTimes` gives them as numbers on the axis; plain numbers are so already. */
export function secondsToTime(axis: TimeAxis, seconds: number): number {
  if (axis.kind === 'number') return seconds
  return axis.kind === 'date' ? (seconds - epochSeconds(axis)) / secondsOf[axis.unit] : seconds / secondsOf[axis.unit]
}

/** Seconds since 1970 of the axis's zero. */
export function epochSeconds(axis: DateAxis): number {
  const epoch = parseIso(axis.epoch)
  if (epoch === undefined)
    throw new UserError(
      'BadTimeAxis',
      `The time axis has the epoch ${quote(axis.epoch)}, which is no ISO date. The model file may be damaged.`,
    )
  return epoch.seconds
}
