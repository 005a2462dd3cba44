import type { Discontinuities } from './discontinuities.js'
import type { Timetable } from './times.js'

/** Where rows start and stop; all by row number of the request. */
export interface StopTimes {
  readonly direction: Int8Array
  /** Times at the start. */
  readonly start: Float64Array
  /** The time a row must not step past: the next one to stop at, or ±Infinity. */
  bound(row: number): number
  /** Its next output time. Fixed steps that end beside it but for rounding end on it. */
  output(row: number): number
  /** True once a row needs no more steps. */
  done(row: number): boolean
  /** The last time of a row; sets the scale below which steps are too small. */
  readonly last: Float64Array
  /** Times that no step goes past, whatever the row. */
  readonly discontinuities: Discontinuities
  /** The next time at which something happens to a row by itself, ±Infinity if nothing does. */
  readonly change?: (row: number) => number
  readonly origin: Origin
}

/** What the field's t is counted from in a row. */
export type Origin = (row: number) => number

/** What decides where rows stop: steps that are neither controlled nor given stop at every output. */
interface Stops {
  readonly rules: { readonly controlled: boolean }
  readonly stepSize: number | undefined
  readonly stopAtEnd: boolean
  readonly timeOrigin: number | 'start'
}

/** @param next the point that is each row's next output, moved on by whoever collects them; behind its last point a row is done */
export function stopTimesOf(
  { times, offsets, direction }: Pick<Timetable, 'times' | 'offsets' | 'direction'>,
  next: Int32Array,
  { rules, stepSize, stopAtEnd, timeOrigin }: Stops,
  discontinuities: Discontinuities,
): StopTimes {
  const rows = next.length
  const start = new Float64Array(rows)
  const last = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    start[row] = times[offsets[row]!]!
    last[row] = times[offsets[row + 1]! - 1]!
  }
  const output = (row: number): number => times[next[row]!]!
  return {
    direction,
    start,
    last,
    discontinuities,
    output,
    origin: timeOrigin === 'start' ? (row) => start[row]! : () => timeOrigin,
    done: (row) => next[row] === offsets[row + 1],
    bound: !rules.controlled && stepSize === undefined ? output : stopAtEnd ? (row) => last[row]! : (row) => direction[row]! * Infinity,
  }
}
