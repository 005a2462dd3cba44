import type { Engine, FloatArray, Value } from './engine.js'

/** An array of the engine's kind of number. */
export const newArray = ({ dtype }: Pick<Engine, 'dtype'>, length: number): FloatArray =>
  dtype === 'float32' ? new Float32Array(length) : new Float64Array(length)

/** Bytes that a number takes in the engine. */
export const bytesPerNumber = ({ dtype }: Pick<Engine, 'dtype'>): number => (dtype === 'float32' ? 4 : 8)

/** Whether no number is infinite or NaN. */
export function allFinite(numbers: ArrayLike<number>): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i]!)) return false
  return true
}

/** Zeros in the engine. */
export const zeroValue = (engine: Engine, shape: readonly number[]): Value => engine.write((into) => void into.fill(0), shape)
