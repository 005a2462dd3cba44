import type { Graph } from '../../graph/graph.js'
import { readsOf, type Chain, type Item } from './item.js'
import { isContiguous, sameSqueezed, type View } from './view.js'

/** Groups element-wise nodes of the same shape into chains that run in one pass over memory. */
export class Chains {
  readonly #chainOf = new Map<number, Chain>()
  readonly #operands = new Map<number, readonly View[]>()
  readonly #cuts = new Map<Chain, number>()

  constructor(readonly graph: Graph, readonly producers: Map<number, Item>, readonly longest: number) {}

  /** Adds a node with its operands, repeated to its shape; `cuts` as of `possibleCuts`, of all operands. */
  add(node: number, operands: readonly View[], cuts: number): void {
    this.#operands.set(node, operands)
    let own: Chain = { kind: 'chain', nodes: [node] }
    this.#set(own, cuts)
    for (const view of operands) {
      const other = this.#chainOf.get(view.root)
      if (other && other !== own && this.#isOwn(view, node) && this.#canJoin(other, own)) own = this.#join(other, own)
    }
  }

  all(): Chain[] {
    return [...new Set(this.#chainOf.values())]
  }

  /** Operands of a node, repeated to its shape. */
  operands(node: number): readonly View[] {
    return this.#operands.get(node)!
  }

  /** Ways to cut the shape of a chain into rows and columns, as bits. */
  cuts(chain: Chain): number {
    return this.#cuts.get(chain)!
  }

  /** Whether an operand is the value of another node of the chain. */
  isInternal(chain: Chain, view: View): boolean {
    return this.#chainOf.get(view.root) === chain
  }

  externalReads(chain: Chain): number[] {
    return [...new Set(chain.nodes.flatMap((node) => this.operands(node).filter((view) => !this.isInternal(chain, view)).map(({ root }) => root)))]
  }

  /** Whether an operand of `node` is all of an element-wise value, element by element. */
  #isOwn(view: View, node: number): boolean {
    return view.offset === 0 && isContiguous(view) && sameSqueezed(view.shape, this.graph.nodes[node]!.shape) && sameSqueezed(view.shape, this.graph.nodes[view.root]!.shape)
  }

  #set(chain: Chain, cuts: number): void {
    this.#cuts.set(chain, cuts)
    for (const node of chain.nodes) {
      this.#chainOf.set(node, chain)
      this.producers.set(node, chain)
    }
  }

  #join(a: Chain, b: Chain): Chain {
    const joined: Chain = { kind: 'chain', nodes: [...a.nodes, ...b.nodes].sort((p, q) => p - q) }
    const cuts = this.cuts(a) & this.cuts(b)
    this.#cuts.delete(a)
    this.#cuts.delete(b)
    this.#set(joined, cuts)
    return joined
  }

  #canJoin(a: Chain, b: Chain): boolean {
    if ((this.cuts(a) & this.cuts(b)) === 0 || a.nodes.length + b.nodes.length > this.longest) return false
    // A value of one that the other reads otherwise than element by element must be complete before.
    const crossing = (from: Chain, to: Chain): boolean => from.nodes.some((node) => this.operands(node).some((view) => this.#chainOf.get(view.root) === to && !this.#isOwn(view, node)))
    return !crossing(a, b) && !crossing(b, a) && !this.#depends(b, a) && !this.#depends(a, b)
  }

  /** Whether an item reads something that depends on `target` by way of a third item. */
  #depends(item: Chain, target: Chain): boolean {
    const seen = new Set<Item>([target])
    const pending = this.#before(item).filter((before) => before !== target)
    for (const before of pending) seen.add(before)
    for (let next = pending.pop(); next; next = pending.pop()) {
      for (const before of this.#before(next)) {
        if (before === target) return true
        if (!seen.has(before)) {
          seen.add(before)
          pending.push(before)
        }
      }
    }
    return false
  }

  #before(item: Item): Item[] {
    return readsOf(item, this).flatMap((root) => this.producers.get(root) ?? [])
  }
}
