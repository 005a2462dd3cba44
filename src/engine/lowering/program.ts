import type { Graph } from '../../graph/graph.js'
import type { Shape } from '../../graph/shape.js'
import type { Pack } from './item.js'
import type { Slot } from './bufferAssignment.js'
import { TILE_STRIDE } from './codes.js'

/** A lowered Graph: what the kernel runs. */
export interface Program {
  /** The Graph that it was made from: dead nodes dropped. */
  readonly graph: Graph
  /** As of src/kernel/program.h, but for the block of the constants, which stands where the program is placed. */
  readonly words: Int32Array
  readonly constants: readonly number[]
  readonly inputs: number
  readonly outputs: number
  /** Matrices to be packed once, in the order of their places. */
  readonly packs: readonly Pack[]
  readonly slots: readonly Slot[]
  /** Tiles of the chain that needs most. */
  readonly tiles: number
  /** Outputs that take the memory of a consumed input: output number to input number. */
  readonly donations: ReadonlyMap<number, number>
  /** For each instruction the node whose value it makes, the places it writes, and a line of text. */
  readonly instructions: readonly InstructionInfo[]
  /** A listing, to be read beside that of the Graph. */
  toString(): string
}

interface InstructionInfo {
  readonly node: number
  readonly writes: readonly { readonly place: number; readonly shape: Shape }[]
  readonly text: string
}

/** Blocks of scratch memory (64 bytes) that a program needs for a number of rows. */
export function scratchBlocks(
  { slots, tiles, inputs, outputs, packs }: Pick<Program, 'slots' | 'tiles' | 'inputs' | 'outputs' | 'packs'>,
  rows: number,
  scalarBytes: number,
): number {
  const places = inputs + outputs + packs.length + slots.length + 1
  let blocks = Math.ceil((places * 8) / 64) + (tiles * TILE_STRIDE) / 64
  for (const { fixed, perRow } of slots) blocks += Math.ceil(((fixed + perRow * rows) * scalarBytes) / 64)
  return blocks
}
