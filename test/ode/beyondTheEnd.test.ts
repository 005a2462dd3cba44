import { describe, expect, it } from 'vitest'
import { generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { fieldOf } from './problems.js'

const names = generalMethods
// y' = p √(1 − t) has no value beyond t = 1; y = y0 + p (2/3)(1 − (1 − t)^1.5).
const root = fieldOf(1, ({ b, t, z, p, c }) => b.add(b.mul(c(0), z), b.mul(p['p']!, b.unary('sqrt', b.sub(c(1), t)))), { p: [1] })
const exact = (t: number): number => (2 / 3) * (1 - (1 - t) ** 1.5)

describe.each(await solverEngines())('a field that is no number beyond the last time, on $name', ({ engine }) => {
  const solve = (times: readonly number[] | readonly (readonly number[])[], options: SolverOptions, rows = 1, p = 1) =>
    createSolver(engine, root, options).solve({
      y0: new Array<number>(rows).fill(0),
      times,
      params: [engine.write([p], [1])],
      record: true,
      dense: true,
    })

  // A stage of kvaerno5 lies beyond the end of each step.
  it.each(names.filter((method) => method !== 'kvaerno5'))('is solved to there, the step being taken again: %s', (method) => {
    const options: SolverOptions = { method, ...(isAdaptive(methods[method]) ? { rtol: 1e-6, atol: 1e-8 } : { stepSize: 0.3 / 64 }) }
    const { values, steps, status } = solve([0, 0.4, 1], options)
    expect(status[0]!.status).toBe('ok')
    expect(Math.abs(values[1]! - exact(0.4))).toBeLessThan(methods[method].order === 1 ? 2e-3 : 1e-5)
    expect(Math.abs(values[2]! - exact(1))).toBeLessThan(methods[method].order === 1 ? 3e-3 : 1e-4)
    expect(steps.at(-1)!.end[0]).toBe(1)
  })

  it('backward, in one batch with rows that end before, and to the bit as alone', () => {
    // √t from 1 down to 0 is √(1 − s) for s = 1 − t; this one leads back from 0.9 to 0.1.
    const times = [
      [0, 1],
      [0, 0.5],
      [0.9, 0.1],
      [0, 0.99, 1],
    ]
    const together = solve(times, {}, 4)
    times.forEach((own, row) =>
      expect(solve([own], {}).values).toEqual(together.values.slice(together.offsets[row], together.offsets[row + 1])),
    )
    const down = fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.unary('sqrt', t)))
    const { values } = createSolver(engine, down, { rtol: 1e-6, atol: 1e-8 }).solve({ y0: [2 / 3], times: [1, 0], params: [] })
    expect(Math.abs(values[1]!)).toBeLessThan(3e-5)
    expect(
      [
        ...solve(
          [
            [0, 1],
            [0, 0.5],
          ],
          { stepControl: 'batch' },
          2,
        ).status,
      ].map(({ status }) => status),
    ).toEqual(['ok', 'ok'])
  })

  it.each(['discrete', 'continuous', 'interpolated'] as const)('its gradient is right: %s', (adjoint) => {
    const gradient = solve([0, 1], { adjoint, rtol: 1e-6, atol: 1e-8 }).pullback([0, 1])
    expect(Math.abs(gradient.params.p![0]! - 2 / 3)).toBeLessThan(3e-5)
    expect(gradient.y0[0]).toBeCloseTo(1, 12)
  })

  it('a field that is none before the last time fails where it ends', () => {
    expect(() => solve([0, 2], {})).toThrow(
      /^Row 0 at t = 1, step .*: the field or the state became infinite or NaN\. It reached t = 1 of 2 after \d+ steps\./,
    )
    expect(() => solve([0, 2], { method: 'rk4', stepSize: 0.3 })).toThrow('It reached t = 0.9 of 2 after 4 steps.')
  })

  it('nothing changes where it is a number there', () => {
    const times = [0, 0.4, 0.7]
    expect(solve(times, {}).steps.at(-1)!.end[0]).toBeGreaterThan(0.7)
  })
})
