import type { Graph } from '../graph/graph.js'

const known = new WeakMap<Graph, Map<string, Graph>>()

/** A Graph that is made of another; `what` says which of them. The same object each time, so that solvers share what is compiled of it. */
export function derivedOnce(graph: Graph, what: string, make: () => Graph): Graph {
  const made = known.get(graph) ?? new Map<string, Graph>()
  known.set(graph, made)
  const derived = made.get(what) ?? make()
  made.set(what, derived)
  return derived
}
