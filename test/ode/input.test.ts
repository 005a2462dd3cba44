import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { TraceError } from '../../src/errors.js'
import { SolverError } from '../../src/ode/errors.js'
import { odeint } from '../../src/ode/odeint.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolveRequest, SolverOptions } from '../../src/ode/types.js'
import { vectorField, type FieldFunction } from '../../src/ode/vectorField.js'
import { solverEngines } from './engines.js'
import { fieldOf, growth, referenceEngine } from './problems.js'

const engine = referenceEngine()
const decay: FieldFunction = (_t, z) => tf.neg(z)
const scaled: FieldFunction = (_t, z, { k }) => tf.mul(k!, z)
/** The worse for their types: as a program without types would call. */
const untyped = <T>(value: unknown): T => value as T
const near = (values: ArrayLike<number>, expected: readonly number[]) =>
  expected.forEach((x, i) => expect(Math.abs(values[i]! - x)).toBeLessThan(1e-3))
const e = Math.exp(-1)

describe('initial values, times and parameters in any form', () => {
  const forms: [string, Parameters<typeof odeSolve>[1], number[]][] = [
    ['a number', 2, [2, 2 * e]],
    ['a list', [1, 2], [1, 2, e, 2 * e]],
    ['a Float64Array', Float64Array.of(1, 2), [1, 2, e, 2 * e]],
    ['what has a length and entries', { length: 2, 0: 1, 1: 2 }, [1, 2, e, 2 * e]],
    ['integers', Uint8Array.of(1, 2), [1, 2, e, 2 * e]],
    ['a list of rows', [[1], [2]], [1, e, 2, 2 * e]],
    ['typed rows', [Float32Array.of(1), Float32Array.of(2)], [1, e, 2, 2 * e]],
    ['a tensor of one row', tf.tensor1d([1, 2]), [1, 2, e, 2 * e]],
    ['a tensor of rows', tf.tensor2d([[1], [2]]), [1, e, 2, 2 * e]],
  ]
  it.each(forms)('y0 is %s', async (_, y0, expected) => near((await odeSolve(decay, y0, [0, 1], {}, { engine })).values, expected))

  it('times and parameters', async () => {
    for (const times of [[0, 1], Float64Array.of(0, 1), tf.tensor1d([0, 1]), tf.tensor2d([[0, 1]]), [[0, 1]]])
      near((await odeSolve(decay, [1], times, {}, { engine })).values, [1, e])
    for (const k of [-1, [-1], Float64Array.of(-1), tf.scalar(-1), tf.tensor1d([-1])])
      near((await odeSolve(scaled, [1], [0, 1], { k }, { engine })).values, [1, e])
    near(odeint(scaled, [1], [0, 1], { k: -1 }).dataSync(), [1, e])
    near(odeint(scaled, Float64Array.of(1), Float64Array.of(0, 1), { k: tf.scalar(-1) }).dataSync(), [1, e])
  })

  // SciPy solves complex states in some of its methods.
  it('complex numbers are refused, with what to do', async () => {
    const complex = tf.complex([1], [0.5])
    const runs: (() => unknown)[] = [
      () => odeSolve(decay, complex, [0, 1], {}, { engine }),
      () => odeSolve(scaled, [1], [0, 1], { k: complex }, { engine }),
      () => odeSolve(decay, [1], complex, {}, { engine }),
      () => odeint(decay, complex, [0, 1]),
      () => odeint(scaled, [1], [0, 1], { k: complex }),
    ]
    for (const run of runs) {
      const error: unknown = await Promise.resolve()
        .then(run)
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
      expect(error).toBeInstanceOf(SolverError)
      expect((error as SolverError).code).toBe('Complex')
      expect((error as SolverError).message).toMatch(/ is complex, and solvers compute with real numbers.*tf\.real\(z\)/)
    }
  })

  it('a solver takes rows, typed arrays and tensors', () => {
    const solver = createSolver(engine, growth)
    const params = [engine.write([-1], [1])]
    for (const y0 of [[1, 2], Float64Array.of(1, 2), [[1], [2]], tf.tensor2d([[1], [2]]), engine.write([1, 2], [2, 1])])
      near(solver.solve({ y0, times: [0, 1], params }).values, [1, e, 2, 2 * e])
    expect(() => solver.solve({ y0: [[1, 2]], times: [0, 1], params })).toThrow('y0 has shape [1, 2]; the field takes [rows, 1].')
    expect(() => solver.solve({ y0: tf.tensor1d([1]), times: [0, 1], params })).toThrow('y0 has shape [1]; the field takes [rows, 1].')
    expect(() => solver.solve({ y0: [1], times: [0, 1], params: [tf.tensor1d([1])] })).toThrow(
      'Parameter "lambda" is a tensor, no array of the solver\'s engine. Give numbers by name, params: { lambda: … }, or write it there: ' +
        'engine.write(numbers, [1]).',
    )
    expect(() => solver.solve({ y0: [1], times: [0, 1], params: untyped([-1]) })).toThrow('Parameter "lambda" is -1, no array')
  })

  const wrong: [string, () => Promise<unknown>, string][] = [
    [
      'text in y0',
      () => odeSolve(decay, untyped(['1']), [0, 1]),
      'y0 holds "1", which is no number. Give numbers, lists of numbers or a tensor.',
    ],
    ['nothing in y0', () => odeSolve(decay, untyped([1, undefined]), [0, 1]), 'y0 holds undefined, which is no number.'],
    ['no y0', () => odeSolve(decay, untyped(undefined), [0, 1]), 'y0 holds undefined'],
    ['lists in lists in y0', () => odeSolve(decay, [[[1]]], [0, 1]), 'y0 has shape [1, 1, 1]; give one row of numbers, or a list of rows.'],
    [
      'rows too long for a Graph',
      () => odeSolve(growth, [[1, 2]], [0, 1], { lambda: [1] }),
      'y0 has shape [1, 2]; the field takes [rows, 1].',
    ],
    [
      'one time',
      () => odeSolve(decay, [1], untyped(1)),
      'The times are 1. Give a list of numbers, or one for each row; the first is where y0 stands.',
    ],
    ['times of text', () => odeSolve(decay, [1], untyped(['0', '1'])), 'Of the times: entry 0 is "0". Times must be finite numbers.'],
    [
      'times of dates',
      () => odeSolve(decay, [1], untyped([new Date(0), new Date(1)])),
      'Of the times: entry 0 is a Date (1970-01-01T00:00:00.000Z). Times must be finite numbers: give time.getTime() less that of an ' +
        'origin',
    ],
    [
      'a time for a list',
      () => odeSolve(decay, [[1], [1]], untyped([[0, 1], 1])),
      'Of row 1: its times are 1. Give a list of numbers for each row.',
    ],
    [
      'a parameter of text',
      () => odeSolve(scaled, [1], [0, 1], untyped({ k: 'fast' })),
      'The parameter "k" holds "fast", which is no number.',
    ],
    [
      'a parameter that a Graph lacks',
      () => odeSolve(growth, [1], [0, 1], { lambda: [1], mu: [1] }),
      'The field takes no parameter "mu"; it takes lambda.',
    ],
    [
      'an option among the parameters',
      () => odeSolve(decay, [1], [0, 1], { rtol: 1e-6 }),
      'rtol was given as a parameter, and the field does not use it. It is an option: options are the fifth argument, ' +
        'odeSolve(field, y0, times, params, { rtol: … }).',
    ],
  ]
  it.each(wrong)('%s', async (_, run, text) => expect(run).rejects.toThrow(text))

  it('odeint takes one list of times', () => {
    expect(() => odeint(decay, [1], untyped([[0, 1]]))).toThrow(
      'The times have shape [1, 2]; odeint takes one list for all rows. For a list for each row take odeSolve or createSolver.',
    )
    expect(() => odeint(decay, untyped('1'), [0, 1])).toThrow('y0 holds "1", which is no number.')
  })
})

