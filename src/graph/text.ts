import type { Graph, Node } from './graph.js'
import { formatShape } from './shape.js'

/** Values of a constant that are printed before it is cut short. */
const shownValues = 8

/**
 * A Graph as text, a line for each node, to be read by people and tests:
 *
 *     %0 = input "x" : [rows, 4]
 *     %1 = input "w" : [4, 32]
 *     %2 = matmul %0 %1 : [rows, 32]
 *     %3 = tanh %2 : [rows, 32]
 *     return "y" = %3
 */
export function formatGraph(graph: Graph): string {
  const lines = graph.nodes.map((node, i) => `%${i} = ${formatNode(node)}`)
  return [...lines, `return ${graph.outputs.map(({ name, node }) => `${JSON.stringify(name)} = %${node}`).join(', ')}`.trimEnd()].join('\n')
}

/** One node, without its own number: `tanh %2 : [rows, 32]`. */
export function formatNode(node: Node): string {
  return [node.op, ...node.inputs.map((i) => `%${i}`), ...attributes(node), ':', formatShape(node.shape)].join(' ')
}

function attributes(node: Node): string[] {
  switch (node.op) {
    case 'input':
      return [JSON.stringify(node.name)]
    case 'constant':
      return [formatValues(node), ...(node.rounded ? ['rounded'] : [])]
    case 'matmul':
      return [...(node.transposeA ? ['transposeA'] : []), ...(node.transposeB ? ['transposeB'] : [])]
    case 'sum':
    case 'max':
      return [`axes=${list(node.axes)}`]
    case 'transpose':
      return [`permutation=${list(node.permutation)}`]
    case 'concat':
      return [`axis=${node.axis}`]
    case 'slice':
      return [`begin=${list(node.begin)}`]
    case 'pad':
      return [`before=${list(node.before)}`, `after=${list(node.after)}`]
    default:
      return []
  }
}

function formatValues({ values, shape }: Extract<Node, { op: 'constant' }>): string {
  if (shape.length === 0) return format(values[0]!)
  const rest = values.length - shownValues
  return rest > 0 ? `[${values.slice(0, shownValues).map(format).join(', ')}, … ${rest} more]` : `[${values.map(format).join(', ')}]`
}

const list = (values: readonly number[]): string => `[${values.join(', ')}]`

const format = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
