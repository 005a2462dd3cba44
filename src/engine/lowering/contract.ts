import { isElementwise } from '../../graph/ops.js'
import { sameShape } from '../../graph/shape.js'
import type { OperationName } from './codes.js'
import type { Chain } from './item.js'
import type { Plan } from './plan.js'
import type { View } from './view.js'

/** One operation of a chain: the node whose value it makes, and of what. */
export interface Operation {
  readonly name: OperationName
  readonly node: number
  readonly inputs: readonly View[]
}

/**
 * The operations of a chain in order. A product that only one sum or difference needs becomes part of it (a·b + c), and
 * a (1 − b²), by which a cotangent of tanh is pulled back, is one.
 */
export function contracted(plan: Pick<Plan, 'chains' | 'graph'>, chain: Chain, stored: readonly number[]): Operation[] {
  const contraction = new Contraction(plan, chain, stored)
  for (const node of chain.nodes) contraction.add(node)
  return contraction.operations()
}

class Contraction {
  /** How often a value is read within the chain. */
  readonly #uses = new Map<number, number>()
  readonly #merged = new Set<number>()
  readonly #made = new Map<number, Operation>()

  constructor(
    readonly plan: Pick<Plan, 'chains' | 'graph'>,
    readonly chain: Chain,
    readonly stored: readonly number[],
  ) {
    for (const node of chain.nodes) for (const { root } of plan.chains.operands(node)) this.#uses.set(root, (this.#uses.get(root) ?? 0) + 1)
  }

  operations(): Operation[] {
    return this.chain.nodes.filter((node) => !this.#merged.has(node)).map((node) => this.#made.get(node)!)
  }

  add(node: number): void {
    const { op } = this.plan.graph.nodes[node]!
    const inputs = this.plan.chains.operands(node)
    if (!isElementwise(op)) throw new Error(`${op} is no element-wise operation.`)
    const [left, right] = inputs as [View, View]
    let better: Operation | undefined
    if (op === 'add' || op === 'sub') better = this.#sum(op, node, left, right)
    if (op === 'mul' && !this.#isTerm(node)) better = this.#tanhPullback(node, left, right)
    this.#made.set(node, better ?? { name: op, node, inputs })
  }

  /** A sum or difference of a product, if the product is one that nothing else needs. */
  #sum(op: 'add' | 'sub', node: number, left: View, right: View): Operation | undefined {
    const first = this.#factors(left)
    const second = first ? undefined : this.#factors(right)
    if (first) {
      this.#merged.add(left.root)
      return { name: op === 'add' ? 'mulAdd' : 'mulSub', node, inputs: [...first, right] }
    }
    if (!second) return undefined
    this.#merged.add(right.root)
    return { name: op === 'add' ? 'mulAdd' : 'subMul', node, inputs: [...second, left] }
  }

  #tanhPullback(node: number, left: View, right: View): Operation | undefined {
    const [first, second] = [this.#rootOfRest(left), this.#rootOfRest(right)]
    if (!first && !second) return undefined
    this.#merged.add(second ? right.root : left.root)
    return { name: 'tanhPullback', node, inputs: second ? [left, second] : [right, first!] }
  }

  #factors(view: View): readonly View[] | undefined {
    const name = this.#made.get(view.root)?.name
    if (!this.#isPart(view) || (name !== 'mul' && name !== 'square')) return undefined
    const [first, second = first] = this.plan.chains.operands(view.root)
    return [first!, second!]
  }

  /** Whether a value of the chain is needed once only. */
  #isPart(view: View): boolean {
    return this.plan.chains.isInternal(this.chain, view) && this.#uses.get(view.root) === 1 && !this.stored.includes(view.root)
  }

  /** Whether a value is only added to something or taken from it: a product then becomes part of that. */
  #isTerm(node: number): boolean {
    const { chains, graph } = this.plan
    return (
      this.#uses.get(node) === 1 &&
      !this.stored.includes(node) &&
      this.chain.nodes.some(
        (other) => ['add', 'sub'].includes(graph.nodes[other]!.op) && chains.operands(other).some(({ root }) => root === node),
      )
    )
  }

  /** b, if a value is 1 − b² and needed once only. */
  #rootOfRest(view: View): View | undefined {
    const made = this.#made.get(view.root)
    if (made?.name !== 'subMul') return undefined
    const [b, again, one] = made.inputs as [View, View, View]
    return this.#isPart(view) && this.#isOne(one) && sameView(b, again) ? b : undefined
  }

  #isOne({ root }: View): boolean {
    const node = this.plan.graph.nodes[root]!
    return node.op === 'constant' && node.values.length === 1 && node.values[0] === 1
  }
}

const sameView = (a: View, b: View): boolean =>
  a.root === b.root && a.offset === b.offset && sameShape(a.shape, b.shape) && sameShape(a.strides, b.strides)
