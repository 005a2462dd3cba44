import { describe, expect, it } from 'vitest'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import { binaryOps, comparisonOps, unaryOps, type UnaryOp } from '../../src/graph/ops.js'
import { jvp } from '../../src/graph/jvp.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { vjp } from '../../src/graph/vjp.js'
import { checkDerivatives, graphOf, randomInputs, runner } from './check.js'

/** Rows to check with: none, one, several. */
const rowCounts = [0, 1, 3]

describe('derivatives of element-wise operations', () => {
  const positive: readonly UnaryOp[] = ['sqrt', 'rsqrt', 'log', 'log1p', 'reciprocal']

  for (const op of unaryOps) {
    it(`${op}, and its second derivative`, () => {
      const graph = graphOf({ x: [ROWS, 3] }, (b, x) => b.unary(op, x))
      for (const rows of rowCounts) {
        const x = randomInputs(graph, rows, 1).x!.map((v) => (positive.includes(op) ? Math.abs(v) + 0.5 : v + 0.1 * Math.sign(v)))
        checkDerivatives(graph, ['x'], { x }, rows)
        const first = vjp(graph, ['x'])
        checkDerivatives(first, ['x', 'bar.y'], { ...randomInputs(first, rows, 2), x }, rows)
      }
    })
  }

  const patterns: readonly (readonly [Shape, Shape])[] = [
    [
      [ROWS, 3],
      [ROWS, 3],
    ],
    [[ROWS, 3], [3]],
    [[3], [ROWS, 3]],
    [[ROWS, 3], []],
    [[], [ROWS, 3]],
    [[ROWS, 1], [3]],
    [
      [ROWS, 1],
      [ROWS, 3],
    ],
    [
      [1, 3],
      [ROWS, 3],
    ],
    [
      [ROWS, 1],
      [1, 3],
    ],
    [
      [2, ROWS, 1],
      [ROWS, 3],
    ],
    [
      [1, 1],
      [ROWS, 3],
    ],
    [[2, 1], [3]],
    [[], []],
  ]
  for (const op of binaryOps) {
    it(`${op} in every pattern of broadcasting, and its second derivatives`, () => {
      for (const [a, b] of patterns) {
        const graph = graphOf({ a, b }, (g, x, y) => g.binary(op, x, y))
        for (const rows of rowCounts) {
          const inputs = randomInputs(graph, rows, 3)
          if (op === 'pow') inputs.a = inputs.a!.map((v) => Math.abs(v) + 0.5)
          if (op === 'div') inputs.b = inputs.b!.map((v) => v + Math.sign(v))
          checkDerivatives(graph, ['a', 'b'], inputs, rows)
          const first = vjp(graph, ['a', 'b'])
          checkDerivatives(first, ['a', 'b', 'bar.y'], { ...randomInputs(first, rows, 4), ...inputs }, rows)
        }
      }
    })
  }

  it('raises negative numbers to constant powers', () => {
    for (const exponent of [2, 3, -2, 1]) {
      const graph = graphOf({ a: [ROWS] }, (b, a) => b.binary('pow', a, b.constant(exponent)))
      checkDerivatives(graph, ['a'], { a: [-1.5, -0.7, 0.8] }, 3)
      checkDerivatives(vjp(graph, ['a']), ['a', 'bar.y'], { a: [-1.5, -0.7, 0.8], 'bar.y': [1, 2, 3] }, 3)
    }
  })

  it('gives comparisons the derivative 0', () => {
    for (const op of comparisonOps) {
      const graph = graphOf({ a: [ROWS, 2], b: [2] }, (g, x, y) => g.binary(op, x, y))
      for (const rows of rowCounts) checkDerivatives(graph, ['a', 'b'], randomInputs(graph, rows, 5), rows)
    }
  })

  it('select, broadcasting its condition and its branches', () => {
    const shapes: readonly Record<string, Shape>[] = [
      { c: [ROWS, 3], a: [ROWS, 3], b: [ROWS, 3] },
      { c: [ROWS, 1], a: [ROWS, 3], b: [] },
      { c: [3], a: [], b: [ROWS, 1] },
      { c: [], a: [3], b: [ROWS, 3] },
    ]
    for (const shape of shapes) {
      const graph = graphOf(shape, (g, c, a, b) => g.select(g.binary('greater', c, g.constant(0)), g.unary('square', a), g.unary('exp', b)))
      for (const rows of rowCounts) {
        checkDerivatives(graph, ['a', 'b', 'c'], randomInputs(graph, rows, 6), rows)
        const first = vjp(graph, ['a', 'b'])
        checkDerivatives(first, ['a', 'b', 'bar.y'], randomInputs(first, rows, 7), rows)
      }
    }
  })
})

