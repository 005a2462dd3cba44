import { epochSeconds, formatTime, secondsPer } from './dates.js'
import type { SeriesSet, TimeAxis } from './series.js'

/** A column of a table that is to be written: every cell of one type. */
export type FrameColumn = { readonly name: string } & (
  | { readonly kind: 'text'; readonly values: readonly string[] }
  /** NaN where there is nothing. */
  | { readonly kind: 'number'; readonly values: ArrayLike<number> }
  /** Milliseconds since 1970 (UTC): days are midnights, instants any time. */
  | { readonly kind: 'day' | 'instant'; readonly values: ArrayLike<number> }
)

/** Columns of one length: what tables, DataFrames and files are made of. */
export type Frame = readonly FrameColumn[]

/** Rows of a frame. */
export const rowsOf = (frame: Frame): number => frame[0]?.values.length ?? 0

/** A set as it would stand in a file: id (where there is one), time, a column for each channel; NaN where nothing was observed. */
export function frameOfSet(set: SeriesSet): Frame {
  const width = set.channels.length
  const rows = set.series.reduce((sum, { times }) => sum + times.length, 0)
  const times = new Float64Array(rows)
  const channels = set.channels.map(() => new Float64Array(rows).fill(NaN))
  const ids: string[] = []
  for (const { id, times: own, values, mask } of set.series) {
    times.set(own, ids.length)
    for (let row = 0; row < own.length; row++) {
      for (let c = 0; c < width; c++) if (mask[row * width + c] === 1) channels[c]![ids.length] = values[row * width + c]!
      ids.push(id)
    }
  }
  return [
    ...(set.idColumn === '' ? [] : [{ name: set.idColumn, kind: 'text', values: ids } as const]),
    timeColumn(set.timeColumn, set.time, times),
    ...set.channels.map((name, c) => ({ name, kind: 'number', values: channels[c]! } as const)),
  ]
}

/**
 * Times as a column: numbers, or on an axis of dates days or instants.
 *
 * @param days whether to write days; by default where the axis counts days and every time is one
 * @throws UserError `TimeOutOfRange` for a time beyond any calendar
 */
export function timeColumn(name: string, axis: TimeAxis, times: Float64Array, days = areDays(axis, times)): FrameColumn {
  if (axis.kind === 'number') return { name, kind: 'number', values: times }
  const [epoch, unit] = [epochSeconds(axis), secondsPer[axis.unit]]
  const milliseconds = times.map((time) => Math.round((epoch + time * unit) * 1000))
  const beyond = milliseconds.findIndex((value) => !(Math.abs(value) <= LAST))
  // Says so, and what to do.
  if (beyond !== -1) formatTime(axis, times[beyond]!)
  return { name, kind: days ? 'day' : 'instant', values: milliseconds }
}

/** The last millisecond that a Date can be, either way. */
const LAST = 8.64e15

/** Whether times of an axis are whole days. */
export const areDays = (axis: TimeAxis, times: Float64Array): boolean => axis.kind === 'date' && axis.dateOnly && times.every(Number.isInteger)

/** Frames of the same columns, one below the other. */
export function stackFrames(frames: readonly Frame[]): Frame {
  const [first, ...others] = frames
  if (first === undefined || others.length === 0) return first ?? []
  return first.map((column, c): FrameColumn => {
    const parts = frames.map((frame) => frame[c]!.values)
    if (column.kind === 'text') return { ...column, values: parts.flatMap((values) => values as readonly string[]) }
    const values = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      values.set(part as ArrayLike<number>, at)
      at += part.length
    }
    return { ...column, values }
  })
}

/** A cell as text and CSV show it: dates as ISO texts, NaN where there is nothing. */
export function cellOf(column: FrameColumn, row: number): string | number {
  if (column.kind === 'text' || column.kind === 'number') return column.values[row]!
  const text = new Date(column.values[row]!).toISOString()
  return column.kind === 'day' ? text.slice(0, 10) : text.replace('.000Z', 'Z')
}
