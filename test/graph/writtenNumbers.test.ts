import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import type { Graph } from '../../src/graph/graph.js'
import { jvp } from '../../src/graph/jvp.js'
import { graphFromJSON, graphToJSON } from '../../src/graph/json.js'
import { requireUnrounded } from '../../src/graph/requireUnrounded.js'
import { simplify } from '../../src/graph/simplify.js'
import { formatGraph } from '../../src/graph/text.js'
import { trace } from '../../src/graph/trace.js'
import { vjp } from '../../src/graph/vjp.js'
import { vectorField } from '../../src/ode/vectorField.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { createSolver } from '../../src/ode/solver.js'
import { solverEngines } from '../ode/engines.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const constants = (graph: Graph): number[][] => graph.nodes.flatMap((node) => (node.op === 'constant' ? [[...node.values]] : []))
const written = (fn: (x: tf.Tensor) => tf.Tensor): number[] => constants(trace(({ x }) => fn(x!), { x: [-1, 3] })).flat()
const tricky = [8 / 3, Math.PI, 123456789, 1.7e12, 0.012277471, 1e-50, 1e300, -1 / 3, 2 ** 24 + 1, Number.MAX_SAFE_INTEGER, Number.EPSILON]

describe('numbers written in a traced function stay what they are', () => {
  it.each(tricky)('%d', (number) => {
    const forms: Record<string, (x: tf.Tensor) => tf.Tensor> = {
      'as an operand': (x) => tf.mul(number, x),
      'as the other operand': (x) => tf.sub(x, number),
      chained: (x) => tf.add(x, tf.scalar(number)),
      'tf.scalar': (x) => tf.mul(tf.scalar(number, 'float32'), x),
      'tf.tensor of a number': (x) => tf.mul(tf.tensor(number), x),
      'tf.where': (x) => tf.where(tf.greater(x, number), x, x),
      'tf.maximum': (x) => tf.maximum(x, number),
      cast: (x) => tf.mul(tf.cast(tf.scalar(number), 'float32'), x),
      'tf.fill': (x) => tf.mul(tf.fill([3], number), x),
      'a buffer of one kept within a tidy': (x) => tf.tidy(() => tf.mul(x, tf.scalar(number))),
    }
    for (const [form, fn] of Object.entries(forms)) expect(written(fn), form).toEqual([number])
  })

  it('in nested lists, typed arrays of float64, with a shape, reshaped', () => {
    expect(written((x) => tf.mul(x, [1 / 3, 2 / 3, 0.1]))).toEqual([1 / 3, 2 / 3, 0.1])
    expect(written((x) => tf.matMul(x, tf.tensor2d([[1 / 3], [Math.E], [7]])))).toEqual([1 / 3, Math.E, 7])
    expect(written((x) => tf.matMul(x, tf.tensor2d([[[1 / 3]], [[Math.E]], [[7]]].flat())))).toEqual([1 / 3, Math.E, 7])
    expect(written((x) => tf.matMul(x, tf.tensor([1 / 3, Math.E, 7], [3, 1])))).toEqual([1 / 3, Math.E, 7])
    expect(written((x) => tf.add(x, tf.reshape(tf.tensor3d([[[1 / 3], [1 / 7], [1 / 9]]]), [3])))).toEqual([1 / 3, 1 / 7, 1 / 9])
    expect(written((x) => tf.mul(x, tf.tensor1d(Float64Array.of(1 / 3, 1 / 7, 1 / 9) as unknown as number[])))).toEqual([
      1 / 3,
      1 / 7,
      1 / 9,
    ])
    expect(written((x) => tf.mul(x, Float64Array.of(1 / 3, 1 / 7, 1 / 9) as unknown as number[]))).toEqual([1 / 3, 1 / 7, 1 / 9])
    expect(written((x) => tf.mul(x, tf.stack([1 / 3, 1 / 7, tf.scalar(1 / 9)])))).toEqual([1 / 3, 1 / 7, 1 / 9])
  })

  it('beside others that round to the same float32', () => {
    const near = 1 / 3 + 2 ** -40
    expect(Math.fround(near)).toBe(Math.fround(1 / 3))
    expect(written((x) => tf.add(tf.mul(1 / 3, x), tf.mul(near, x)))).toEqual([1 / 3, near])
    expect(
      written((x) => {
        try {
          tf.tensor1d([[near]] as unknown as number[])
        } catch {
          /* is refused */
        }
        return tf.mul(1 / 3, x)
      }),
    ).toEqual([1 / 3])
  })

  it('whole numbers and truth values', () => {
    expect(written((x) => tf.mul(x, tf.cast(tf.scalar(7, 'int32'), 'float32')))).toEqual([7])
    expect(written((x) => tf.mul(x, tf.cast(tf.scalar(2.7, 'int32'), 'float32')))).toEqual([2]) // TensorFlow.js cuts it off
    expect(written((x) => tf.mul(x, tf.cast(tf.tensor1d([true, false, true]), 'float32')))).toEqual([1, 0, 1])
    expect(written((x) => tf.gather(x, tf.tensor1d([2, 0], 'int32'), 1))).toEqual([2, 0])
  })

  it('tf.linspace and tf.range are evenly spaced, not added up in float32', () => {
    expect(written((x) => tf.mul(x, tf.linspace(0, 1, 3)))).toEqual([0, 0.5, 1])
    const tenths = written((x) => tf.matMul(x, tf.reshape(tf.linspace(0, 1, 30), [3, 10])))
    expect(tenths).toEqual(Array.from({ length: 30 }, (_, i) => i / 29))
    expect(written((x) => tf.matMul(x, tf.reshape(tf.range(0, 3, 0.1), [3, 10])))).toEqual(Array.from({ length: 30 }, (_, i) => i * 0.1))
    expect(written((x) => tf.mul(x, tf.range(5, 2)))).toEqual([5, 4, 3])
    expect(written((x) => tf.mul(x, tf.linspace(0.3, 0.3, 1)))).toEqual([0.3])
  })

  it('what is computed from constants is computed in float64', () => {
    const computed = (fn: () => tf.Tensor): number => {
      const graph = simplify(trace(({ x }) => tf.mul(x!, fn()), { x: [-1, 3] }))
      expect(() => requireUnrounded(graph)).not.toThrow()
      return constants(graph).flat()[0]!
    }
    expect(computed(() => tf.div(8, 3))).toBe(8 / 3)
    expect(computed(() => tf.exp(1 / 3))).toBe(Math.exp(1 / 3))
    expect(computed(() => tf.sqrt(tf.add(1 / 3, tf.square(0.1))))).toBe(Math.sqrt(1 / 3 + 0.1 * 0.1))
    expect(computed(() => tf.mean(tf.tensor1d([0.1, 0.2, 0.4])))).toBe((0.1 + 0.2 + 0.4) / 3)
    expect(computed(() => tf.log(tf.tidy(() => tf.mul(2, Math.PI))))).toBe(Math.log(2 * Math.PI))
  })

  it('in its text, in JSON, and in both derivatives', () => {
    const graph = trace(({ x }) => tf.mul(tf.tensor2d([[1 / 3, 8 / 3, 1.7e12]]), tf.square(x!)), { x: [-1, 3] })
    expect(formatGraph(graph)).toContain('constant [0.3333333333333333, 2.6666666666666665, 1700000000000] : [1, 3]')
    expect(graphFromJSON(JSON.parse(JSON.stringify(graphToJSON(graph))))).toEqual(graph)
    for (const derivative of [vjp(graph, ['x']), jvp(graph, ['x'])])
      expect(constants(simplify(derivative)).flat()).toEqual(expect.arrayContaining([1 / 3, 8 / 3, 1.7e12]))
  })
})

