import { describe, expect, it } from 'vitest'
import { GraphError } from '../../src/errors.js'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import { graphInputs, graphOutputs, type Graph } from '../../src/graph/graph.js'
import { jvp } from '../../src/graph/jvp.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { vjp } from '../../src/graph/vjp.js'
import { graphOf, runner, type Numbers } from './check.js'

/** Gradients of the sum of the output y. */
function gradients(
  shapes: Record<string, Shape>,
  build: (b: GraphBuilder, ...inputs: Ref[]) => Ref,
  wrt: readonly string[],
  inputs: Numbers,
  rows: number,
): number[][] {
  const graph = graphOf(shapes, build)
  const size = runner(graph, rows)(inputs).y!.length
  const found = [vjp(graph, wrt), simplify(vjp(graph, wrt))].map((derived) =>
    runner(derived, rows)({ ...inputs, 'bar.y': new Array<number>(size).fill(1) }),
  )
  for (const name of wrt) expect(found[1]![`bar.${name}`]!.map((v) => v + 0)).toEqual(found[0]![`bar.${name}`]!.map((v) => v + 0))
  return wrt.map((name) => found[0]![`bar.${name}`]!.map((v) => v + 0))
}

describe('conventions where there is no derivative', () => {
  it('maximum and minimum halve at ties', () => {
    for (const op of ['maximum', 'minimum'] as const) {
      const [a, b] = gradients({ a: [ROWS], b: [ROWS] }, (g, x, y) => g.binary(op, x, y), ['a', 'b'], { a: [1, 2, 3], b: [2, 2, 2] }, 3)
      expect(a).toEqual(op === 'maximum' ? [0, 0.5, 1] : [1, 0.5, 0])
      expect(b).toEqual(op === 'maximum' ? [1, 0.5, 0] : [0, 0.5, 1])
    }
    const forward = jvp(
      graphOf({ a: [], b: [] }, (g, x, y) => g.binary('maximum', x, y)),
      ['a', 'b'],
    )
    expect(runner(forward, 0)({ a: [2], b: [2], 'dot.a': [10], 'dot.b': [1] })['dot.y']).toEqual([5.5])
  })

  it('max over axes splits evenly among ties', () => {
    expect(gradients({ x: [ROWS, 4] }, (b, x) => b.max(x, [1]), ['x'], { x: [7, 1, 7, 0, 3, 3, 3, 3] }, 2)).toEqual([
      [0.5, 0, 0.5, 0, 0.25, 0.25, 0.25, 0.25],
    ])
    const forward = jvp(
      graphOf({ x: [3] }, (b, x) => b.max(x, [0])),
      ['x'],
    )
    expect(runner(forward, 0)({ x: [5, 5, 1], 'dot.x': [1, 3, 100] })['dot.y']).toEqual([2])
  })

  it('abs, sign and relu have 0 at 0', () => {
    for (const op of ['abs', 'sign', 'relu'] as const)
      expect(gradients({ x: [] }, (b, x) => b.unary(op, x), ['x'], { x: [0] }, 0)).toEqual([[0]])
  })

  it('pow is safe where base or exponent is 0', () => {
    const pow = (a: number, b: number): number[][] =>
      gradients({ a: [], b: [] }, (g, x, y) => g.binary('pow', x, y), ['a', 'b'], { a: [a], b: [b] }, 0)
    expect(pow(0, 0)).toEqual([[0], [0]])
    expect(pow(0, 1)).toEqual([[1], [0]])
    expect(pow(0, 2)).toEqual([[0], [0]])
    expect(pow(3, 0)).toEqual([[0], [Math.log(3)]])
    expect(pow(0, 0.5)).toEqual([[Infinity], [0]])
    expect(pow(-2, 2)).toEqual([[-4], [NaN]])
  })

  it('the mixed derivative of pow at exponent 0 is 1 / base', () => {
    const second = vjp(
      vjp(
        graphOf({ a: [], b: [] }, (g, x, y) => g.binary('pow', x, y)),
        ['a'],
      ),
      ['b'],
    )
    expect(runner(second, 0)({ a: [4], b: [0], 'bar.y': [1], 'bar.bar.a': [1] })['bar.b']).toEqual([0.25])
  })

  it('sqrt has an infinite slope at 0, and a cotangent of 0 there gives NaN unless a select cut it off', () => {
    const derived = vjp(
      graphOf({ x: [] }, (b, x) => b.unary('sqrt', x)),
      ['x'],
    )
    expect(runner(derived, 0)({ x: [0], 'bar.y': [1] })['bar.x']).toEqual([Infinity])
    expect(runner(derived, 0)({ x: [0], 'bar.y': [0] })['bar.x']).toEqual([NaN])
    expect(
      gradients(
        { x: [ROWS] },
        (b, x) => b.select(b.binary('greater', x, b.constant(0)), b.unary('sqrt', x), b.constant(0)),
        ['x'],
        { x: [0, 4] },
        2,
      ),
    ).toEqual([[0, 0.25]])
  })
})

