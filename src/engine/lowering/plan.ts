import type { Graph } from '../../graph/graph.js'
import type { Shape } from '../../graph/shape.js'
import type { Chains } from './chains.js'
import { readsOf, type Chain, type Item } from './item.js'

/** What a Graph comes to: items in an order in which they can run, and the arrays they make. */
export interface Plan {
  /** The Graph that was planned: dead nodes dropped. */
  readonly graph: Graph
  readonly items: readonly Item[]
  /** Shapes of all arrays, by root: nodes, and arrays that are no node. */
  readonly shapes: ReadonlyMap<number, Shape>
  /** For each output, the root of its array; each a different one, and none an input's. */
  readonly outputs: readonly number[]
  readonly chains: Chains
}

/** The smallest cut at which all operands of a chain have a form: the widest rows. */
export function cutOf({ chains }: Pick<Plan, 'chains'>, chain: Chain): number {
  const cuts = chains.cuts(chain)
  return 31 - Math.clz32(cuts & -cuts)
}

/** Nodes of a chain whose values are needed in memory: other items read them, or they are outputs. */
export function storedNodes({ items, outputs, chains }: Pick<Plan, 'items' | 'outputs' | 'chains'>, chain: Chain): number[] {
  const outside = readElsewhere(items, chains)
  return chain.nodes.filter((node) => outputs.includes(node) || outside.has(node))
}

const known = new WeakMap<readonly Item[], Set<number>>()

/** Roots that are read by an item other than the one that makes them. */
function readElsewhere(items: readonly Item[], chains: Chains): Set<number> {
  let found = known.get(items)
  if (!found) known.set(items, (found = new Set(items.flatMap((item) => readsOf(item, chains)))))
  return found
}
