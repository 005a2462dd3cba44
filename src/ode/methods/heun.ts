import { hermite, type Tableau } from './tableau.js'

/** Heun's method, the explicit trapezoidal rule (1900). Order 2, two evaluations a step; cubic Hermite dense output. */
export const heun: Tableau = {
  name: 'heun',
  order: 2,
  c: [0, 1, 1],
  a: [[], [1], [1 / 2, 1 / 2]],
  interpolant: hermite([1 / 2, 1 / 2, 0]),
  interpolantOrder: 2,
}