describe('derivatives of operations on arrays', () => {
  const cases: Record<string, [Record<string, Shape>, (b: GraphBuilder, ...inputs: Ref[]) => Ref]> = {
    'matmul by weights': [{ x: [ROWS, 3], w: [3, 2] }, (b, x, w) => b.matmul(x, w)],
    'matmul by transposed weights': [{ x: [ROWS, 3], w: [2, 3] }, (b, x, w) => b.matmul(x, w, { transposeB: true })],
    'matmul over the rows': [{ x: [ROWS, 3], z: [ROWS, 2] }, (b, x, z) => b.matmul(x, z, { transposeA: true })],
    'matmul, both transposed': [{ x: [3, ROWS], w: [2, 3] }, (b, x, w) => b.matmul(x, w, { transposeA: true, transposeB: true })],
    'matmul, batched': [{ x: [ROWS, 2, 3], w: [ROWS, 3, 2] }, (b, x, w) => b.matmul(x, w)],
    'matmul, batched and transposed': [
      { x: [2, 3, ROWS], w: [2, 4, 3] },
      (b, x, w) => b.matmul(x, w, { transposeA: true, transposeB: true }),
    ],
    'a layer': [{ x: [ROWS, 3], w: [3, 2], c: [2] }, (b, x, w, c) => b.unary('tanh', b.add(b.matmul(x, w), c))],
    'sum over columns': [{ x: [ROWS, 3] }, (b, x) => b.sum(x, [1])],
    'sum over rows': [{ x: [ROWS, 3] }, (b, x) => b.sum(x, [0])],
    'sum over all but the middle': [{ x: [2, ROWS, 3] }, (b, x) => b.sum(x, [2, 0])],
    'sum, axes kept': [{ x: [ROWS, 3] }, (b, x) => b.sum(x, [0, 1], true)],
    'max over columns': [{ x: [ROWS, 3] }, (b, x) => b.max(x, [1])],
    'max over rows': [{ x: [ROWS, 3] }, (b, x) => b.max(x, [0])],
    'max over two axes': [{ x: [2, ROWS, 3] }, (b, x) => b.max(x, [0, 2])],
    reshape: [{ x: [ROWS, 4] }, (b, x) => b.reshape(x, [2, 2 * ROWS])],
    'broadcast to rows': [{ x: [3] }, (b, x) => b.broadcast(x, [ROWS, 3])],
    'broadcast along columns': [{ x: [ROWS, 1] }, (b, x) => b.broadcast(x, [2, ROWS, 3])],
    transpose: [{ x: [ROWS, 2, 3] }, (b, x) => b.transpose(x, [2, 0, 1])],
    'concat of columns': [{ x: [ROWS, 2], z: [ROWS, 3], v: [ROWS, 1] }, (b, x, z, v) => b.concat([x, z, x, v], 1)],
    'concat of rows': [{ x: [ROWS, 2], z: [2 * ROWS, 2] }, (b, x, z) => b.concat([x, z, x], 0)],
    'concat of rows in the middle': [{ x: [2, ROWS, 2], z: [2, 3 * ROWS, 2] }, (b, x, z) => b.concat([x, z], 1)],
    slice: [{ x: [ROWS, 5] }, (b, x) => b.slice(x, [0, 1], [ROWS, 3])],
    pad: [{ x: [ROWS, 2] }, (b, x) => b.pad(x, [0, 1], [0, 2])],
  }
  for (const [name, [shapes, build]] of Object.entries(cases)) {
    it(`${name}, and its second derivative`, () => {
      const graph = graphOf(shapes, build)
      const wrt = Object.keys(shapes)
      for (const rows of rowCounts) {
        if (rows === 0 && name === 'max over rows') continue // the maximum of nothing is -Infinity
        checkDerivatives(graph, wrt, randomInputs(graph, rows, 8), rows)
        const squared = graphOf(shapes, (b, ...inputs) => b.unary('square', build(b, ...inputs)))
        if (rows === 0 && name.startsWith('max')) continue
        const first = vjp(squared, wrt)
        checkDerivatives(first, [...wrt, 'bar.y'], randomInputs(first, rows, 9), rows)
      }
    })
  }

  it('gather and scatter of rows', () => {
    const shapes = { x: [4, 2], i: [ROWS] }
    const indices: readonly number[][] = [[], [2], [3, 0, 3]]
    rowCounts.forEach((rows, k) => {
      for (const graph of [
        graphOf(shapes, (b, x, i) => b.unary('square', b.gather(x, i))),
        graphOf({ x: [ROWS, 2], i: [ROWS] }, (b, x, i) => b.unary('square', b.scatter(x, i, 4))),
      ]) {
        const inputs = { ...randomInputs(graph, rows, 10), i: indices[k]! }
        checkDerivatives(graph, ['x'], inputs, rows)
        const first = vjp(graph, ['x'])
        checkDerivatives(first, ['x', 'bar.y'], { ...randomInputs(first, rows, 11), ...inputs }, rows)
      }
    })
  })
})

