import { describe, expect, it } from 'vitest'
import { signal } from '../../src/ode/signal.js'
import { createSolver } from '../../src/ode/solver.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { ROWS } from '../../src/graph/shape.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'

/** x' = −k (x − u), which follows u: stiff for large k. y' = −y + x. */
function follower(): Graph {
  const b = new GraphBuilder()
  const z = b.input('z', [ROWS, 2])
  const [u, k] = [b.input('u', [ROWS, 1]), b.input('k', [ROWS, 1])]
  const [x, y] = [0, 1].map((i) => b.slice(z, [0, i], [ROWS, 1]))
  b.output('output', b.concat([b.mul(k, b.sub(u, x!)), b.sub(x!, y!)], 1))
  return b.build()
}

/** x of the follower from x₀ at 0, of u = a + s t: a − s/k + s t + (x₀ − a + s/k) e^(−k t). */
const follow = (x0: number, a: number, s: number, k: number, t: number): number => a - s / k + s * t + (x0 - a + s / k) * Math.exp(-k * t)

describe.each(await solverEngines())('auto beside inputs, jumps and events on $name', ({ engine }) => {
  const tight: SolverOptions = { method: 'auto', rtol: 1e-6, atol: 1e-8 }
  const field = follower()
  const k = [2000, 1]

  it('rows that are stiff and rows that are not go along signals of their own, to the exact solution', () => {
    const solution = createSolver(engine, field, tight).solve({
      y0: [0, 0, 0, 0],
      times: [0, 1, 2, 3],
      inputs: { k, u: [signal([0, 1, 2], [1, 3, -1], 'linear'), signal([0, 1, 2], [1, 3, -1], 'linear')] },
    })
    expect(solution.stats.rows.stiffSteps![0]).toBeGreaterThan(0)
    expect(solution.stats.rows.stiffSteps![1]).toBe(0)
    k.forEach((own, row) => {
      const at1 = follow(0, 1, 2, own, 1)
      const at2 = follow(at1, 3, -4, own, 1)
      const exact = [0, at1, at2, follow(at2, -1, 0, own, 1)]
      exact.forEach((x, i) => expect(Math.abs(solution.values[row * 8 + 2 * i]! - x)).toBeLessThan(2e-5))
    })
  })

  it('and signals that hold, and doses in the midst of stiff stretches', () => {
    const solution = createSolver(engine, field, tight).solve({
      y0: [0, 0, 0, 0],
      times: [0, 1.0005, 2.2, 3],
      inputs: { k, u: signal([0, 1], [1, 3], 'hold') },
      jumps: [
        { time: 2, add: [5, 0] },
        { time: 2.2, add: [1, 0] },
      ],
    })
    expect(solution.stats.rows.stiffSteps![0]).toBeGreaterThan(0)
    k.forEach((own, row) => {
      const at1 = follow(0, 1, 0, own, 1)
      const dosed = follow(at1, 3, 0, own, 1) + 5
      const before = follow(dosed, 3, 0, own, 0.2)
      const exact = [0, follow(at1, 3, 0, own, 0.0005), before, follow(before + 1, 3, 0, own, 0.8)]
      exact.forEach((x, i) => expect(Math.abs(solution.values[row * 8 + 2 * i]! - x)).toBeLessThan(2e-5))
    })
  })

  it('finds events of stiff rows, and stops there', () => {
    const when = (() => {
      const b = new GraphBuilder()
      b.input('t', [ROWS, 1])
      const z = b.input('z', [ROWS, 2])
      b.output('output', b.sub(b.slice(z, [0, 1], [ROWS, 1]), b.constant(0.5)))
      return b.build()
    })()
    const solution = createSolver(engine, field, { ...tight, events: [{ when }] }).solve({
      y0: [1, 0, 1, 0],
      times: [0, 3],
      inputs: { k, u: [[1], [1]] },
      record: true,
    })
    // x = 1 all along: y = 1 − e^(−t) is 1/2 at ln 2.
    solution.events.forEach(([event]) => expect(Math.abs(event!.time - Math.LN2)).toBeLessThan(1e-5))
    expect(solution.status.map(({ status }) => status)).toEqual(['stopped', 'stopped'])
    // dy/dy₀ at a fixed time is e^(−t), and y's slope at the event is 1/2: dt = −e^(−ln 2)/(1/2) dy₀ = −dy₀.
    const { y0 } = solution.pullback([0, 0, 0, 0, 0, 0, 0, 0], { events: [{ row: 0, index: 0, time: 1 }] })
    expect(y0[1]).toBeCloseTo(-1, 3)
  })

  it.each(['discrete', 'interpolated'] as const)('has gradients by signals and constants: %s', (adjoint) => {
    const solution = createSolver(engine, field, { ...tight, adjoint }).solve({
      y0: [1.5, 0, 1.5, 0],
      times: [0, 1, 2],
      inputs: { k, u: [signal([0, 1, 2], [1, 3, -1], 'linear'), signal([0, 1, 2], [1, 3, -1], 'linear')] },
      record: true,
    })
    expect(solution.stats.rows.stiffSteps![0]).toBeGreaterThan(0)
    const { inputs, y0 } = solution.pullback([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0])
    k.forEach((own, row) => {
      // x(2) is linear in the signal's values: by a change of one of them.
      const exact = (u: readonly number[]): number => follow(follow(1.5, u[0]!, u[1]! - u[0]!, own, 1), u[1]!, u[2]! - u[1]!, own, 1)
      const base = exact([1, 3, -1])
      for (let i = 0; i < 3; i++) {
        const moved = [1, 3, -1].map((x, j) => (i === j ? x + 1 : x))
        expect(Math.abs(inputs.u![3 * row + i]! - (exact(moved) - base))).toBeLessThan(2e-4)
      }
      expect(Math.abs(y0[2 * row]! - Math.exp(-2 * own))).toBeLessThan(2e-4)
    })
  })
})
