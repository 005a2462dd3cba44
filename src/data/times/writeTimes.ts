import { UserError } from '../../errors.js'
import type { TimeAxis } from '../series.js'
import { epochSeconds, isRound, type DateAxis, type DurationAxis } from './axis.js'
import { dateFormat, dateWriter, detailOf, finer, refine, rounded, type Detail, type Moment } from './dateFormat.js'
import { secondsOf, withSeconds, writeDuration } from './durations.js'
import { epochs, excelZero, isEpoch, isExcel } from './numberDates.js'
import { secondsPerDay } from './iso.js'
import { zoneClock, type ZoneClock } from './zones.js'

/** How finely some times have to be written so that the text tells them apart: a column is written one way throughout. */
export interface TimeDetail {
  /** Digits of a second: 0, 3, 6 or 9. */
  readonly digits: number
  readonly finest: Detail
  /** Whether an offset is needed: a time lies in an hour that its zone repeats. */
  readonly offset: boolean
}

/** A number on the axis that reading has rounded, to so much of a second. */
const TOLERANCE = 2.5e-7

/**
 * How finely times have to be written. Fewer digits of a second than the data have are taken where they say the same; more
 * than three or than the data have, where neighbours are closer than ten times the last digit.
 *
 * @throws UserError `TimeOutOfRange` for a time beyond any calendar
 */
export function timeDetail(axis: TimeAxis, lists: readonly Float64Array[]): TimeDetail {
  if (axis.kind === 'number') return { digits: 0, finest: 'second', offset: false }
  const digits = digitsFor(axis, lists)
  if (axis.kind === 'duration')
    return {
      digits,
      finest: lists.some((times) => times.some((time) => !isRound((time * secondsOf[axis.unit]) / 60, 0, TOLERANCE))) ? 'second' : 'minute',
      offset: false,
    }
  const moments = momentsOn(axis)
  const coarse = coarseReader(axis)
  let finest: Detail = coarse === undefined ? 'day' : 'month'
  let offset = false
  for (const times of lists) {
    for (const time of times) {
      if (!Number.isFinite(time)) continue
      const moment = moments.of(time)
      const { day, second, fraction } = rounded(moment, digits)
      finest = finer(
        finest,
        fraction !== '' || second % 60 !== 0
          ? 'second'
          : second % 3600 !== 0
            ? 'minute'
            : second !== 0
              ? 'hour'
              : coarse === undefined || coarse(day)
                ? finest
                : 'day',
      )
      offset ||= moments.isRepeated(moment)
    }
  }
  return { digits, finest, offset }
}

function digitsFor(axis: DateAxis | DurationAxis, lists: readonly Float64Array[]): number {
  const unit = secondsOf[axis.unit]
  let least = Infinity
  for (const times of lists)
    for (let i = 1; i < times.length; i++) if (times[i]! > times[i - 1]!) least = Math.min(least, (times[i]! - times[i - 1]!) * unit)
  const rounding = axis.kind === 'date' ? Math.min(TOLERANCE, least / 4) : 0
  const isExact = (time: number, digits: number): boolean =>
    !Number.isFinite(time) || isRound(time * unit, digits, Math.max(1e-12, 1e-15 * Math.abs(time * unit), rounding))
  const exact = [0, 3, 6].find((digits) => lists.every((times) => times.every((time) => isExact(time, digits)))) ?? 9
  const apart = [3, 6].find((digits) => 10 * 10 ** -digits <= least) ?? 9
  return Math.min(exact, Math.max(axis.digits ?? 3, apart))
}

/** Tells days on which a month, quarter or week begins, for formats that say no more; undefined for others. */
function coarseReader({ format = 'iso' }: DateAxis): ((day: number) => boolean) | undefined {
  if (isNumeric(format)) return undefined
  const compiled = dateFormat(format)
  if (detailOf(compiled) !== 'month') return undefined
  const write = dateWriter(compiled)
  return (day) => compiled.read(write({ day, second: 0 }, 0))?.local === day * secondsPerDay
}

const isNumeric = (format: string): boolean => format === 'iso' || isEpoch(format) || isExcel(format)

