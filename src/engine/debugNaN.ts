import { EngineError } from '../errors.js'
import { graphInputs } from '../graph/graph.js'
import { formatShape, shapeAt, sizeOf } from '../graph/shape.js'
import { formatNode } from '../graph/text.js'
import type { Heap } from './heap.js'
import { BLOCK, type Kernel } from './kernel.js'
import { tileStride, type Program } from './lowering/program.js'

/**
 * Runs a program instruction by instruction and looks at what each has written. The program must be lowered with
 * `separate`, so that each element-wise node is an instruction.
 *
 * @returns what `Kernel.run` returns
 * @throws EngineError `NonFinite` at the first value that is infinite or NaN, saying which node made it
 */
export function firstNonFinite(kernel: Kernel, heap: Heap, program: Program, at: number, inputs: readonly { readonly at: number }[], rows: number, args: number, scratch: number, scalarBytes: 4 | 8): number {
  const { graph, instructions } = program
  const scalars = scalarBytes === 4 ? heap.f32 : heap.f64
  const find = (block: number, shape: readonly number[]): string | undefined => {
    const sizes = shapeAt(shape, rows)
    const start = (block * BLOCK) / scalarBytes
    const array = scalars.subarray(start, start + sizeOf(sizes))
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
  graphInputs(graph).forEach(({ name, shape }, i) => {
    const found = find(inputs[i]!.at, shape)
    if (found) throw new EngineError('NonFinite', `Input "${name}" ${formatShape(shape)} is not finite before anything is computed: ${found}.`)
  })
  const places = placesOf(program, heap, rows, args, scratch, scalarBytes)
  for (let i = 0; i < instructions.length; i++) {
    const error = kernel.run(at, rows, args, scratch, i, i + 1)
    if (error !== 0) return error
    const { node, writes } = instructions[i]!
    for (const { place, shape } of writes) {
      const found = find(places[place]!, shape)
      const what = graph.nodes[node]
      if (found) throw new EngineError('NonFinite', `The first value that is not finite is made by %${node}${what ? ` = ${formatNode(what)}` : ''}: ${found}. Its operands are finite.`)
    }
  }
  return 0
}

/** The block of each place: see run() in src/kernel/vm.h. */
function placesOf(program: Program, heap: Heap, rows: number, args: number, scratch: number, scalarBytes: number): number[] {
  const given = program.inputs + program.outputs + program.packs.length
  const places = Array.from(heap.i32.subarray((args * BLOCK) / 4, (args * BLOCK) / 4 + given))
  let next = scratch + Math.ceil(((given + program.slots.length + 1) * 8) / BLOCK) + (program.tiles * tileStride) / BLOCK
  for (const { fixed, perRow } of program.slots) {
    places.push(next)
    next += Math.ceil(((fixed + perRow * rows) * scalarBytes) / BLOCK)
  }
  return places
}
