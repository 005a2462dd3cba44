import { GraphBuilder, type Ref } from './builder.js'
import type { Graph, Node } from './graph.js'

const isFused = (node: Node): boolean => node.op === 'matmul' && node.inputs.length > 2

/** The same Graph with every fused matmul taken apart into matmul, add and activation. */
export function unfuse(graph: Graph): Graph {
  if (!graph.nodes.some(isFused)) return graph
  const b = new GraphBuilder()
  const map: Ref[] = []
  for (const node of graph.nodes) {
    const [first, second, bias] = node.inputs.map((i) => map[i]!)
    if (node.op === 'matmul' && bias !== undefined) {
      const { transposeA, transposeB, activation } = node
      const sum = b.add(b.matmul(first!, second!, { transposeA, transposeB }), bias)
      map.push(activation ? b.unary(activation, sum) : sum)
    } else {
      map.push(
        node.op === 'input'
          ? b.input(node.name, node.shape)
          : b.copy(
              node,
              node.inputs.map((i) => map[i]!),
            ),
      )
    }
  }
  for (const { name, node } of graph.outputs) b.output(name, map[node]!)
  return b.build()
}