describe('options that there are not', () => {
  const solverWith = (options: object) => createSolver(engine, growth, untyped<SolverOptions>(options))
  it('are named, with what was meant', async () => {
    await expect(odeSolve(decay, [1], [0, 1], {}, untyped({ rtoll: 1e-6 }))).rejects.toThrow(
      'There is no option "rtoll" of odeSolve. Did you mean "rtol"? Options: method, control, rtol, atol,',
    )
    expect(() => solverWith({ max_steps: 5 })).toThrow('There is no option "max_steps" of a solver. Did you mean "maxSteps"?')
    expect(() => solverWith({ abstol: 1 })).toThrow('Did you mean "atol"?')
    expect(() => solverWith({ step_size: 1 })).toThrow('Did you mean "stepSize"?')
    expect(() => solverWith({ xyz: 1 })).toThrow('There is no option "xyz" of a solver. Options: method,')
    expect(() => odeint(decay, tf.tensor1d([1]), [0, 1], {}, untyped({ toll: 1 }))).toThrow('There is no option "toll" of odeint.')
  })
  it('or who takes them', () => {
    expect(() => solverWith({ record: true })).toThrow('record is no option of a solver: give it to solve().')
    expect(() => solverWith({ engine })).toThrow('engine is no option of a solver: give it to odeSolve or odeint.')
    const request = { y0: [1], times: [0, 1], params: [engine.write([1], [1])], rtol: 1e-6 }
    expect(() => solverWith({}).solve(untyped<SolveRequest>(request))).toThrow('rtol is no option of solve(): give it to createSolver.')
  })
  it('values of the wrong kind', () => {
    expect(() => solverWith({ rtol: '1e-3' })).toThrow('rtol is "1e-3"; it must be a number from 0.')
    expect(() => solverWith({ stopAtEnd: 'yes' })).toThrow('stopAtEnd is "yes"; it must be true or false.')
    expect(() => solverWith({ onStep: 1 })).toThrow('onStep is 1; it must be a function.')
    expect(() => solverWith({ jumpTimes: 1 })).toThrow('jumpTimes is 1; it must be a list of numbers.')
    expect(() => solverWith({ atol: null })).toThrow('atol is null; it must be a list of numbers.')
  })
  it('lists may be typed arrays, and undefined is no choice', () => {
    const { values } = solverWith({ atol: Float64Array.of(1e-4), jumpTimes: Float64Array.of(0.5), rtol: undefined }).solve({
      y0: [1],
      times: [0, 1],
      params: [engine.write([-1], [1])],
    })
    near(values, [1, e])
  })
})