describe('what a select does not take leaves no trace in gradients', () => {
  const bad = [NaN, Infinity, -Infinity, 0, -1, 1e300]
  const seen = { seen: [1, ...bad.map(() => 0)] }
  const rows = bad.length + 1

  it('through every operation of one value', () => {
    for (const op of [
      'log',
      'sqrt',
      'rsqrt',
      'reciprocal',
      'exp',
      'expm1',
      'log1p',
      'square',
      'sin',
      'cos',
      'tanh',
      'sigmoid',
      'softplus',
      'abs',
      'relu',
    ] as const) {
      const [x] = gradients(
        { seen: [ROWS], x: [ROWS] },
        (b, m, v) => b.select(m, b.unary('square', b.unary(op, b.mul(v, v))), b.constant(0)),
        ['x'],
        { ...seen, x: [2, ...bad] },
        rows,
      )
      expect(x!.slice(1), op).toEqual(bad.map(() => 0))
      expect(Number.isFinite(x![0])).toBe(true)
    }
  })

  it('through operations of two values, other branches and nested selects', () => {
    for (const op of ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum'] as const) {
      const [x, z] = gradients(
        { seen: [ROWS], x: [ROWS], z: [ROWS] },
        (b, m, v, u) => {
          const value = b.unary('exp', b.binary(op, v, u))
          return b.select(b.binary('equal', m, b.constant(0)), u, b.select(b.binary('greater', m, b.constant(-5)), value, v))
        },
        ['x', 'z'],
        { ...seen, x: [2, ...bad], z: [1.5, ...bad] },
        rows,
      )
      expect(x!.slice(1), op).toEqual(bad.map(() => 0))
      expect(z!.slice(1), op).toEqual(bad.map(() => 1))
    }
  })

  it('through sums, reshapes and whole layers, in the gradients of states and of weights', () => {
    const shapes = { seen: [ROWS, 1], x: [ROWS, 2], h: [ROWS, 3], w: [2, 3], v: [3, 3], c: [3] }
    const layer = (b: GraphBuilder, m: Ref, x: Ref, h: Ref, w: Ref, v: Ref, c: Ref): Ref => {
      const hidden = b.unary('tanh', b.add(b.matmul(x, w), c))
      const scaled = b.div(hidden, b.sum(b.unary('square', hidden), [1], true))
      return b.select(m, b.matmul(scaled, v), h)
    }
    const clean = {
      x: [1, 2, 3, 4],
      h: [0, 0, 0, 1, 1, 1],
      w: [0.1, -0.2, 0.3, 0.4, 0.5, -0.6],
      v: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      c: [0.1, 0.2, 0.3],
      seen: [1, 0],
    }
    const expected = gradients(shapes, layer, ['x', 'h', 'w', 'v', 'c'], clean, 2)
    for (const garbage of [NaN, Infinity, 1e38]) {
      expect(gradients(shapes, layer, ['x', 'h', 'w', 'v', 'c'], { ...clean, x: [1, 2, garbage, garbage] }, 2)).toEqual(expected)
    }
    expect(expected[0]!.slice(2)).toEqual([0, 0])
    expect(expected[1]).toEqual([0, 0, 0, 1, 1, 1])
    expect(expected.flat().every(Number.isFinite)).toBe(true)
  })

  it('in second derivatives', () => {
    const graph = graphOf({ seen: [ROWS], x: [ROWS] }, (b, m, x) => b.select(m, b.unary('log', x), b.constant(0)))
    const second = vjp(vjp(graph, ['x']), ['x', 'bar.y'])
    const found = runner(second, 3)({ seen: [1, 0, 0], x: [2, 0, NaN], 'bar.y': [1, 1, 1], 'bar.bar.x': [1, 1, 1] })
    expect(found['bar.x']!.map((v) => v + 0)).toEqual([-0.25, 0, 0])
    expect(found['bar.bar.y']!.map((v) => v + 0)).toEqual([0.5, 0, 0])
  })

  it('in tangents', () => {
    const graph = graphOf({ seen: [ROWS], x: [ROWS] }, (b, m, x) => b.select(m, b.unary('log', x), b.constant(0)))
    expect(runner(jvp(graph, ['x']), 3)({ seen: [1, 0, 0], x: [2, 0, NaN], 'dot.x': [1, 1, 1] })['dot.y']).toEqual([0.5, 0, 0])
  })

  it('but a cotangent that only happens to be 0 keeps its own derivative', () => {
    const graph = graphOf({ x: [] }, (b, x) => b.unary('square', b.unary('sin', x)))
    const second = vjp(vjp(graph, ['x']), ['x'])
    expect(runner(second, 0)({ x: [0], 'bar.y': [1], 'bar.bar.x': [1] })['bar.x']).toEqual([2])
  })
})

