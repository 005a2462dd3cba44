import { hermite, type Tableau } from './tableau.js'

/**
 * Fehlberg 2(1): "Low-order classical Runge–Kutta formulas with stepsize control", NASA TR R-315 (1969). Three evaluations a step. The
 * estimate is the error of the first-order formula, built to be 1/512 of Euler's: at crude tolerances it promises too much.
 */
export const fehlberg2: Tableau = {
  name: 'fehlberg2',
  order: 2,
  c: [0, 1 / 2, 1, 1],
  a: [[], [1 / 2], [1 / 256, 255 / 256], [1 / 512, 255 / 256, 1 / 512]],
  bError: [-1 / 512, 0, 1 / 512, 0],
  embeddedOrder: 1,
  interpolant: hermite([1 / 512, 255 / 256, 1 / 512, 0]),
  interpolantOrder: 2,
}
