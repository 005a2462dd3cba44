import { hermite, type Tableau } from './tableau.js'

/** The explicit midpoint rule (Runge, 1895). Order 2, two evaluations a step; cubic Hermite dense output. */
export const midpoint: Tableau = {
  name: 'midpoint',
  order: 2,
  c: [0, 1 / 2, 1],
  a: [[], [1 / 2], [0, 1]],
  interpolant: hermite([0, 1, 0]),
  interpolantOrder: 2,
}
