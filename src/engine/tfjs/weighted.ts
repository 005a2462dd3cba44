import { EngineError } from '../errors.js'
import { formatShape } from '../graph/shape.js'
import type { FloatArray, Value } from './engine.js'

/**
 * What `Engine.gatherWeighted` sums: `terms` blocks of `width` columns. @throws EngineError `Shape` if its arguments do not fit together
 */
export function blocksOf({ shape }: Value, index: Int32Array, weights: Value): { terms: number; width: number } {
  const terms = termsOf(index.length, weights, 'gatherWeighted')
  const width = (shape[1] ?? 0) / terms
  if (shape.length !== 2 || !Number.isInteger(width))
    throw new EngineError(
      'Shape',
      `gatherWeighted with ${terms} weights a row needs rows of ${terms} equal blocks, and was given shape ${formatShape(shape)}.`,
    )
  return { terms, width }
}

/** What `Engine.scatterWeighted` makes. @throws EngineError `Shape` if its arguments do not fit together */
export function rowsToSpread({ shape }: Value, from: Int32Array, index: Int32Array, weights: Value): { terms: number; width: number } {
  const terms = termsOf(shape[0] ?? 0, weights, 'scatterWeighted')
  if (shape.length !== 2 || from.length !== index.length)
    throw new EngineError(
      'Shape',
      `scatterWeighted needs rows, and as many places to take them from as to add them to: shape ${formatShape(shape)}, ` +
        `${from.length} and ${index.length}.`,
    )
  return { terms, width: shape[1]! }
}

function termsOf(rows: number, { shape }: Value, what: string): number {
  if (shape.length !== 2 || shape[0] !== rows || shape[1] === 0)
    throw new EngineError('Shape', `${what} needs weights for each of ${rows} rows, and was given shape ${formatShape(shape)}.`)
  return shape[1]!
}

/** `Engine.gatherWeighted` in plain numbers, as `Float32Array` or `Float64Array` rounds them. */
export function gatherWeightedNumbers(
  numbers: FloatArray,
  index: Int32Array,
  weights: FloatArray,
  { terms, width }: { terms: number; width: number },
  out: FloatArray,
): void {
  index.forEach((row, i) => {
    for (let j = terms - 1; j >= 0; j--)
      for (let c = 0; c < width; c++) out[i * width + c]! += weights[i * terms + j]! * numbers[(row * terms + j) * width + c]!
  })
}

/** `Engine.scatterWeighted` likewise. */
export function scatterWeightedNumbers(
  numbers: FloatArray,
  from: Int32Array,
  index: Int32Array,
  weights: FloatArray,
  { terms, width }: { terms: number; width: number },
  out: FloatArray,
): void {
  index.forEach((row, i) => {
    for (let j = 0; j < terms; j++)
      for (let c = 0; c < width; c++) out[(row * terms + j) * width + c]! += weights[from[i]! * terms + j]! * numbers[from[i]! * width + c]!
  })
}
