import { zeroValue } from '../../engine/arrays.js'
import type { Engine, Value } from '../../engine/engine.js'
import type { NamedValues } from '../../engine/autodiff/program.js'

/** Zeros to start the sums of the parameters' gradients from, in their order. */
export const zerosLike = (engine: Engine, params: NamedValues): Value[] =>
  Object.values(params).map(({ shape }) => zeroValue(engine, shape))

/** Rows `index` of `[rows, width]`, as an array of numbers. */
export function gatherNumbers(values: ArrayLike<number>, index: ArrayLike<number>, width: number): Float64Array {
  const out = new Float64Array(index.length * width)
  for (let i = 0; i < index.length; i++) {
    for (let j = 0; j < width; j++) out[i * width + j] = values[index[i]! * width + j]!
  }
  return out
}
