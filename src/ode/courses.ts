import { GraphBuilder, type Ref } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { ROWS } from '../graph/shape.js'
import { block, column } from './combine.js'
import { derivedOnce } from './derivedOnce.js'

/**
 * Degrees of the polynomials of time that inputs by row are, by name; those that are not named are constant within a step. A Graph is
 * given such an input as `[rows, 1 + (degree + 1)·k]`: t₀, c₀, c₁ …, for u = c₀ + s(c₁ + s(…)) with s = t − t₀.
 */
export type Degrees = Readonly<Record<string, number>>

/** Columns of such an input. */
export const columnsOf = (width: number, degree: number): number => (degree === 0 ? width : 1 + (degree + 1) * width)

/** A Graph of t and inputs by row as one of t and what its inputs are made of. The same Graph each time, so that it is compiled once. */
export function withCourses(graph: Graph, degrees: Degrees): Graph {
  const key = JSON.stringify(degrees)
  if (key === '{}') return graph
  return derivedOnce(graph, `courses ${key}`, () => wrap(graph, degrees))
}

function wrap(graph: Graph, degrees: Degrees): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const given: Record<string, Ref> = { t }
  for (const node of graph.nodes) {
    if (node.op !== 'input' || node.name === 't') continue
    const { name, shape } = node
    const degree = Object.hasOwn(degrees, name) ? degrees[name]! : 0
    given[name] =
      degree === 0
        ? builder.input(name, shape)
        : polynomial(builder, t, builder.input(name, [ROWS, columnsOf(shape[1]!, degree)]), shape[1]!, degree)
  }
  for (const [name, ref] of Object.entries(builder.call(graph, given))) builder.output(name, ref)
  return builder.build()
}

function polynomial(builder: GraphBuilder, t: Ref, packed: Ref, width: number, degree: number): Ref {
  const s = builder.sub(t, column(builder, packed, 0))
  const coefficients = builder.slice(packed, [0, 1], [ROWS, (degree + 1) * width])
  let value = block(builder, coefficients, degree, width)
  for (let p = degree - 1; p >= 0; p--) value = builder.add(block(builder, coefficients, p, width), builder.mul(s, value))
  return value
}
