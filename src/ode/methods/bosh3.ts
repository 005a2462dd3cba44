import { hermite, type Tableau } from './tableau.js'

/**
 * Bogacki and Shampine 3(2): "A 3(2) pair of Runge–Kutta formulas", Appl. Math. Lett. 2 (1989). Four stages, first
 * same as last; cubic Hermite dense output.
 */
export const bosh3: Tableau = {
  name: 'bosh3',
  order: 3,
  c: [0, 1 / 2, 3 / 4, 1],
  a: [[], [1 / 2], [0, 3 / 4], [2 / 9, 1 / 3, 4 / 9]],
  bError: [2 / 9 - 7 / 24, 1 / 3 - 1 / 4, 4 / 9 - 1 / 3, -1 / 8],
  embeddedOrder: 2,
  interpolant: hermite([2 / 9, 1 / 3, 4 / 9, 0]),
  interpolantOrder: 3,
}