describe('numbers that TensorFlow.js has rounded before', () => {
  const outside = {
    third: tf.keep(tf.scalar(1 / 3)),
    tenth: tf.keep(tf.tensor1d([0.1, 9.80665, -2.5e-7])),
    large: tf.keep(tf.scalar(1.7e12)),
    whole: tf.keep(tf.scalar(16777216)),
    odd: tf.keep(tf.scalar(123456789)),
  }
  const rounded: Record<string, () => tf.Tensor> = {
    'a tensor from outside': () => outside.third,
    'a whole number from outside': () => outside.odd,
    'a Float32Array': () => tf.tensor1d(Float32Array.of(1, 1 / 3, 2)),
    'a buffer': () => {
      const buffer = tf.buffer([3])
      buffer.set(1 / 3, 1)
      return buffer.toTensor()
    },
    'an operation that a Graph has not': () => tf.asin(tf.scalar(1)),
  }
  it.each(Object.entries(rounded))('%s: refused in float64, kept in float32', async (_, fn) => {
    const graph = vectorField((_, z) => tf.mul(fn(), z), { dim: 3 })
    expect(formatGraph(graph)).toMatch(/ rounded : \[3?\]\n/)
    expect(graphFromJSON(JSON.parse(JSON.stringify(graphToJSON(graph))))).toEqual(graph)
    const refusal = {
      code: 'Rounded',
      message: expect.stringMatching(
        /^The constant %\d+ of shape \[3?\] holds .* that TensorFlow\.js rounded to float32.*tf\.mul\(8 \/ 3, z\).*parameter/,
      ) as string,
    }
    for (const { engine } of await solverEngines()) expect(() => createSolver(engine, graph)).toThrow(expect.objectContaining(refusal))
    expect(() => requireUnrounded(simplify(graph))).toThrow(expect.objectContaining(refusal))
    expect(() => requireUnrounded(simplify(vjp(graph, ['z'])))).toThrow(expect.objectContaining(refusal))
    const single = await tfjsEngine({ backend: 'cpu' })
    const [product] = single.compile(simplify(graph)).run([single.write([0], [1, 1]), single.write([1, 1, 1], [1, 3])], 1)
    expect([...single.read(product!)]).toEqual(tf.tidy(() => [...tf.mul(fn(), tf.ones([3])).dataSync()]))
    single.dispose()
  })

  it('also once it is folded into others, and in a direct compilation', async () => {
    const graph = trace(({ x }) => tf.mul(tf.exp(tf.neg(outside.third)), x!), { x: [-1, 3] })
    const folded = simplify(graph)
    expect(folded.nodes.length).toBe(3)
    for (const { name, engine } of await solverEngines())
      if (name !== 'reference') expect(() => engine.compile(folded)).toThrow('rounded to float32')
  })

  it('short decimals, whole numbers and powers of two are what was written', () => {
    const graph = trace(({ x }) => ({ a: tf.mul(outside.tenth, x!), b: tf.mul(outside.large, x!), c: tf.mul(outside.whole, x!) }), {
      x: [-1, 3],
    })
    expect(constants(graph)).toEqual([[0.1, 9.80665, -2.5e-7], [1.7e12], [16777216]])
    expect(() => requireUnrounded(graph)).not.toThrow()
  })

  it('listening ends with the trace, also where it fails', () => {
    const { platform } = tf.env()
    trace(({ x }) => tf.mul(1 / 3, x!), { x: [-1] })
    expect(() =>
      trace(
        () => {
          throw new Error('mine')
        },
        { x: [-1] },
      ),
    ).toThrow('mine')
    expect(tf.env().platform).toBe(platform)
  })
})

