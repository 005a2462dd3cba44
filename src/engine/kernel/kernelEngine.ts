import { EngineError } from '../../errors.js'
import type { Graph } from '../../graph/graph.js'
import { requireUnrounded } from '../../graph/requireUnrounded.js'
import { formatShape, sizeOf } from '../../graph/shape.js'
import type { CompileOptions, Dtype, Engine } from '../engine.js'
import { fallbackExecutable, fallbackScan } from './fallback.js'
import { newArray, stackWriter } from '../arrays.js'
import { joinedShape, pieceShape, split } from '../joined.js'
import { sizeClass } from './heap.js'
import { blocksOf, rowsToSpread } from '../weighted.js'
import { BLOCK, type InstructionSet, type Kernel } from './kernel.js'
import { kernelExecutable, type KernelExecutable } from './kernelExecutable.js'
import { KernelMemory, type KernelStack, type KernelValue } from './kernelMemory.js'
import { kernelScan } from './kernelScan.js'

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

/** An engine on a kernel, which it owns from now on. */
export function kernelEngine(
  kernel: Kernel,
  { dtype = 'float32', debugNaN = false, fallback, onNotice }: KernelEngineOptions = {},
): KernelEngine {
  const memory = new KernelMemory(kernel, dtype)
  const { heap, scalarBytes } = memory
  const noticed = new Set<string>()

  /** An engine that stands in for a Graph that the kernel has no instructions for, or the error on. */
  function standIn(error: unknown): Engine {
    if (!(error instanceof EngineError) || error.code !== 'NoKernel' || !fallback) throw error
    if (dtype !== 'float32')
      throw new EngineError('NoKernel', `${error.message} TensorFlow.js, which could stand in, has no ${dtype}.`, { cause: error })
    if (!noticed.has(error.message)) onNotice?.(`${error.message} Such parts of the model run on the tfjs engine, which is slower.`)
    noticed.add(error.message)
    return fallback()
  }

  function compile(graph: Graph, { consumes = [] }: CompileOptions = {}): KernelExecutable {
    memory.requireUsable()
    if (dtype === 'float64') requireUnrounded(graph)
    try {
      return kernelExecutable(memory, graph, consumes, debugNaN)
    } catch (error) {
      return { ...fallbackExecutable(engine, standIn(error), graph, consumes), program: undefined }
    }
  }

  const requireIndex = (index: Int32Array, rows: number, what: string): void => {
    for (let i = 0; i < index.length; i++) {
      if (!(index[i]! >= 0 && index[i]! < rows))
        throw new EngineError('Index', `${what}: index ${index[i]} at position ${i} is not one of ${rows} rows.`)
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
      const size = sizeOf(shape)
      if (typeof values !== 'function' && size !== values.length)
        throw new EngineError('Shape', `${values.length} values do not fill shape ${formatShape(shape)}.`)
      const value = memory.create([...shape])
      const start = (value.at * BLOCK) / scalarBytes
      if (typeof values === 'function') values(memory.scalars.subarray(start, start + size))
      else memory.scalars.set(values, start)
      return value
    },
    readInto(value, to) {
      const { at, shape } = memory.open(value, 'An array to be read')
      split(memory.view(at, shape), to)
    },
    read(value, to) {
      const { at, shape } = memory.open(value, 'An array to be read')
      const count = sizeOf(shape)
      if (to?.length !== count) return memory.view(at, shape).slice()
      if (count > 256) to.set(memory.view(at, shape))
      else {
        // For a few numbers, a view would cost more than they do.
        const { scalars } = memory
        const start = (at * BLOCK) / scalarBytes
        for (let i = 0; i < count; i++) to[i] = scalars[start + i]!
      }
      return to
    },
    compileScan(graph, options) {
      memory.requireUsable()
      if (dtype === 'float64') requireUnrounded(graph)
      try {
        return kernelScan(memory, graph, options, debugNaN)
      } catch (error) {
        return fallbackScan(engine, standIn(error), graph, options)
      }
    },
    writeStack(values, steps, shape) {
      const fill = stackWriter(values, steps, shape)
      const stack = memory.createStack(steps, [...shape])
      for (let i = 0; i < steps; i++) fill(i, memory.view(stack.at + i * stack.pitch, shape))
      return stack
    },
    readStack(stack) {
      const { at, pitch, steps, shape } = memory.openStack(stack, 'A stack to be read')
      const size = sizeOf(shape)
      const numbers = newArray({ dtype }, steps * size)
      for (let i = 0; i < steps; i++) numbers.set(memory.view(at + i * pitch, shape), i * size)
      return numbers
    },
    gather(value, index) {
      const source = memory.open(value, 'An array to gather from')
      const rows = source.shape[0] ?? 0
      requireIndex(index, rows, 'gather')
      const made = memory.create(withRows(source.shape, index.length))
      withIndex(index, (at) => kernel.gather(source.at, made.at, at, index.length, widthOf(source.shape), scalarBytes))
      return made
    },
    concat(values) {
      const parts: { at: number; shape: readonly number[] }[] = []
      for (const held of values) {
        if (!('steps' in held)) parts.push(memory.open(held, 'An array to be joined'))
        else {
          const { at, pitch, steps, shape } = memory.openStack(held, 'A stack to be joined')
          for (let i = 0; i < steps; i++) parts.push({ at: at + i * pitch, shape })
        }
      }
      const made = memory.create(joinedShape(parts))
      let start = (made.at * BLOCK) / scalarBytes
      for (const { at, shape } of parts) {
        const from = (at * BLOCK) / scalarBytes
        memory.scalars.copyWithin(start, from, from + sizeOf(shape))
        start += sizeOf(shape)
      }
      return made
    },
    cut(value, steps) {
      const whole = memory.open(value, 'An array to be cut')
      const shape = pieceShape(whole, steps)
      const stack = memory.createStack(steps, shape)
      const size = sizeOf(shape)
      const from = (whole.at * BLOCK) / scalarBytes
      for (let i = 0; i < steps; i++)
        memory.scalars.copyWithin(((stack.at + i * stack.pitch) * BLOCK) / scalarBytes, from + i * size, from + (i + 1) * size)
      return stack
    },
    scatterAdd(value, index, count) {
      const source = memory.open(value, 'An array to scatter')
      if (source.shape[0] !== index.length)
        throw new EngineError('Shape', `scatterAdd needs one index per row: ${index.length} for shape ${formatShape(source.shape)}.`)
      requireIndex(index, count, 'scatterAdd')
      const made = memory.create(withRows(source.shape, count))
      withIndex(index, (at) => kernel.scatterAdd(source.at, made.at, at, index.length, count, widthOf(source.shape), scalarBytes))
      return made
    },
    gatherWeighted(value, index, weights) {
      const [source, weight] = [memory.open(value, 'An array to gather from'), memory.open(weights, 'Weights')]
      const { terms, width } = blocksOf(source, index, weight)
      requireIndex(index, source.shape[0]!, 'gatherWeighted')
      const made = memory.create([index.length, width])
      withIndex(index, (at) => kernel.gatherWeighted(source.at, made.at, at, weight.at, index.length, terms, width, scalarBytes))
      return made
    },
    scatterWeighted(value, from, index, weights, count) {
      const [source, weight] = [memory.open(value, 'An array to scatter'), memory.open(weights, 'Weights')]
      const { terms, width } = rowsToSpread(source, from, index, weight)
      requireIndex(from, source.shape[0]!, 'scatterWeighted')
      requireIndex(index, count, 'scatterWeighted')
      const made = memory.create([count, terms * width])
      withIndex(from, (rows) =>
        withIndex(index, (at) =>
          kernel.scatterWeighted(source.at, made.at, rows, at, weight.at, index.length, count, terms, width, scalarBytes),
        ),
      )
      return made
    },
    scope: (body) => memory.scope(body),
    free(...values) {
      for (const held of values) {
        if ('steps' in held) memory.openStack(held, 'A stack to be freed')
        else memory.open(held, 'An array to be freed')
      }
      for (const held of values) memory.release(held as KernelValue | KernelStack)
    },
    dispose() {
      if (memory.disposed) return
      memory.disposed = true
      memory.alive = 0
      kernel.dispose()
    },
    live: () => memory.alive,
    peak: () => heap.bytes,
  }
  return engine
}

function withRows(shape: readonly number[], rows: number): number[] {
  const other = shape.slice()
  other[0] = rows
  return other
}

/** Scalars in a row. */
function widthOf(shape: readonly number[]): number {
  let width = 1
  for (let axis = 1; axis < shape.length; axis++) width *= shape[axis]!
  return width
}
