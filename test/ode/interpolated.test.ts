import { describe, expect, it } from 'vitest'
import { selectEngine } from '../../src/engine/select.js'
import { EngineError } from '../../src/errors.js'
import { signal } from '../../src/ode/signal.js'
import { createSolver } from '../../src/ode/solver.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { ROWS } from '../../src/graph/shape.js'
import type { SolveRequest, SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { fieldOf, growth, linearField } from './problems.js'

const tight: SolverOptions = { rtol: 1e-8, atol: 1e-10, adjoint: 'interpolated' }

/** x' = sin(t) u + w − k x². */
const driven = (): Graph => {
  const b = new GraphBuilder()
  const t = b.input('t', [ROWS, 1])
  const z = b.input('z', [ROWS, 1])
  const [u, k, w] = [b.input('u', [ROWS, 1]), b.input('k', [1]), b.input('w', [ROWS, 1])]
  b.output('output', b.add(b.sub(b.mul(b.unary('sin', t), u), b.mul(k, b.unary('square', z))), w))
  return b.build()
}

/** A sum of c·exp(r t), as pairs [c, r]; products, and integrals over [0, 1]. */
type Exponentials = readonly (readonly [number, number])[]
const product = (x: Exponentials, y: Exponentials): Exponentials => x.flatMap(([c, r]) => y.map(([d, s]) => [c * d, r + s] as const))
const integral = (x: Exponentials): number => x.reduce((sum, [c, r]) => sum + (r === 0 ? c : (c * (Math.exp(r) - 1)) / r), 0)

describe.each(await solverEngines())('the interpolated adjoint on $name', ({ engine }) => {
  // z' = A z with A = [[−100, 1], [0, −1]], L = z₁(1) + z₂(1). Backward, z₁ grows by e¹⁰⁰.
  const [z1, z2]: Exponentials[] = [
    [
      [1 - 2 / 99, -100],
      [2 / 99, -1],
    ],
    [[2, -1]],
  ]
  const [a1, a2]: Exponentials[] = [
    [[Math.exp(-100), 100]],
    [
      [Math.exp(-1) * (1 + 1 / 99), 1],
      [-Math.exp(-100) / 99, 100],
    ],
  ]
  const byMatrix = [product(a1!, z1!), product(a1!, z2!), product(a2!, z1!), product(a2!, z2!)].map(integral)
  const damped = (options: SolverOptions) =>
    createSolver(engine, linearField(2), { ...tight, ...options })
      .solve({ y0: [1, 2], times: [0, 1], params: [engine.write([-100, 1, 0, -1], [2, 2])], record: true })
      .pullback([0, 0, 1, 1])

  it.each(['dopri5', 'dopri8', 'rodas5p', 'kvaerno5', 'auto', 'adams'] as const)(
    'is exact to the tolerance where z solved backward grows beyond all bounds: %s',
    (method) => {
      const { y0, params } = damped({ method, rtol: 1e-6, atol: 1e-8 })
      // Ten times the tolerance.
      expect(Math.abs(y0[0]! - Math.exp(-100))).toBeLessThan(1e-5)
      expect(Math.abs(y0[1]! - Math.exp(-1) * (1 + 1 / 99))).toBeLessThan(1e-5)
      byMatrix.forEach((x, i) => expect(Math.abs(params.A![i]! - x)).toBeLessThan(1e-5))
    },
  )

  it('and the continuous one is not', () => {
    const { params, excluded } = damped({ adjoint: 'continuous', throw: false, rtol: 1e-6, atol: 1e-8 })
    expect(excluded!.length > 0 || Math.abs(params.A![2]! - byMatrix[2]!) > 1e10).toBe(true)
  })

  /** The discrete adjoint's gradients of times are slopes of the interpolant, which are off by a thousand times the tolerance here. */
  const compare = (field: Graph, request: SolveRequest, options: SolverOptions = {}): void => {
    const [found, exact] = (['interpolated', 'discrete'] as const).map((adjoint) => {
      const solution = createSolver(engine, field, { ...tight, ...options, adjoint }).solve({ ...request, record: true })
      return solution.pullback(Float64Array.from(solution.values, (_, i) => Math.cos(i)))
    })
    const close = (a: ArrayLike<number>, b: ArrayLike<number>): void => {
      expect(a.length).toBe(b.length)
      Array.from(a).forEach((x, i) => expect(Math.abs(x - b[i]!)).toBeLessThan(2e-5 * Math.max(1, Math.abs(b[i]!))))
    }
    close(found!.y0, exact!.y0)
    close(found!.times, exact!.times)
    for (const [name, values] of Object.entries(exact!.params)) close(found!.params[name]!, values)
    for (const [name, values] of Object.entries(exact!.inputs)) close(found!.inputs[name]!, values)
  }

  it.each(['hold', 'linear', 'hermite'] as const)('goes back along inputs by row, constant and over time: %s', (kind) => {
    const knots = [0.2, 0.9, 1.3, 2.5]
    compare(driven(), {
      y0: [1, -0.2, 0.5],
      times: [[0, 0.9, 2], [1.7, 1, 0.1], [0.5]],
      params: { k: 0.4 },
      inputs: {
        w: [[0.3], [0.1], [-2]],
        u: [signal(knots, [1, 2, -1, 0.5], kind), signal(knots, [0, 1, 3, 2], kind), signal([0, 1], [1, 2], kind)],
      },
    })
  })

  it.each(['dopri5', 'rodas5p', 'rk4', 'adams'] as const)('and beside jumps of the field in time: %s', (method) => {
    // x' = −k x before t = 1, t x from there on; undefined at 1 itself.
    const broken = fieldOf(
      1,
      ({ b, t, z, p, c }) => {
        const hole = b.div(c(0), b.select(b.binary('equal', t, c(1)), c(0), c(1)))
        return b.add(hole, b.mul(z, b.select(b.binary('less', t, c(1)), b.unary('neg', p['k']!), t)))
      },
      { k: [1] },
    )
    const fixed = method === 'rk4' ? { stepSize: 0.01, rtol: undefined, atol: undefined } : {}
    compare(
      broken,
      {
        y0: [1, 2],
        times: [
          [0.3, 1, 1.4],
          [1.8, 0.2],
        ],
        params: { k: 0.4 },
      },
      { method, jumpTimes: [1], ...fixed },
    )
  })

  it('has the gradient by λ of y₀ e^(λ t) on times far from 0', () => {
    const start = 1e8
    const solution = createSolver(engine, growth, tight).solve({
      y0: [2],
      times: [start, start + 1],
      params: [engine.write([0.5], [1])],
      record: true,
    })
    const { params, y0, times } = solution.pullback([0, 1])
    expect(Math.abs(params.lambda![0]! - 2 * Math.exp(0.5))).toBeLessThan(1e-6)
    expect(Math.abs(y0[0]! - Math.exp(0.5))).toBeLessThan(1e-6)
    expect(Math.abs(times[1]! - Math.exp(0.5))).toBeLessThan(1e-6)
    expect(Math.abs(times[0]! + Math.exp(0.5))).toBeLessThan(1e-6)
  })

  it('leaves out rows whose way back fails, and only those', () => {
    // As many steps as the way there takes are too few for the way back, which stops at the ends of all of them besides its own.
    const run = (rows: number[], maxSteps: number, throws = false) =>
      createSolver(engine, growth, { ...tight, method: 'bosh3', rtol: 1e-6, atol: 1e-6, maxSteps, throw: throws }).solve({
        y0: rows.map((row) => 1 + row),
        times: rows.map((row) => [0, row === 1 ? 3 : 0.2]),
        params: [engine.write([1], [1])],
        record: true,
      })
    const most = Math.max(
      ...run([0, 1, 2], 10_000).stats.rows.accepted.map((count, row) => count + run([0, 1, 2], 10_000).stats.rows.rejected[row]!),
    )
    expect(() => run([0, 1, 2], most, true).pullback([0, 1, 0, 1, 0, 1])).toThrow('Solving the adjoint backward: Row 1 at t = ')
    const [mixed, clean] = [run([0, 1, 2], most).pullback([0, 1, 0, 1, 0, 1]), run([0, 2], most).pullback([0, 1, 0, 1])]
    expect(mixed.excluded).toEqual([1])
    expect([...mixed.y0]).toEqual([clean.y0[0], 0, clean.y0[1]])
    expect(mixed.params).toEqual(clean.params)
  })

  it('says what it cannot do', () => {
    const request = { y0: [1], times: [0, 1], params: { lambda: 1 } }
    expect(() => createSolver(engine, growth, tight).solve(request).pullback([0, 1])).toThrow('This solve was not recorded.')
    expect(() => createSolver(engine, linearField(2), { method: 'leapfrog', adjoint: 'interpolated' })).toThrow(
      'The method leapfrog solves systems of second order only, and the adjoint equation is none, so adjoint: "interpolated" cannot go with it.',
    )
    expect(() => createSolver(engine, growth, tight).solve({ ...request, jumps: [{ time: 0.5, add: [1] }] })).toThrow(
      'adjoint: "interpolated" cannot pull back through jumps of the state. Use the discrete one, which is the default.',
    )
  })
})

it('is right in float32 where an engine can say no more of the times than 8 apart', async () => {
  for (const name of ['native', 'wasm']) {
    const engine = await selectEngine(name, { dtype: 'float32' }).catch((error: unknown) => {
      if (error instanceof EngineError) return undefined
      throw error
    })
    if (!engine) continue
    const start = 1e8
    const solution = createSolver(engine, growth, { rtol: 1e-5, atol: 1e-6, adjoint: 'interpolated' }).solve({
      y0: [2],
      times: [start, start + 1],
      params: [engine.write([0.5], [1])],
      record: true,
    })
    // Rounding of some thirty steps in float32.
    expect(Math.abs(solution.pullback([0, 1]).params.lambda![0]! / (2 * Math.exp(0.5)) - 1)).toBeLessThan(2e-5)
    engine.dispose()
  }
})
