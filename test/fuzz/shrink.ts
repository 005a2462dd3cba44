import { graphInputs, type Graph, type Node } from '../../src/graph/graph.js'
import { prune } from '../../src/graph/prune.js'
import { sameShape, shapeAt } from '../../src/graph/shape.js'
import { referenceEngine } from '../reference/engine.js'
import { randomInputs, type FuzzCase } from './randomCase.js'

/**
 * A smaller case that fails, too: single runs and fewer rows, fewer outputs or earlier ones, nodes replaced by one of
 * their operands or by an input that holds their values.
 */
export function shrink(failing: FuzzCase, fails: (candidate: FuzzCase) => boolean): FuzzCase {
  let smallest = failing
  for (let round = 0; round < 50; round++) {
    const next = candidates(smallest).find((candidate) => fails(candidate))
    if (next === undefined) return smallest
    smallest = next
  }
  return smallest
}

function candidates(from: FuzzCase): FuzzCase[] {
  const { graph, runs, seed } = from
  const found: FuzzCase[] = []
  const { consumes = [] } = from
  if (consumes.length > 0) found.push({ ...from, consumes: [] })
  if (runs.length > 1) for (const run of runs) found.push({ ...from, runs: [run] })
  if (runs.length === 1) {
    for (const rows of [1, 2, 3, 9])
      if (rows < runs[0]!.rows) found.push({ ...from, runs: [{ rows, inputs: randomInputs(graph, rows, seed, 0) }] })
  }
  if (graph.outputs.length > 1)
    for (const output of graph.outputs) found.push(withoutInputs(from, { nodes: graph.nodes, outputs: [output] }))
  for (const { name, node } of graph.outputs) {
    for (const operand of graph.nodes[node]!.inputs)
      found.push(withoutInputs(from, { nodes: graph.nodes, outputs: [{ name, node: operand }] }))
  }
  graph.nodes.forEach((node, i) => {
    if (node.op === 'input') return
    for (const input of node.inputs) {
      if (sameShape(graph.nodes[input]!.shape, node.shape)) found.push(withoutInputs(from, redirect(graph, i, input)))
    }
  })
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!
    if (['input', 'constant', 'rows'].includes(node.op)) continue
    const cut = asInput(from, i)
    if (cut !== undefined) found.push(cut)
  }
  return found
}

const redirect = ({ nodes, outputs }: Graph, from: number, to: number): Graph => ({
  nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map((input) => (input === from ? to : input)) })),
  outputs: outputs.map(({ name, node }) => ({ name, node: node === from ? to : node })),
})

/** Without the inputs that nothing needs. */
function withoutInputs(from: FuzzCase, changed: Graph): FuzzCase {
  const graph = prune(changed)
  const used = new Set(graph.nodes.flatMap(({ inputs }) => inputs).concat(graph.outputs.map(({ node }) => node)))
  const keep = graph.nodes.map((node, i) => node.op !== 'input' || used.has(i))
  const place: number[] = []
  let next = 0
  for (const kept of keep) place.push(kept ? next++ : -1)
  const kept = new Set(graph.nodes.flatMap((node, i) => (node.op === 'input' && keep[i] ? [node.name] : [])))
  const names = graphInputs(from.graph).map(({ name }) => name)
  return {
    seed: from.seed,
    consumes: (from.consumes ?? []).filter((name) => kept.has(name)),
    graph: {
      nodes: graph.nodes.filter((_, i) => keep[i]).map((node) => ({ ...node, inputs: node.inputs.map((i) => place[i]!) })),
      outputs: graph.outputs.map(({ name, node }) => ({ name, node: place[node]! })),
    },
    runs: from.runs.map(({ rows, inputs }) => ({ rows, inputs: inputs.filter((_, i) => kept.has(names[i]!)) })),
  }
}

/** The case with node `at` replaced by an input that holds its values, rounded to float32. */
function asInput(from: FuzzCase, at: number): FuzzCase | undefined {
  const { graph, runs } = from
  const node: Node = { op: 'input', name: `v${at}`, inputs: [], shape: graph.nodes[at]!.shape }
  if (graphInputs(graph).some(({ name }) => name === node.name)) return undefined
  const before = graph.nodes.slice(0, at).filter(({ op }) => op === 'input').length
  const changed: Graph = { nodes: graph.nodes.map((other, i) => (i === at ? node : other)), outputs: graph.outputs }
  const withValues = runs.map(({ rows, inputs }) => {
    const engine = referenceEngine()
    const given = graphInputs(graph).map(({ shape }, i) => engine.write(inputs[i]!, shapeAt(shape, rows)))
    const [value] = engine.compile({ nodes: graph.nodes, outputs: [{ name: 'value', node: at }] }).run(given, rows)
    return { rows, inputs: [...inputs.slice(0, before), Array.from(engine.read(value!), Math.fround), ...inputs.slice(before)] }
  })
  return withoutInputs({ ...from, graph: changed, runs: withValues }, changed)
}
