import { describe, expect, it } from 'vitest'
import { SolverError } from '../../src/ode/errors.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolverOptions, Times } from '../../src/ode/types.js'
import type { Graph } from '../../src/graph/graph.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { ROWS } from '../../src/graph/shape.js'
import { blowUp, fieldOf, growth, linearField, referenceEngine } from './problems.js'

function attempt(field: Graph, y0: ArrayLike<number>, times: Times, options: SolverOptions = {}) {
  const engine = referenceEngine()
  return createSolver(engine, field, options).solve({ y0, times, params: [] })
}
function failure(run: () => unknown): SolverError {
  try {
    run()
  } catch (error) {
    if (error instanceof SolverError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
const decay = fieldOf(1, ({ b, z }) => b.unary('neg', z))
const switching = fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.mul(c(1e6), b.binary('greater', t, c(0.5)))))

describe('statuses', () => {
  it('a solution that runs to infinity is reported where it does', () => {
    const error = failure(() => attempt(blowUp, [0.1, 2], [0, 3]))
    expect(['StepTooSmall', 'NonFinite']).toContain(error.code)
    expect(error.row).toBe(1) // infinite at 1/2; row 0 at 10
    expect(error.status!.time).toBeCloseTo(0.5, 3) // as far as the default tolerance knows
    expect(error.status!.component).toBe(0)
    expect(error.status!.value).toBeGreaterThan(1e6)
    expect(error.message).toMatch(/^Row 1 at t = [\d.]+, step [\d.e-]+: /)
    expect(error.message).toMatch(/The largest component of its last state is y\[0\] = \d/)
    expect(error.message).toMatch(/try .*rescaled time/)
  })

  it('StepTooSmall: the tolerance cannot be met with the smallest step allowed', () => {
    const error = failure(() => attempt(switching, [0], [0, 1], { minStep: 1e-3, rtol: 1e-9, atol: 1e-9 }))
    expect(error.code).toBe('StepTooSmall')
    expect(error.status!.time).toBeGreaterThan(0.499)
    expect(error.status!.time).toBeLessThan(0.501)
    expect(error.message).toContain('the error stays above the tolerance even with steps of 0.001')
    expect(error.message).toContain(
      'The field is not smooth or runs to infinity there: try smoother activations, a looser tolerance, rescaled time, or a ' +
        'fixed-step method.',
    )
  })

  it('MaxSteps', () => {
    const error = failure(() => attempt(decay, [1], [0, 100], { maxSteps: 5, rtol: 1e-8, atol: 1e-8 }))
    expect(error.code).toBe('MaxSteps')
    expect(error.message).toContain('the end was not reached in 5 steps (maxSteps)')
    expect(error.message).toContain('Try a looser tolerance, smoother activations, rescaled time, more maxSteps, or a fixed-step method.')
    const fixed = failure(() => attempt(decay, [1], [0, 1], { method: 'rk4', stepSize: 1e-9, maxSteps: 50 }))
    expect(fixed.message).toContain('Try a larger stepSize, rescaled time, or more maxSteps.')
  })

  it('NonFinite, at the start and on the way', () => {
    const start = failure(() =>
      attempt(
        fieldOf(2, ({ b, z }) => b.unary('neg', z)),
        [1, Number.NaN],
        [2, 3],
      ),
    )
    expect(start.code).toBe('NonFinite')
    expect(start.message).toContain(
      'Row 0 at t = 2, step 0: the field or the state became infinite or NaN. The largest component of its last state is y[1] = NaN.',
    )
    const fixed = failure(() => attempt(blowUp, [2], [0, 10], { method: 'euler', stepSize: 0.5 }))
    expect(fixed.code).toBe('NonFinite')
    expect(fixed.message).toContain('try a smaller stepSize, bounded activations (tanh), rescaled time, or an adaptive method')
    // sqrt(1 − t) has no value beyond t = 1.
    const edge = failure(() =>
      attempt(
        fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.unary('sqrt', b.sub(c(1), t)))),
        [0],
        [0, 2],
      ),
    )
    expect(edge.code).toBe('NonFinite')
    expect(edge.status!.time).toBeCloseTo(1, 6)
  })

  it('an overflow that a smaller step avoids is only a rejected step', () => {
    const solution = attempt(blowUp, [-1], [0, 1, 1e9], { firstStep: 5e8, maxSteps: 1000, atol: 1e-14 })
    expect(solution.stats.rejected).toBeGreaterThan(5)
    // y = −1/(1 + t)
    expect(Math.abs(solution.values[1]! + 1 / 2)).toBeLessThan(1e-2)
    // One beyond the last time is tried again with a step that ends there.
    const beyond = attempt(blowUp, [-1], [0, 1], { firstStep: 1e80 })
    expect(beyond.stats.rejected).toBeLessThan(5)
    expect(Math.abs(beyond.values[1]! + 1 / 2)).toBeLessThan(1e-2)
  })

  it('throw: false returns the good rows', () => {
    const solution = attempt(blowUp, [2, -1, Number.NaN], [0, 0.25, 1], { throw: false, rtol: 1e-8, atol: 1e-8 })
    expect(solution.status.map(({ status }) => status === 'ok')).toEqual([false, true, false])
    expect([...solution.values.slice(0, 3)].every(Number.isNaN)).toBe(true)
    // y = y0 / (1 − y0 t)
    expect(solution.values[4]).toBeCloseTo(-1 / 1.25, 6)
    expect(solution.values[5]).toBeCloseTo(-1 / 2, 6)
    expect(solution.status[1]).toMatchObject({ time: 1, message: '', component: 0 })
    expect(solution.status[2]!.status).toBe('NonFinite')
  })

  it('steps that time cannot resolve end the row', () => {
    const error = failure(() => attempt(decay, [1], [1e20, 2e20], { firstStep: 1 }))
    expect(error.code).toBe('StepTooSmall')
  })
})

