import { describe, expect, it } from 'vitest'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { graphFromJSON, graphToJSON } from '../../src/graph/json.js'
import { jvp } from '../../src/graph/jvp.js'
import { splitVjp } from '../../src/graph/residuals.js'
import { assertRowwise } from '../../src/graph/rowwise.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { formatGraph } from '../../src/graph/text.js'
import { vjp } from '../../src/graph/vjp.js'
import { checkDerivatives, graphOf, randomInputs, runner } from './check.js'

const system = { a: [ROWS, 3, 3], b: [ROWS, 3] } as const
const solve = graphOf(system, (g, a, b) => g.solve(a, b))

/** Inputs whose matrices `a` have 6 where i = j + 1 (mod n): far from singular, and rows have to be exchanged. */
function inputsOf(graph: Graph, rows: number, seed: number, n = 3): Record<string, number[]> {
  const inputs = randomInputs(graph, rows, seed)
  inputs['a'] = inputs['a']!.map((v, i) => v / 2 + (Math.floor(i / n) % n === ((i % n) + 1) % n ? 2 * n : 0))
  return inputs
}

describe('solve', () => {
  it('solves by row: examples by hand', () => {
    const a = [0, 2, 0, 1, 0, 0, 0, 0, 4, 2, 1, 0, 1, 3, 0, 0, 0, 1]
    const { y } = runner(solve, 2)({ a, b: [2, 3, 4, 5, 10, 7] })
    const expected = [3, 1, 1, 1, 3, 7]
    y!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14))
  })

  it('has first and second derivatives, in reverse and forward', () => {
    for (const rows of [0, 1, 3]) {
      const squared = graphOf(system, (g, a, b) => g.unary('square', g.solve(a, b)))
      const inputs = inputsOf(squared, rows, 1)
      checkDerivatives(squared, ['a', 'b'], inputs, rows)
      const first = vjp(squared, ['a', 'b'])
      checkDerivatives(first, ['a', 'b', 'bar.y'], { ...randomInputs(first, rows, 2), ...inputs }, rows)
      const forward = jvp(squared, ['a', 'b'])
      checkDerivatives(forward, ['a', 'b', 'dot.a', 'dot.b'], { ...randomInputs(forward, rows, 3), ...inputs }, rows)
    }
  })

  it('of transposed systems, of one equation, of several systems a row, without rows', () => {
    const cases: [Record<string, Shape>, number, (g: GraphBuilder, a: Ref, b: Ref) => Ref][] = [
      [system, 3, (g, a, b) => g.luSolve(g.lu(a), b, { transposed: true })],
      [{ a: [ROWS, 1, 1], b: [ROWS, 1] }, 1, (g, a, b) => g.solve(a, b)],
      [{ a: [ROWS, 2, 2, 2], b: [ROWS, 2, 2] }, 2, (g, a, b) => g.solve(a, b)],
      [{ a: [2, 2, 2], b: [2, 2] }, 2, (g, a, b) => g.luSolve(g.lu(a), g.solve(a, b), { transposed: true })],
      [{ a: [ROWS, 0, 0], b: [ROWS, 0] }, 0, (g, a, b) => g.solve(a, b)],
    ]
    for (const [shapes, n, build] of cases) {
      const graph = graphOf(shapes, build)
      const inputs = inputsOf(graph, 2, 4, n)
      checkDerivatives(graph, ['a', 'b'], inputs, 2)
      const first = vjp(graph, ['a', 'b'])
      checkDerivatives(first, ['a', 'b', 'bar.y'], { ...randomInputs(first, 2, 5), ...inputs }, 2)
    }
  })

  it('by a matrix and a right side that depend on the same number', () => {
    const graph = graphOf({ z: [ROWS, 2], h: [ROWS, 1] }, (g, z, h) => {
      const outer = g.mul(g.reshape(g.unary('tanh', z), [ROWS, 2, 1]), g.reshape(z, [ROWS, 1, 2]))
      const matrix = g.sub(g.constant([4, 0, 0, 4], [2, 2]), g.mul(g.reshape(h, [ROWS, 1, 1]), outer))
      return g.solve(matrix, g.unary('sin', z))
    })
    const inputs = randomInputs(graph, 3, 6)
    checkDerivatives(graph, ['z', 'h'], inputs, 3)
    const first = vjp(graph, ['z', 'h'])
    checkDerivatives(first, ['z', 'h', 'bar.y'], { ...randomInputs(first, 3, 7), ...inputs }, 3)
  })

  it('factors a matrix once for all its systems, their derivatives included', () => {
    const count = (graph: Graph, op: string): number => simplify(graph).nodes.filter((node) => node.op === op).length
    const eight = graphOf(system, (g, a, b) => Array.from({ length: 8 }).reduce<Ref>((x) => g.solve(a, g.unary('tanh', x)), b))
    expect([count(eight, 'lu'), count(eight, 'luSolve')]).toEqual([1, 8])
    const { forward, backward } = splitVjp(eight, ['a', 'b'])
    expect([count(forward, 'lu'), count(forward, 'luSolve')]).toEqual([1, 8])
    expect([count(backward, 'lu'), count(backward, 'luSolve')]).toEqual([0, 8])
    // What the eight give the matrix is added up as matrices.
    expect([count(backward, 'pad'), count(backward, 'slice')]).toEqual([0, 0])
    expect(count(jvp(eight, ['a', 'b']), 'lu')).toBe(1)
    expect([count(jvp(eight, ['a', 'b']), 'pad'), count(jvp(eight, ['a', 'b']), 'slice')]).toEqual([0, 0])
  })

  it('a singular matrix spoils its own row only, and nothing of what a select leaves out', () => {
    const singular = [1, 2, 3, 2, 4, 6, 1, 0, 1]
    const a = [0, 2, 0, 1, 0, 0, 0, 0, 4, ...singular]
    const { y } = runner(solve, 2)({ a, b: [2, 3, 4, 1, 1, 1] })
    expect(y!.slice(0, 3)).toEqual([3, 1, 1])
    expect(y!.slice(3).some(Number.isFinite)).toBe(false)
    const chosen = graphOf({ ...system, c: [ROWS, 1] }, (g, a, b, c) => g.select(c, g.solve(a, b), g.constant(7)))
    const found = runner(vjp(chosen, ['a', 'b']), 2)({ a, b: [2, 3, 4, 1, 1, 1], c: [1, 0], 'bar.y': [1, 1, 1, 1, 1, 1] })
    expect(found['bar.b']).toEqual([0.5, 1, 0.25, 0, 0, 0])
    expect(found['bar.a']!.slice(9).map(Math.abs)).toEqual(new Array(9).fill(0))
    expect(found['bar.a']!.every(Number.isFinite)).toBe(true)
  })

  it('keeps to its row', () => {
    const ok: [Record<string, Shape>, (g: GraphBuilder, a: Ref, b: Ref) => Ref][] = [
      [system, (g, a, b) => g.solve(a, b)],
      [{ a: [2, ROWS, 3, 3], b: [3] }, (g, a, b) => g.solve(a, g.broadcast(b, [2, ROWS, 3]))],
      [{ a: [3, 3], b: [ROWS, 3] }, (g, a, b) => g.solve(g.broadcast(a, [ROWS, 3, 3]), b)],
    ]
    for (const [shapes, build] of ok) expect(() => assertRowwise(graphOf(shapes, build))).not.toThrow()
    const shifted = graphOf({ a: [ROWS, 2, 3, 3], b: [2, ROWS, 3] }, (g, a, b) => g.solve(a, g.reshape(b, [ROWS, 2, 3])))
    expect(() => assertRowwise(shifted)).toThrow(/mixes rows/)
  })

  it('in text and JSON', () => {
    const graph = graphOf(system, (g, a, b) => g.luSolve(g.lu(a), b, { transposed: true }))
    expect(formatGraph(graph)).toBe(`%0 = input "a" : [rows, 3, 3]
%1 = input "b" : [rows, 3]
%2 = lu %0 : [rows, 4, 3]
%3 = luSolve %2 %1 transposed : [rows, 3]
return "y" = %3`)
    expect(graphFromJSON(JSON.parse(JSON.stringify(graphToJSON(graph))))).toEqual(graph)
  })

  it.each<[string, (g: GraphBuilder) => Ref, string]>([
    [
      'no square matrix',
      (g) => g.solve(g.input('a', [ROWS, 2, 3]), g.input('b', [ROWS, 3])),
      'solve takes matrices [..., n, n] and right sides [..., n] of a fixed size, not [rows, 2, 3] and [rows, 3].',
    ],
    [
      'other leading axes',
      (g) => g.solve(g.input('a', [3, 3]), g.input('b', [ROWS, 3])),
      'solve takes matrices [..., n, n] and right sides [..., n] of a fixed size, not [3, 3] and [rows, 3].',
    ],
    [
      'as many equations as rows',
      (g) => g.solve(g.input('a', [ROWS, ROWS]), g.input('b', [ROWS])),
      'solve takes matrices [..., n, n] and right sides [..., n] of a fixed size, not [rows, rows] and [rows].',
    ],
    ['lu of a vector', (g) => g.lu(g.input('a', [3])), 'lu takes square matrices [..., n, n] of a fixed size, not [3].'],
    [
      'a matrix in place of its factors',
      (g) => g.luSolve(g.input('a', [3, 3]), g.input('b', [3])),
      'luSolve cannot solve for [3] with factors [3, 3].',
    ],
  ])('refuses %s', (_, build, message) => {
    expect(() => build(new GraphBuilder())).toThrow(expect.objectContaining({ name: 'GraphError', code: 'Shape', message }) as Error)
  })
})
