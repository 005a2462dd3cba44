import { hermite, type Tableau } from './tableau.js'

/** Ralston's method: of second order with the least bound of its error. Ralston, Math. Comp. 16 (1962). Two evaluations a step. */
export const ralston: Tableau = {
  name: 'ralston',
  order: 2,
  c: [0, 2 / 3, 1],
  a: [[], [2 / 3], [1 / 4, 3 / 4]],
  interpolant: hermite([1 / 4, 3 / 4, 0]),
  interpolantOrder: 2,
}
