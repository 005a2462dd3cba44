import type { Nested, TensorLike } from './numbers.js'

/** A direction in the space of initial values and parameters; what is left out does not move. */
export interface Direction {
  /** `[rows, dim]` */
  readonly y0?: Nested | TensorLike
  /** By name, each of its parameter's shape. */
  readonly params?: Readonly<Record<string, Nested | TensorLike>>
}
