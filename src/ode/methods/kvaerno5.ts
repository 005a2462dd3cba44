import type { EsdirkTableau } from './esdirk.js'

const g = 0.26
const sixth = [0.13855640231268224, 0, -0.04245337201752043, 0.02446657898003141, 0.6194303907248068]
const last = [0.1365975117764029, 0, -0.05496908796538376, -0.04118626728321046, 0.629933048990164, 0.06962479448202728]

/** Kværnø 5(4), seven stages, L-stable: "Singly diagonally implicit Runge–Kutta methods with an explicit first stage", BIT 44 (2004). */
export const kvaerno5: EsdirkTableau = {
  name: 'kvaerno5',
  order: 5,
  errorOrder: 4,
  gamma: g,
  c: [0, 0.52, 1.230333209967908, 0.8957659843500759, 0.43639360985864756, 1, 1],
  a: [
    [],
    [g],
    [0.13, 0.8403332099679081],
    [0.223719614783205, 0.476755323197997, -0.06470895363112615],
    [0.1664856432324832, 0.1045001884159172, 0.03631482272098715, -0.13090704451073998],
    sixth,
    last,
  ],
  error: [...last.slice(0, 5).map((weight, i) => weight - sixth[i]!), last[5]! - g, g],
  iterations: 4,
}
