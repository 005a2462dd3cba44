import { formatTime, parseLength, parseTime } from '../data/dates.js'
import type { TimeAxis } from '../data/series.js'
import { UserError } from '../errors.js'

/**
 * Where the known part of a series ends; what comes after is forecast.
 *
 * - `0.5`: a fraction of the series' span of time, from 0 to below 1. At 0 its first row is known.
 * - `3 rows`: so many rows are known, or all there are; `0 rows`: none.
 * - `next 5`: all but the last five rows are known; of a shorter series none.
 * - `at 120`, `at 2021-03-01`: rows up to this time are known, itself among them. A date may stand alone.
 * - `after 90`, `after 2 weeks`: rows up to so long after the series' first one.
 */
export type Cut = number | string

/** A cut that has been read. */
export interface KnownPart {
  /** What is known, as in: the model is shown *the first 3 rows of each series*. */
  readonly words: string
  /** How many rows of a series are known, of which the times are given. */
  readonly count: (times: Float64Array) => number
}

/**
 * Reads a cut.
 *
 * @param axis of the times of the series
 * @throws UserError `BadCut` for what is none, `BadTime` for a time or length of time that the axis does not have
 */
export function parseCut(axis: TimeAxis, cut: Cut): KnownPart {
  const text = String(cut).trim()
  const share = text === '' ? NaN : Number(text)
  if (share >= 0 && share < 1) return shareOfSpan(share)
  if (!Number.isNaN(share))
    throw new UserError(
      'BadCut',
      `The cut ${text} is no fraction of a span, from 0 to below 1. If it is a time, write "at ${text}"; if it is so long after each ` +
        `series' start, "after ${text}"; if it is a number of rows, "${text} rows".`,
    )
  const [, rows] = /^(\d+) *rows?$/i.exec(text) ?? []
  if (rows !== undefined) return firstRows(Number(rows))
  const [, next] = /^next +(\d+)$/i.exec(text) ?? []
  if (next !== undefined && Number(next) > 0) return allButNext(Number(next))
  const [, length] = /^after +"?(.+?)"?$/i.exec(text) ?? []
  if (length !== undefined)
    return soLongAfter(
      inCut(cut, () => parseLength(axis, length, 'after')),
      length,
    )
  const [, time] = /^at +(.+)$/i.exec(text) ?? []
  if (time !== undefined)
    return upTo(
      axis,
      inCut(cut, () => parseTime(axis, time)),
    )
  const date = axis.kind === 'date' ? readable(() => parseTime(axis, text)) : undefined
  if (date !== undefined) return upTo(axis, date)
  throw new UserError(
    'BadCut',
    `The cut ${JSON.stringify(cut)} is none. Write a fraction of each series' span, like 0.5; "3 rows" for the first three; "next 5" for all but ` +
      `the last five; "at ${formatTime(axis, axis.kind === 'date' ? 0 : 12)}" for a time; or "after ${axis.kind === 'number' ? '12' : '2 weeks'}" ` +
      "for so long after each series' start.",
  )
}

/** Rows in the first part of a span of time. A series has its first row at least. */
export function shareOfSpan(share: number): KnownPart {
  const percent = Number((100 * share).toPrecision(6))
  const words = share === 0.5 ? "the first half of each series' span of time" : `the first ${percent} % of each series' span of time`
  return {
    words: share === 0 ? 'the first row of each series' : words,
    count: (times) => (times.length === 0 ? 0 : Math.max(1, countUpTo(times, times[0]! + share * (times[times.length - 1]! - times[0]!)))),
  }
}

const firstRows = (rows: number): KnownPart => ({
  words: rows === 0 ? 'nothing of each series' : rows === 1 ? 'the first row of each series' : `the first ${rows} rows of each series`,
  count: ({ length }) => Math.min(rows, length),
})

const allButNext = (next: number): KnownPart => ({
  words: next === 1 ? 'all but the last row of each series' : `all but the last ${next} rows of each series`,
  count: ({ length }) => Math.max(0, length - next),
})

const upTo = (axis: TimeAxis, time: number): KnownPart => ({
  words: `the rows of each series up to ${axis.kind === 'number' ? `time ${time}` : formatTime(axis, time)}`,
  count: (times) => countUpTo(times, time),
})

const soLongAfter = (length: number, text: string): KnownPart => ({
  words: `the rows of each series up to ${text} after its start`,
  count: (times) => (times.length === 0 ? 0 : countUpTo(times, times[0]! + length)),
})

/** How many of some times, which ascend, are not past one. */
function countUpTo(times: Float64Array, end: number): number {
  let count = 0
  while (count < times.length && times[count]! <= end) count++
  return count
}

/** Of a time that cannot be read it is said where it stands. */
function inCut(cut: Cut, read: () => number): number {
  try {
    return read()
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.code, `In the cut ${JSON.stringify(cut)}: ${error.message}`, { cause: error })
    throw error
  }
}

function readable(read: () => number): number | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}
