import { predictive } from '../control/controller.js'
import type { Method } from '../method.js'
import { newtonFactors } from './newtonMatrix.js'

const d = 1 / (2 + Math.SQRT2)
const e32 = 6 + Math.SQRT2

/**
 * Rosenbrock 2(3), L-stable, two evaluations a step: Shampine and Reichelt, "The MATLAB ODE Suite", SIAM J. Sci. Comput. 18 (1997), their
 * ode23s, with its dense output of order 2. For crude tolerances.
 */
export const rosenbrock23: Method = {
  name: 'rosenbrock23',
  order: 2,
  errorOrder: 2,
  control: predictive,
  interpolantOrder: 2,
  degree: 2,
  times: [0, 1 / 2, 1],
  stabilityLimit: Infinity,
  step(context) {
    const { builder: b, h, y, dim, field } = context
    const times = (factor: number, x: number): number => b.mul(b.constant(factor), x)
    const f0 = context.carried[0]!
    const scaled = times(d, h)
    const factors = newtonFactors(b, scaled, context.jacobian(0, y), dim)
    const byTime = context.timeDerivative(0, y)
    const withTime = (x: number): number => (byTime === undefined ? x : b.add(x, b.mul(scaled, byTime)))
    const k1 = b.luSolve(factors, withTime(f0))
    const f1 = field(1, b.add(y, b.mul(times(1 / 2, h), k1)))
    const k2 = b.add(b.luSolve(factors, b.sub(f1, k1)), k1)
    const y1 = b.add(y, b.mul(h, k2))
    const f2 = field(2, y1)
    const right = b.sub(b.sub(f2, times(e32, b.sub(k2, f1))), times(2, b.sub(k1, f0)))
    return {
      y1,
      carried: [f2],
      errors: () => [b.mul(times(1 / 6, h), b.add(b.sub(k1, times(2, k2)), b.luSolve(factors, withTime(right))))],
      path: () => [b.sub(y1, y), b.mul(times(1 / (1 - 2 * d), h), b.sub(k1, k2))],
    }
  },
}
