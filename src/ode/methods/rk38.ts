import { hermite, type Tableau } from './tableau.js'

const weights = [1 / 8, 3 / 8, 3 / 8, 1 / 8]

/** Kutta's 3/8 rule, 1901; what torchdiffeq calls `rk4`. Order 4, four evaluations a step; cubic Hermite dense output. */
export const rk38: Tableau = {
  name: 'rk38',
  order: 4,
  c: [0, 1 / 3, 2 / 3, 1, 1],
  a: [[], [1 / 3], [-1 / 3, 1], [1, -1, 1], weights],
  interpolant: hermite([...weights, 0]),
  interpolantOrder: 3,
}
