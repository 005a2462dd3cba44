import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { field } from '../../src/ode/field.js'
import { odeint } from '../../src/ode/odeint.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { createSolver } from '../../src/ode/solver.js'
import { solverEngines } from './engines.js'
import { referenceEngine } from './problems.js'

const engine = referenceEngine()
const untyped = <T>(value: unknown): T => value as T

type Params = Record<string, number>

describe.each(await solverEngines())('gradients are those of differences, on $name', ({ engine: on }) => {
  it.each(['discrete', 'continuous', 'interpolated'] as const)('%s', async (adjoint) => {
    // cot · outputs, by central differences with steps held fixed would compare the discrete adjoint only: tolerances do for both.
    const options = { rtol: 1e-11, atol: 1e-11, adjoint, engine: on }
    const params = { a: 1.1, b: 0.9, c: 1.3, d: 0.8 }
    const graph = field({ x: 'a*x - b*x*y', y: 'd*x*y - c*y' })
    const loss = async (y0: number[], p: Params): Promise<number> => {
      const { values } = await odeSolve(graph, y0, [0, 1, 2], p, options)
      return values[4]! + 2 * values[3]!
    }
    const solution = await odeSolve(graph, [1, 2], [0, 1, 2], params, { ...options, record: true })
    const gradient = solution.pullback([0, 0, 0, 2, 1, 0])
    solution.dispose()
    const h = 1e-4
    expect(Object.keys(gradient.params)).toEqual(['a', 'b', 'd', 'c'])
    for (const name of ['a', 'b', 'c', 'd'] as const) {
      const by = (step: number) => loss([1, 2], { ...params, [name]: params[name] + step })
      // Third derivatives of this loss are of order 10: h² of them.
      expect(Math.abs(gradient.params[name]![0]! - ((await by(h)) - (await by(-h))) / (2 * h))).toBeLessThan(1e-6)
    }
    const byX = ((await loss([1 + h, 2], params)) - (await loss([1 - h, 2], params))) / (2 * h)
    expect(Math.abs(gradient.y0[0]! - byX)).toBeLessThan(1e-6)
  })
})

