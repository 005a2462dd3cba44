import { foldConstants } from './fold.js'
import type { Graph } from './graph.js'
import { arithmetic, movement, postponeBroadcasts } from './identities.js'
import { prune } from './prune.js'
import { keyOf, Rewriter } from './rewriter.js'

/** Rounds of rewriting; each makes the Graph no larger, and few Graphs need more than three. */
const maximumRounds = 20

/**
 * The same function with less work: constants are computed, identities applied, equal nodes merged, transposes made
 * flags of matmul, nodes that no output needs dropped. Inputs and outputs stay, all of them and in order.
 *
 * In float64 the values stay the same to the bit, NaN and infinities included, with three exceptions: a zero may
 * change its sign; a sum of n copies made by broadcast becomes n times the value, rounded once; `x ** 2` becomes
 * `x * x` and `x ** -1` becomes `1 / x`, rounded once. So `x * 0` is not 0 (x may be NaN) unless x is a constant.
 */
export function simplify(graph: Graph): Graph {
  let current = prune(graph)
  for (let round = 0; round < maximumRounds; round++) {
    const next = prune(new Rewriter([foldConstants, postponeBroadcasts, arithmetic, movement]).run(current))
    const unchanged = sameNodes(current, next)
    current = next
    if (unchanged) break
  }
  return current
}

const sameNodes = (a: Graph, b: Graph): boolean =>
  a.nodes.length === b.nodes.length && a.nodes.every((node, i) => keyOf(node) === keyOf(b.nodes[i]!))
