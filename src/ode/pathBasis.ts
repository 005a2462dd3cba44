import type { FloatArray } from '../engine/engine.js'

/** Writes the functions θ^⌈j/2⌉ (1 − θ)^⌊j/2⌋, j = 0 … degree, that y and the p of `StepParts.path` are multiplied by, from `at` on. */
export function writePathBasis(theta: number, degree: number, into: FloatArray, at: number): void {
  const rest = 1 - theta
  let product = 1
  into[at] = 1
  for (let j = 1; j <= degree; j++) {
    product *= j % 2 === 1 ? theta : rest
    into[at + j] = product
  }
}

/** Writes `rate` times their derivatives by θ likewise. */
export function writePathSlopes(theta: number, rate: number, degree: number, into: FloatArray, at: number): void {
  const rest = 1 - theta
  let [product, slope] = [1, 0]
  into[at] = 0
  for (let j = 1; j <= degree; j++) {
    slope = j % 2 === 1 ? slope * theta + product : slope * rest - product
    product *= j % 2 === 1 ? theta : rest
    into[at + j] = rate * slope
  }
}