describe('what options do', () => {
  it('minStep and maxStep bound the steps, stopAtEnd ends on the last time', () => {
    const engine = referenceEngine()
    const steps = (options: SolverOptions) =>
      createSolver(engine, decay, options).solve({ y0: [1], times: [0, 1.05], params: [], dense: true })
    const bounded = steps({ maxStep: 0.1 })
    expect(Math.max(...bounded.steps.map(({ h }) => h[0]!))).toBeLessThanOrEqual(0.1)
    expect(bounded.stats.accepted).toBeGreaterThanOrEqual(11)
    const coarse = steps({ minStep: 0.3, rtol: 1e-2, atol: 1e-2, firstStep: 0.01 })
    expect(Math.min(...coarse.steps.map(({ h }) => h[0]!))).toBeGreaterThanOrEqual(0.3)
    expect(steps({ stopAtEnd: true }).steps.at(-1)!.end[0]).toBe(1.05)
    expect(steps({}).steps.at(-1)!.end[0]).toBeGreaterThan(1.05)
    expect(steps({ firstStep: 0.02 }).steps[0]!.h[0]).toBe(0.02)
    expect(steps({ method: 'rk4', stepSize: 0.1 }).steps.map(({ h }) => h[0])).toEqual(new Array(11).fill(0.1))
    expect(steps({ method: 'rk4', stepSize: 0.1, stopAtEnd: true }).stats.smallestStep).toBeCloseTo(0.05, 12)
    expect(steps({ method: 'rk4' }).stats).toMatchObject({ accepted: 1, evaluations: 5, rejected: 0 })
  })

  it('tighter tolerances give smaller errors, and a tolerance by component is by component', () => {
    const errors = [1e-3, 1e-6, 1e-9].map((tolerance) =>
      Math.abs(attempt(decay, [1], [0, 2], { rtol: tolerance, atol: tolerance }).values[1]! - Math.exp(-2)),
    )
    expect(errors[1]).toBeLessThan(errors[0]! / 10)
    expect(errors[2]).toBeLessThan(errors[1]! / 10)
    const two = fieldOf(2, ({ b, z }) => b.unary('neg', z))
    const accepted = (atol: number | number[]): number => attempt(two, [1, 1], [0, 2], { rtol: 0, atol }).stats.accepted
    expect(accepted([1e-9, 1])).toBe(accepted([1, 1e-9]))
    expect(accepted([1e-9, 1])).toBeGreaterThan(accepted(1e-4))
  })

  it('outputs do not cost steps', () => {
    const few = attempt(decay, [1], [0, 5]).stats
    expect(
      attempt(
        decay,
        [1],
        Array.from({ length: 501 }, (_, i) => i / 100),
      ).stats,
    ).toEqual(few)
  })
})

