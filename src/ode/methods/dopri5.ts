import { hermite, type Tableau } from './tableau.js'

const b = [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0]

/**
 * What the dense output adds to the cubic Hermite polynomial to be of order 4: θ²(1−θ)² Σ d_i k_i. Hairer, Nørsett,
 * Wanner, Solving Ordinary Differential Equations I, II.6 (Shampine's coefficients in the code DOPRI5).
 */
const d = [
  -12715105075 / 11282082432,
  0,
  87487479700 / 32700410799,
  -10690763975 / 1880347072,
  701980252875 / 199316789632,
  -1453857185 / 822651844,
  69997945 / 29380423,
]

/**
 * Dormand and Prince 5(4): "A family of embedded Runge–Kutta formulae", J. Comp. Appl. Math. 6 (1980). Seven
 * stages, first same as last; dense output of order 4.
 */
export const dopri5: Tableau = {
  name: 'dopri5',
  order: 5,
  c: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
  a: [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    b.slice(0, 6),
  ],
  bError: [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40],
  embeddedOrder: 4,
  interpolant: hermite(b).map(([p, q, r], i) => [p!, q! + d[i]!, r! - 2 * d[i]!, d[i]!]),
  interpolantOrder: 4,
}