describe('names, order and shapes', () => {
  const two = (): Graph => {
    const b = new GraphBuilder()
    const [x, w, unused] = [b.input('x', [ROWS, 2]), b.input('w', [2]), b.input('unused', [3, ROWS])]
    b.output('y', b.mul(x, w))
    b.output('s', b.sum(x, [0, 1]))
    expect(unused).toBe(2)
    return b.build()
  }

  it('of vjp', () => {
    const derived = vjp(two(), ['unused', 'x'])
    expect(graphInputs(derived)).toEqual([
      { name: 'x', shape: [ROWS, 2] },
      { name: 'w', shape: [2] },
      { name: 'unused', shape: [3, ROWS] },
      { name: 'bar.y', shape: [ROWS, 2] },
      { name: 'bar.s', shape: [] },
    ])
    expect(graphOutputs(derived)).toEqual([
      { name: 'bar.unused', shape: [3, ROWS] },
      { name: 'bar.x', shape: [ROWS, 2] },
    ])
    const found = runner(
      derived,
      2,
    )({ x: [1, 2, 3, 4], w: [5, 6], unused: new Array<number>(6).fill(0), 'bar.y': [1, 1, 2, 2], 'bar.s': [100] })
    expect(found).toEqual({ 'bar.unused': [0, 0, 0, 0, 0, 0], 'bar.x': [105, 106, 110, 112] })
  })

  it('of vjp with options', () => {
    const derived = vjp(two(), ['w'], { keepOutputs: true, cotangents: ['s'], prefix: 'd' })
    expect(graphInputs(derived).map(({ name }) => name)).toEqual(['x', 'w', 'unused', 'ds'])
    expect(graphOutputs(derived).map(({ name }) => name)).toEqual(['y', 's', 'dw'])
    expect(runner(derived, 1)({ x: [1, 2], w: [5, 6], unused: [0, 0, 0], ds: [1] })).toEqual({ y: [5, 12], s: [3], dw: [0, 0] })
  })

  it('of jvp', () => {
    const derived = jvp(two(), ['w'])
    expect(graphInputs(derived).map(({ name }) => name)).toEqual(['x', 'w', 'unused', 'dot.w'])
    expect(graphOutputs(derived).map(({ name }) => name)).toEqual(['y', 's', 'dot.y', 'dot.s'])
    expect(runner(derived, 1)({ x: [1, 2], w: [5, 6], unused: [0, 0, 0], 'dot.w': [1, 10] })).toEqual({
      y: [5, 12],
      s: [3],
      'dot.y': [1, 20],
      'dot.s': [0],
    })
  })

  it('errors name what there is', () => {
    expect(() => vjp(two(), ['z'])).toThrow(
      new GraphError('Name', 'The Graph has no input "z" to differentiate by; it has "x", "w", "unused".'),
    )
    expect(() => jvp(two(), ['z'])).toThrow('The Graph has no input "z" to differentiate by; it has "x", "w", "unused".')
    expect(() => vjp(two(), ['x'], { cotangents: ['z'] })).toThrow('The Graph has no output "z" to give a cotangent to; it has "y", "s".')
    expect(() => jvp(jvp(two(), ['x']), ['x'])).toThrow('The Graph already has an input named "dot.x".')
    expect(() => vjp(vjp(two(), ['x']), ['x'], { keepOutputs: true })).toThrow('The Graph already has an output named "bar.x".')
  })
})
