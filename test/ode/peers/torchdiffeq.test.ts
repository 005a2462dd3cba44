import { describe, expect, it } from 'vitest'
import { generalMethods, isAdaptive, methods } from '../../../src/ode/methods/index.js'
import { createSolver } from '../../../src/ode/solver.js'
import type { SolverOptions } from '../../../src/ode/types.js'
import { constant, fieldOf, linspace, sine } from '../problems.js'
import { fastEngine } from './engines.js'

// torchdiffeq, tests/event_tests.py: an event where the solution reaches its value at the third time; fixed steps of 0.01, cubic dense
// output; relative errors 1e-4, 5e-3 for Euler's method.
const engine = await fastEngine()
const forward = linspace(1, 8, 10)

describe.each(generalMethods)('events: %s', (method) => {
  // Its steps are tighter there by default: rtol 1e-7, atol 1e-9.
  const options: SolverOptions = isAdaptive(methods[method]) ? { method, rtol: 1e-7, atol: 1e-9 } : { method, stepSize: 0.01 }
  const tolerance = method === 'euler' || method === 'implicitEuler' ? 5e-3 : 1e-4

  it.each([
    ['constant', constant, forward],
    ['constant, reversed', constant, [...forward].reverse()],
    ['sine', sine, forward],
    ['sine, reversed', sine, [...forward].reverse()],
  ] as const)('%s', (_, { field, exact }, times) => {
    const [time, level] = [times[2]!, exact(times[2]!)[0]!]
    const when = fieldOf(1, ({ b, z, c }) => b.sub(z, c(level)))
    const { events } = createSolver(engine, field, { ...options, events: [{ when }] }).solve({
      y0: exact(times[0]!),
      times: [times[0]!, times.at(-1)!],
      params: [],
    })
    expect(events[0]).toHaveLength(1)
    expect(Math.abs(events[0]![0]!.time / time - 1)).toBeLessThan(tolerance)
    expect(Math.abs(events[0]![0]!.state[0]! / level - 1)).toBeLessThan(tolerance)
  })
})

it.each(['discrete', 'continuous'] as const)('the gradient of an event reaches back: %s', (adjoint) => {
  const level = constant.exact(8)[0]!
  const when = fieldOf(1, ({ b, z, c }) => b.sub(z, c(level)))
  const solver = createSolver(engine, constant.field, { adjoint, events: [{ when }] })
  const solution = solver.solve({ y0: constant.exact(1), times: [1, 9], params: [], record: true })
  if (adjoint === 'continuous') {
    expect(() => solution.pullback([0, 0], { events: [{ row: 0, index: 0, time: 1 }] })).toThrow(/adjoint/)
    return
  }
  // y = 0.2 t + 3 but for y0: y = y0 + 0.2 (t − 1) + (its deviation)⁵ …, so dt/dy0 = −1/0.2 and the state stays at the level.
  const gradient = solution.pullback([0, 0], { events: [{ row: 0, index: 0, time: 1, state: [1] }] })
  expect(gradient.y0[0]).toBeCloseTo(-5, 6)
})
