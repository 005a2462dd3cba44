import type { Graph, Node } from './graph.js'
import { attributesOf, type AttributeKind, type AttributeTypes } from './ops.js'
import { formatShape, type Shape } from './shape.js'

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

const attributes = (node: Node): string[] =>
  attributesOf(node.op).flatMap(([key, kind]) => {
    const value = (node as Readonly<Record<string, unknown>>)[key]
    return format[kind](value as never, key, node.shape) ?? []
  })

type Formats = { readonly [K in AttributeKind]: (value: AttributeTypes[K], key: string, shape: Shape) => string | undefined }
const format: Formats = {
  text: (value) => JSON.stringify(value),
  values: formatValues,
  integer: (value, key) => `${key}=${value}`,
  integers: (value, key) => `${key}=[${value.join(', ')}]`,
  flag: (value, key) => (value ? key : undefined),
  mark: (value: true | undefined, key) => value && key,
}

function formatValues(values: readonly number[], _: string, shape: Shape): string {
  if (shape.length === 0) return number(values[0]!)
  const rest = values.length - shownValues
  return rest > 0 ? `[${values.slice(0, shownValues).map(number).join(', ')}, … ${rest} more]` : `[${values.map(number).join(', ')}]`
}

const number = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
