import { describe, expect, it } from 'vitest'
import { GraphError } from '../../src/errors.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphFromJSON, graphToJSON } from '../../src/graph/json.js'
import { ROWS } from '../../src/graph/shape.js'

/** A Graph with a node of every kind that has attributes, as JSON that may be damaged. */
function example(): { version: unknown; nodes: Record<string, unknown>[]; outputs: unknown[] } {
  const b = new GraphBuilder()
  const x = b.input('x', [ROWS, 2])
  const odd = b.constant([NaN, Infinity, -Infinity, -0, 1e-320, 0.1], [2, 3])
  const product = b.matmul(x, odd)
  const wide = b.concat([b.pad(b.slice(product, [0, 1], [ROWS, 2]), [0, 1], [0, 0]), product], 1)
  b.output('y', b.max(b.sum(b.broadcast(b.reshape(b.transpose(wide, [1, 0]), [6, ROWS, 1]), [6, ROWS, 2]), [0]), [1]))
  b.output('z', b.scatter(b.gather(odd, b.constant([1, 0], [2])), b.constant([3, 3], [2]), 4))
  b.output('s', b.select(b.binary('less', b.rows(), b.constant(2)), x, b.unary('exp', x)))
  return JSON.parse(JSON.stringify(graphToJSON(b.build()))) as ReturnType<typeof example>
}

describe('Graphs as JSON', () => {
  it('come back the same, numbers that JSON lacks included', () => {
    const graph = graphFromJSON(example())
    expect(JSON.parse(JSON.stringify(graphToJSON(graph)))).toEqual(example())
    const constant = graph.nodes[1]!
    expect(constant.op === 'constant' && constant.values).toEqual([NaN, Infinity, -Infinity, -0, 1e-320, 0.1])
  })

  const set =
    (node: number, field: string, value: unknown) =>
    (json: ReturnType<typeof example>): unknown => {
      json.nodes[node]![field] = value
      return json
    }
  const cases: [string, (json: ReturnType<typeof example>) => unknown, string, string][] = [
    ['no object', () => [1], 'Json', 'A Graph should be an object, but is [1]. This is no Graph that latent-ode wrote.'],
    ['nothing', () => undefined, 'Json', 'A Graph should be an object, but is missing. This is no Graph that latent-ode wrote.'],
    [
      'a later version',
      (json) => ({ ...json, version: 2 }),
      'Version',
      'The Graph has version 2; this release reads version 1. Update latent-ode, or write the Graph again.',
    ],
    [
      'no nodes',
      (json) => ({ ...json, nodes: null }),
      'Json',
      'nodes should be an array, but is null. This is no Graph that latent-ode wrote.',
    ],
    [
      'an unknown operation',
      set(0, 'op', 'launch'),
      'Json',
      'nodes[0].op should be an operation of Graphs, but is "launch". This is no Graph that latent-ode wrote.',
    ],
    [
      'an operation named like a property of objects',
      set(0, 'op', 'constructor'),
      'Json',
      'nodes[0].op should be an operation of Graphs, but is "constructor". This is no Graph that latent-ode wrote.',
    ],
    [
      'an input without name',
      set(0, 'name', 7),
      'Json',
      'nodes[0].name should be a string, but is 7. This is no Graph that latent-ode wrote.',
    ],
    [
      'a shape with a fraction',
      set(0, 'shape', [1.5]),
      'Json',
      'nodes[0].shape[0] should be an integer, but is 1.5. This is no Graph that latent-ode wrote.',
    ],
    [
      'a value that is no number',
      set(1, 'values', ['one']),
      'Json',
      'nodes[1].values[0] should be a number, but is "one". This is no Graph that latent-ode wrote.',
    ],
    [
      'too few values',
      set(1, 'values', [1]),
      'IllFormed',
      'Node %1, constant, cannot be: A constant of shape [2, 3] cannot hold 1 values.',
    ],
    [
      'a flag that is none',
      set(2, 'transposeA', 'no'),
      'Json',
      'nodes[2].transposeA should be true or false, but is "no". This is no Graph that latent-ode wrote.',
    ],
    [
      'a matmul with a bias, as release 0.1 could write it',
      (json) => {
        json.nodes[2]!['inputs'] = [0, 1, 1]
        json.nodes[2]!['activation'] = 'relu'
        return json
      },
      'Json',
      'nodes[2] is a matmul with a bias of its own, which only "simplify(graph, { fuse: true })" of release 0.1 made. Write the Graph ' +
        'again: graphToJSON(simplify(graph)).',
    ],
    ['an operand that comes later', set(2, 'inputs', [0, 5]), 'IllFormed', 'Node %2, matmul, takes %5, which is no earlier node.'],
    ['too few operands', set(2, 'inputs', [0]), 'IllFormed', 'Node %2, matmul, cannot be: it takes 2 operands, not 1.'],
    [
      'operands that do not fit',
      set(2, 'inputs', [0, 0]),
      'IllFormed',
      'Node %2, matmul, cannot be: matmul cannot multiply [rows, 2] by [rows, 2].',
    ],
    [
      'a shape that does not follow',
      set(2, 'shape', [ROWS, 4]),
      'IllFormed',
      'Node %2, matmul, says its shape is [rows, 4], but it is [rows, 3].',
    ],
    [
      'a slice out of bounds',
      set(3, 'begin', [0, 2]),
      'IllFormed',
      'Node %3, slice, cannot be: [rows, 3] has no block of shape [rows, 2] at [0, 2] (the rows axis can only be taken whole).',
    ],
    ['negative padding', set(4, 'before', [0, -1]), 'IllFormed', 'Node %4, pad, cannot be: padding is never negative.'],
    [
      'an output that is no node',
      (json) => ({ ...json, outputs: [{ name: 'y', node: 99 }] }),
      'IllFormed',
      'Output "y" is %99, which is no node: there are 20.',
    ],
    [
      'two outputs of one name',
      (json) => ({
        ...json,
        outputs: [
          { name: 'y', node: 0 },
          { name: 'y', node: 1 },
        ],
      }),
      'IllFormed',
      'There are two outputs named "y".',
    ],
    [
      'two inputs of one name',
      (json) => ({ ...json, nodes: [json.nodes[0], json.nodes[0]], outputs: [] }),
      'IllFormed',
      'Node %1, input, has the name "x" of another input.',
    ],
  ]
  for (const [name, damage, code, message] of cases) {
    it(`refuse ${name}`, () => {
      let error: unknown
      try {
        graphFromJSON(damage(example()))
      } catch (caught) {
        error = caught
      }
      expect(error).toBeInstanceOf(GraphError)
      expect((error as GraphError).message).toBe(message)
      expect((error as GraphError).code).toBe(code)
    })
  }
})
