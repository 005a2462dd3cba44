import { GraphBuilder, type Ref } from './builder.js'
import { graphInputs, type Graph, type Node } from './graph.js'
import { ops } from './ops.js'
import { minimumCut } from './minimumCut.js'
import { dependents } from './prune.js'
import type { Shape } from './shape.js'
import { simplify } from './simplify.js'
import { vjp, type VjpOptions } from './vjp.js'

/** A function and its vector-Jacobian product, taken apart where cotangents come in. All Graphs go by names. */
interface SplitVjp {
  /** The function: all inputs and outputs of the Graph, then `residual.<i>`, what the backward Graph needs of it. */
  readonly forward: Graph
  /** From those inputs of the Graph that it needs, `residual.<i>` and `bar.<output>` to `bar.<input>`. */
  readonly backward: Graph
  /** Names and shapes of the residuals. */
  readonly kept: readonly { readonly name: string; readonly shape: Shape }[]
}

/**
 * Splits the vector-Jacobian product of a Graph into a forward part, which is run once, and a backward part, which is
 * run from what the forward part left. `vjp` of the same arguments gives the same values, but computes the function
 * again.
 *
 * Residuals are chosen to be few numbers: a minimum cut of the forward part between operations that are too dear to
 * be done twice (products, sums, transcendental functions) and the values that the backward part uses. Sums,
 * products and moves of numbers are done again. Inputs are never residuals, nor is what follows from parameters
 * and constants alone.
 */
export function splitVjp(
  graph: Graph,
  wrt: readonly string[],
  { prefix = 'bar.', cotangents }: Omit<VjpOptions, 'keepOutputs'> = {},
): SplitVjp {
  const joint = simplify(vjp(graph, wrt, { keepOutputs: true, prefix, ...(cotangents && { cotangents }) }))
  const given = graphInputs(graph).map(({ name }) => name)
  const bars = joint.nodes.flatMap((node, i) => (node.op === 'input' && !given.includes(node.name) ? [i] : []))
  const late = dependents(joint, bars)
  const results = joint.outputs.slice(graph.outputs.length)
  const needed = new Set<Ref>()
  joint.nodes.forEach((node, i) => {
    if (late[i]) for (const operand of node.inputs) if (!late[operand]) needed.add(operand)
  })
  for (const { node } of results) if (!late[node]) needed.add(node)

  const chosen = chooseResiduals(joint, late, needed)
  const named = chosen.map((node, i) => ({ name: `residual.${i}`, node }))
  return {
    forward: extract(joint, [...joint.outputs.slice(0, graph.outputs.length), ...named], given),
    backward: extract(joint, results, [], new Map(named.map(({ name, node }) => [node, name]))),
    kept: named.map(({ name, node }) => ({ name, shape: joint.nodes[node]!.shape })),
  }
}

/** Values of the forward part from which, with its inputs, all that is `needed` follows by cheap operations. */
function chooseResiduals({ nodes }: Graph, late: readonly boolean[], needed: ReadonlySet<Ref>): Ref[] {
  const varies: boolean[] = []
  const free: boolean[] = []
  nodes.forEach((node, i) => {
    varies.push(node.op === 'rows' || node.shape.some((d) => d < 0) || node.inputs.some((operand) => varies[operand]!))
    free.push(node.op === 'input' || !varies[i] || (!ops[node.op].dear && node.inputs.every((operand) => free[operand]!)))
  })
  const vertices = nodes.flatMap((_, i) => (late[i] || free[i] ? [] : [i]))
  const place = new Map(vertices.map((ref, v) => [ref, v]))
  const edges: number[][] = vertices.map(() => [])
  for (const [ref, v] of place) {
    if (ops[nodes[ref]!.op].dear) continue
    for (const operand of nodes[ref]!.inputs) if (place.has(operand)) edges[place.get(operand)!]!.push(v)
  }
  return minimumCut({
    capacities: vertices.map((ref) => numbersPerRow(nodes[ref]!)),
    edges,
    sources: vertices.flatMap((ref, v) => (ops[nodes[ref]!.op].dear ? [v] : [])),
    sinks: vertices.flatMap((ref, v) => (needed.has(ref) ? [v] : [])),
  }).map((v) => vertices[v]!)
}

/** What a value weighs: numbers per row; one that has no rows counts as one number. */
const numbersPerRow = ({ shape }: Node): number => (shape.some((d) => d < 0) ? shape.reduce((product, d) => product * Math.abs(d), 1) : 1)

/**
 * The part of a Graph that computes `outputs`. Its inputs are those called `inputs`, the other inputs it needs, and
 * the nodes that are `given`, by the names they have there.
 */
function extract(graph: Graph, outputs: Graph['outputs'], inputs: readonly string[], given: ReadonlyMap<Ref, string> = new Map()): Graph {
  const wanted = graph.nodes.map((node) => node.op === 'input' && inputs.includes(node.name))
  for (const { node } of outputs) wanted[node] = true
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    if (wanted[i] && !given.has(i)) for (const operand of graph.nodes[i]!.inputs) wanted[operand] = true
  }
  const builder = new GraphBuilder()
  const map = new Map<Ref, Ref>()
  graph.nodes.forEach((node, i) => {
    if (!wanted[i]) return
    const name = given.get(i)
    if (name !== undefined) map.set(i, builder.input(name, node.shape))
    else
      map.set(
        i,
        node.op === 'input'
          ? builder.input(node.name, node.shape)
          : builder.copy(
              node,
              node.inputs.map((operand) => map.get(operand)!),
            ),
      )
  })
  for (const { name, node } of outputs) builder.output(name, map.get(node)!)
  return builder.build()
}
