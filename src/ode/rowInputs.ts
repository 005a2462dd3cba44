import type { Engine, Value } from '../engine/engine.js'

/**
 * A field's inputs by row, as a solve holds them: each row of `source` is a segment, and each row of the solve stands in one of them.
 * Constant inputs are one segment a row; a signal is one for each stretch between its knots.
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
}

const none = new Int32Array(0)

/** No inputs: nobody asks where rows stand. */
export const noInputs: RowInputs = { source: undefined, segment: none, first: none, gradient: () => ({}) }

/** The segments that some rows stand in. */
export const segmentsOf = ({ segment }: RowInputs, rows: ArrayLike<number>): Int32Array => Int32Array.from(rows, (row) => segment[row]!)

/** The inputs of some rows, `[n, width]`, a new array; undefined if there are none. */
export const gatherInputs = (engine: Engine, inputs: RowInputs, rows: ArrayLike<number>): Value | undefined =>
  inputs.source && engine.gather(inputs.source, segmentsOf(inputs, rows))