/** Numbers of an axis as moments on the wall of its zone. */
function momentsOn(axis: DateAxis): { of(time: number): Moment & { readonly offset: number }; isRepeated(moment: Moment): boolean } {
  const unit = secondsOf[axis.unit]
  const epoch = epochSeconds(axis)
  const clock: ZoneClock | undefined = axis.zone === undefined ? undefined : zoneClock(axis.zone)
  const [day, rest] = [Math.floor(epoch / secondsPerDay), epoch - Math.floor(epoch / secondsPerDay) * secondsPerDay]
  return {
    of(time) {
      const offset = clock?.offsetAt(epoch + time * unit) ?? 0
      // Counted from the epoch, not from 1970: so the digits of the data are kept.
      const seconds = time * unit + rest + offset
      const days = Math.floor(seconds / secondsPerDay)
      if (!(Math.abs(day + days) < 1e8))
        throw new UserError(
          'TimeOutOfRange',
          `The time ${time} ${axis.unit}s after ${axis.epoch} is beyond any calendar. Ask for times nearer to the data.`,
        )
      return { day: day + days, second: seconds - days * secondsPerDay, offset }
    },
    isRepeated: (moment) => clock !== undefined && clock.momentsOf(moment.day * secondsPerDay + moment.second).length > 1,
  }
}

/**
 * What writes numbers of an axis as the data have times: `18.01.2021`, `26:38:00`, or numbers where they are so.
 *
 * @param detail of all times that are to stand in one column
 */
export function timeWriter(axis: TimeAxis, detail: TimeDetail): (time: number) => string {
  if (axis.kind === 'number') return String
  if (axis.kind === 'duration') {
    const format = detail.finest === 'second' ? withSeconds(axis.format) : axis.format
    return (time) => (Number.isFinite(time) ? writeDuration(format, time * secondsOf[axis.unit], detail.digits) : String(time))
  }
  const { of } = momentsOn(axis)
  const write = momentWriter(axis, detail)
  return (time) => {
    if (!Number.isFinite(time)) return String(time)
    const { offset, ...moment } = of(time)
    return write(moment, offset)
  }
}

function momentWriter(axis: DateAxis, { digits, finest, offset }: TimeDetail): (moment: Moment, offset: number) => string {
  const { format = 'iso', zone, dateOnly } = axis
  if (isEpoch(format)) return (moment) => epochText(moment, digits, epochs[format])
  if (isExcel(format)) return ({ day, second }) => String(Number((day - excelZero[format] + second / secondsPerDay).toFixed(9)))
  if (format === 'iso') {
    const days = dateOnly && finer(finest, 'day') === 'day'
    const write = dateWriter(dateFormat(days ? 'yyyy-MM-dd' : zone === undefined ? `yyyy-MM-dd'T'HH:mm:ss'Z'` : `yyyy-MM-dd'T'HH:mm:ssZZ`))
    return (moment, seconds) => write(moment, digits, days ? undefined : seconds)
  }
  const refined = refine(dateFormat(format), finest)
  const write = dateWriter(refined)
  const zoned = refined.clock?.zone !== undefined || offset
  return (moment, seconds) => write(moment, digits, zoned ? seconds : undefined)
}

/** A count since 1970, of so many to a second: all its digits, though a number of 64 bits has fewer. */
function epochText(moment: Moment, digits: number, perSecond: number): string {
  const { day, second, fraction } = rounded(moment, digits)
  const decimals = fraction.padEnd(Math.log10(perSecond), '0')
  const moved = Math.round(Math.log10(perSecond))
  const whole = BigInt(day) * 86_400n + BigInt(second)
  if (whole < 0n) return String((Number(whole) + Number(`0.${fraction || 0}`)) * perSecond)
  const rest = decimals.slice(moved).replace(/0+$/, '')
  return `${BigInt(`${whole}${decimals.slice(0, moved)}`)}${rest === '' ? '' : `.${rest}`}`
}

/**
 * Milliseconds since 1970 (UTC) of numbers on an axis of dates; whole microseconds
 * where `detail` is finer. @throws UserError `TimeOutOfRange`
 */
export function millisecondsOf(axis: DateAxis, { digits }: TimeDetail): (time: number) => number {
  const { zone: _, ...utc } = axis
  const { of } = momentsOn(utc)
  return (time) => {
    const { day, second, fraction } = rounded(of(time), Math.min(6, digits))
    const parts = Number(fraction.padEnd(6, '0'))
    const milliseconds = (day * secondsPerDay + second) * 1000 + Math.floor(parts / 1000)
    // A quotient of whole numbers is the nearest there is: times a thousand it is whole again.
    return parts % 1000 === 0 ? milliseconds : (milliseconds * 1000 + (parts % 1000)) / 1000
  }
}

/** Whether times of an axis, so finely, are whole days. */
export const isWholeDays = (axis: DateAxis, { finest }: TimeDetail): boolean => axis.dateOnly && finer(finest, 'day') === 'day'