describe('what takes fields', () => {
  const decay = field({ x: '-k*x' })
  const e = Math.exp(-1)

  it('odeint, with a gradient', () => {
    const run = (k: tf.Tensor) => odeint(decay, [1], [0, 1], { k }, { rtol: 1e-5 })
    const [value, slope] = [
      run(tf.scalar(1)).dataSync()[1]!,
      tf
        .grad(run)(tf.scalar(1), tf.tensor2d([[0], [1]]))
        .dataSync()[0]!,
    ]
    expect(Math.abs(value - e)).toBeLessThan(1e-4)
    expect(Math.abs(slope + e)).toBeLessThan(1e-4)
    expect(() => odeint(decay, [1], [0, 1], {})).toThrow('The field takes a parameter "k", which was not given.')
    expect(() => odeint(decay, [1], [0, 1], { k: 1, q: 1 })).toThrow('The field takes no parameter "q"; it takes k.')
    expect(() => odeint(createSolver(engine, decay), [1], [0, 1], { k: 1 }, { rtol: 1 })).toThrow(
      'A Solver has its engine and options already',
    )
  })

  it.each(['discrete', 'continuous', 'interpolated'] as const)(
    'solvers, with parameters by name in any form; the way back is there as before: %s',
    (adjoint) => {
      const solver = createSolver(engine, decay, { adjoint, rtol: 1e-8, atol: 1e-8 })
      const value = engine.write([1], [])
      for (const k of [1, [1], [[1]], Float64Array.of(1), tf.scalar(1), tf.tensor1d([1]), value]) {
        const solution = solver.solve({ y0: 1, times: [0, 1], params: { k }, record: true })
        expect(Math.abs(solution.values[1]! - e)).toBeLessThan(1e-7)
        for (let twice = 0; twice < 2; twice++) expect(Math.abs(solution.pullback([0, 1]).params.k![0]! + e)).toBeLessThan(1e-6)
        solution.dispose()
      }
      expect(solver.solve({ y0: 1, times: [0, 1], params: [value] }).values[1]).toBeCloseTo(e, 7)
    },
  )

  it('what was written of numbers is freed: without a recording at once, else with it; also where a solve fails', async () => {
    const on = await tfjsEngine({ backend: 'cpu' })
    const grow = field({ x: 'k*x^2' })
    for (const options of [{ adjoint: 'discrete' }, { adjoint: 'continuous' }, { method: 'rk4', stepSize: 0.1 }] as const) {
      const solver = createSolver(on, decay, options)
      const live = on.live()
      solver.solve({ y0: 1, times: [0, 1], params: { k: 1 } })
      expect(on.live()).toBe(live)
      const solution = solver.solve({ y0: 1, times: [0, 1], params: { k: 1 }, record: true })
      for (let twice = 0; twice < 2; twice++) expect(solution.pullback([0, 1]).params.k![0]).toBeCloseTo(-e, 2)
      solution.dispose()
      expect(on.live()).toBe(live)
      const failing = createSolver(on, grow, { ...options, maxSteps: 100 })
      const before = on.live()
      expect(() => failing.solve({ y0: 1, times: [0, 1e6], params: { k: 1 }, record: true })).toThrow('Row 0')
      expect(on.live() - before).toBeLessThanOrEqual(1) // the tolerance
    }
  })

  it('numbers that change after a solve do not change its gradient', () => {
    for (const adjoint of ['discrete', 'continuous', 'interpolated'] as const) {
      const k = [1]
      const solution = createSolver(engine, decay, { adjoint }).solve({ y0: [1], times: [0, 1], params: { k }, record: true })
      const before = solution.pullback([0, 1])
      k[0] = 5
      expect(solution.pullback([0, 1])).toEqual(before)
    }
  })

  it('no parameters need be given where there are none', () => {
    expect(createSolver(engine, field({ x: '-x' }), { rtol: 1e-6 }).solve({ y0: 1, times: [0, 1] }).values[1]).toBeCloseTo(e, 4)
  })

  const solve = (params: unknown, graph = decay): unknown =>
    createSolver(engine, graph).solve({ y0: [1], times: [0, 1], params: untyped(params) })
  const wrong: [string, unknown, string][] = [
    ['missing', {}, 'The field takes a parameter "k", which was not given.'],
    ['missing, misspelt', { kk: 1 }, 'The field takes a parameter "k", which was not given. Is that "kk", which was?'],
    ['none at all', undefined, 'The field has 1 parameters (k []) but 0 were given.'],
    ['too many', { k: 1, q: 2 }, 'The field takes no parameter "q"; it takes k.'],
    ['a constant', { k: 1, e: 0.5 }, `The field takes no parameter "e"; it takes k. In equations e is the number ${Math.E}.`],
    ['a list for a number', { k: [1, 2] }, 'Parameter "k" has shape [] but was given [2].'],
    ['text', { k: '1' }, 'The parameter "k" holds "1", which is no number.'],
    ['nothing', { k: undefined }, 'The parameter "k" holds undefined'],
    ['an array of another shape', { k: engine.write([1], [1]) }, 'Parameter "k" has shape [] but was given [1].'],
    ['no object', 3, 'params is 3. Give parameters by name: params: { k: … }.'],
    ['numbers without names', Float64Array.of(1), 'Give parameters by name: params: { k: … }.'],
  ]
  it.each(wrong)('says which parameter is wrong: %s', (_, params, text) => expect(() => solve(params)).toThrow(text))

  it('states and parameters that do not fit', async () => {
    const graph = field({ x: 'a*y', y: '-x' })
    await expect(odeSolve(graph, [1, 2, 3], [0, 1], { a: 1 }, { engine })).rejects.toThrow(
      'y0 has 3 numbers, which do not fill rows of 2 components.',
    )
    await expect(odeSolve(graph, 1, [0, 1], { a: 1 }, { engine })).rejects.toThrow(
      'y0 has 1 number, which does not fill rows of 2 components.',
    )
    await expect(odeSolve(graph, [1, 2], [0, 1], {}, { engine })).rejects.toThrow('The field takes a parameter "a", which was not given.')
    await expect(odeSolve(graph, [1, 2], [0, 1], { a: 1, rtol: 1e-6 }, { engine })).rejects.toThrow('rtol was given as a parameter')
  })
})
