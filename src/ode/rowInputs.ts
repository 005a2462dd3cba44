import type { Engine, Value } from '../engine/engine.js'

/**
 * A field's inputs by row, as a solve holds them: each row of `source` is a segment, and each row of the solve stands in one of them.
 * Constant inputs are one segment a row; a signal is one for each stretch between its knots, in the order in which the row comes by.
 */
export interface RowInputs {
  /** `[segments, width]`, an array of the engine, written when it is first asked for; undefined if the field has no inputs. */
  readonly source: Value | undefined
  /** In which segment each row stands, `[rows]`; moved on as the solve goes. */
  readonly segment: Int32Array
  /** In which it starts, `[rows]`. */
  readonly first: Int32Array
  /** The gradient by what was given, by name, from the cotangent of `source`, flat. */
  gradient(bars: ArrayLike<number>): Record<string, Float64Array>
  /** When segments end, if there are signals. */
  readonly timeline?: Timeline
}

/** When rows move on from segment to segment. */
export interface Timeline {
  /** The time at which a row's segment ends; ±Infinity for the last. */
  next(row: number): number
  /** Whether an input jumps there. */
  jumps(row: number): boolean
  /** The segment of a row at a time. */
  at(row: number, time: number): number
  /** Whether a segment of a row ends at a time. */
  endsAt(row: number, time: number): boolean
}

const none = new Int32Array(0)

/** No inputs: nobody asks where rows stand. */
export const noInputs: RowInputs = { source: undefined, segment: none, first: none, gradient: () => ({}) }

/** The segments that some rows stand in. */
export const segmentsOf = ({ segment }: RowInputs, rows: ArrayLike<number>): Int32Array => Int32Array.from(rows, (row) => segment[row]!)

/**
 * The inputs of some rows, `[n, width]`, a new array; undefined if there are none.
 *
 * @param times when, instead of where the rows stand
 */
export function gatherInputs(engine: Engine, inputs: RowInputs, rows: ArrayLike<number>, times?: ArrayLike<number>): Value | undefined {
  const { source, timeline } = inputs
  if (!source) return undefined
  return engine.gather(
    source,
    times && timeline ? Int32Array.from(rows, (row, i) => timeline.at(row, times[i]!)) : segmentsOf(inputs, rows),
  )
}
