import type { EsdirkTableau } from './esdirk.js'

/** Backward Euler: order 1, L-stable, fixed steps. */
export const implicitEuler: EsdirkTableau = {
  name: 'implicitEuler',
  order: 1,
  gamma: 1,
  c: [0, 1],
  a: [[], [0]],
  iterations: 6,
  newJacobians: true,
}
