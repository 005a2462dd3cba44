import type { Value } from '../engine/engine.js'
import type { Nested, TensorLike } from './numbers.js'
import type { Signal } from './signal.js'

/** What an input by row can be given as: `[rows, k]` in any form; where k is 1, `[rows]` will do. Or a signal, or one for each row. */
export type InputValues = Value | Nested | TensorLike | Signal | readonly Signal[]
