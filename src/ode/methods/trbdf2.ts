import type { EsdirkTableau } from './esdirk.js'

const d = 1 - Math.SQRT2 / 2
const w = Math.SQRT2 / 4

/**
 * The trapezoidal rule and the second backward differentiation formula in one step, order 2, L-stable, with an estimate of order 3: Bank et
 * al. (1985); Hosea and Shampine, "Analysis and implementation of TR-BDF2", Appl. Numer. Math. 20 (1996).
 */
export const trbdf2: EsdirkTableau = {
  name: 'trbdf2',
  order: 2,
  errorOrder: 2,
  gamma: d,
  c: [0, 2 * d, 1],
  a: [[], [d], [w, w]],
  error: [w - (1 - w) / 3, w - (3 * w + 1) / 3, d - d / 3],
  filtered: true,
  iterations: 4,
}
