import { describe, expect, it } from 'vitest'
import { GraphError } from '../../src/errors.js'
import type { GraphBuilder, Ref } from '../../src/graph/builder.js'
import { graphInputs, graphOutputs } from '../../src/graph/graph.js'
import { assertRowwise } from '../../src/graph/rowwise.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { vjp } from '../../src/graph/vjp.js'
import { graphOf, randomInputs, runner } from './check.js'
import { randomGraph } from './randomGraph.js'

const shapes = { x: [ROWS, 4], w: [4, 4], i: [ROWS] }
type Build = (b: GraphBuilder, x: Ref, w: Ref, i: Ref) => Ref

describe('assertRowwise', () => {
  const good: Record<string, Build> = {
    'a layer': (b, x, w) => b.unary('tanh', b.matmul(x, w)),
    'a layer, transposed': (b, x, w) => b.transpose(b.matmul(w, x, { transposeA: true, transposeB: true }), [1, 0]),
    'a sum over columns': (b, x) => b.sum(x, [1], true),
    'softmax of columns': (b, x) => b.div(b.unary('exp', x), b.sum(b.unary('exp', x), [1], true)),
    'the number of rows': (b, x) => b.div(x, b.rows()),
    'rows merged with columns and split again': (b, x) => b.reshape(b.unary('tanh', b.reshape(x, [4 * ROWS])), [ROWS, 2, 2]),
    'rows merged with columns by twos': (b, x) => b.reshape(x, [2 * ROWS, 2]),
    'rows last, merged and split again': (b, x) => b.transpose(b.reshape(b.reshape(b.transpose(x, [1, 0]), [4 * ROWS]), [4, ROWS]), [1, 0]),
    'samples joined before the rows': (b, x) => b.sum(b.reshape(b.concat([x, b.unary('neg', x)], 0), [2, ROWS, 4]), [0]),
    'batched products of each row with itself': (b, x) => b.matmul(b.reshape(x, [ROWS, 1, 4]), b.reshape(x, [ROWS, 4, 1])),
    'a table read by each row': (b, _, w, i) => b.gather(w, i),
    'columns gathered': (b, x) => b.gather(b.transpose(x, [1, 0]), b.constant([3, 0], [2])),
    'columns scattered': (b, x) => b.scatter(b.transpose(x, [1, 0]), b.constant([3, 0, 1, 1], [4]), 5),
    'columns sliced, padded and joined': (b, x) => b.concat([b.pad(b.slice(x, [0, 1], [ROWS, 2]), [0, 1], [0, 0]), x], 1),
    'what depends on no row': (b, _, w) => b.broadcast(b.sum(w, [0]), [ROWS, 4]),
  }
  for (const [name, build] of Object.entries(good)) {
    it(`accepts ${name}`, () => {
      expect(() => assertRowwise(graphOf(shapes, build))).not.toThrow()
    })
  }

  const bad: Record<string, [string, Build]> = {
    'a mean of the rows taken off': ['sum', (b, x) => b.sub(x, b.div(b.sum(x, [0]), b.rows()))],
    'a maximum over the rows': ['max', (b, x) => b.sub(x, b.max(x, [0], true))],
    'attention between rows': ['matmul', (b, x) => b.matmul(b.matmul(x, x, { transposeB: true }), x)],
    'a product over the rows': ['matmul', (b, x) => b.matmul(x, b.matmul(x, x, { transposeA: true }))],
    'rows regrouped': ['reshape', (b, x) => b.reshape(b.reshape(b.transpose(x, [1, 0]), [4 * ROWS]), [ROWS, 4])],
    'rows read by computed indices': ['gather', (b, x, _, i) => b.gather(x, i)],
    'rows scattered': ['scatter', (b, x, _, i) => b.scatter(x, i, 4)],
    'rows beside columns': [
      'add',
      (b, x) => b.sum(b.add(b.reshape(x, [ROWS, 4, 1]), b.reshape(b.transpose(x, [1, 0]), [1, 4, ROWS])), [1]),
    ],
    'samples within and before the rows joined': [
      'concat',
      (b, x) => b.concat([b.reshape(x, [4 * ROWS]), b.reshape(b.transpose(x, [1, 0]), [4 * ROWS])], 0),
    ],
    'a loss': ['sum', (b, x) => b.sum(x, [0, 1])],
  }
  for (const [name, [op, build]] of Object.entries(bad)) {
    it(`refuses ${name}, naming ${op}`, () => {
      expect(() => assertRowwise(graphOf(shapes, build))).toThrow(new RegExp(`^Output "y" mixes rows: in %\\d+ = ${op} `))
    })
  }

  it('says what is wrong, where, and what to do', () => {
    const graph = graphOf({ x: [ROWS, 4] }, (b, x) => b.sub(x, b.sum(x, [0])))
    let error: unknown
    try {
      assertRowwise(graph)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(GraphError)
    expect((error as GraphError).code).toBe('RowsMixed')
    expect((error as GraphError).message).toBe(
      'Output "y" mixes rows: in %1 = sum %0 axes=[0] : [4] (of %0 : [rows, 4]) one element depends on several rows. Each row must ' +
        'be computed from itself alone; do not reduce, gather or regroup along the rows axis.',
    )
    expect(() => assertRowwise(graph, ['z'])).toThrow('The Graph has no output "z"; it has "y".')
  })

  it('looks at the outputs it is asked about: gradients of states, not of parameters', () => {
    const derived = vjp(
      graphOf(shapes, (b, x, w) => b.unary('tanh', b.matmul(x, w))),
      ['x', 'w'],
    )
    expect(() => assertRowwise(derived, ['bar.x'])).not.toThrow()
    expect(() => assertRowwise(derived, ['bar.w'])).toThrow(GraphError)
    expect(() => assertRowwise(simplify(derived), ['bar.x'])).not.toThrow()
  })

  it('never accepts a random Graph whose rows do influence one another', () => {
    let accepted = 0
    for (let seed = 0; seed < 300; seed++) {
      const graph = randomGraph(seed)
      for (const { name, shape } of graphOutputs(graph)) {
        if (shape.filter((d: number) => d < 0).length !== 1) continue
        try {
          assertRowwise(graph, [name])
        } catch {
          continue
        }
        accepted++
        expect(rowsTouched(graph, name, shape, seed), `Graph ${seed}, output ${name}`).toBeLessThanOrEqual(1 / 3 + 1e-9)
      }
    }
    expect(accepted).toBeGreaterThan(100)
  })
})

/** The largest part of an output's elements that changes when one of three rows of the input x does. */
function rowsTouched(graph: ReturnType<typeof randomGraph>, output: string, shape: Shape, seed: number): number {
  const rows = 3
  const run = runner(graph, rows)
  const inputs = randomInputs(graph, rows, seed)
  const width = inputs.x!.length / rows
  const before = run(inputs)[output]!
  expect(
    graphInputs(graph)
      .filter((input) => input.shape.some((d) => d < 0))
      .map(({ name }) => name),
  ).toEqual(['x'])
  expect(shape.length).toBeGreaterThan(0)
  return Math.max(
    ...[0, 1, 2].map((row) => {
      const after = run({ ...inputs, x: inputs.x!.map((v, k) => (Math.floor(k / width) === row ? v + 0.7 : v)) })[output]!
      return after.filter((v, k) => !Object.is(v, before[k])).length / before.length
    }),
  )
}
