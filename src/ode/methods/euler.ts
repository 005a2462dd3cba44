import { linear, type Tableau } from './tableau.js'

/** Euler's method, 1768. Order 1, one evaluation a step; dense output is the straight line. */
export const euler: Tableau = {
  name: 'euler',
  order: 1,
  c: [0, 1],
  a: [[], [1]],
  interpolant: linear([1, 0]),
  interpolantOrder: 1,
}
