import type { FloatArray } from '../engine.js'
import type { Blocks } from '../rawEngine.js'

/** `Engine.gatherWeighted` in plain numbers, as `Float32Array` or `Float64Array` rounds them. */
export function gatherWeightedNumbers(
  numbers: FloatArray,
  index: Int32Array,
  weights: FloatArray,
  { terms, width }: Blocks,
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
  { terms, width }: Blocks,
  out: FloatArray,
): void {
  index.forEach((row, i) => {
    for (let j = 0; j < terms; j++)
      for (let c = 0; c < width; c++) out[(row * terms + j) * width + c]! += weights[from[i]! * terms + j]! * numbers[from[i]! * width + c]!
  })
}
