import { EngineError } from '../errors.js'
import { graphInputs, graphOutputs, type Graph } from '../graph/graph.js'
import { formatShape, sameShape, shapeAt, sizeOf } from '../graph/shape.js'
import type { CompileOptions, Dtype, Engine, Executable, FloatArray, Value } from './engine.js'
import { fallbackExecutable } from './fallback.js'
import { firstNonFinite } from './debugNaN.js'
import { Heap, sizeClass } from './heap.js'
import { BLOCK, type InstructionSet, type Kernel } from './kernel.js'
import type { Pack } from './lowering/item.js'
import { lower } from './lowering/lower.js'
import { scratchBlocks, type Program } from './lowering/program.js'

export interface KernelEngineOptions {
  readonly dtype?: Dtype
  /** Stop with an error where a value that is not finite first arises; slow. Default false. */
  readonly debugNaN?: boolean
  /** An engine for Graphs that the kernel has no instructions for. */
  readonly fallback?: () => Engine
  /** Told once for each reason why a Graph runs on the fallback. */
  readonly onNotice?: (message: string) => void
}

/** The native or WebAssembly engine. */
export interface KernelEngine extends Engine {
  readonly name: 'native' | 'wasm'
  readonly instructionSet: InstructionSet
  /** What it runs on and why, for people. */
  readonly detail: string
  /** Lowers a Graph to a program of the kernel; one that the kernel has no instructions for runs on TensorFlow.js, with a notice. */
  compile(graph: Graph, options?: CompileOptions): KernelExecutable
  /** Number of arrays not freed yet. */
  live(): number
  /** Bytes of memory in use at the highest. */
  peak(): number
}

/** A Graph made ready to run on the kernel. */
export interface KernelExecutable extends Executable {
  /** What the kernel runs; undefined if the Graph runs on the fallback. */
  readonly program: Program | undefined
}

/** An array in the kernel's memory; sizes are classes of the heap. */
class KernelValue implements Value {
  /** Matrices packed for products: number of columns, transposed or not, and where they lie. */
  packs: { readonly n: number; readonly transposed: boolean; readonly at: number; readonly size: number }[] | undefined
  /** Stamp of the scope that wants to keep it. */
  kept = 0
  constructor(readonly owner: object, readonly shape: readonly number[], public at: number, readonly size: number) {}
}

/** Freed values lie nowhere. */
const nowhere = -1

