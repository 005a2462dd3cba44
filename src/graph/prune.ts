import type { Graph } from './graph.js'

/** Drops the nodes that no output needs. Inputs stay, all of them and in order: they are the calling convention. */
export function prune(graph: Graph): Graph {
  const needed = graph.nodes.map(({ op }) => op === 'input')
  for (const { node } of graph.outputs) needed[node] = true
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    if (needed[i]) for (const input of graph.nodes[i]!.inputs) needed[input] = true
  }
  const place: number[] = []
  let next = 0
  graph.nodes.forEach((_, i) => place.push(needed[i] ? next++ : -1))
  return {
    nodes: graph.nodes.flatMap((node, i) => (needed[i] ? [{ ...node, inputs: node.inputs.map((input) => place[input]!) }] : [])),
    outputs: graph.outputs.map(({ name, node }) => ({ name, node: place[node]! })),
  }
}

/** For each node, whether it depends on one of `sources` (itself included). */
export function dependents(graph: Graph, sources: readonly number[]): boolean[] {
  const depends: boolean[] = []
  const among = new Set(sources)
  graph.nodes.forEach((node, i) => depends.push(among.has(i) || node.inputs.some((input) => depends[input]!)))
  return depends
}