describe('fields that compute with numbers', () => {
  const plain: [string, unknown, string][] = [
    ['an array', (_t: number, z: number[]) => [z[1], -z[0]!], 'The vector field returns an array, not a tensor. '],
    ['a typed array', (_t: number, z: number[]) => Float64Array.of(z[1]!, 0), 'The vector field returns an array, not a tensor. '],
    ['a number', () => 1, 'The vector field returns a number, not a tensor. '],
    ['map', (_t: number, z: number[]) => z.map((x) => -x), 'The vector field throws "z.map is not a function". '],
    ['taking z apart', (_t: number, [x, v]: number[]) => [v, -x!], 'The vector field throws "object is not iterable'],
    ['Math', (_t: number, z: number) => Math.sin(z), 'So do −z, z + 1 and Math.sin(z). '],
    [
      'NaN in an operation',
      (_t: tf.Tensor, z: tf.Tensor) => tf.mul(-untyped<number[]>(z)[0]!, z),
      'The vector field computes with NaN: what comes of z[0]',
    ],
    [
      'a parameter not given',
      (_t: tf.Tensor, z: tf.Tensor, { k }: Record<string, tf.Tensor>) => tf.mul(k!, z),
      'and the parameters given (none)',
    ],
  ]
  it.each(plain)('%s', (_, field, text) => {
    const run = () => vectorField(untyped<FieldFunction>(field), { dim: 2 })
    expect(run).toThrow(TraceError)
    expect(run).toThrow(text)
    expect(run).toThrow(
      'A field is called with tensors, t [rows, 1], z [rows, 2] and the parameters given (none), and is written with TensorFlow.js: ' +
        'dz/dt = [z1, −z0, …] is (t, z) => { const [z0, z1] = tf.split(z, 2, 1); return tf.concat([z1, tf.neg(z0)], 1) }.',
    )
  })
  it('what is advised works', async () => {
    const field: FieldFunction = (_t, z) => {
      const [z0, z1] = tf.split(z, 2, 1)
      return tf.concat([z1!, tf.neg(z0!)], 1)
    }
    near((await odeSolve(field, [1, 0], [0, 1], {}, { engine, rtol: 1e-6 })).values, [1, 0, Math.cos(1), -Math.sin(1)])
    near((await odeSolve((_t, z) => tf.neg(z), [1], [0, 1], {}, { engine })).values, [1, e])
  })
})

describe.each(await solverEngines())('atol: 0, on $name', ({ engine: on }) => {
  it.each(['bosh3', 'dopri5', 'dopri8'] as const)('a component that starts at 0: %s', (method) => {
    // y' = cos t from 0 is sin t; the second stays 0; the third is e^−t.
    const field = fieldOf(3, ({ b, t, z, c }) =>
      b.concat(
        [
          b.add(b.mul(c(0), b.slice(z, [0, 0], [-1, 1])), b.unary('cos', t)),
          b.mul(c(2), b.slice(z, [0, 1], [-1, 1])),
          b.unary('neg', b.slice(z, [0, 2], [-1, 1])),
        ],
        1,
      ),
    )
    const options: [number | number[], number][] = [
      [0, 1e-5],
      [[0, 0, 1e-6], 1e-5],
    ]
    for (const [atol, tolerance] of options) {
      const { values, stats } = createSolver(on, field, { method, atol, rtol: 1e-6 }).solve({ y0: [0, 0, 1], times: [0, 2], params: [] })
      ;[Math.sin(2), 0, Math.exp(-2)].forEach((x, i) => expect(Math.abs(values[3 + i]! - x)).toBeLessThan(tolerance))
      expect(stats.rows.accepted[0]).toBeLessThan(method === 'bosh3' ? 500 : 80)
    }
  })

  it.each(['discrete', 'continuous', 'interpolated'] as const)('gradients: %s', (adjoint) => {
    const field = fieldOf(2, ({ b, z, p }) => b.mul(p['k']!, z), { k: [1] })
    const gradient = createSolver(on, field, { atol: 0, rtol: 1e-8, adjoint })
      .solve({ y0: [1, 0], times: [0, 1], params: [on.write([0.5], [1])], record: true })
      .pullback([0, 0, 1, 0])
    expect(gradient.y0[0]).toBeCloseTo(Math.exp(0.5), 6)
    expect(gradient.y0[1]).toBeCloseTo(0, 12)
    expect(gradient.params.k![0]).toBeCloseTo(Math.exp(0.5), 6)
  })
})
