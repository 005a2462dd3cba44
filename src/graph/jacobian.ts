import { GraphError } from '../errors.js'
import type { GraphBuilder, Ref } from './builder.js'
import { zerosOf } from './derivatives.js'
import type { Graph, Node } from './graph.js'
import { pushForward } from './jvp.js'
import { formatShape, ROWS } from './shape.js'
import { inputOf } from './vjp.js'

/** Options of {@link jacobian}. */
export interface JacobianOptions {
  /** The Graph's inputs, by name, as of `GraphBuilder.call`. Default: inputs of the Graph under construction. */
  readonly inputs?: Readonly<Record<string, Ref>>
  /** The output to differentiate. Default: the only one. */
  readonly output?: string
}

/**
 * Computes a Graph inside another, and the Jacobian of an output `[rows, m]` by an input `[rows, n]`, row by row: element
 * `[r, i, j]` of `[rows, m, n]` is the derivative of output i by input j in row r, all rows being independent of one another
 * (`assertRowwise`). It is n Jacobian-vector products of unit vectors, which share what does not depend on the vector. Inputs
 * that are columns cut out of `[rows, n]` cost no more than their own derivatives: a column that the vector does not move
 * has none.
 *
 * @param b the Graph under construction
 * @param graph the function
 * @param wrt name of the input to differentiate by
 * @returns the value of the output and the Jacobian
 * @throws GraphError `Name` if there is no such input or output, `Shape` if one of the two is not `[rows, size]`
 */
export function jacobian(
  b: GraphBuilder,
  graph: Graph,
  wrt: string,
  { inputs = {}, output }: JacobianOptions = {},
): { value: Ref; jacobian: Ref } {
  const source = inputOf(new Map(graph.nodes.flatMap((node, i) => (node.op === 'input' ? [[node.name, i]] : []))), wrt)
  const result = outputOf(graph, output)
  const [n, m] = [columnsOf(graph, source, `The input "${wrt}"`), columnsOf(graph, result, 'The output')]
  const everything = b.call({ nodes: graph.nodes, outputs: graph.nodes.map((_, node) => ({ name: String(node), node })) }, inputs)
  const map = graph.nodes.map((_, i) => everything[i]!)
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((input) => map[input]!) }))

  const columns = Array.from({ length: n }, (_, j) => {
    const dots: (Ref | undefined)[] = []
    dots[source] = b.broadcast(b.constant(unit(n, j), [1, n]), [ROWS, n])
    graph.nodes.forEach(({ op, shape, inputs: operands }, i) => {
      const moved = operands.map((operand) => dots[operand])
      if (op === 'input' || moved.every((dot) => dot === undefined)) return
      const node = nodes[i]!
      const dot = node.op === 'slice' ? sliceOfUnit(b, node, moved[0]!) : pushForward(b, node, map[i]!, moved)
      dots[i] = dot === undefined ? undefined : b.broadcast(dot, shape)
    })
    return b.reshape(dots[result] ?? zerosOf(b, [ROWS, m]), [ROWS, m, 1])
  })
  return { value: map[result]!, jacobian: n === 0 ? zerosOf(b, [ROWS, m, 0]) : b.concat(columns, 2) }
}

function outputOf(graph: Graph, name: string | undefined): number {
  const found = name === undefined && graph.outputs.length === 1 ? graph.outputs[0] : graph.outputs.find((output) => output.name === name)
  if (found === undefined)
    throw new GraphError(
      'Name',
      `${name === undefined ? 'An output of the Graph has to be named' : `The Graph has no output "${name}"`}; it has ` +
        `${graph.outputs.map((output) => `"${output.name}"`).join(', ') || 'none'}.`,
    )
  return found.node
}

function columnsOf(graph: Graph, ref: number, what: string): number {
  const { shape } = graph.nodes[ref]!
  if (shape.length !== 2 || shape[0] !== ROWS || shape[1]! < 0)
    throw new GraphError('Shape', `${what} of a Jacobian has shape [rows, size], not ${formatShape(shape)}.`)
  return shape[1]!
}

const unit = (n: number, at: number): number[] => Array.from({ length: n }, (_, i) => (i === at ? 1 : 0))

/** A block of a tangent; `undefined`, which is 0, for columns of a unit vector that do not move. */
function sliceOfUnit(b: GraphBuilder, { begin, shape }: Extract<Node, { op: 'slice' }>, dot: Ref): Ref | undefined {
  const copies = b.node(dot)
  const row = copies.op === 'broadcast' ? b.node(copies.inputs[0]!) : undefined
  if (row?.op !== 'constant' || row.shape.length !== 2) return b.slice(dot, begin, shape)
  const values = row.values.slice(begin[1], begin[1]! + shape[1]!)
  return values.every((value) => value === 0) ? undefined : b.constant(values, [1, values.length])
}
