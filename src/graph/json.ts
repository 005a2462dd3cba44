import { GraphError } from '../errors.js'
import type { Graph, Node } from './graph.js'
import { attributesOf, ops, type AttributeKind, type Op } from './ops.js'
import { validateGraph } from './validate.js'

/** Version of the form below; raised when an older reader could not read it. */
const version = 1

/** A number as JSON has it, or its name where JSON has none. */
type JSONNumber = number | 'NaN' | 'Infinity' | '-Infinity' | '-0'

/** A Graph as plain JSON: what `JSON.stringify` and `JSON.parse` leave as it is. */
export interface GraphJSON {
  readonly version: number
  readonly nodes: readonly Readonly<Record<string, unknown>>[]
  readonly outputs: readonly { readonly name: string; readonly node: number }[]
}

/** A Graph as plain JSON, numbers without loss; {@link graphFromJSON} reads it. */
export const graphToJSON = (graph: Graph): GraphJSON => ({
  version,
  nodes: graph.nodes.map((node) => (node.op === 'constant' ? { ...node, values: node.values.map(toJSONNumber) } : { ...node })),
  outputs: graph.outputs.map(({ name, node }) => ({ name, node })),
})

/**
 * Reads what `graphToJSON` wrote. Nothing is trusted: the result is a well-formed Graph or there is none.
 *
 * @throws GraphError `Json` if it is no Graph, `Version` if it is of a later version, `IllFormed` if nodes do not fit
 */
export function graphFromJSON(json: unknown): Graph {
  const object = record(json, 'A Graph')
  if (object.version !== version) {
    throw new GraphError(
      'Version',
      `The Graph has version ${JSON.stringify(object.version)}; this release reads version ${version}. Update latent-ode, or write ` +
        'the Graph again.',
    )
  }
  const graph: Graph = {
    nodes: array(object.nodes, 'nodes').map(readNode),
    outputs: array(object.outputs, 'outputs').map((output, i) => {
      const { name, node } = record(output, `outputs[${i}]`)
      return { name: text(name, `outputs[${i}].name`), node: integer(node, `outputs[${i}].node`) }
    }),
  }
  validateGraph(graph)
  return graph
}

function readNode(json: unknown, i: number): Node {
  const where = `nodes[${i}]`
  const object = record(json, where)
  const name = text(object.op, `${where}.op`)
  if (!Object.hasOwn(ops, name)) throw illFormed(`${where}.op`, 'an operation of Graphs', name)
  const op = name as Op
  const inputs = integers(object.inputs, `${where}.inputs`)
  if (op === 'matmul' && inputs.length === 3) throw fused(where)
  const attributes = attributesOf(op).flatMap(([key, kind]): [string, unknown][] => {
    const value = read[kind](object[key], `${where}.${key}`)
    return value === undefined ? [] : [[key, value]]
  })
  // What the attributes of an op are is known to its table only.
  return { shape: integers(object.shape, `${where}.shape`), inputs, op, ...Object.fromEntries(attributes) } as Node
}

/** Readers of attributes; undefined for what is not there and need not be. */
const read: Readonly<Record<AttributeKind, (value: unknown, where: string) => unknown>> = {
  text,
  values: (value, where) => array(value, where).map((item, k) => fromJSONNumber(item, `${where}[${k}]`)),
  integer,
  integers,
  flag,
  mark: (value, where) => (value !== undefined && flag(value, where)) || undefined,
}

const toJSONNumber = (value: number): JSONNumber =>
  Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : value) : (String(value) as 'NaN' | 'Infinity' | '-Infinity')

function fromJSONNumber(value: unknown, where: string): number {
  if (typeof value === 'number') return value
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity' || value === '-0') return Number(value)
  throw illFormed(where, 'a number', value)
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw illFormed(where, 'an object', value)
  return value as Record<string, unknown>
}

function array(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw illFormed(where, 'an array', value)
  return value
}

function flag(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw illFormed(where, 'true or false', value)
  return value
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw illFormed(where, 'a string', value)
  return value
}

function integer(value: unknown, where: string): number {
  if (!Number.isInteger(value)) throw illFormed(where, 'an integer', value)
  return value as number
}

function integers(value: unknown, where: string): number[] {
  return array(value, where).map((item, k) => integer(item, `${where}[${k}]`))
}

const illFormed = (where: string, wanted: string, found: unknown): GraphError =>
  new GraphError(
    'Json',
    `${where} should be ${wanted}, but is ${found === undefined ? 'missing' : JSON.stringify(found)}. This is no Graph that ` +
      'latent-ode wrote.',
  )

/** Up to release 0.1 `simplify` made matmuls of three operands, the last being a bias, where it was asked to. */
const fused = (where: string): GraphError =>
  new GraphError(
    'Json',
    `${where} is a matmul with a bias of its own, which only "simplify(graph, { fuse: true })" of release 0.1 made. Write the Graph again: ` +
      'graphToJSON(simplify(graph)).',
  )
