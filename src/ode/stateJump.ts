import type { Graph } from '../graph/graph.js'
import type { FieldFunction } from './vectorField.js'

/** A change of the state at a known time: by a function of it, or by an amount that is added. */
export interface StateJump {
  /** In the units of the solve's times. */
  readonly time: number
  /**
   * The state after it: a function of `t` `[rows, 1]`, `z` `[rows, dim]`, the field's parameters and inputs by row, returning
   * `[rows, dim]`; or a Graph of it with the output `output`. Compiled once for each function: make it outside of the loop that solves.
   */
  readonly apply?: FieldFunction | Graph
  /** What is added to the state, `[dim]`. */
  readonly add?: ArrayLike<number>
}
