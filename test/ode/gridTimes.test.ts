import { describe, expect, it } from 'vitest'
import { fixed } from '../../src/ode/control/controller.js'
import { fixedStepMethods, generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import { signal } from '../../src/ode/signal.js'
import { createSolver } from '../../src/ode/solver.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { ROWS, sizeOf } from '../../src/graph/shape.js'
import type { SolveRequest, Solver, SolverOptions } from '../../src/ode/types.js'
import { referenceEngine } from '../reference/engine.js'
import { difference, dot } from './differences.js'
import { fieldOf, network, networkShapes, normalList } from './problems.js'

const engine = referenceEngine()
const params = Object.values(networkShapes(3, 5)).map((shape, i) => engine.write(normalList(sizeOf(shape), 0.7, i + 1), shape))

type Request = Omit<SolveRequest, 'times'> & { readonly times: readonly (readonly number[])[] }

/** Holds the gradient of every time to differences of whole solves, which lay their steps by the times anew. */
function check(solver: Solver, { times, ...request }: Request, tolerance: number, step?: number): void {
  const solve = (at: readonly (readonly number[])[], record = false) => solver.solve({ ...request, times: at, record })
  const solution = solve(times, true)
  const cotangent = normalList(solution.values.length, 1, 6)
  const gradient = solution.pullback(cotangent)
  const plain = solution.pullback(cotangent, { times: false })
  gradient.y0.forEach((x, i) => expect(x).toBeCloseTo(plain.y0[i]!, 12))
  solution.dispose()
  let point = 0
  times.forEach((list, row) =>
    list.forEach((_, i) => {
      const expected = difference((by) => {
        const moved = times.map((own, r) => (r === row ? own.map((t, j) => (j === i ? t + by : t)) : own))
        return dot(solve(moved).values, cotangent)
      }, step)
      expect(Math.abs(gradient.times[point]! - expected), `row ${row}, time ${i}: ${gradient.times[point]!}, ${expected}`).toBeLessThan(
        tolerance * Math.max(1, Math.abs(expected)),
      )
      point++
    }),
  )
}

const off = [
  [0, 0.55, 1.07, 1.4],
  [1, 0.2, -1.1],
]
const shared = [off[0]!, off[0]!]
const all = generalMethods.filter((name) => !isAdaptive(methods[name]))

describe.each(all)('gradients of times by %s, which lays its steps by them', (method) => {
  const implicit = methods[method].unknowns !== undefined
  // Implicit steps are solved to a hundredth of the tolerance; from output to output Newton's iteration does not converge.
  const tolerances = implicit ? { rtol: 1e-9, atol: 1e-9 } : {}
  const choices: SolverOptions[] = [{ stepSize: 0.17 }, { stepSize: 0.17, stopAtEnd: true }, ...(implicit ? [] : [{}])]
  it.each(choices)('off the grid: %o', (choice) => {
    const solver = createSolver(engine, network(3, 5), { method, ...tolerances, ...choice })
    for (const times of [off, shared]) check(solver, { y0: normalList(6, 1, 77), times, params }, implicit ? 1e-6 : 2e-8)
  })
  // Euler's dense output has a kink there: see below.
  it.skipIf(method === 'euler')('on the grid, where the dense output goes on smoothly', () => {
    const solver = createSolver(engine, network(3, 5), { method, ...tolerances, stepSize: 0.25 })
    // Both sides have the same slope but not the same curvature: differences are off by the step times that.
    check(solver, { y0: normalList(3, 1, 77), times: [[0, 0.3, 0.5, 1]], params }, 1e-4, 1e-6)
  })
})

describe('gradients of times of steps of one size', () => {
  it.each(['dopri5', 'dopri8', 'rodas5p'] as const)('%s', (method) => {
    const options = { method, stopAtEnd: true, control: fixed(0.31) }
    check(createSolver(engine, network(3, 5), options), { y0: normalList(6, 1, 77), times: off, params }, 2e-8)
  })

  it('of an output on the grid where the dense output has a kink: as it moves into the step that ends there', () => {
    const solver = createSolver(engine, network(3, 5), { method: 'euler', stepSize: 0.25 })
    const [request, cotangent] = [{ y0: normalList(3, 1, 77), params }, normalList(9, 1, 6)]
    const { times } = solver.solve({ ...request, times: [0, 0.5, 0.9], record: true }).pullback(cotangent)
    const loss = (by: number) => dot(solver.solve({ ...request, times: [0, 0.5 + by, 0.9] }).values, cotangent)
    // The dense output is a straight line, and so is this.
    expect(Math.abs(times[1]! - (loss(0) - loss(-1e-3)) / 1e-3)).toBeLessThan(1e-11)
    expect(Math.abs(times[1]! - (loss(1e-3) - loss(0)) / 1e-3)).toBeGreaterThan(1e-3)
  })

  it('leapfrog', () => {
    expect(fixedStepMethods).toContain('leapfrog')
    const swing = fieldOf(2, ({ b, t, z }) => {
      const [x, v] = [0, 1].map((i) => b.slice(z, [0, i], [ROWS, 1]))
      return b.concat([v!, b.sub(b.unary('cos', b.mul(t, t)), b.unary('sin', x!))], 1)
    })
    for (const choice of [{ stepSize: 0.17 }, { stepSize: 0.17, stopAtEnd: true }, {}])
      check(createSolver(engine, swing, { method: 'leapfrog', ...choice }), { y0: [1, 0.3], times: [[0.1, 0.55, 1.07, 1.4]] }, 2e-8)
  })

  it('steps that end at knots, jumps and discontinuities stay there', () => {
    const b = new GraphBuilder()
    const [t, z, u] = [b.input('t', [ROWS, 1]), b.input('z', [ROWS, 1]), b.input('u', [ROWS, 1])]
    b.output('output', b.sub(b.mul(u, b.unary('sin', t)), b.mul(z, b.unary('square', z))))
    const field = b.build()
    const request = { y0: [1], times: [[0.03, 0.55, 1.13, 1.9]] }
    for (const kind of ['hold', 'linear'] as const) {
      for (const choice of [{ stepSize: 0.17 }, { stepSize: 0.17, stopAtEnd: true }, {}]) {
        const solver = createSolver(engine, field, { method: 'rk4', jumpTimes: [1.6], ...choice })
        const inputs = { u: signal([0, 0.4, 0.9, 3], [1, 2, -1, 0.5], kind) }
        check(solver, { ...request, inputs, jumps: [{ time: 0.7, add: [0.3] }] }, 2e-8)
      }
    }
  })

  it('output times that are repeated have the gradient of their common time in sum', () => {
    const solver = createSolver(engine, network(3, 5), { method: 'midpoint' })
    const request = { y0: normalList(3, 1, 77), params }
    const solution = solver.solve({ ...request, times: [0, 0.4, 0.4, 1], record: true })
    const cotangent = normalList(12, 1, 6)
    const { times } = solution.pullback(cotangent)
    const expected = difference((by) => dot(solver.solve({ ...request, times: [0, 0.4 + by, 0.4 + by, 1] }).values, cotangent))
    expect(Math.abs(times[1]! + times[2]! - expected)).toBeLessThan(2e-8)
  })
})
