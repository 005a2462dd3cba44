import { describe, expect, it } from 'vitest'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { jacobian } from '../../src/graph/jacobian.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { vjp } from '../../src/graph/vjp.js'
import { checkDerivatives, graphOf, randomInputs, runner, slope } from './check.js'

/** The value and the Jacobian of a Graph's output `y` by an input. */
function withJacobian(graph: Graph, wrt: string): Graph {
  const b = new GraphBuilder()
  for (const { name, shape } of graphInputs(graph)) b.input(name, shape)
  const made = jacobian(b, graph, wrt)
  b.output('value', made.value)
  b.output('jacobian', made.jacobian)
  return b.build()
}

/** Robertson's reaction, its columns written one by one. */
const robertson = graphOf({ t: [ROWS, 1], z: [ROWS, 3] }, (b, _, z) => {
  const [x, y, w] = [0, 1, 2].map((i) => b.slice(z, [0, i], [ROWS, 1])) as [Ref, Ref, Ref]
  const first = b.sub(b.mul(b.constant(1e4), b.mul(y, w)), b.mul(b.constant(0.04), x))
  const third = b.mul(b.constant(3e7), b.unary('square', y))
  return b.concat([first, b.unary('neg', b.add(first, third)), third], 1)
})
const perceptron = graphOf({ t: [ROWS, 1], z: [ROWS, 3], w: [4, 5], v: [5, 2] }, (b, t, z, w, v) =>
  b.matmul(b.unary('tanh', b.matmul(b.concat([z, b.unary('square', t)], 1), w)), v),
)

describe('jacobian', () => {
  it('of Robertson’s reaction, as anyone writes it down', () => {
    const z = [1, 2e-5, 0.5, 0.25, 1e-5, 0.75]
    const found = runner(withJacobian(robertson, 'z'), 2)({ t: [0, 0], z })
    const expected = [0, 1].flatMap((row) => {
      const [, y, w] = z.slice(3 * row) as [number, number, number]
      return [-0.04, 1e4 * w, 1e4 * y, 0.04, -1e4 * w - 6e7 * y, -1e4 * y, 0, 6e7 * y, 0]
    })
    found['jacobian']!.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-15 * Math.abs(expected[i]!)))
    expect(found['value']).toEqual(runner(robertson, 2)({ t: [0, 0], z })['y'])
    expect(runner(withJacobian(robertson, 't'), 2)({ t: [0, 0], z })['jacobian']).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('has no operations for columns that do not move', () => {
    const count = (graph: Graph): number => graph.nodes.filter(({ op }) => op === 'mul').length
    // y w, 1e4 times it; 0.04 x; 3e7 y²; and of the Jacobian 1e4 w, 1e4 y, −1e4 y, 2 y and 3e7 times it.
    expect(count(simplify(withJacobian(robertson, 'z')))).toBe(9)
  })

  it('of a network, by differences, by each of its inputs; twice differentiable', () => {
    const rows = 3
    const inputs = randomInputs(perceptron, rows, 1)
    const run = runner(perceptron, rows)
    for (const [wrt, n] of [
      ['z', 3],
      ['t', 1],
    ] as const) {
      const graph = withJacobian(perceptron, wrt)
      const found = runner(graph, rows)(inputs)
      for (let r = 0; r < rows; r++)
        for (let j = 0; j < n; j++)
          for (let i = 0; i < 2; i++) {
            const moved = (s: number) => inputs[wrt]!.map((v, k) => (k === r * n + j ? v + s : v))
            const expected = slope((s) => run({ ...inputs, [wrt]: moved(s) })['y']![r * 2 + i]!)
            expect(Math.abs(found['jacobian']![(r * 2 + i) * n + j]! - expected)).toBeLessThan(1e-9)
          }
      const plain = simplify(graph)
      checkDerivatives(plain, ['t', 'z', 'w', 'v'], inputs, rows)
      const first = vjp(plain, ['z', 'w'])
      checkDerivatives(first, ['z', 'w'], { ...randomInputs(first, rows, 2), ...inputs }, rows, { tolerance: 1e-7 })
    }
  })

  it('computes the function once', () => {
    const b = new GraphBuilder()
    const given = { z: b.input('state', [ROWS, 3]), t: b.input('time', [ROWS, 1]) }
    const [byState, byTime] = [
      jacobian(b, perceptron, 'z', { inputs: given }),
      jacobian(b, perceptron, 't', { inputs: given, output: 'y' }),
    ]
    b.output('f', byState.value)
    b.output('again', byTime.value)
    b.output('J', byState.jacobian)
    b.output('T', byTime.jacobian)
    expect(graphInputs(b.build()).map(({ name }) => name)).toEqual(['state', 'time', 'w', 'v'])
    expect(simplify(b.build()).nodes.filter(({ op }) => op === 'tanh')).toHaveLength(1)
  })

  it('of a function that does not depend on it, or of nothing', () => {
    const still = graphOf({ z: [ROWS, 2], c: [ROWS, 3] }, (_b, _z, c) => c)
    expect(runner(withJacobian(still, 'z'), 2)({ z: [1, 2, 3, 4], c: [1, 2, 3, 4, 5, 6] })['jacobian']).toEqual(new Array(12).fill(0))
    const none = graphOf({ z: [ROWS, 0], c: [ROWS, 3] }, (b, z, c) => b.slice(b.concat([z, c], 1), [0, 1], [ROWS, 1]))
    expect(runner(withJacobian(none, 'z'), 1)({ z: [], c: [1, 2, 3] })).toEqual({ value: [2], jacobian: [] })
  })

  it.each<[string, () => unknown, string, string]>([
    [
      'an input that is not there',
      () => withJacobian(robertson, 'w'),
      'Name',
      'The Graph has no input "w" to differentiate by; it has "t", "z".',
    ],
    [
      'an input without rows',
      () => withJacobian(perceptron, 'w'),
      'Shape',
      'The input "w" of a Jacobian has shape [rows, size], not [4, 5].',
    ],
    [
      'an output of another shape',
      () =>
        withJacobian(
          graphOf({ z: [ROWS, 2] as Shape }, (b, z) => b.sum(z, [1])),
          'z',
        ),
      'Shape',
      'The output of a Jacobian has shape [rows, size], not [rows].',
    ],
    [
      'an output that is not there',
      () => jacobian(new GraphBuilder(), robertson, 'z', { output: 'f' }),
      'Name',
      'The Graph has no output "f"; it has "y".',
    ],
    [
      'outputs of which none is named',
      () => jacobian(new GraphBuilder(), { ...robertson, outputs: [] }, 'z'),
      'Name',
      'An output of the Graph has to be named; it has none.',
    ],
  ])('refuses %s', (_, body, code, message) => {
    expect(body).toThrow(expect.objectContaining({ name: 'GraphError', code, message }) as Error)
  })
})
