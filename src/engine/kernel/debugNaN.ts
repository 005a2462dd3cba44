import { EngineError } from '../../errors.js'
import { graphInputs } from '../../graph/graph.js'
import { formatShape, shapeAt, sizeOf } from '../../graph/shape.js'
import { formatNode } from '../../graph/text.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory } from './kernelMemory.js'
import { TILE_STRIDE } from '../lowering/codes.js'
import type { Program } from '../lowering/program.js'

/**
 * Runs a program, whose arguments are listed, instruction by instruction and looks at what each has written. The
 * program must be lowered with `separate`, so that each element-wise node is an instruction.
 *
 * @param at block of the program
 * @returns what `Kernel.run` returns
 * @throws EngineError `NonFinite` at the first value that is infinite or NaN, saying which node made it
 */
export function firstNonFinite(memory: KernelMemory, program: Program, at: number, rows: number): number {
  const { graph, instructions } = program
  const find = (block: number, shape: readonly number[]): string | undefined => {
    const sizes = shapeAt(shape, rows)
    const array = memory.view(block, sizes)
    const place = array.findIndex((x: number) => !Number.isFinite(x))
    if (place < 0) return undefined
    let rest = place
    const index = sizes.map((_, axis) => {
      const stride = sizeOf(sizes.slice(axis + 1))
      const i = Math.floor(rest / stride)
      rest -= i * stride
      return i
    })
    return `element [${index.join(', ')}] is ${array[place]}`
  }
  const places = placesOf(memory, program, rows)
  graphInputs(graph).forEach(({ name, shape }, i) => {
    const found = find(places[i]!, shape)
    if (found)
      throw new EngineError('NonFinite', `Input "${name}" ${formatShape(shape)} is not finite before anything is computed: ${found}.`)
  })
  // Until its last instruction has run, an array that is copied part by part holds what was in memory before.
  const last = new Map(instructions.map(({ node }, i) => [node, i]))
  for (let i = 0; i < instructions.length; i++) {
    const error = memory.kernel.run(at, rows, memory.args.at, memory.scratch.at, i, i + 1)
    if (error !== 0) return error
    const { node, writes } = instructions[i]!
    if (last.get(node) !== i) continue
    for (const { place, shape } of writes) {
      const found = find(places[place]!, shape)
      const what = graph.nodes[node]
      if (found)
        throw new EngineError(
          'NonFinite',
          `The first value that is not finite is made by %${node}${what ? ` = ${formatNode(what)}` : ''}: ${found}. Its operands are ` +
            'finite.',
        )
    }
  }
  return 0
}

/** The block of each place: see run() in src/kernel/vm.h. */
function placesOf(memory: KernelMemory, program: Program, rows: number): number[] {
  const given = program.inputs + program.outputs + program.packs.length
  const list = (memory.args.at * BLOCK) / 4
  const places = Array.from(memory.heap.i32.subarray(list, list + given))
  let next = memory.scratch.at + Math.ceil(((given + program.slots.length + 1) * 8) / BLOCK) + (program.tiles * TILE_STRIDE) / BLOCK
  for (const { fixed, perRow } of program.slots) {
    places.push(next)
    next += Math.ceil(((fixed + perRow * rows) * memory.scalarBytes) / BLOCK)
  }
  return places
}
