import { hermite, type Tableau } from './tableau.js'

/** The classical method of Kutta, 1901. Order 4, four evaluations a step; cubic Hermite dense output. */
export const rk4: Tableau = {
  name: 'rk4',
  order: 4,
  c: [0, 1 / 2, 1 / 2, 1, 1],
  a: [[], [1 / 2], [0, 1 / 2], [0, 0, 1], [1 / 6, 1 / 3, 1 / 3, 1 / 6]],
  interpolant: hermite([1 / 6, 1 / 3, 1 / 3, 1 / 6, 0]),
  interpolantOrder: 3,
}
