import { GraphError } from '../errors.js'
import { GraphBuilder, type Ref } from './builder.js'
import type { Graph, Node } from './graph.js'
import { isBinary, isComparison, isUnary, ops } from './ops.js'
import { formatShape, sameShape, type Shape } from './shape.js'

/**
 * Checks that a Graph is well formed: operands stand before their users, every shape follows from the operation, names
 * are unique and outputs exist.
 *
 * @throws GraphError `IllFormed` (or what the operation itself says), naming the node
 */
export function validateGraph(graph: Graph): void {
  const names = new Set<string>()
  graph.nodes.forEach((node, i) => {
    const where = `Node %${i}, ${node.op},`
    for (const input of node.inputs) {
      if (!Number.isInteger(input) || input < 0 || input >= i)
        throw new GraphError('IllFormed', `${where} takes %${input}, which is no earlier node.`)
    }
    if (node.op === 'input') {
      if (names.has(node.name)) throw new GraphError('IllFormed', `${where} has the name "${node.name}" of another input.`)
      names.add(node.name)
    }
    let shape: Shape
    try {
      shape = inferShape(
        node,
        node.inputs.map((input) => graph.nodes[input]!.shape),
      )
    } catch (error) {
      throw error instanceof GraphError ? new GraphError('IllFormed', `${where} cannot be: ${error.message}`, { cause: error }) : error
    }
    if (!sameShape(shape, node.shape))
      throw new GraphError('IllFormed', `${where} says its shape is ${formatShape(node.shape)}, but it is ${formatShape(shape)}.`)
  })
  const outputs = new Set<string>()
  for (const { name, node } of graph.outputs) {
    if (!(node in graph.nodes))
      throw new GraphError('IllFormed', `Output "${name}" is %${node}, which is no node: there are ${graph.nodes.length}.`)
    if (outputs.has(name)) throw new GraphError('IllFormed', `There are two outputs named "${name}".`)
    outputs.add(name)
  }
}

/** The shape a node has, given those of its operands, by the rules of {@link GraphBuilder}. */
function inferShape(node: Node, operands: readonly Shape[]): Shape {
  const { op } = node
  const b = new GraphBuilder()
  const refs = operands.map((shape, i) => b.input(`operand ${i}`, shape))
  const [x, y, z] = refs as [Ref, Ref, Ref]
  const { operands: expected } = ops[op]
  if (expected === 'several' ? refs.length === 0 : refs.length !== expected) {
    throw new GraphError(
      'Shape',
      `it takes ${expected === 'several' ? 'at least one operand' : `${expected} operand${expected === 1 ? '' : 's'}`}, not ${refs.length}.`,
    )
  }
  if (isUnary(op)) return b.shape(b.unary(op, x))
  if (isBinary(op) || isComparison(op)) return b.shape(b.binary(op, x, y))
  switch (op) {
    case 'input':
    case 'rows':
      return b.shape(op === 'rows' ? b.rows() : b.input('self', node.shape))
    case 'constant':
      return b.shape(b.constant(node.values, node.shape))
    case 'select':
      return b.shape(b.select(x, y, z))
    case 'matmul':
      return b.shape(b.matmul(x, y, { transposeA: node.transposeA, transposeB: node.transposeB }))
    case 'sum':
    case 'max':
      return b.shape(b[op](x, node.axes))
    case 'reshape':
      return b.shape(b.reshape(x, node.shape))
    case 'broadcast':
      return b.shape(b.broadcast(x, node.shape))
    case 'transpose':
      return b.shape(b.transpose(x, node.permutation))
    case 'concat':
      return b.shape(b.concat(refs, node.axis))
    case 'slice':
      return b.shape(b.slice(x, node.begin, node.shape))
    case 'pad':
      if ([...node.before, ...node.after].some((p) => p < 0)) throw new GraphError('Shape', 'padding is never negative.')
      return b.shape(b.pad(x, node.before, node.after))
    case 'gather':
      return b.shape(b.gather(x, y))
    case 'scatter':
      return b.shape(b.scatter(x, y, node.shape[0] ?? 0))
    case 'lu':
      return b.shape(b.lu(x))
    case 'luSolve':
      return b.shape(b.luSolve(x, y, { transposed: node.transposed }))
    default:
      return op satisfies never
  }
}
