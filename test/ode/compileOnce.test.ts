import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { fieldOf } from './problems.js'

describe.each(await solverEngines())('on $name', ({ engine }) => {
  const newField = () => fieldOf(2, ({ b, t, z }) => b.sub(b.unary('sin', t), b.mul(z, b.unary('square', z))))
  function counting(): { engine: Engine; compiled: () => number } {
    let count = 0
    return {
      compiled: () => count,
      engine: {
        ...engine,
        compile: (...given) => {
          count++
          return engine.compile(...given)
        },
        compileScan: (...given) => {
          count++
          return engine.compileScan(...given)
        },
      },
    }
  }
  const run = (on: Engine, field: ReturnType<typeof newField>, options: SolverOptions) => {
    const solution = createSolver(on, field, options).solve({ y0: [1, -0.5, 0.3, 2], times: [0, 1, 2.5], params: [], record: true })
    const { y0 } = solution.pullback(Float64Array.from({ length: 12 }, (_, i) => i + 1))
    solution.dispose()
    return { values: [...solution.values], y0: [...y0], evaluations: solution.stats.evaluations }
  }

  it.each(['discrete', 'continuous', 'interpolated'] as const)(
    'another tolerance takes the programs there are, with the same result as its own: %s',
    (adjoint) => {
      const field = newField()
      const { engine: on, compiled } = counting()
      // Tight enough that steps lie between outputs: these have a program of their own.
      const some = { adjoint, method: 'dopri8', rtol: 1e-6, atol: 1e-6 } as const
      const loose = run(on, field, some)
      const first = compiled()
      expect(first).toBeGreaterThan(0)
      const tight = run(on, field, { adjoint, method: 'dopri8', rtol: 1e-9, atol: 1e-10 })
      expect(compiled()).toBe(first)
      expect(first).toBeGreaterThanOrEqual(5)
      expect(tight.evaluations).toBeGreaterThan(loose.evaluations)
      expect(run(engine, newField(), { adjoint, method: 'dopri8', rtol: 1e-9, atol: 1e-10 })).toEqual(tight)
      expect(run(on, field, some)).toEqual(loose)
    },
  )

  it.each([
    ['dopri5', { method: 'dopri5' }],
    ['the continuous adjoint', { method: 'dopri5', adjoint: 'continuous' }],
    ['steps known beforehand', { method: 'rk4', stepSize: 0.05 }],
    ['an implicit method', { method: 'kvaerno5' }],
  ] satisfies [string, SolverOptions][])(
    'odeSolve of a problem seen before compiles nothing, and finds the same: %s',
    async (_, options) => {
      const field = newField()
      const { engine: on, compiled } = counting()
      const start = [
        [1, -0.5],
        [0.3, 2],
      ]
      const solve = async () => {
        const solution = await odeSolve(field, start, [0, 1, 2.5], {}, { ...options, engine: on, record: true })
        const { y0 } = solution.pullback(Float64Array.from({ length: 12 }, (_, i) => i + 1))
        solution.dispose()
        return { values: [...solution.values], y0: [...y0] }
      }
      const once = await solve()
      const first = compiled()
      expect(first).toBeGreaterThan(2)
      expect(await solve()).toEqual(once)
      expect(compiled()).toBe(first)
    },
  )

  it('a function is compiled once, and anew when it computes something else', async () => {
    let rate = 1
    const decay = (_t: tf.Tensor, z: tf.Tensor) => tf.mul(z, -rate)
    const { engine: on, compiled } = counting()
    const solve = async () => (await odeSolve(decay, [2], [0, 1], {}, { engine: on, rtol: 1e-8, atol: 1e-8 })).values[1]!
    const once = await solve()
    const first = compiled()
    expect(await solve()).toBe(once)
    expect(compiled()).toBe(first)
    rate = 3
    expect(await solve()).toBeCloseTo(2 * Math.exp(-3), 5)
    expect(compiled()).toBeGreaterThan(first)
  })

  it('one tolerance for each component is measured by component', () => {
    const field = newField()
    const options = { rtol: 1e-9, atol: [1e-9, 1e3] }
    const [one, other] = [run(engine, field, options), run(engine, field, { ...options, atol: [1e3, 1e-9] })]
    expect(one.values).not.toEqual(other.values)
    expect(run(engine, field, { rtol: 1e-9, atol: [1e-9, 1e-9] })).toEqual(run(engine, field, { rtol: 1e-9, atol: 1e-9 }))
  })

  it('another method, norm or field is compiled by itself', () => {
    const field = newField()
    const { engine: on, compiled } = counting()
    run(on, field, {})
    for (const options of [{ method: 'tsit5' }, { norm: (b, x) => b.max(b.unary('abs', x), [1], true) }] satisfies SolverOptions[]) {
      const before = compiled()
      expect(run(on, field, options)).not.toEqual(run(engine, field, {}))
      expect(compiled()).toBeGreaterThan(before + 1)
    }
    const before = compiled()
    run(on, newField(), {})
    expect(compiled()).toBeGreaterThan(before + 1)
  })
})
