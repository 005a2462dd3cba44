import type { TimeAxis } from './series.js'
import { isCompact, isEpoch, isExcel } from './times/numberDates.js'
import { timeDetail, timeWriter } from './times/writeTimes.js'

export { axisOf, dateAxis, epochSeconds, secondsToTime } from './times/axis.js'
export { parseIso, type WrittenDate as IsoDate } from './times/iso.js'
export { parseLength, parseTime } from './times/parseTime.js'

/**
 * A number on the axis as people read it: a plain number, a length of time, or a date as the data write them (ISO 8601
 * where those are numbers, such as counts since 1970 or `20210118`). What the form of the data has no room for is written with as much
 * more as it takes: a time of day on an axis of days, a day on one of months; fractions of seconds to the millisecond, or to
 * the digits that the data have.
 *
 * @throws UserError `TimeOutOfRange` for a time beyond any calendar
 */
export function formatTime(axis: TimeAxis, time: number): string {
  const shown = legible(axis)
  return timeWriter(shown, timeDetail(shown, [Float64Array.of(time)]))(time)
}

/** The axis by which times are shown to people: dates made of digits alone are ISO dates. */
function legible(axis: TimeAxis): TimeAxis {
  if (axis.kind !== 'date' || axis.format === undefined || !(isEpoch(axis.format) || isExcel(axis.format) || isCompact(axis.format)))
    return axis
  const { format: _, ...iso } = axis
  return iso
}

/** `days since 2024-03-01`, `hours`, or `time` for plain numbers: a title for axes and tables. */
export function describeAxis(axis: TimeAxis): string {
  if (axis.kind === 'number') return 'time'
  return axis.kind === 'duration' ? `${axis.unit}s` : `${axis.unit}s since ${axis.epoch.replace('T00:00:00Z', '')}`
}
