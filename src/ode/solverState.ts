import type { Value } from '../engine/engine.js'

/** The rows at work: which they are, their states `[n, dim]`, what is carried beside them, and the field's inputs by row. */
export interface SolverState {
  readonly rows: Int32Array
  readonly y: Value
  readonly carried: Value
  /** `[n, width]`, if the field has some. */
  readonly inputs?: Value
}
