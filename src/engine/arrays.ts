import { EngineError } from '../errors.js'
import { formatShape, sizeOf } from '../graph/shape.js'
import type { Engine, FloatArray, Value } from './engine.js'

/** An array of the engine's kind of number. */
export const newArray = ({ dtype }: Pick<Engine, 'dtype'>, length: number): FloatArray =>
  dtype === 'float32' ? new Float32Array(length) : new Float64Array(length)

/** Bytes that a number takes in the engine. */
export const bytesPerNumber = ({ dtype }: Pick<Engine, 'dtype'>): number => (dtype === 'float32' ? 4 : 8)

/** Zeros in the engine. */
export const zeroValue = (engine: Engine, shape: readonly number[]): Value => engine.write((into) => void into.fill(0), shape)

/**
 * What writes the arrays of a stack one by one, be it given all numbers or that already.
 * @throws EngineError `Shape` if the numbers are too few or too many
 */
export function stackWriter(
  values: Parameters<Engine['writeStack']>[0],
  steps: number,
  shape: readonly number[],
): (step: number, into: FloatArray) => void {
  if (typeof values === 'function') return values
  const size = sizeOf(shape)
  if (steps * size !== values.length)
    throw new EngineError('Shape', `${values.length} values do not fill ${steps} arrays of shape ${formatShape(shape)}.`)
  const numbers = ArrayBuffer.isView(values) ? (values as FloatArray) : Float64Array.from(values)
  return (step, into) => into.set(numbers.subarray(step * size, (step + 1) * size))
}
