import { GraphBuilder, type Ref } from './builder.js'
import { isUnary, type Graph, type Node } from './graph.js'
import { sameShape, sizeOf } from './shape.js'

/**
 * Moves the addition of a bias `[n]`, and the element-wise function after it, into the matmul before them. A value
 * that something else needs too stays a node of its own.
 */
export function fuse(graph: Graph): Graph {
  const uses = new Array<number>(graph.nodes.length).fill(0)
  for (const { inputs } of graph.nodes) for (const input of inputs) uses[input]!++
  for (const { node } of graph.outputs) uses[node]!++
  const b = new GraphBuilder()
  const map: Ref[] = []
  graph.nodes.forEach((node, i) => map.push(fuseNode(b, node, i, graph, map, uses)))
  for (const { name, node } of graph.outputs) b.output(name, map[node]!)
  return b.build()
}

function fuseNode(b: GraphBuilder, node: Node, self: number, graph: Graph, map: readonly Ref[], uses: readonly number[]): Ref {
  const matmulAt = (input: number): Extract<Node, { op: 'matmul' }> | undefined => {
    const before = b.node(map[input]!)
    return before.op === 'matmul' && uses[input] === 1 && sameShape(before.shape, node.shape) ? before : undefined
  }
  if (node.op === 'input') return b.input(node.name, node.shape)
  if (node.op === 'add') {
    for (const [product, added] of [node.inputs, [...node.inputs].reverse()] as [number, number][]) {
      const before = matmulAt(product)
      const bias = graph.nodes[added]!.shape
      const n = node.shape.at(-1)!
      if (before?.inputs.length !== 2 || bias.at(-1) !== n || n < 0 || sizeOf(bias) !== n || bias.some((d) => d < 0)) continue
      const [x, y] = before.inputs as [Ref, Ref]
      return b.matmul(x, y, { transposeA: before.transposeA, transposeB: before.transposeB, bias: b.reshape(map[added]!, [n]) })
    }
  }
  if (isUnary(node.op)) {
    const before = matmulAt(node.inputs[0]!)
    if (before?.inputs.length === 3 && before.activation === undefined) return b.copy({ ...before, activation: node.op }, before.inputs)
  }
  return b.copy(
    graph.nodes[self]!,
    node.inputs.map((input) => map[input]!),
  )
}