describe('the orbit of Arenstorf, constants written in the field', () => {
  // Hairer, Nørsett, Wanner, Solving ODEs I, II.0: restricted three bodies, a closed orbit of this period.
  const mu = 0.012277471
  const period = 17.06521656015796
  const start = [0.994, 0, 0, -2.001585106379082]
  const field = (z: tf.Tensor, m: tf.Tensor | number, rest: tf.Tensor | number): tf.Tensor => {
    const [x, y, u, v] = tf.split(z, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
    const cube = (dx: tf.Tensor): tf.Tensor => tf.pow(tf.add(tf.square(dx), tf.square(y)), 1.5)
    const [near, far] = [cube(tf.add(x, m)), cube(tf.sub(x, rest))]
    return tf.concat(
      [
        u,
        v,
        tf.sub(tf.sub(tf.add(x, tf.mul(2, v)), tf.mul(rest, tf.div(tf.add(x, m), near))), tf.mul(m, tf.div(tf.sub(x, rest), far))),
        tf.sub(tf.sub(tf.sub(y, tf.mul(2, u)), tf.mul(rest, tf.div(y, near))), tf.mul(m, tf.div(y, far))),
      ],
      1,
    )
  }
  it.each(['dopri5', 'dopri8'] as const)('closes as with parameters: %s', async (method) => {
    for (const { engine } of await solverEngines()) {
      const options = { engine, method, rtol: 1e-10, atol: 1e-10 }
      const inside = await odeSolve((_, z) => field(z, mu, 1 - mu), start, [0, period], {}, options)
      const given = await odeSolve((_, z, { m, rest }) => field(z, m!, rest!), start, [0, period], { m: mu, rest: 1 - mu }, options)
      const gap = ({ values }: { values: ArrayLike<number> }): number => Math.hypot(values[4]! - start[0]!, values[5]!)
      expect(gap(given)).toBeLessThan(1e-5)
      expect(gap(inside)).toBeLessThan(1e-5)
    }
  })
})
