import { parseTime } from '../data/dates.js'
import type { TimeAxis } from '../data/series.js'
import { secondsToTime } from '../data/times/axis.js'
import { UserError } from '../errors.js'

/**
 * A time as the data have it: a number where those are plain numbers; a Date, or a text as the data write it or in ISO 8601,
 * where they are dates; a text such as `3 days` or a number of the axis's units where they are lengths of time.
 */
export type Time = number | string | Date

/** A length of time: a number of the axis's units, or a text such as `2 weeks` where the axis has units. */
export type Length = number | string

/** @throws UserError `BadTime` for what is no time on this axis */
export function timeOn(axis: TimeAxis, time: Time): number {
  if (!(time instanceof Date)) return parseTime(axis, String(time))
  const milliseconds = time.getTime()
  if (Number.isNaN(milliseconds)) throw new UserError('BadTime', 'The time is a Date that is none (Invalid Date).')
  if (axis.kind === 'date') return secondsToTime(axis, milliseconds / 1000)
  throw new UserError(
    'BadTime',
    `The time ${time.toISOString()} is a Date, and times here are ${axis.kind === 'number' ? 'plain numbers' : 'lengths of time'}.`,
  )
}

/** Times on the axis, ascending, each once. @throws UserError `BadTime` */
export const timesOn = (axis: TimeAxis, times: Iterable<Time>): Float64Array =>
  Float64Array.from(new Set(Array.from(times, (time) => timeOn(axis, time)))).sort()
