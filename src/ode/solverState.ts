import type { Value } from '../engine/engine.js'

/** The rows at work: which they are, their states `[n, dim]`, what is carried beside them, and the field's inputs by row. */
export interface SolverState {
  readonly rows: Int32Array
  readonly y: Value
  readonly carried: Value
  /** `[n, width]`, if the field has some. */
  readonly inputs?: Value
}

/** Made one by one: to spread a state and add to it takes longer than all else that is done with it in a step. */
export const solverState = (rows: Int32Array, y: Value, carried: Value, inputs: Value | undefined): SolverState =>
  inputs ? { rows, y, carried, inputs } : { rows, y, carried }
