import type { EsdirkTableau } from './esdirk.js'

/** The trapezoidal rule: order 2, A-stable, fixed steps. */
export const trapezoid: EsdirkTableau = {
  name: 'trapezoid',
  order: 2,
  gamma: 1 / 2,
  c: [0, 1],
  a: [[], [1 / 2]],
  iterations: 6,
  newJacobians: true,
}
