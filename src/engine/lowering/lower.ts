import type { Graph } from '../../graph/graph.js'
import { formatNode } from '../../graph/text.js'
import { assignBuffers, type Slot } from './bufferAssignment.js'
import { FORMAT } from './codes.js'
import { instructionsOf, panelScalars, type Instruction } from './instructions.js'
import { packsOf, Places } from './places.js'
import { planGraph } from './planner.js'
import type { Program } from './program.js'
import { headerWord, wordsOf } from './words.js'

/** Options of {@link lower}. */
export interface LowerOptions {
  /** Bytes of a scalar: 4 or 8. */
  readonly scalarBytes: 4 | 8
  /** Numbers of the inputs that each run uses up: results may take their memory. */
  readonly consumed?: ReadonlySet<number>
  /** Numbers of the inputs whose numbers change from run to run although no array is written anew: they are not packed. */
  readonly varying?: ReadonlySet<number>
  /** One instruction for each element-wise node, so that what it makes can be looked at. Default false. */
  readonly separate?: boolean
}

/**
 * Lowers a Graph to a program of the kernel.
 *
 * @param graph a Graph
 * @param options the size of a scalar, and what may be overwritten
 * @throws EngineError `NoKernel` for what the kernel has no instruction for
 */
export function lower(graph: Graph, { scalarBytes, consumed = new Set(), varying, separate = false }: LowerOptions): Program {
  const plan = planGraph(graph, separate, varying)
  const assignment = assignBuffers(plan, consumed)
  const packs = packsOf(plan)
  // One piece of scratch for all products that pack what they read.
  const panels = Math.max(0, ...plan.items.map((item) => (item.kind === 'product' ? panelScalars(item, scalarBytes) : 0)))
  const slots = panels > 0 ? [...assignment.slots, { fixed: panels, perRow: 0 }] : assignment.slots
  const places = new Places(plan, assignment, packs, slots.length)
  const context = { plan, places, scalarBytes, panelSlot: assignment.slots.length }
  const instructions = plan.items.flatMap((item) => instructionsOf(item, context))

  const { inputs, outputs } = places
  const tiles = Math.max(0, ...instructions.map((instruction) => instruction.tiles ?? 0))
  const sizes = { inputs, outputs, packs: packs.length, tiles }
  return {
    graph: plan.graph,
    words: assemble(instructions, slots, { scalarBytes, ...sizes }),
    constants: assignment.constants,
    inputs,
    outputs,
    packs,
    slots,
    tiles,
    donations: assignment.donations,
    instructions: instructions.map(({ node, roots, text }) => ({
      node,
      writes: roots.map((root) => ({ place: places.addressOf(root)[0], shape: plan.shapes.get(root)! })),
      text,
    })),
    toString() {
      return listing(this, scalarBytes)
    },
  }
}

/** The words of a program: see src/kernel/program.h. Where its constants lie is known when it is loaded. */
function assemble(
  instructions: readonly Instruction[],
  slots: readonly Slot[],
  sizes: {
    readonly scalarBytes: number
    readonly inputs: number
    readonly outputs: number
    readonly packs: number
    readonly tiles: number
  },
): Int32Array {
  const words = wordsOf('header', { format: FORMAT, slots: slots.length, constants: 0, words: 0, ...sizes })
  for (const slot of slots) words.push(...wordsOf('slot', slot))
  for (const { code, words: operands } of instructions) {
    words.push(code | ((operands.length + 1) << 8))
    for (const word of operands) words.push(word)
  }
  words[headerWord('words')] = words.length
  return Int32Array.from(words)
}

/** A program as text, to be read beside its Graph. */
function listing(
  { graph, inputs, outputs, packs, constants, tiles, slots, instructions, donations }: Program,
  scalarBytes: number,
): string {
  const size = ({ fixed, perRow }: Slot): string =>
    [...(fixed > 0 ? [String(fixed)] : []), ...(perRow > 0 ? [`${perRow}·rows`] : [])].join(' + ') || '0'
  return [
    `program of ${scalarBytes === 4 ? 'float32' : 'float64'}: ${inputs} inputs, ${outputs} outputs, ${packs.length} packed, ` +
      `${constants.length} constants, ${tiles} tiles`,
    ...slots.map((slot, i) => `s${i}: ${size(slot)}`),
    ...instructions.map(({ text, node }) => `${text.padEnd(60)} ; %${node}${graph.nodes[node] ? ` ${formatNode(graph.nodes[node])}` : ''}`),
    ...[...donations].map(([output, input]) => `out${output} is input${input}, which the run uses up`),
  ].join('\n')
}