describe('requests that make no sense', () => {
  const times: [string, Times, string][] = [
    ['NaN', [0, Number.NaN], 'Of the times: entry 1 is NaN. Times must be finite numbers.'],
    ['turning back', [0, 1, 0.5], 'Of the times: entry 2, 0.5, turns back after 1. Times must rise or fall throughout; sort them.'],
    [
      'turning back in a row',
      [
        [0, 1],
        [3, 2, 2, 2.5],
      ],
      'Of row 1: entry 3, 2.5, turns back after 2.',
    ],
    ['infinite', [[0], [0, Infinity]], 'Of row 1: entry 1 is Infinity.'],
    ['empty', [[0], []], 'Of row 1: there are none. The first time is where y0 stands'],
    ['too few lists', [[0]], 'There are 1 lists of times for 2 rows. Give one list for all rows, or one for each.'],
  ]
  it.each(times)('times: %s', (_, bad, text) => {
    const error = failure(() => attempt(decay, [1, 2], bad))
    expect(error.code).toBe('Times')
    expect(error.message).toContain(text)
  })

  const options: [SolverOptions, string][] = [
    [{ rtol: -1 }, 'rtol is -1; it must be a number from 0.'],
    [{ atol: Number.NaN }, 'atol is NaN; it must be a number from 0.'],
    [{ rtol: 0, atol: 0 }, 'atol is 0; it must be above 0 where rtol is 0.'],
    [{ atol: [1, 2] }, 'atol has 2 entries for 1 components.'],
    [{ maxSteps: 0 }, 'maxSteps is 0; it must be a whole number from 1.'],
    [{ minStep: 0 }, 'minStep is 0; it must be a number above 0'],
    [{ minStep: 1, maxStep: 0.5 }, 'minStep is 1, above maxStep, 0.5.'],
    [{ stepSize: 0.1 }, 'The method dopri5 chooses its steps: it takes firstStep and maxStep, not stepSize.'],
    [{ method: 'rk4', firstStep: 1 }, 'The method rk4 takes fixed steps and has no use for firstStep'],
    [{ adjoint: 'exact' as 'discrete' }, 'There is no adjoint "exact". Adjoints: discrete, continuous, interpolated.'],
    [{ method: 'ode45' as 'rk4' }, 'There is no method "ode45".'],
  ]
  it.each(options)('options: %o', (bad, text) => {
    const error = failure(() => attempt(decay, [1], [0, 1], bad))
    expect(error.code).toBe('Option')
    expect(error.message).toContain(text)
  })

  it('shapes', () => {
    const engine = referenceEngine()
    expect(() => attempt(linearField(2), [1, 2, 3], [0, 1])).toThrow('The field has 1 parameters (A [2, 2]) but 0 were given.')
    expect(() =>
      attempt(
        fieldOf(2, ({ b, z }) => b.unary('neg', z)),
        [1, 2, 3],
        [0, 1],
      ),
    ).toThrow('y0 has 3 numbers, which do not fill rows of 2 components.')
    const solver = createSolver(engine, growth)
    expect(() => solver.solve({ y0: [1], times: [0, 1], params: [engine.write([1, 2], [2])] })).toThrow(
      'Parameter "lambda" has shape [1] but was given [2].',
    )
    expect(() => solver.solve({ y0: engine.write([1, 2], [1, 2]), times: [0, 1], params: [engine.write([1], [1])] })).toThrow(
      'y0 has shape [1, 2]; the field takes [rows, 1].',
    )
  })

  it('Graphs that are no vector field', () => {
    const engine = referenceEngine()
    const b = new GraphBuilder()
    b.output('output', b.slice(b.input('z', [ROWS, 3]), [0, 0], [ROWS, 2]))
    expect(() => createSolver(engine, b.build())).toThrow(
      'A vector field takes t [rows, 1] and z [rows, dim] and returns output [rows, dim]. This Graph has z [rows, 3], → output [rows, 2].',
    )
    const mixing = fieldOf(2, ({ b: g, z }) => g.add(z, g.sum(z, [0], true)))
    expect(() => createSolver(engine, mixing)).toThrow(/row/)
  })
})

it('no rows, no work', () => {
  const solution = attempt(decay, [], [0, 1])
  expect([solution.rows, solution.values.length, solution.stats.iterations]).toEqual([0, 0, 0])
  expect(solution.offsets).toEqual(Int32Array.of(0))
})
