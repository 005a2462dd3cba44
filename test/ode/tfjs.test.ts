import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { tfjsEngine, type TfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { sizeOf } from '../../src/graph/shape.js'
import { generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import { odeint } from '../../src/ode/odeint.js'
import { registerGradients } from './tfjsGradients.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { signal } from '../../src/ode/signal.js'
import { createSolver } from '../../src/ode/solver.js'
import type { MethodName, SolverOptions } from '../../src/ode/types.js'
import { vectorField, type FieldFunction } from '../../src/ode/vectorField.js'
import { growth, network, networkShapes, normalList, referenceEngine } from './problems.js'

const names = generalMethods
let engine: TfjsEngine
beforeAll(async () => {
  engine = await tfjsEngine({ backend: 'wasm' })
  await tf.setBackend('cpu')
})

const shapes = networkShapes(3, 8)
const params = Object.values(shapes).map((shape, i) => ({ values: normalList(sizeOf(shape), 0.6, i + 1), shape }))
const rows = 7
const y0 = normalList(3 * rows, 1, 21)
const times = Array.from({ length: rows }, (_, r) => (r % 2 ? [0, 0.3, 1 + r / 3] : [1, 0.4, 0.4, -r / 4]))

describe('on TensorFlow.js, in float32', () => {
  const choices: [MethodName, SolverOptions, number][] = names.map((method) =>
    isAdaptive(methods[method]) ? [method, { method, rtol: 1e-3, atol: 1e-4 }, 10e-3] : [method, { method, stepSize: 0.1 }, 1e-5],
  )

  it.each(choices)('%s: a row does not depend on the others', (_, options, tolerance) => {
    const solver = createSolver(engine, network(3, 8), options)
    const values = params.map((p) => engine.write(p.values, p.shape))
    const together = solver.solve({ y0, times, params: values }).values
    for (let r = 0; r < rows; r++) {
      const alone = solver.solve({ y0: y0.slice(3 * r, 3 * r + 3), times: times[r]!, params: values }).values
      const at = 3 * times.slice(0, r).reduce((sum, list) => sum + list.length, 0)
      alone.forEach((x, i) => expect(Math.abs(x - together[at + i]!)).toBeLessThan(tolerance * Math.max(1, Math.abs(x))))
    }
    engine.free(...values)
  })

  it.each(['discrete', 'continuous', 'interpolated'] as const)('values and gradients are those of the float64 engine, %s', (adjoint) => {
    const reference = referenceEngine()
    const options: SolverOptions = { adjoint, rtol: 1e-5, atol: 1e-5 }
    const run = (on: typeof reference | TfjsEngine) => {
      const values = params.map((p) => on.write(p.values, p.shape))
      const solution = createSolver(on, network(3, 8), options).solve({ y0, times, params: values, record: true })
      const gradient = solution.pullback(normalList(solution.values.length, 1, 3))
      solution.dispose()
      on.free(...values)
      return { values: solution.values, gradient }
    }
    const live = engine.live()
    const [a, b] = [run(engine), run(reference)]
    expect(engine.live()).toBe(live)
    expect(a.values).toBeInstanceOf(Float32Array)
    // Ten times the tolerance: step choices may differ in float32.
    a.values.forEach((x, i) => expect(Math.abs(x - b.values[i]!)).toBeLessThan(1e-4))
    a.gradient.y0.forEach((x, i) => expect(Math.abs(x - b.gradient.y0[i]!)).toBeLessThan(1e-3))
    Object.entries(a.gradient.params).forEach(([name, p]) =>
      p.forEach((x, i) =>
        expect(Math.abs(x - b.gradient.params[name]![i]!)).toBeLessThan(2e-3 * Math.max(1, Math.abs(b.gradient.params[name]![i]!))),
      ),
    )
  })

  it('tells times apart that float32 cannot', () => {
    // At t = 1e9 the spacing of float32 is 64; the steps here are of size 1 and below.
    const values = [engine.write([-0.5], [1])]
    const solution = createSolver(engine, growth, { rtol: 1e-5, atol: 1e-6 }).solve({
      y0: [1],
      times: [1e9, 1e9 + 1, 1e9 + 2],
      params: values,
    })
    expect(solution.values[1]).toBeCloseTo(Math.exp(-0.5), 4)
    expect(solution.values[2]).toBeCloseTo(Math.exp(-1), 4)
  })
})

describe('vectorField', () => {
  it('takes an ordinary TensorFlow.js function', async () => {
    const { values } = await odeSolve((t, z) => tf.mul(tf.mul(2, t), z), [3], [0, 1], {}, { engine, rtol: 1e-5, atol: 1e-5 })
    expect(values[1]).toBeCloseTo(3 * Math.E, 3)
  })
  it('says what is wrong with one', () => {
    expect(() => vectorField((_, z) => tf.concat([z, z], 1), { dim: 2 })).toThrow(
      'The vector field returns [rows, 4]; dz/dt has the shape of z, [rows, 2].',
    )
    expect(() => vectorField((_, z) => tf.sub(z, tf.mean(z, 0)), { dim: 2 })).toThrow(/row/)
    expect(() => vectorField((_, z) => z, { dim: 2, params: { z: [1] } })).toThrow(
      'A parameter of a vector field cannot be called "z": that is its argument. Rename it.',
    )
  })
})

describe('odeSolve', () => {
  const decay: FieldFunction = (_, z, p) => tf.mul(p['rate']!, z)
  it('solves rows with parameters, and gives gradients when recorded', async () => {
    const live = engine.live()
    const solution = await odeSolve(
      decay,
      [
        [1, 2],
        [3, 4],
      ],
      [
        [0, 1],
        [1, 0],
      ],
      { rate: [-1, 0.5] },
      { engine, rtol: 1e-5, atol: 1e-6, record: true, dense: true },
    )
    const expected = [1, 2, Math.exp(-1), 2 * Math.exp(0.5), 3, 4, 3 * Math.E, 4 * Math.exp(-0.5)]
    solution.values.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 3))
    // L = y(1)[0] of row 0 = e^rate: dL/drate = e^−1.
    expect(solution.pullback([0, 0, 1, 0, 0, 0, 0, 0]).params.rate![0]).toBeCloseTo(Math.exp(-1), 3)
    expect(solution.evaluate(0, [0.5]).value[0]).toBeCloseTo(Math.exp(-0.5), 3)
    solution.dispose()
    expect(engine.live()).toBe(live)
    expect(() => solution.pullback([0, 0, 1, 0, 0, 0, 0, 0])).toThrow('This solve was disposed of.')
  })
  it('makes its own engine', async () => {
    expect((await odeSolve(decay, [1], [0, 2], { rate: -1 })).values[1]).toBeCloseTo(Math.exp(-2), 2)
  })
  it('says what is missing, and leaves nothing behind', async () => {
    const live = engine.live()
    await expect(odeSolve(growth, [1], [0, 1], {}, { engine })).rejects.toThrow(
      'The field takes a parameter "lambda", which was not given.',
    )
    await expect(odeSolve(decay, [[1, 2], [3]], [0, 1], { rate: 1 }, { engine })).rejects.toThrow(
      'y0 is ragged: it holds lists of shape [2] and [1].',
    )
    await expect(odeSolve(decay, [1], [0, 1, 0], { rate: 1 }, { engine })).rejects.toThrow('turns back')
    const plain = await odeSolve(decay, [1], [0, 1], { rate: 1 }, { engine })
    expect(() => plain.pullback([1, 1])).toThrow('This solve was not recorded.')
    expect(engine.live()).toBe(live)
  })
})

