import type { Graph } from '../../graph/graph.js'
import { readsOf, type Chain, type Item } from './item.js'
import { Order } from './order.js'
import { isContiguous, sameSqueezed, type View } from './view.js'

/** Groups element-wise nodes of the same shape into chains that run in one pass over memory. */
export class Chains {
  readonly #chainOf = new Map<number, Chain>()
  readonly #operands = new Map<number, readonly View[]>()
  readonly #cuts = new Map<Chain, number>()
  readonly #reads = new Map<Chain, readonly number[]>()
  /** All items, each after those whose arrays it reads. */
  readonly #order = new Order<Item>()

  constructor(
    readonly graph: Graph,
    readonly producers: Map<number, Item>,
    readonly longest: number,
  ) {}

  /** Tells of an item that is no chain, after all that it reads. */
  follow(item: Item): void {
    this.#order.append(item)
  }

  /** Tells that items which nothing reads but the next of them read `root` from now on, too. */
  followAgain(items: readonly Item[], root: number): void {
    const before = this.producers.get(root)
    if (!before || this.#order.rank(before) < this.#order.rank(items[0]!)) return
    for (const item of items) {
      this.#order.remove(item)
      this.#order.append(item)
    }
  }

  /** Adds a node with its operands, repeated to its shape; `cuts` as of `possibleCuts`, of all operands. */
  add(node: number, operands: readonly View[], cuts: number): void {
    this.#operands.set(node, operands)
    let own: Chain = { kind: 'chain', nodes: [node] }
    this.#set(own, cuts)
    this.#order.append(own)
    for (const view of operands) {
      const other = this.#chainOf.get(view.root)
      if (!other || other === own || !this.#isOwn(view, node) || !this.#canJoin(other, own)) continue
      const [first, last] = this.#order.rank(other) < this.#order.rank(own) ? [other, own] : [own, other]
      const between = this.#between(first, last)
      if (between) own = this.#join(first, last, between)
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

  externalReads(chain: Chain): readonly number[] {
    let reads = this.#reads.get(chain)
    if (!reads) {
      reads = [
        ...new Set(
          chain.nodes.flatMap((node) =>
            this.operands(node)
              .filter((view) => !this.isInternal(chain, view))
              .map(({ root }) => root),
          ),
        ),
      ]
      this.#reads.set(chain, reads)
    }
    return reads
  }

  /** Whether an operand of `node` is all of an element-wise value, element by element. */
  #isOwn(view: View, node: number): boolean {
    return (
      view.offset === 0 &&
      isContiguous(view) &&
      sameSqueezed(view.shape, this.graph.nodes[node]!.shape) &&
      sameSqueezed(view.shape, this.graph.nodes[view.root]!.shape)
    )
  }

  #set(chain: Chain, cuts: number): void {
    this.#cuts.set(chain, cuts)
    for (const node of chain.nodes) {
      this.#chainOf.set(node, chain)
      this.producers.set(node, chain)
    }
  }

  /** @param between what `last` reads, directly or not, that stands after `first` */
  #join(first: Chain, last: Chain, between: readonly Item[]): Chain {
    const joined: Chain = { kind: 'chain', nodes: [...first.nodes, ...last.nodes].sort((p, q) => p - q) }
    const cuts = this.cuts(first) & this.cuts(last)
    for (const item of between) this.#order.moveBefore(item, first)
    this.#order.replace(first, joined)
    this.#order.remove(last)
    for (const chain of [first, last]) {
      this.#cuts.delete(chain)
      this.#reads.delete(chain)
    }
    this.#set(joined, cuts)
    return joined
  }

  #canJoin(a: Chain, b: Chain): boolean {
    if ((this.cuts(a) & this.cuts(b)) === 0 || a.nodes.length + b.nodes.length > this.longest) return false
    // A value of one that the other reads otherwise than element by element must be complete before.
    const crossing = (from: Chain, to: Chain): boolean =>
      from.nodes.some((node) => this.operands(node).some((view) => this.#chainOf.get(view.root) === to && !this.#isOwn(view, node)))
    return !crossing(a, b) && !crossing(b, a)
  }

  /**
   * The items between two chains on which `last` depends, in order; undefined if one of them depends on `first`, so that
   * the two cannot run as one.
   */
  #between(first: Chain, last: Chain): Item[] | undefined {
    const from = this.#order.rank(first)
    const found = new Set<Item>([last])
    for (const item of found) {
      for (const root of readsOf(item, this)) {
        const before = this.producers.get(root)
        if (!before || this.#order.rank(before) < from) continue
        if (before !== first) found.add(before)
        else if (item !== last) return undefined
      }
    }
    found.delete(last)
    return [...found].sort((a, b) => this.#order.rank(a) - this.#order.rank(b))
  }
}
