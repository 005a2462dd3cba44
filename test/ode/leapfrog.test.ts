import { describe, expect, it } from 'vitest'
import type { Graph } from '../../src/graph/graph.js'
import { createSolver } from '../../src/ode/solver.js'
import { solverEngines } from './engines.js'
import { fieldOf, growth } from './problems.js'

/** x″ = −w x, with the parameter w `[1]`. */
const oscillator: Graph = fieldOf(
  2,
  ({ b, z, p }) => {
    const part = (i: number) => b.slice(z, [0, i], [-1, 1])
    return b.concat([part(1), b.unary('neg', b.mul(p['w']!, part(0)))], 1)
  },
  { w: [1] },
)

describe.each(await solverEngines())('leapfrog on $name', ({ engine }) => {
  const w = engine.write([1], [1])
  const solve = (y0: number[], times: number[], stepSize: number, params = [w]) =>
    createSolver(engine, oscillator, { method: 'leapfrog', stepSize, maxSteps: 1e6 }).solve({ y0, times, params, record: true })

  it('is of order 2', () => {
    const error = (h: number) => Math.abs(solve([1, 0], [0, 5], h).values[2]! - Math.cos(5))
    expect(Math.log2(error(1 / 32) / error(1 / 64))).toBeCloseTo(2, 1)
  })

  it('keeps the energy over 10 000 steps within h²/8 of it', () => {
    const times = Array.from({ length: 101 }, (_, i) => i * 10)
    const { values } = solve([1, 0], times, 0.1)
    for (let i = 0; i < times.length; i++)
      expect(Math.abs(values[2 * i]! ** 2 + values[2 * i + 1]! ** 2 - 1)).toBeLessThan(0.1 ** 2 / 4 + 1e-9)
  })

  it('goes back to where it came from', () => {
    const there = solve([1, 0.3], [0, 20], 0.1).values
    const back = solve([there[2]!, there[3]!], [20, 0], 0.1).values
    expect(back[2]).toBeCloseTo(1, 10)
    expect(back[3]).toBeCloseTo(0.3, 10)
  })

  it('takes one evaluation a step', () => {
    expect(solve([1, 0], [0, 10], 0.1).stats.evaluations).toBe(101)
  })

  it('has gradients', () => {
    const cotangent = [0, 0, 0.3, -0.7]
    const loss = (x: number, v: number, rate: number) => {
      const { values } = solve([x, v], [0, 3], 0.1, [engine.write([rate], [1])])
      return Array.from(values).reduce((sum, value, i) => sum + value * cotangent[i]!, 0)
    }
    const gradient = solve([1, 0.5], [0, 3], 0.1).pullback(cotangent)
    const e = 1e-6
    expect(gradient.y0[0]).toBeCloseTo((loss(1 + e, 0.5, 1) - loss(1 - e, 0.5, 1)) / (2 * e), 7)
    expect(gradient.y0[1]).toBeCloseTo((loss(1, 0.5 + e, 1) - loss(1, 0.5 - e, 1)) / (2 * e), 7)
    expect(gradient.params['w']![0]).toBeCloseTo((loss(1, 0.5, 1 + e) - loss(1, 0.5, 1 - e)) / (2 * e), 7)
  })

  it('refuses what is no second-order system', () => {
    const first = createSolver(engine, growth, { method: 'leapfrog', stepSize: 0.1 })
    expect(() => first.solve({ y0: [1], times: [0, 1], params: [w] })).toThrow('This state has 1 components, which are no such pair.')
    const swapped = fieldOf(2, ({ b, z, c }) => b.mul(c(-1), z))
    expect(() => createSolver(engine, swapped, { method: 'leapfrog', stepSize: 0.1 }).solve({ y0: [1, 2], times: [0, 1] })).toThrow(
      'At the start of row 0 component 0 of the field is -1, and v is 2.',
    )
  })
})
