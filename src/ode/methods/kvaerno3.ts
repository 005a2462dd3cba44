import type { EsdirkTableau } from './esdirk.js'

const g = 0.4358665215
const third = [(-4 * g ** 2 + 6 * g - 1) / (4 * g), (-2 * g + 1) / (4 * g)]
const last = [(6 * g - 1) / (12 * g), -1 / ((24 * g - 12) * g), (-6 * g ** 2 + 6 * g - 1) / (6 * g - 3)]

/** Kværnø 3(2), four stages, L-stable: "Singly diagonally implicit Runge–Kutta methods with an explicit first stage", BIT 44 (2004). */
export const kvaerno3: EsdirkTableau = {
  name: 'kvaerno3',
  order: 3,
  errorOrder: 2,
  gamma: g,
  c: [0, 2 * g, 1, 1],
  a: [[], [g], third, last],
  error: [last[0]! - third[0]!, last[1]! - third[1]!, last[2]! - g, g],
  iterations: 4,
}
