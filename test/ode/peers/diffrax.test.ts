import { describe, expect, it } from 'vitest'
import { fixed, pi, pid, predictive } from '../../../src/ode/control/controller.js'
import { field } from '../../../src/ode/field.js'
import { isAdaptive, methods } from '../../../src/ode/methods/index.js'
import { createSolver } from '../../../src/ode/solver.js'
import type { MethodName } from '../../../src/ode/types.js'
import { stiff } from '../../../bench/ode/problems.js'
import { fastEngine } from './engines.js'

const engine = await fastEngine()
const implicit = (Object.keys(methods) as MethodName[]).filter((name) => methods[name].stabilityLimit === Infinity)

// test_solver.py, test_rober: Kvaerno5 at 1e-20.
describe('Robertson at 1e-4 to 100', () => {
  const times = [0, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100]
  const states = [
    [1, 0, 0],
    [9.9999600000801137e-1, 3.9840684637775332e-6, 1.5923523513217297e-8],
    [9.9996000156321818e-1, 2.9169034944881154e-5, 1.0829401837965007e-5],
    [9.9960068268829505e-1, 3.6450478878442643e-5, 3.6286683282835678e-4],
    [9.9607774744245892e-1, 3.5804372350422432e-5, 3.8864481851928275e-3],
    [9.6645973733301294e-1, 3.0746265785786866e-5, 3.3509516401211095e-2],
    [8.4136992384147014e-1, 1.6233909379904643e-5, 1.5861384224914774e-1],
    [6.1723488239606716e-1, 6.1535912746388841e-6, 3.8275896401264059e-1],
  ]
  it.each(implicit.filter((name) => isAdaptive(methods[name])))('%s', (method) => {
    // There 1e-10; methods of order 2 take too many steps for that, and need not.
    const tolerance = methods[method].order < 3 ? 1e-9 : 1e-10
    const { equations, y0 } = stiff.find(({ name }) => name === 'Robertson')!
    const solver = createSolver(engine, field(equations), { method, rtol: tolerance, atol: tolerance, maxSteps: 100_000 })
    const { values } = solver.solve({ y0, times, params: [] })
    states.flat().forEach((x, i) => expect(Math.abs(values[i]! - x)).toBeLessThanOrEqual(1e-3 * Math.abs(x) + 1e-8))
  })
})

// test_solver.py, test_implicit_euler_adaptive: y' = −10 y³.
it('a step whose equations are not solved fails where steps are fixed, and is taken again smaller where they are not', () => {
  const cubic = field({ y: '-10*y^3' })
  const solve = (method: MethodName, options: object) =>
    createSolver(engine, cubic, { method, throw: false, ...options }).solve({ y0: [1], times: [0, 1], params: [] })
  expect(solve('implicitEuler', { control: fixed(1) }).status[0]!.status).toBe('NotConverged')
  const { status, values } = solve('kvaerno3', { rtol: 1e-5, atol: 1e-5, firstStep: 1 })
  expect(status[0]!.status).toBe('ok')
  // y = (1 + 20 t)^(−1/2)
  expect(values[1]).toBeCloseTo(21 ** -0.5, 4)
})

// test_adaptive_stepsize_controller.py
describe('steps at given times', () => {
  const decay = field({ y: '-0.2*y' })
  it.each([
    ['forward', [0, 5]],
    ['backward', [5, 0]],
  ] as const)('end there exactly, %s', (_, times) => {
    const { steps } = createSolver(engine, decay, { rtol: 1e-4, atol: 1e-6, jumpTimes: [3, 4] }).solve({
      y0: [1],
      times,
      params: [],
      dense: true,
    })
    const ends = steps.map(({ end }) => end[0])
    expect(ends).toContain(3)
    expect(ends).toContain(4)
  })

  // A damped oscillator whose force turns round at 7.5.
  it.each([
    ['forward', [0, 15]],
    ['backward', [15, 0]],
  ] as const)('where the force turns round take fewer steps, %s', (_, times) => {
    const forced = field({ x: 'v', v: '-4*pi^2*x - 4*pi*0.05*v + where(t < 7.5, 10, -10)' })
    const solve = (jumpTimes: number[]) =>
      createSolver(engine, forced, { rtol: 1e-4, atol: 1e-6, jumpTimes }).solve({ y0: [1.5, 0], times, params: [] }).stats
    const attempts = ({ accepted, rejected }: { accepted: number; rejected: number }): number => accepted + rejected
    expect(attempts(solve([7.5]))).toBeLessThan(attempts(solve([])))
  })

  // test_grad_of_discontinuous_forcing: y' = −y + (t ≥ τ), s' = y. ds(1)/dτ = e^(−(1−τ)) − 1, from the two solves on either side of τ.
  it.each(['discrete', 'continuous', 'interpolated'] as const)(
    'the derivative by the time of a jump is that of both sides: %s',
    (adjoint) => {
      const tau = 0.5
      const options = { rtol: 1e-8, atol: 1e-8, adjoint }
      const before = createSolver(engine, field({ y: '-y', s: 'y' }), options).solve({
        y0: [1, 0],
        times: [0, tau],
        params: [],
        record: true,
      })
      const after = createSolver(engine, field({ y: '1 - y', s: 'y' }), options).solve({
        y0: before.values.slice(2),
        times: [tau, 1],
        params: [],
        record: true,
      })
      const late = after.pullback([0, 0, 0, 1])
      const early = before.pullback([0, 0, ...late.y0])
      expect(late.times[0]! + early.times[1]!).toBeCloseTo(Math.exp(tau - 1) - 1, 6)
    },
  )
})

// test_backprop: errors 0, 3 and ∞. Here steps are held fixed in gradients, so what must be finite are the sizes of steps.
describe.each([pi, predictive, pid(), pid({ p: 0.4, i: 0.3, d: 0.1 })])('the controller $name', ({ grow, shrink }) => {
  it('goes on with a finite step after an error of 0, of 3, of infinity and of none', () => {
    for (const k of [2, 5, 8]) {
      expect(grow(k, 0, 1e-4, 1e-4)).toBe(10)
      expect(grow(k, 1, 1, 1)).toBeLessThanOrEqual(1)
      for (const error of [3, Infinity, Number.NaN]) {
        expect(shrink(k, error)).toBeGreaterThan(0)
        expect(shrink(k, error)).toBeLessThan(1)
      }
    }
  })
})