describe('compositions', () => {
  it('is right where nested gradients of TensorFlow.js are wrong: grad of grad of tanh(x²) at 0.3', () => {
    const first = vjp(
      graphOf({ x: [] }, (b, x) => b.sum(b.unary('tanh', b.unary('square', x)), [])),
      ['x'],
    )
    const second = vjp(first, ['x'])
    const T = Math.tanh(0.09)
    const found = runner(second, 0)({ x: [0.3], 'bar.y': [1], 'bar.bar.x': [1] })
    expect(found['bar.x']![0]).toBeCloseTo(2 * (1 - T * T) - 8 * 0.09 * T * (1 - T * T), 13)
    expect(found['bar.x']![0]).toBeCloseTo(1.9198, 4)
  })

  it('a two-layer perceptron, to third order', () => {
    const graph = graphOf({ x: [ROWS, 2], w: [2, 3], c: [3], v: [3, 1] }, (b, x, w, c, v) =>
      b.sum(b.unary('square', b.matmul(b.unary('tanh', b.add(b.matmul(x, w), c)), v)), [1]),
    )
    const wrt = ['x', 'w', 'c', 'v']
    checkDerivatives(graph, wrt, randomInputs(graph, 3, 12), 3)
    const first = vjp(graph, wrt)
    checkDerivatives(first, [...wrt, 'bar.y'], randomInputs(first, 3, 13), 3, { tolerance: 1e-7 })
    const second = vjp(first, ['x', 'w'], { prefix: 'second.' })
    checkDerivatives(second, ['x', 'w', 'v'], randomInputs(second, 2, 14), 2, { tolerance: 1e-6 })
  })

  it('forward over reverse equals reverse over reverse', () => {
    const graph = graphOf({ x: [ROWS, 2], w: [2, 3] }, (b, x, w) => b.sum(b.unary('sigmoid', b.matmul(x, w)), [0, 1]))
    const first = vjp(graph, ['x'])
    const inputs = { ...randomInputs(graph, 2, 15), 'bar.y': [1] }
    const direction = randomInputs(graph, 2, 16).x!
    const forward = runner(jvp(first, ['x']), 2)({ ...inputs, 'dot.x': direction })['dot.bar.x']!
    const reverse = runner(vjp(first, ['x']), 2)({ ...inputs, 'bar.bar.x': direction })['bar.x']!
    forward.forEach((value, i) => expect(value).toBeCloseTo(reverse[i]!, 14))
  })

  it('a gated recurrent unit under an observation mask', () => {
    const shapes = { h: [ROWS, 3], x: [ROWS, 2], seen: [ROWS, 1], u: [5, 6], v: [5, 3] }
    const graph = graphOf(shapes, (b, h, x, seen, u, v) => {
      const gates = b.unary('sigmoid', b.matmul(b.concat([h, x], 1), u))
      const [update, reset] = [b.slice(gates, [0, 0], [ROWS, 3]), b.slice(gates, [0, 3], [ROWS, 3])]
      const candidate = b.unary('tanh', b.matmul(b.concat([b.mul(reset, h), x], 1), v))
      return b.select(seen, b.add(b.mul(update, h), b.mul(b.sub(b.constant(1), update), candidate)), h)
    })
    for (const [rows, seen] of [
      [3, [1, 0, 1]],
      [1, [1]],
      [0, []],
    ] as const) {
      checkDerivatives(graph, ['h', 'x', 'u', 'v'], { ...randomInputs(graph, rows, 18), seen }, rows)
      const first = vjp(graph, ['h', 'u'])
      checkDerivatives(first, ['h', 'u', 'v'], { ...randomInputs(first, rows, 19), seen }, rows)
    }
  })

  it('log-sum-exp and softmax, also far out', () => {
    const logSumExp = (b: GraphBuilder, x: Ref): Ref => {
      const top = b.max(x, [1], true)
      return b.add(b.unary('log', b.sum(b.unary('exp', b.sub(x, top)), [1], true)), top)
    }
    for (const graph of [
      graphOf({ x: [ROWS, 4] }, logSumExp),
      graphOf({ x: [ROWS, 4] }, (b, x) => b.unary('exp', b.sub(x, logSumExp(b, x)))),
    ]) {
      const x = randomInputs(graph, 3, 20).x!
      checkDerivatives(graph, ['x'], { x }, 3)
      checkDerivatives(graph, ['x'], { x: x.map((v) => v - 800) }, 3)
      const first = vjp(graph, ['x'])
      checkDerivatives(first, ['x', 'bar.y'], { ...randomInputs(first, 3, 21), x }, 3)
    }
  })

  it('an input that is an output, and one that is used twice', () => {
    const b = new GraphBuilder()
    const [x, z] = [b.input('x', [ROWS]), b.input('z', [ROWS])]
    b.output('x', x)
    b.output('y', b.add(b.mul(x, x), b.mul(x, z)))
    checkDerivatives(b.build(), ['x', 'z'], randomInputs(b.build(), 3, 22), 3)
  })
})
