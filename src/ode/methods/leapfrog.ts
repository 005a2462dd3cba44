import { block } from '../combine.js'
import type { Method } from '../method.js'
import { hermitePath } from './hermitePath.js'

/**
 * Leapfrog in its kick–drift–kick form (velocity Verlet): symplectic, reversible, order 2, one evaluation a step. For second-order systems
 * x″ = a(t, x), as a state [x, v] with the field [v, a]. Hairer, Lubich, Wanner, Geometric Numerical Integration, I.3.
 */
export const leapfrog: Method = {
  name: 'leapfrog',
  order: 2,
  interpolantOrder: 2,
  degree: 3,
  times: [0, 1],
  stabilityLimit: 0,
  secondOrder: true,
  step(context) {
    const { builder: b, h, y, carried, dim, field } = context
    const half = dim / 2
    const [x, v, a] = [block(b, y, 0, half), block(b, y, 1, half), block(b, carried[0]!, 1, half)]
    const halfStep = b.mul(b.constant(1 / 2), h)
    const middle = b.add(v, b.mul(halfStep, a))
    const x1 = b.add(x, b.mul(h, middle))
    const a1 = block(b, field(1, b.concat([x1, middle], 1)), 1, half)
    const v1 = b.add(middle, b.mul(halfStep, a1))
    const [y1, slope] = [b.concat([x1, v1], 1), b.concat([v1, a1], 1)]
    return { y1, carried: [slope], path: () => hermitePath(context, y1, slope) }
  },
}
