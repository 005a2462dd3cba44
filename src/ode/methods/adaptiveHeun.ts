import { hermite, type Tableau } from './tableau.js'

/** Heun's method with Euler's in it, 2(1): two evaluations a step. */
export const adaptiveHeun: Tableau = {
  name: 'adaptiveHeun',
  order: 2,
  c: [0, 1, 1],
  a: [[], [1], [1 / 2, 1 / 2]],
  bError: [-1 / 2, 1 / 2, 0],
  embeddedOrder: 1,
  interpolant: hermite([1 / 2, 1 / 2, 0]),
  interpolantOrder: 2,
}
