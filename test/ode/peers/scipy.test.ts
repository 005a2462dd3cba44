import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { field } from '../../../src/ode/field.js'
import { adaptiveMethods } from '../../../src/ode/methods/index.js'
import { createSolver } from '../../../src/ode/solver.js'
import type { SolverOptions } from '../../../src/ode/types.js'
// Traces the functions of events below, as `latent-ode/ode` does for who imports that.
import '../../../src/ode/vectorField.js'
import type { FieldFunction } from '../../../src/ode/vectorField.js'
import { stiff } from '../../../bench/ode/problems.js'
import { fastEngine } from './engines.js'

type Part = (z: tf.Tensor) => tf.Tensor

// SciPy, scipy/integrate/_ivp/tests/test_ivp.py.
const engine = await fastEngine()
const rational = field({ y: 'w/t', w: 'w*(y + 2*w - 1)/(t*(y - 1))' })
const exact = (t: number): number[] => [t / (t + 10), (10 * t) / (t + 10) ** 2]
/** Its norm of an error over the tolerance. */
const errorOf = (values: ArrayLike<number>, times: readonly number[], rtol: number, atol: number): number =>
  Math.max(
    ...times.map((t, i) => {
      const ratios = exact(t).map((x, d) => (values[2 * i + d]! - x) / (atol + rtol * Math.abs(x)))
      return Math.sqrt(ratios.reduce((sum, r) => sum + r * r, 0) / 2)
    }),
  )
const solve = (options: SolverOptions, times: readonly number[] = [5, 9], dense = true) =>
  createSolver(engine, rational, { rtol: 1e-3, atol: 1e-6, ...options }).solve({ y0: exact(times[0]!), times, params: [], dense })

describe.each(adaptiveMethods)('%s', (method) => {
  it.each([
    ['forward', [5, 9]],
    ['backward', [5, 1]],
  ] as const)('test_integration: the error at steps, outputs and between is below 5 tolerances, %s', (_, [from, to]) => {
    const times = Array.from({ length: 20 }, (_, i) => from + ((to - from) * i) / 19)
    const solution = solve({ method }, times)
    // Methods that SciPy has not. rosenbrock23: 5.5 tolerances backward. The estimate of fehlberg2 is the error of its first-order
    // formula, which is built to have a small one; that of the second-order solution is no multiple of it.
    const bound = { rosenbrock23: 6, fehlberg2: 100 }[method as string] ?? 5
    expect(errorOf(solution.values, times, 1e-3, 1e-6)).toBeLessThan(bound)
    const between = times.slice(1).map((t, i) => (t + times[i]!) / 2)
    expect(errorOf(solution.evaluate(0, between).value, between, 1e-3, 1e-6)).toBeLessThan(bound)
    // There fewer than 40 evaluations (300 backward) by a method of order 3 and above.
    if (['dopri5', 'dopri8', 'tsit5', 'bosh3'].includes(method)) expect(solution.stats.accepted).toBeLessThan(to > from ? 10 : 50)
  })

  it('test_max_step, test_first_step: both bounds hold', () => {
    const { steps, values } = solve({ method, maxStep: 0.5, firstStep: 0.1 })
    expect(steps[0]!.h[0]).toBe(0.1)
    expect(Math.max(...steps.map(({ h }) => h[0]!))).toBeLessThanOrEqual(0.5)
    expect(errorOf(values, [5, 9], 1e-3, 1e-6)).toBeLessThan(5)
  })

  it('test_no_integration, test_zero: a span of nothing, a field of zeros', () => {
    expect([...solve({ method }, [4, 4]).values]).toEqual([...exact(4), ...exact(4)])
    const { values, stats } = createSolver(engine, field({ x: '0*x', y: '0*y' }), { method }).solve({
      y0: [1, 2],
      times: [0, 10],
      params: [],
    })
    expect([...values]).toEqual([1, 2, 1, 2])
    expect(stats.rejected).toBe(0)
  })

  it('test_tbound_respected: no step that is told to end goes beyond', () => {
    const { steps } = solve({ method, stopAtEnd: true })
    expect(steps.at(-1)!.end[0]).toBe(9)
  })

  // event_rational_1 to _3: y = w^0.7 between 5.3 and 5.7, y = w^0.6 between 7.3 and 7.7, t = 7.4.
  it('test_events: those that stop and those that do not, forward and backward', () => {
    const [y, w] = [0, 1].map((i) => (z: tf.Tensor) => tf.slice(z, [0, i], [-1, 1])) as [Part, Part]
    const functions: FieldFunction[] = [
      (_t, z) => tf.sub(y(z), tf.pow(w(z), 0.7)),
      (_t, z) => tf.sub(tf.pow(w(z), 0.6), y(z)),
      (t) => tf.sub(t, 7.4),
    ]
    const events = (stopped?: number) => functions.map((when, i) => ({ when, stop: i === stopped }))
    const found = (times: number[], stopped?: number) => solve({ method, events: events(stopped) }, times).events[0]!
    const all = found([5, 8])
    expect(all.map(({ event }) => event)).toContain(2)
    const of = (event: number): number => all.find((one) => one.event === event)!.time
    expect(of(0)).toBeGreaterThan(5.3)
    expect(of(0)).toBeLessThan(5.7)
    expect(of(1)).toBeGreaterThan(7.3)
    expect(of(1)).toBeLessThan(7.7)
    expect(of(2)).toBeCloseTo(7.4, 9)
    expect(found([5, 8], 0).map(({ event }) => event)).toEqual([0])
    expect(
      found([8, 5])
        .map(({ event }) => event)
        .sort(),
    ).toEqual([0, 1, 2])
  })
})

// test_integration_stiff: Robertson to 1e8 at 1e-6 in fewer than 5000 evaluations.
it.each(['rodas5p', 'rodas4'] as const)('test_integration_stiff: %s', (method) => {
  const { equations } = stiff.find(({ name }) => name === 'Robertson')!
  const solver = createSolver(engine, field(equations), { method, rtol: 1e-6, atol: 1e-6 })
  const { stats, values } = solver.solve({ y0: [1e4, 0, 0], times: [0, 1e8], params: [] })
  expect(stats.evaluations).toBeLessThan(5000)
  // The sum is conserved.
  expect(values[3]! + values[4]! + values[5]!).toBeCloseTo(1e4, 4)
})

// test_initial_state_finiteness.
it.each([Number.NaN, Infinity])('a start that is %s is an error that names row, time and component', (bad) => {
  expect(() => createSolver(engine, rational, {}).solve({ y0: [1 / 3, bad], times: [5, 9], params: [] })).toThrow(
    /Row 0 at t = 5.*infinite or NaN.*y\[1\]/,
  )
})
