import type { Value } from '../engine/engine.js'
import { isTensor, type Nested, type TensorLike } from './numbers.js'
import type { Signal } from './signal.js'

/** What an input by row can be given as: `[rows, k]` in any form; where k is 1, `[rows]` will do. Or a signal, or one for each row. */
export type InputValues = Value | Nested | TensorLike | Signal | readonly Signal[]

/** Whether an input is an array of an engine. */
export const isEngineArray = (given: InputValues): given is Value =>
  typeof given === 'object' && given !== null && 'shape' in given && !isTensor(given)
