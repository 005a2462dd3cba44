import { describe, expect, it } from 'vitest'
import { pi, pid } from '../../../src/ode/control/controller.js'
import { field } from '../../../src/ode/field.js'
import { createSolver } from '../../../src/ode/solver.js'
import type { SolverOptions } from '../../../src/ode/types.js'
import { fastEngine } from './engines.js'

const engine = await fastEngine()
/** y' = λ y with λ as a second component: each row has its own. */
const rates = field({ y: 'rate*y', rate: 0 })

// tests/step_size_controllers_test.py
describe.each([
  ['pi', pi],
  ['integral', pid()],
  ['PID', pid({ p: 0.3, i: 0.4, d: 0.1 })],
] as const)('%s control by row', (_, control) => {
  const solve = (y0: number[], options: SolverOptions = {}) =>
    createSolver(engine, rates, { control, throw: false, rtol: 1e-6, atol: 1e-6, ...options }).solve({
      y0,
      times: [0, 1],
      params: [],
      dense: true,
    })

  it('a row at its smallest step fails, and says so; the other goes on', () => {
    const { status } = solve([1, -1, 1, -1000], { minStep: 0.01, firstStep: 0.02 })
    expect(status.map((row) => row.status)).toEqual(['ok', 'StepTooSmall'])
  })

  it('a state that is NaN, or an error that is infinite, ends its row only', () => {
    const { status, values } = solve([Number.NaN, 1, 1, -1, 1e300, 1e10])
    expect(status.map((row) => row.status === 'ok')).toEqual([false, true, false])
    expect(values[6]).toBeCloseTo(Math.exp(-1), 5)
  })

  it('an error of 0 makes the largest step there is, a finite one', () => {
    const { steps, status } = solve([0, 0, 1, -1])
    expect(status[0]!.status).toBe('ok')
    const sizes = steps.filter(({ rows }) => rows[0] === 0).map(({ h }) => h[0]!)
    sizes.slice(1).forEach((h, i) => {
      if (h !== 0) expect(h / sizes[i]!).toBeCloseTo(10, 9)
    })
  })

  it('a small error makes steps longer, a rejection leaves the other row as it is', () => {
    const together = solve([1, -1, 1, -40], { firstStep: 0.5 })
    const alone = solve([1, -1], { firstStep: 0.5 })
    expect(together.stats.rows.rejected[1]).toBeGreaterThan(0)
    const own = together.steps.flatMap(({ rows, h }) => [...rows].flatMap((row, i) => (row === 0 && h[i] !== 0 ? [h[i]!] : [])))
    expect(own).toEqual(alone.steps.map(({ h }) => h[0]))
    const gentle = solve([1, -1e-3], { firstStep: 0.01 })
    expect(gentle.steps[1]!.h[0]).toBeGreaterThan(gentle.steps[0]!.h[0]!)
  })
})

it('without an error estimate steps keep their size', () => {
  const { steps } = createSolver(engine, rates, { method: 'heun', stepSize: 0.125 }).solve({
    y0: [1, -1],
    times: [0, 1],
    params: [],
    dense: true,
  })
  expect(steps.map(({ h }) => h[0])).toEqual(new Array(8).fill(0.125))
})
