import { describe, expect, it } from 'vitest'
import { graphInputs, graphOutputs, type Graph } from '../../src/graph/graph.js'
import { graphFromJSON, graphToJSON } from '../../src/graph/json.js'
import { jvp } from '../../src/graph/jvp.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { validateGraph } from '../../src/graph/validate.js'
import { vjp } from '../../src/graph/vjp.js'
import { checkDerivatives, randomInputs, runner, type Numbers } from './check.js'
import { randomGraph } from './randomGraph.js'

const wrt = ['x', 'w', 'c', 's']
const seeds = Array.from({ length: 60 }, (_, seed) => seed)

/** Equal up to rounding: sums of copies may be rounded otherwise, and what follows amplifies that a little. */
function expectEqual(found: Numbers, expected: Numbers): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected))
  for (const name of Object.keys(expected)) {
    found[name]!.forEach((value, i) => {
      const wanted = expected[name]![i]!
      if (Number.isFinite(wanted))
        expect(Math.abs(value - wanted), `${name}[${i}]: ${value} for ${wanted}`).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(wanted)))
      else expect(value).toBe(wanted)
    })
  }
}

/** Elements that the nodes of a Graph compute, matmul by its products; moves of elements are free. */
function work(graph: Graph, rows: number): number {
  const free = ['input', 'constant', 'rows', 'reshape', 'broadcast', 'transpose', 'slice', 'pad', 'concat']
  return graph.nodes.reduce((total, node) => {
    const over = node.op === 'sum' || node.op === 'max' ? graph.nodes[node.inputs[0]!]!.shape : node.shape
    const products =
      node.op === 'matmul' ? sizeOf(shapeAt(graph.nodes[node.inputs[0]!]!.shape, rows)) * shapeAt(node.shape, rows).at(-1)! : 0
    return free.includes(node.op) ? total : total + sizeOf(shapeAt(over, rows)) + products
  }, 0)
}

describe('random Graphs', () => {
  it('have the derivatives that finite differences have', () => {
    let atKinks = 0
    for (const seed of seeds) {
      const graph = randomGraph(seed)
      const rows = seed % 4
      atKinks += checkDerivatives(graph, wrt, randomInputs(graph, rows, seed), rows, { tolerance: 1e-7, kinks: true })
    }
    expect(atKinks).toBeLessThan(seeds.length / 10)
  })

  it('keep values, inputs and outputs when simplified, and never compute more elements', () => {
    for (const seed of seeds) {
      for (const graph of [
        randomGraph(seed),
        vjp(randomGraph(seed), wrt, { keepOutputs: true }),
        jvp(vjp(randomGraph(seed), ['x', 'w']), ['x', 'bar.y0']),
      ]) {
        const rows = seed % 4
        const inputs = randomInputs(graph, rows, seed)
        const expected = runner(graph, rows)(inputs)
        const simpler = simplify(graph)
        validateGraph(simpler)
        expect(graphInputs(simpler)).toEqual(graphInputs(graph))
        expect(graphOutputs(simpler)).toEqual(graphOutputs(graph))
        expect(work(simpler, 5), 'elements computed').toBeLessThanOrEqual(work(graph, 5))
        expectEqual(runner(simpler, rows)(inputs), expected)
        expect(simplify(simpler)).toEqual(simpler)
      }
    }
  })

  it('are well formed, come back from JSON as they were, and so do their derivatives', () => {
    for (const seed of seeds) {
      for (const graph of [randomGraph(seed), vjp(randomGraph(seed), wrt), simplify(vjp(randomGraph(seed), wrt))]) {
        validateGraph(graph)
        expect(graphFromJSON(JSON.parse(JSON.stringify(graphToJSON(graph))))).toEqual(graph)
      }
    }
  })
})
