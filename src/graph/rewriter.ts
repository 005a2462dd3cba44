import { GraphBuilder, type Ref } from './builder.js'
import type { Graph, Node } from './graph.js'
import { attributesOf, ops, type AttributeKind } from './ops.js'
import { sameShape, type Shape } from './shape.js'

/** A rule gives an equal value of the Graph under construction that is cheaper than the node, if it knows one. */
export type Rule = (r: Rewriter, node: Node) => Ref | undefined

/** Builds a Graph from another, applying rules to each node as it is added; equal nodes become one. */
export class Rewriter {
  readonly #b = new GraphBuilder()
  readonly #known = new Map<string, Ref>()

  constructor(private readonly rules: readonly Rule[]) {}

  /** Adds a node whose operands are of this Graph, or finds an equal value. */
  emit(node: Node): Ref {
    for (const rule of this.rules) {
      const better = rule(this, node)
      if (better !== undefined) return better
    }
    const key = keyOf(node)
    let ref = this.#known.get(key)
    if (ref === undefined) {
      ref = node.op === 'input' ? this.#b.input(node.name, node.shape) : this.#b.copy(node, node.inputs)
      this.#known.set(key, ref)
    }
    return ref
  }

  node(ref: Ref): Node {
    return this.#b.node(ref)
  }
  shape(ref: Ref): Shape {
    return this.#b.shape(ref)
  }

  constant(values: readonly number[], shape: Shape, rounded = false): Ref {
    return this.emit({ op: 'constant', values, ...(rounded && { rounded }), inputs: [], shape })
  }
  unary(op: 'neg' | 'square' | 'abs' | 'reciprocal', x: Ref): Ref {
    return this.emit({ op, inputs: [x], shape: this.shape(x) })
  }
  reshape(x: Ref, shape: Shape): Ref {
    return sameShape(this.shape(x), shape) ? x : this.emit({ op: 'reshape', inputs: [x], shape })
  }
  broadcast(x: Ref, shape: Shape): Ref {
    return sameShape(this.shape(x), shape) ? x : this.emit({ op: 'broadcast', inputs: [x], shape })
  }
  /** One number, everywhere. */
  fill(value: number, shape: Shape, rounded = false): Ref {
    return this.broadcast(this.constant([value], [], rounded), shape)
  }

  /** The number that all elements of a value are known to be. */
  uniform(ref: Ref): number | undefined {
    const node = this.node(ref)
    if (node.op === 'constant') return node.values.every((v) => Object.is(v, node.values[0])) ? node.values[0] : undefined
    return node.op === 'broadcast' || node.op === 'reshape' ? this.uniform(node.inputs[0]!) : undefined
  }

  /** Whether a value is made of a constant that is known to float32 precision only. */
  isRounded(ref: Ref): boolean {
    const node = this.node(ref)
    return node.op === 'constant'
      ? node.rounded === true
      : (node.op === 'broadcast' || node.op === 'reshape') && this.isRounded(node.inputs[0]!)
  }

  /** Rewrites a whole Graph. */
  run(graph: Graph): Graph {
    const map: Ref[] = []
    for (const node of graph.nodes) map.push(this.emit({ ...node, inputs: node.inputs.map((i) => map[i]!) }))
    for (const { name, node } of graph.outputs) this.#b.output(name, map[node]!)
    return this.#b.build()
  }
}

/** Equal for nodes that have equal values. */
export function keyOf(node: Node): string {
  const { op, shape, inputs } = node
  const [first, second] = inputs
  const operands = ops[op].commutes && first! > second! ? `${second},${first}` : inputs.join()
  let key = `${op} ${operands} [${shape.join()}]`
  for (const [name, kind] of attributesOf(op)) key += ` ${keyOfValue((node as Readonly<Record<string, unknown>>)[name], kind)}`
  return key
}

function keyOfValue(value: unknown, kind: AttributeKind): string {
  if (kind === 'values') return (value as number[]).map((v) => (Object.is(v, -0) ? '-0' : v)).join()
  return kind === 'text' ? JSON.stringify(value) : String(value)
}