/** An engine on a kernel, which it owns from now on. */
export function kernelEngine(kernel: Kernel, { dtype = 'float32', debugNaN = false, fallback, onNotice }: KernelEngineOptions = {}): KernelEngine {
  const scalarBytes = dtype === 'float32' ? 4 : 8
  const heap = new Heap(kernel)
  const owner = {}
  /** The arrays made in the innermost scope. */
  let scope: KernelValue[] | undefined
  let alive = 0
  let stamps = 0
  let disposed = false
  const args = { at: 0, blocks: 0 }
  const scratch = { at: 0, blocks: 0 }
  const noticed = new Set<string>()
  const forgotten = new FinalizationRegistry<{ at: number; size: number }>(({ at, size }) => { if (!disposed) heap.give(at, size) })

  const blocksOf = (scalars: number): number => Math.ceil((scalars * scalarBytes) / BLOCK) || 1
  const reserve = (region: { at: number; blocks: number }, blocks: number): void => {
    if (blocks <= region.blocks) return
    if (region.blocks > 0) heap.give(region.at, sizeClass(region.blocks))
    region.blocks = 0
    region.at = heap.take(sizeClass(blocks))
    region.blocks = blocks
  }
  const requireUsable = (): void => {
    if (disposed) throw new EngineError('Disposed', `The ${kernel.name} engine was disposed of and cannot make arrays any more.`)
  }
  const make = (shape: readonly number[], at: number, size: number): KernelValue => {
    const value = new KernelValue(owner, shape, at, size)
    alive++
    scope?.push(value)
    return value
  }
  const create = (shape: readonly number[]): KernelValue => {
    requireUsable()
    const size = sizeClass(blocksOf(sizeOf(shape)))
    return make(shape, heap.take(size), size)
  }
  const open = (value: Value, what: string): KernelValue => {
    if (disposed) throw new EngineError('Disposed', `${what} is used after the ${kernel.name} engine was disposed of.`)
    if (!(value instanceof KernelValue) || value.owner !== owner) throw new EngineError('Foreign', `${what} was not made by this ${kernel.name} engine.`)
    if (value.at === nowhere) throw new EngineError('Freed', `${what}, of shape ${formatShape(value.shape)}, is used after it was freed.`)
    return value
  }
  const dropPacks = (value: KernelValue): void => {
    if (value.packs === undefined) return
    for (const pack of value.packs) heap.give(pack.at, pack.size)
    value.packs = undefined
  }
  const release = (value: KernelValue): void => {
    if (value.at === nowhere) return
    heap.give(value.at, value.size)
    dropPacks(value)
    value.at = nowhere
    alive--
  }
  /** As `release`, but the memory is another's now. */
  const forget = (value: KernelValue): void => {
    value.at = nowhere
    alive--
  }
  /** The scalars of an array; good until memory is taken again. */
  const scalars = (value: KernelValue): FloatArray => {
    const count = sizeOf(value.shape)
    const start = (value.at * BLOCK) / scalarBytes
    return (dtype === 'float32' ? heap.f32 : heap.f64).subarray(start, start + count)
  }
  const packed = (value: KernelValue, { k, n, transposed }: Pack, size: number): number => {
    if (value.packs) for (const pack of value.packs) if (pack.n === n && pack.transposed === transposed) return pack.at
    const at = heap.take(size)
    kernel.pack(value.at, at, k, n, transposed ? 1 : 0, scalarBytes)
    ;(value.packs ??= []).push({ n, transposed, at, size })
    return at
  }

  /** Copies a program into memory, its constants behind it; returns its block. */
  function load(program: Program): { at: number; size: number } {
    const codeBlocks = Math.ceil((program.words.length * 4) / BLOCK)
    const size = sizeClass(codeBlocks + blocksOf(program.constants.length))
    const at = heap.take(size)
    const words = program.words.slice()
    words[6] = codeBlocks
    heap.i32.set(words, (at * BLOCK) / 4)
    ;(dtype === 'float32' ? heap.f32 : heap.f64).set(program.constants, ((at + codeBlocks) * BLOCK) / scalarBytes)
    return { at, size }
  }

  function compile(graph: Graph, { consumes = [] }: CompileOptions = {}): KernelExecutable {
    requireUsable()
    const inputs = graphInputs(graph)
    const outputs = graphOutputs(graph)
    const consumed = inputs.map(({ name }) => consumes.includes(name))
    let program: Program
    try {
      program = lower(graph, { scalarBytes, consumed: new Set(consumed.flatMap((yes, i) => (yes ? [i] : []))), separate: debugNaN })
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'NoKernel' || !fallback) throw error
      if (dtype !== 'float32') throw new EngineError('NoKernel', `${error.message} TensorFlow.js, which could stand in, has no ${dtype}.`, { cause: error })
      if (!noticed.has(error.message)) onNotice?.(`${error.message} Such parts of the model run on the tfjs engine, which is slower.`)
      noticed.add(error.message)
      return { ...fallbackExecutable(engine, fallback(), graph, consumes), program: undefined }
    }
    const place = load(program)
    const names = inputs.map(({ name }) => name)
    const packSizes = program.packs.map(({ k, n }) => sizeClass(blocksOf(kernel.packedSize(k, n, scalarBytes))))
    const packs = new Int32Array(program.packs.length)
    /** For each output the input whose memory it takes over, or −1; for each input whether an output does. */
    const donor = outputs.map((_, i) => program.donations.get(i) ?? -1)
    const donates = inputs.map((_, i) => donor.includes(i))
    const argumentCount = inputs.length + outputs.length + program.packs.length
    // Shapes for the number of rows of the last run, which often is the next one's too.
    let shapesFor = -1
    let inputShapes: number[][] = []
    let outputShapes: number[][] = []
    let outputSizes: number[] = []
    let scratchSize = 0
    const prepare = (rows: number): void => {
      if (!Number.isInteger(rows) || rows < 0) throw new EngineError('Input', `The number of rows is ${rows}; it must be 0, 1, 2, …`)
      inputShapes = inputs.map(({ shape }) => shapeAt(shape, rows))
      outputShapes = outputs.map(({ shape }) => shapeAt(shape, rows))
      outputSizes = outputShapes.map((shape) => sizeClass(blocksOf(sizeOf(shape))))
      scratchSize = scratchBlocks(program, rows, scalarBytes)
      shapesFor = rows
    }
    const opened = (value: Value, i: number): KernelValue => {
      if (!(value instanceof KernelValue) || value.owner !== owner || value.at === nowhere) open(value, `Input "${names[i]!}"`)
      if (value.shape !== inputShapes[i] && !sameShape(value.shape, inputShapes[i]!)) {
        throw new EngineError('Shape', `Input "${names[i]!}" has shape ${formatShape(value.shape)}; with ${shapesFor} rows it must be ${formatShape(inputShapes[i]!)}, ${formatShape(inputs[i]!.shape)} in the Graph.`)
      }
      return value as KernelValue
    }
    /** Frees what the run has used up; what a result took over is its own now. */
    const useUp = (given: readonly Value[]): void => {
      for (let i = 0; i < given.length; i++) {
        const value = given[i] as KernelValue
        if (!consumed[i] || value.at === nowhere) continue
        if (donates[i]) {
          dropPacks(value)
          forget(value)
        } else release(value)
      }
    }
    const executable: KernelExecutable = {
      graph,
      program,
      run(values, rows) {
        requireUsable()
        if (rows !== shapesFor) prepare(rows)
        if (values.length !== inputs.length) throw new EngineError('Input', `The Graph takes ${inputs.length} inputs (${names.join(', ')}) but was given ${values.length}.`)
        for (let i = 0; i < values.length; i++) opened(values[i]!, i)
        if (scratchSize > scratch.blocks) reserve(scratch, scratchSize)
        if (argumentCount * 4 > args.blocks * BLOCK) reserve(args, Math.ceil((argumentCount * 4) / BLOCK))
        // Memory may move until all of it is taken; then the places are written down.
        for (let i = 0; i < packs.length; i++) packs[i] = packed(values[program.packs[i]!.input] as KernelValue, program.packs[i]!, packSizes[i]!)
        const results = new Array<KernelValue>(outputs.length)
        let made = 0
        try {
          for (; made < results.length; made++) {
            const from = donor[made]!
            if (from < 0) results[made] = make(outputShapes[made]!, heap.take(outputSizes[made]!), outputSizes[made]!)
            else {
              const input = values[from] as KernelValue
              results[made] = make(outputShapes[made]!, input.at, input.size)
            }
          }
        } catch (error) {
          // No memory for this one: those before it go, except what is an input's.
          for (const [i, value] of results.slice(0, made).entries()) {
            if (donor[i]! < 0) release(value)
            else forget(value)
          }
          throw error
        }
        const list = heap.i32
        let next = args.at * (BLOCK / 4)
        for (let i = 0; i < values.length; i++) list[next++] = (values[i] as KernelValue).at
        for (let i = 0; i < results.length; i++) list[next++] = results[i]!.at
        for (let i = 0; i < packs.length; i++) list[next++] = packs[i]!
        let error = -1
        try {
          error = debugNaN
            ? firstNonFinite(kernel, heap, program, place.at, values as readonly KernelValue[], rows, args.at, scratch.at, scalarBytes)
            : kernel.run(place.at, rows, args.at, scratch.at, 0, -1)
        } finally {
          if (consumes.length > 0) useUp(values)
          if (error !== 0) for (const value of results) release(value)
        }
        if (error !== 0) throw runError(error)
        return results
      },
    }
    forgotten.register(executable, place)
    return executable
  }

  const requireIndex = (index: Int32Array, rows: number, what: string): void => {
    for (let i = 0; i < index.length; i++) {
      if (!(index[i]! >= 0 && index[i]! < rows)) throw new EngineError('Index', `${what}: index ${index[i]} at position ${i} is not one of ${rows} rows.`)
    }
  }
  const withIndex = (index: Int32Array, use: (at: number) => void): void => {
    const size = sizeClass(Math.ceil((index.length * 4) / BLOCK))
    const at = heap.take(size)
    heap.i32.set(index, (at * BLOCK) / 4)
    use(at)
    heap.give(at, size)
  }

  const engine: KernelEngine = {
    name: kernel.name,
    dtype,
    instructionSet: kernel.instructionSet,
    detail: kernel.detail,
    compile,
    write(values, shape) {
      if (sizeOf(shape) !== values.length) throw new EngineError('Shape', `${values.length} values do not fill shape ${formatShape(shape)}.`)
      const value = create([...shape])
      ;(dtype === 'float32' ? heap.f32 : heap.f64).set(values, (value.at * BLOCK) / scalarBytes)
      return value
    },
    read: (value) => scalars(open(value, 'An array to be read')).slice(),
    gather(value, index) {
      const source = open(value, 'An array to gather from')
      const [rows = 0, ...rest] = source.shape
      requireIndex(index, rows, 'gather')
      const made = create([index.length, ...rest])
      withIndex(index, (at) => kernel.gather(source.at, made.at, at, index.length, sizeOf(rest), scalarBytes))
      return made
    },
    scatterAdd(value, index, count) {
      const source = open(value, 'An array to scatter')
      const [rows, ...rest] = source.shape
      if (rows !== index.length) throw new EngineError('Shape', `scatterAdd needs one index per row: ${index.length} for shape ${formatShape(source.shape)}.`)
      requireIndex(index, count, 'scatterAdd')
      const made = create([count, ...rest])
      withIndex(index, (at) => kernel.scatterAdd(source.at, made.at, at, index.length, count, sizeOf(rest), scalarBytes))
      return made
    },
    scope(body) {
      const made: KernelValue[] = []
      const outer = scope
      scope = made
      const stamp = ++stamps
      try {
        const result = body()
        if (Array.isArray(result)) for (const value of result as KernelValue[]) value.kept = stamp
        else if (result !== undefined) (result as unknown as KernelValue).kept = stamp
        return result
      } finally {
        scope = outer
        for (const value of made) {
          if (value.kept !== stamp) release(value)
          else if (value.at !== nowhere) outer?.push(value)
        }
      }
    },
    free(...values) {
      for (const value of values) open(value, 'An array to be freed')
      for (const value of values) release(value as KernelValue)
    },
    dispose() {
      if (disposed) return
      disposed = true
      alive = 0
      kernel.dispose()
    },
    live: () => alive,
    peak: () => heap.bytes,
  }
  return engine
}

/** What the kernel's `RunError` means. */
function runError(code: number): EngineError {
  if (code === 1) return new EngineError('Index', 'An index of gather or scatter is not a whole number in range.')
  return new EngineError('Code', 'The compiled kernel does not know an instruction of this program: it is of another version of latent-ode. Install the package anew, or run "npm run build" in a clone.')
}
