import type { Engine, Value } from '../engine/engine.js'
import { sizeOf } from '../graph/shape.js'
import type { Values } from './program.js'

/** Zeros to write into an engine; a longer line of them is made when it is first wanted. */
let zeros = new Float32Array(0)

/** An array of zeros in the engine. */
export function zeroValue(engine: Engine, shape: readonly number[]): Value {
  const size = sizeOf(shape)
  if (zeros.length < size) zeros = new Float32Array(2 * size)
  return engine.write(zeros.subarray(0, size), shape)
}

/** Zeros to start the sums of the parameters' gradients from, in their order. */
export const zerosLike = (engine: Engine, params: Values): Value[] => Object.values(params).map(({ shape }) => zeroValue(engine, shape))

/** Rows `index` of `[rows, width]`, as an array of numbers. */
export function gatherNumbers(values: ArrayLike<number>, index: ArrayLike<number>, width: number): Float64Array {
  const out = new Float64Array(index.length * width)
  for (let i = 0; i < index.length; i++) {
    for (let j = 0; j < width; j++) out[i * width + j] = values[index[i]! * width + j]!
  }
  return out
}
