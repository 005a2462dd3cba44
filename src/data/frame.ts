import type { SeriesSet, TimeAxis } from './series.js'
import type { DateAxis, DurationAxis } from './times/axis.js'
import { isWholeDays, millisecondsOf, timeDetail, timeWriter, type TimeDetail } from './times/writeTimes.js'

/** A column of a table that is to be written: every cell of one type. */
export type FrameColumn = { readonly name: string } & (
  | { readonly kind: 'text'; readonly values: readonly string[] }
  /** NaN where there is nothing. */
  | { readonly kind: 'number'; readonly values: ArrayLike<number> }
  /** Numbers of an axis of dates, each a whole day or any time. */
  | { readonly kind: 'day' | 'instant'; readonly values: ArrayLike<number>; readonly axis: DateAxis; readonly detail: TimeDetail }
  /** Numbers of an axis of lengths of time. */
  | { readonly kind: 'duration'; readonly values: ArrayLike<number>; readonly axis: DurationAxis; readonly detail: TimeDetail }
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
    ...set.channels.map((name, c) => ({ name, kind: 'number', values: channels[c]! }) as const),
  ]
}

/**
 * Times as a column: numbers, or on an axis of dates days or instants, or lengths of time.
 *
 * @param detail how finely they are written, where the column is a part of one; by default as finely as these times ask for
 * @throws UserError `TimeOutOfRange` for a time beyond any calendar
 */
export function timeColumn(name: string, axis: TimeAxis, times: Float64Array, detail = timeDetail(axis, [times])): FrameColumn {
  switch (axis.kind) {
    case 'number':
      return { name, kind: 'number', values: times }
    case 'date':
      return { name, kind: isWholeDays(axis, detail) ? 'day' : 'instant', values: times, axis, detail }
    case 'duration':
      return { name, kind: 'duration', values: times, axis, detail }
  }
}

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

/** What makes cells of a column as text and CSV show them: times as the data write them, NaN where there is nothing. */
export function cellsOf(column: FrameColumn): (row: number) => string | number {
  if (column.kind === 'text' || column.kind === 'number') return (row) => column.values[row]!
  const write = timeWriter(column.axis, column.detail)
  return (row) => write(column.values[row]!)
}

/** The cells of a column that is no date, as typed files take them: null where there is no number, lengths of time as texts. */
export function plainCells(column: Exclude<FrameColumn, { kind: 'day' | 'instant' }>): (string | number | null)[] {
  switch (column.kind) {
    case 'text':
      return [...column.values]
    case 'number':
      return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value))
    case 'duration':
      return Array.from(column.values, (_, row) => row).map(cellsOf(column))
  }
}

/** What makes cells of a column of dates milliseconds since 1970 (UTC), with a part of one where they are finer. */
export function millisecondsIn(column: Extract<FrameColumn, { kind: 'day' | 'instant' }>): (row: number) => number {
  const of = millisecondsOf(column.axis, column.detail)
  return (row) => of(column.values[row]!)
}
