import { EngineError } from '../../errors.js'
import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { shapeAt, sizeOf, type Shape } from '../../graph/shape.js'
import { firstNonFinite } from './debugNaN.js'
import { sizeClass } from './heap.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory, KernelValue } from './kernelMemory.js'
import { lower, type LowerOptions } from '../lowering/lower.js'
import { scratchBlocks, type Program } from '../lowering/program.js'
import { headerWord } from '../lowering/words.js'

/** A Graph lowered and placed in the kernel's memory, ready to run. */
export class KernelProgram {
  readonly program: Program
  readonly names: readonly string[]
  readonly outputNames: readonly string[]
  /** For each output the input whose memory it takes over, or −1. */
  readonly donor: readonly number[]
  /** Blocks of packed matrices, in the program's order. */
  readonly packs: Int32Array
  // Shapes and size classes for the number of rows of the last run, which often is the next one's too.
  readonly outputShapes: number[][] = []
  readonly outputSizes: number[] = []
  readonly #at: number
  readonly #packSizes: readonly number[]
  readonly #outputs: ReturnType<typeof graphOutputs>
  #scratchSize = 0
  #rows = -1

  /** @throws EngineError `NoKernel` for a Graph that the kernel has no instructions for */
  constructor(
    readonly memory: KernelMemory,
    graph: Graph,
    options: Pick<LowerOptions, 'consumed' | 'varying'>,
    readonly debugNaN: boolean,
  ) {
    const { kernel, scalarBytes } = memory
    this.program = lower(graph, { ...options, scalarBytes, separate: debugNaN })
    this.#outputs = graphOutputs(graph)
    this.names = graphInputs(graph).map(({ name }) => name)
    this.outputNames = this.#outputs.map(({ name }) => name)
    this.donor = this.#outputs.map((_, i) => this.program.donations.get(i) ?? -1)
    this.packs = new Int32Array(this.program.packs.length)
    this.#packSizes = this.program.packs.map(({ k, n }) => sizeClass(memory.blocksOf(kernel.packedSize(k, n, scalarBytes))))
    const place = load(memory, this.program)
    this.#at = place.at
    forgotten.register(this, { memory, ...place })
  }

  /** Makes ready for a number of rows. */
  prepare(rows: number): void {
    if (rows === this.#rows) return
    // Of batches of many sizes many shapes are the parameters' gradients', which stay.
    this.#outputs.forEach(({ shape }, i) => {
      if (this.#rows >= 0 && !hasRows(shape)) return
      this.outputShapes[i] = shapeAt(shape, rows)
      this.outputSizes[i] = sizeClass(this.memory.blocksOf(sizeOf(this.outputShapes[i]!)))
    })
    this.#scratchSize = scratchBlocks(this.program, rows, this.memory.scalarBytes)
    this.#rows = rows
  }

  /** Makes room for its arguments and what it works in. Memory may move. */
  reserve(): void {
    const { memory } = this
    if (this.#scratchSize > memory.scratch.blocks) memory.reserve(memory.scratch, this.#scratchSize)
    const bytes = 4 * (this.names.length + this.#outputs.length + this.packs.length)
    if (bytes > memory.args.blocks * BLOCK) memory.reserve(memory.args, Math.ceil(bytes / BLOCK))
  }

  /** Packs what is not packed yet; `inputs` by number. Memory may move. */
  pack(inputs: readonly KernelValue[]): void {
    for (let i = 0; i < this.packs.length; i++)
      this.packs[i] = this.memory.packed(inputs[this.program.packs[i]!.input]!, this.program.packs[i]!, this.#packSizes[i]!)
  }

  /**
   * Runs it once on what the arguments list: the blocks of inputs, outputs, packed matrices.
   *
   * @throws EngineError `NonFinite` when looking for such values
   */
  run(): void {
    const { kernel, args, scratch } = this.memory
    const error = this.debugNaN
      ? firstNonFinite(this.memory, this.program, this.#at, this.#rows)
      : kernel.run(this.#at, this.#rows, args.at, scratch.at, 0, -1)
    if (error !== 0) throw runError(error)
  }
}

const hasRows = (shape: Shape): boolean => shape.some((d) => d < 0)

/** Programs that nobody holds any more give their memory back. */
const forgotten = new FinalizationRegistry<{ memory: KernelMemory; at: number; size: number }>(({ memory, at, size }) => {
  if (!memory.disposed) memory.heap.give(at, size)
})

/** Copies a program into memory, its constants behind it; returns its block. */
function load(memory: KernelMemory, program: Program): { at: number; size: number } {
  const { heap, scalarBytes } = memory
  const codeBlocks = Math.ceil((program.words.length * 4) / BLOCK)
  const size = sizeClass(codeBlocks + memory.blocksOf(program.constants.length))
  const at = heap.take(size)
  const words = program.words.slice()
  words[headerWord('constants')] = codeBlocks
  heap.i32.set(words, (at * BLOCK) / 4)
  memory.scalars.set(program.constants, ((at + codeBlocks) * BLOCK) / scalarBytes)
  return { at, size }
}
/** What the kernel's `RunError` means. */
function runError(code: number): EngineError {
  if (code === 1) return new EngineError('Index', 'An index of gather or scatter is not a whole number in range.')
  return new EngineError(
    'Code',
    'The compiled kernel does not know an instruction of this program: it is of another version of latent-ode. Install the package ' +
      'anew, or run "npm run build" in a clone.',
  )
}
