import { describe, expect, it } from 'vitest'
import { sizeOf } from '../../src/graph/shape.js'
import { isAdaptive, generalMethods, methods } from '../../src/ode/methods/index.js'
import { createSolver } from '../../src/ode/solver.js'
import { tangentField } from '../../src/ode/tangent.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { fieldOf, growth, network, networkShapes, normalList } from './problems.js'

const [dim, rows] = [3, 4]
const shapes = networkShapes(dim, 5)
const names = Object.keys(shapes)
const numbers = (seed: number): Record<string, number[]> =>
  Object.fromEntries(names.map((name, i) => [name, normalList(sizeOf(shapes[name]!), 0.6, seed + i)]))
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0)

describe.each(await solverEngines())('on $name', ({ engine }) => {
  const params = Object.fromEntries(
    names.map((name, i) => [name, engine.write(normalList(sizeOf(shapes[name]!), 0.6, i + 1), shapes[name]!)]),
  )
  const y0 = normalList(rows * dim, 1, 90)
  const times = [
    [0, 0.4, 1.1],
    [0.2, 1.5],
    [1, 0.3],
    [0, 2],
  ]

  it.each(generalMethods)('tangents and cotangents agree: ⟨c, J v⟩ = ⟨Jᵀ c, v⟩ by %s', (method) => {
    const options: SolverOptions = isAdaptive(methods[method]) ? { method, rtol: 1e-4, atol: 1e-6 } : { method, stepSize: 0.13 }
    const solution = createSolver(engine, network(dim, 5), options).solve({ y0, times, params, record: true })
    const direction = { y0: normalList(rows * dim, 1, 70), params: numbers(50) }
    const cotangent = normalList(solution.values.length, 1, 71)
    const forward = dot(cotangent, solution.pushforward(direction))
    const gradient = solution.pullback(cotangent, { times: false })
    const backward =
      dot(gradient.y0, direction.y0) + names.reduce((sum, name) => sum + dot(gradient.params[name]!, direction.params[name]!), 0)
    // Implicit steps are solved to a hundredth of the tolerance, on both ways.
    expect(Math.abs(forward - backward)).toBeLessThan((methods[method].unknowns ? 1e-5 : 1e-10) * (1 + Math.abs(forward)))
  })

  it('is the derivative of the exact flow: of y0 e^λt by λ', () => {
    const rate = engine.write([0.7], [1])
    const solution = createSolver(engine, growth, { rtol: 1e-9, atol: 1e-12 }).solve({
      y0: [2],
      times: [0, 1, 3],
      params: [rate],
      dense: true,
    })
    const tangents = solution.pushforward({ params: { lambda: 1 } })
    ;[0, 1, 3].forEach((t, i) => expect(tangents[i]).toBeCloseTo(2 * t * Math.exp(0.7 * t), 4))
    expect(solution.pushforward({ y0: [1] })[2]).toBeCloseTo(Math.exp(2.1), 6)
  })

  it('Hessian-vector products: the gradient of a solve of the tangent system', () => {
    // L = ½ |z(T)|², of z′ = θ z − z³: against differences of its gradient.
    const cubic = fieldOf(1, ({ b, z, p }) => b.sub(b.mul(p['theta']!, z), b.mul(z, b.unary('square', z))), { theta: [1] })
    const tight: SolverOptions = { rtol: 1e-10, atol: 1e-12 }
    const solver = createSolver(engine, cubic, tight)
    const gradient = (z0: number, theta: number): [number, number] => {
      const solution = solver.solve({ y0: [z0], times: [0, 1.3], params: { theta }, record: true })
      const { y0: byStart, params: byParams } = solution.pullback([0, solution.values[1]!])
      return [byStart[0]!, byParams['theta']![0]!]
    }
    const [z0, theta, v] = [0.6, 0.8, [0.5, -1.2] as const]
    const tangent = createSolver(engine, tangentField(cubic), tight)
    const solution = tangent.solve({ y0: [z0, v[0]], times: [0, 1.3], params: { theta, 'dot.theta': v[1] }, record: true })
    const [z, dz] = [solution.values[2]!, solution.values[3]!]
    const back = solution.pullback([0, 0, dz, z])
    const e = 1e-5
    const [above, below] = [gradient(z0 + e * v[0], theta + e * v[1]), gradient(z0 - e * v[0], theta - e * v[1])]
    expect(back.y0[0]).toBeCloseTo((above[0] - below[0]) / (2 * e), 7)
    expect(back.params['theta']![0]).toBeCloseTo((above[1] - below[1]) / (2 * e), 7)
  })

  it('says what is missing', () => {
    const rate = engine.write([0.7], [1])
    const solver = createSolver(engine, growth, { throw: false, maxSteps: 5 })
    expect(() => solver.solve({ y0: [2], times: [0, 1], params: [rate] }).pushforward({})).toThrow('This solve kept no steps.')
    const good = solver.solve({ y0: [2], times: [0, 1], params: [rate], record: true })
    expect(() => good.pushforward({ params: { mu: 1 } })).toThrow('The field takes no parameter "mu"; it takes lambda.')
    expect(() => good.pushforward({ y0: [1, 2] })).toThrow('The direction of y0 has 2 numbers; y0 has 1.')
    const failed = solver.solve({
      y0: [2, 3],
      times: [
        [0, 1],
        [0, 1e4],
      ],
      params: [rate],
      record: true,
    })
    expect(() => failed.pushforward({})).toThrow('Row 1 failed: there is no solution to push tangents along.')
  })
})
