import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { steadyState } from '../../src/ode/eventFunctions.js'
import { generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { createSolver } from '../../src/ode/solver.js'
import type { MethodName, SolveRequest, SolverOptions } from '../../src/ode/types.js'
import { vectorField } from '../../src/ode/vectorField.js'
import { difference, dot } from './differences.js'
import { solverEngines } from './engines.js'
import { normalList, referenceEngine } from './problems.js'

/** y' = −k y + u. With constant u: y = u/k + (y0 − u/k) exp(−k t). */
const driven = vectorField((_t, z, { k, u }) => tf.add(tf.mul(tf.neg(k!), z), u!), { dim: 1, params: { k: [1] }, inputs: { u: 1 } })
const exact = (y0: number, u: number, k: number, t: number): number => u / k + (y0 - u / k) * Math.exp(-k * t)

/** A network of state, time and two inputs by row. */
const network = vectorField(
  (t, z, { w, v, b, u }) => tf.add(tf.tanh(tf.add(tf.add(tf.matMul(z, w!), tf.matMul(u!, v!)), tf.mul(tf.sin(t), b!))), tf.mul(-0.1, z)),
  { dim: 2, params: { w: [2, 2], v: [3, 2], b: [2] }, inputs: { u: [-1, 3] } },
)
const params = { w: normalList(4, 0.8, 1), v: normalList(6, 0.8, 2), b: normalList(2, 0.8, 3) }
const shaped = { w: [params.w.slice(0, 2), params.w.slice(2)], v: [0, 2, 4].map((i) => params.v.slice(i, i + 2)), b: params.b }
const times = [[0, 0.5, 1, 1.5], [1, 0.2, -1], [0.4], [0.3, 0.3, 2.1]]
const y0 = normalList(8, 1, 4)
const u = normalList(12, 1, 5)
const rowsOf = (list: readonly number[], width: number) =>
  Array.from({ length: list.length / width }, (_, i) => list.slice(i * width, (i + 1) * width))

describe.each(await solverEngines())('inputs by row on $name', ({ engine }) => {
  it('are another number in each row', () => {
    const solver = createSolver(engine, driven, { rtol: 1e-9, atol: 1e-9 })
    const { values } = solver.solve({ y0: [1, 2, 3], times: [0, 1], params: { k: [0.5] }, inputs: { u: [[0], [1], [-2]] } })
    ;[0, 1, -2].forEach((value, row) => expect(values[2 * row + 1]).toBeCloseTo(exact(row + 1, value, 0.5, 1), 8))
  })

  it('can be given in any form, which is copied', () => {
    const solver = createSolver(engine, network)
    const solve = (inputs: SolveRequest['inputs']) => solver.solve({ y0, times, params: shaped, inputs }).values
    const expected = solve({ u: rowsOf(u, 3) })
    const forms = [Float64Array.from(u), rowsOf(u, 3).map((row) => Float64Array.from(row)), engine.write(u, [4, 3])]
    for (const form of forms) expect(solve({ u: form })).toEqual(expected)
    const rounded = solve({ u: rowsOf([...Float32Array.from(u)], 3) })
    expect(solve({ u: tf.tensor2d(u, [4, 3]) })).toEqual(rounded)
  })

  const choices = generalMethods.map((method): SolverOptions => {
    if (!isAdaptive(methods[method])) return { method, stepSize: 0.13 }
    // Iterations end where what is left is far below the tolerance; the gradient is that of the equations.
    return methods[method].unknowns ? { method, rtol: 1e-7, atol: 1e-7 } : { method, rtol: 1e-5 }
  })
  it.each(choices)('have exact gradients with the steps held fixed, and a row is what it is alone: %o', (options) => {
    const solver = createSolver(engine, network, options)
    const solve = (given: readonly number[], replay?: SolveRequest['replay']) =>
      solver.solve({ y0, times, params: shaped, inputs: { u: rowsOf(given, 3) }, record: true, replay })
    const solution = solve(u)
    const cotangent = normalList(solution.values.length, 1, 6)
    const gradient = solution.pullback(cotangent)
    expect(gradient.inputs['u']).toHaveLength(12)
    u.forEach((_, i) => {
      const expected = difference((by) =>
        dot(
          solve(
            u.map((x, j) => (i === j ? x + by : x)),
            solution.steps,
          ).values,
          cotangent,
        ),
      )
      expect(Math.abs(gradient.inputs['u']![i]! - expected)).toBeLessThan(2e-9 * Math.max(1, Math.abs(expected)))
    })
    expect([...gradient.inputs['u']!.subarray(6, 9)]).toEqual([0, 0, 0]) // a row of a single time
    times.forEach((list, row) => {
      const alone = solver.solve({
        y0: y0.slice(2 * row, 2 * row + 2),
        times: list,
        params: shaped,
        inputs: { u: [u.slice(3 * row, 3 * row + 3)] },
        record: true,
      })
      const [from, to] = [solution.offsets[row]! * 2, solution.offsets[row + 1]! * 2]
      // A method whose dense output takes evaluations has a step with it and one without, which may be compiled to round differently.
      const same = (x: ArrayLike<number>, y: ArrayLike<number>): void =>
        methods[options.method as MethodName].denseTimes
          ? Array.from(x).forEach((value, i) => expect(value).toBeCloseTo(y[i]!, 12))
          : expect([...Array.from(x)]).toEqual([...Array.from(y)])
      same(alone.values, solution.values.slice(from, to))
      const own = alone.pullback(cotangent.slice(from, to))
      same(own.inputs['u']!, gradient.inputs['u']!.subarray(3 * row, 3 * row + 3))
      same(own.y0, gradient.y0.subarray(2 * row, 2 * row + 2))
    })
  })

  it('go with rows that fail, dense output, one step size for all and little memory', () => {
    const explosive = vectorField((_t, z, { u: rate }) => tf.mul(rate!, tf.square(z)), { dim: 1, inputs: { u: 1 } })
    const solver = createSolver(engine, explosive, { throw: false, rtol: 1e-8, atol: 1e-8 })
    const rates = [0.5, 2, -1]
    const solution = solver.solve({ y0: [1, 1, 1], times: [0, 1], inputs: { u: rates }, record: true, dense: true })
    expect([...solution.failed]).toEqual([1])
    // y = 1/(1 − u t), dy/du = t y².
    const gradient = solution.pullback([0, 1, 0, 1, 0, 1])
    expect(gradient.inputs['u']![0]).toBeCloseTo(4, 5)
    expect(gradient.inputs['u']![1]).toBe(0)
    expect(gradient.inputs['u']![2]).toBeCloseTo(0.25, 6)
    expect(solution.evaluate(2, [0.5]).value[0]).toBeCloseTo(1 / 1.5, 7)
    const lean = createSolver(engine, network, { residualMemory: 0, stepControl: 'batch' })
    const plain = createSolver(engine, network, { stepControl: 'batch' })
    const [a, b] = [lean, plain].map((one) => {
      const run = one.solve({ y0, times, params: shaped, inputs: { u: rowsOf(u, 3) }, record: true })
      return run.pullback(run.values)
    })
    expect(a).toEqual(b)
  })

  it('stand in event functions', () => {
    // y' = u from 0 reaches c at t = c/u: dt/du = −c/u².
    const still = vectorField((_t, z, { u: rate }) => tf.add(tf.mul(0, z), rate!), { dim: 1, inputs: { u: 1, c: 1 } })
    const solver = createSolver(engine, still, { events: [{ when: (_t, z, { c }) => tf.sub(z, c!) }] })
    const solution = solver.solve({ y0: [0, 0], times: [0, 10], inputs: { u: [1, 2], c: [3, 4] }, record: true })
    expect(solution.events.map(([event]) => event!.time)).toEqual([expect.closeTo(3, 9), expect.closeTo(2, 9)])
    const gradient = solution.pullback([0, 0, 0, 0], { events: [0, 1].map((row) => ({ row, index: 0, time: 1 })) })
    ;[-3, -1].forEach((x, row) => expect(gradient.inputs['u']![row]).toBeCloseTo(x, 8))
    ;[1, 0.5].forEach((x, row) => expect(gradient.inputs['c']![row]).toBeCloseTo(x, 8))
  })

  it('stand in the field that comes to rest', () => {
    const solver = createSolver(engine, driven, { events: [{ when: steadyState({ rtol: 1e-5, atol: 1e-6 }) }], rtol: 1e-8, atol: 1e-8 })
    const { events } = solver.solve({ y0: [1, 1], times: [0, 100], params: { k: [1] }, inputs: { u: [2, 3] } })
    expect(events.map(([event]) => event!.state[0])).toEqual([expect.closeTo(2, 4), expect.closeTo(3, 4)])
  })
})

describe('inputs by row', () => {
  const engine = referenceEngine()
  const solver = createSolver(engine, driven)
  const solve = (inputs: unknown) =>
    solver.solve({ y0: [1, 2, 3], times: [0, 1], params: { k: [1] }, inputs: inputs as SolveRequest['inputs'] })

  it('are given to odeSolve by name', async () => {
    const { values } = await odeSolve(
      (_t, z, { u: level }) => tf.sub(level!, z),
      [[1], [2]],
      [0, 1],
      {},
      {
        engine,
        inputs: { u: [[3], [4]] },
        rtol: 1e-8,
        atol: 1e-8,
      },
    )
    expect(values[1]).toBeCloseTo(exact(1, 3, 1, 1), 7)
    expect(values[3]).toBeCloseTo(exact(2, 4, 1, 1), 7)
  })

  const wrong: [unknown, string, number?][] = [
    [undefined, 'The field takes an input "u" by row, which was not given: inputs: { u: … }.'],
    [{ U: [1, 2, 3] }, 'Is that "U", which was?'],
    [{ u: [1, 2, 3], v: [1] }, 'The field takes no input "v" by row; it takes u.'],
    [{ u: [1, 2] }, 'The input "u" has no value for row 2: it has 2 rows, y0 has 3.', 2],
    [{ u: [1, 2, 3, 4] }, 'The input "u" has 4 rows; y0 has 3.'],
    [
      {
        u: [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
      },
      'The input "u" has shape [3, 2]; the field takes [rows, 1]: a list of one number for each row.',
    ],
    [{ u: [1, Number.NaN, 2] }, 'Row 1: column 0 of the input "u" is NaN; it must be a finite number.', 1],
    [{ u: ['a', 1, 2] }, 'The input "u" holds "a", which is no number.'],
  ]
  it.each(wrong)('%j is an error', (inputs, message, row) => {
    let error: unknown
    try {
      solve(inputs)
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ message: expect.stringContaining(message), ...(row !== undefined && { row, code: 'Input' }) })
  })

  it('are declared rightly', () => {
    const make = (inputs: Record<string, number | number[]>) => () => vectorField((_t, z) => z, { dim: 1, params: { k: [1] }, inputs })
    expect(make({ u: 0 })).toThrow('The input "u" has shape [rows, 0]; an input by row is [rows, k]')
    expect(make({ u: [3] })).toThrow('an input by row is [rows, k]')
    expect(make({ k: 1 })).toThrow('"k" is a parameter of the vector field and an input by row, too.')
    expect(make({ t: 1 })).toThrow('A parameter or input of a vector field cannot be called "t"')
    expect(() => createSolver(engine, driven, { adjoint: 'continuous' })).toThrow('adjoint: "continuous" cannot pull back to inputs by row')
  })

  it('leave nothing behind in the engine', () => {
    const own = referenceEngine()
    const one = createSolver(own, driven)
    const count = () => own.live()
    one.solve({ y0: [1], times: [0, 1], params: { k: [1] }, inputs: { u: [1] } })
    const before = count()
    const solution = one.solve({ y0: [1], times: [0, 1], params: { k: [1] }, inputs: { u: [1] }, record: true })
    solution.pullback([1, 1])
    solution.dispose()
    one.solve({ y0: [1], times: [0, 1], params: { k: [1] }, inputs: { u: [1] } })
    expect(count()).toBe(before)
  })
})