describe('odeint', () => {
  registerGradients()
  const tight = { rtol: 1e-6, atol: 1e-6 }
  const decay: FieldFunction = (_, z, p) => tf.mul(z, p['rate']!)

  it('is a TensorFlow.js op: [T, rows, dim], differentiable in y0, parameters and times', () => {
    // y = y0 exp(rate (t − t0)); L = Σ y² over the last time.
    const loss = (y: tf.Tensor, rate: tf.Tensor, times: tf.Tensor): tf.Scalar => {
      const out = odeint(decay, y, times as tf.Tensor1D, { rate }, { ...tight, engine })
      expect(out.shape).toEqual([3, 2, 1])
      return tf.sum(tf.square(tf.slice(out, [2, 0, 0], [1, 2, 1])))
    }
    const [y, rate, t] = [tf.tensor2d([1, 2], [2, 1]), tf.tensor1d([-0.7]), tf.tensor1d([0.5, 1, 2])]
    const { value, grads } = tf.valueAndGrads((...args: tf.Tensor[]) => loss(args[0]!, args[1]!, args[2]!))([y, rate, t])
    const g = Math.exp(-0.7 * 1.5)
    const L = 5 * g * g
    expect(value.dataSync()[0]).toBeCloseTo(L, 4)
    const [dy, drate, dt] = grads.map((x) => [...x.dataSync()])
    expect(dy![0]).toBeCloseTo(2 * g * g, 4)
    expect(dy![1]).toBeCloseTo(4 * g * g, 4)
    expect(drate![0]).toBeCloseTo(2 * 1.5 * L, 3)
    expect(dt![2]).toBeCloseTo(2 * -0.7 * L, 3)
    expect(dt![1]).toBe(0)
    expect(dt![0]).toBeCloseTo(2 * 0.7 * L, 3)
  })

  it.each(['discrete', 'continuous', 'interpolated'] as const)("trains with an optimiser's own gradients: %s", (adjoint) => {
    const rate = tf.variable(tf.tensor1d([0.3]))
    const gradients = () =>
      tf.variableGrads(() => {
        const out = odeint(decay, tf.tensor1d([2]), [0, 1], { rate }, { ...tight, adjoint })
        expect(out.shape).toEqual([2, 1])
        return tf.sum(tf.mul(3, tf.slice(out, [1, 0], [1, 1]))) // 6 e^rate, between other ops
      })
    expect(gradients().grads[rate.name]!.dataSync()[0]).toBeCloseTo(6 * Math.exp(0.3), 3)
    rate.dispose()
  })

  it('goes along inputs by row, with gradients by those that are tensors, and takes doses', () => {
    // z' = −z + u + s, s a straight line from 0 to 1: z(1) = z₀/e + u (1 − 1/e) + 1/e, and 2 e^(−1/2) more of the dose.
    const driven: FieldFunction = (_t, z, { u, s }) => tf.add(tf.sub(u!, z), s!)
    const [y0, u] = [tf.tensor2d([[1], [2]]), tf.tensor2d([[0.5], [-1]])]
    const solve = (input: tf.Tensor) =>
      odeint(
        driven,
        y0,
        [0, 1],
        {},
        { ...tight, inputs: { u: input, s: signal([0, 1], [0, 1], 'linear') }, jumps: [{ time: 0.5, add: [2] }] },
      )
    const values = solve(u).dataSync()
    const e = Math.exp(-1)
    ;[1 * e + 0.5 * (1 - e), 2 * e - (1 - e)].forEach((x, row) => expect(values[2 + row]! - (x + e + 2 * Math.exp(-0.5))).toBeCloseTo(0, 3))
    const byInput = tf.grad((input) => tf.sum(solve(input)))(u)
    expect(byInput.shape).toEqual([2, 1])
    byInput.dataSync().forEach((x) => expect(x).toBeCloseTo(1 - e, 3))
  })

  it('leaves no tensors and no arrays behind', () => {
    const live = engine.live()
    const y = tf.tensor1d([1])
    const rate = tf.tensor1d([-1])
    const once = () =>
      tf.tidy(() => {
        tf.grad((r) => tf.sum(odeint(decay, y, [0, 1], { rate: r }, { engine })))(rate)
      })
    once()
    const before = tf.memory().numTensors
    once()
    expect(tf.memory().numTensors).toBe(before)
    expect(engine.live()).toBe(live)
    tf.dispose([y, rate])
  })

  it('takes a Solver, and parameters as a list', () => {
    const solver = createSolver(
      engine,
      vectorField((_, z, p) => tf.mul(z, p['0']!), { dim: 1, params: { 0: [1] } }),
      tight,
    )
    const out = odeint(solver, tf.tensor2d([1, 2, 3], [3, 1]), [0, 1], [tf.tensor1d([1])])
    expect(out.shape).toEqual([2, 3, 1])
    ;[1, 2, 3, Math.E, 2 * Math.E, 3 * Math.E].forEach((x, i) => expect(out.dataSync()[i]).toBeCloseTo(x, 3))
    expect(() => odeint(solver, tf.tensor1d([1]), [0, 1], [tf.tensor1d([1])], { rtol: 1 })).toThrow(
      'A Solver has its engine and options already',
    )
  })

  it('says what it cannot take', () => {
    expect(() => odeint(decay, tf.zeros([2, 2, 2]), [0, 1], { rate: tf.tensor1d([1]) })).toThrow(
      'y0 has shape [2, 2, 2]; odeint takes [rows, dim] or [dim].',
    )
    expect(() => odeint((_, z) => z, tf.tensor1d([1]), [0, 1, 0])).toThrow('turns back')
  })
})
