import { EngineError } from '../../errors.js'
import type { Graph } from '../../graph/graph.js'
import { requireUnrounded } from '../../graph/requireUnrounded.js'
import { checked } from '../checked/checked.js'
import type { CompileOptions, Dtype, Engine } from '../engine.js'
import type { RawEngine } from '../rawEngine.js'
import { fallbackExecutable, fallbackScan } from './fallback.js'
import type { InstructionSet, Kernel } from './kernel.js'
import { kernelCopies } from './kernelCopies.js'
import { kernelExecutable, type KernelExecutable, type RawKernelExecutable } from './kernelExecutable.js'
import { KernelMemory, type KernelStack, type KernelValue } from './kernelMemory.js'
import { kernelRows } from './kernelRows.js'
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
export function kernelEngine(kernel: Kernel, { dtype = 'float32', ...options }: KernelEngineOptions = {}): KernelEngine {
  const memory = new KernelMemory(kernel, dtype)
  return {
    ...checked(rawKernelEngine(memory, options)),
    name: kernel.name,
    instructionSet: kernel.instructionSet,
    detail: kernel.detail,
    live: () => memory.alive,
    peak: () => memory.heap.bytes,
  }
}

type RawKernelEngine = RawEngine<KernelValue, KernelStack, RawKernelExecutable>

function rawKernelEngine(memory: KernelMemory, { debugNaN = false, ...options }: Omit<KernelEngineOptions, 'dtype'>): RawKernelEngine {
  const { kernel, dtype } = memory
  const standIn = standInFor(dtype, options)
  const engine: RawKernelEngine = {
    name: kernel.name,
    dtype,
    owns: (value) => memory.owns(value),
    ownsStack: (stack) => memory.ownsStack(stack),
    stackShape: ({ shape }) => shape,
    wasFreed: (held) => memory.wasFreed(held),
    compile(graph, { consumes = [] }) {
      if (dtype === 'float64') requireUnrounded(graph)
      try {
        return kernelExecutable(memory, graph, consumes, debugNaN)
      } catch (error) {
        return { ...fallbackExecutable(engine, standIn(error), graph, consumes), program: undefined }
      }
    },
    compileScan(graph, scanOptions) {
      if (dtype === 'float64') requireUnrounded(graph)
      try {
        return kernelScan(memory, graph, scanOptions, debugNaN)
      } catch (error) {
        return fallbackScan(engine, standIn(error), graph, scanOptions)
      }
    },
    ...kernelCopies(memory),
    ...kernelRows(memory),
    release(held) {
      for (const one of held) memory.release(one)
    },
    dispose() {
      memory.disposed = true
      memory.alive = 0
      kernel.dispose()
    },
  }
  return engine
}

/** Gives the engine that stands in for a Graph that the kernel has no instructions for; throws the error on if none does. */
function standInFor(dtype: Dtype, { fallback, onNotice }: Pick<KernelEngineOptions, 'fallback' | 'onNotice'>): (error: unknown) => Engine {
  const noticed = new Set<string>()
  return (error) => {
    if (!(error instanceof EngineError) || error.code !== 'NoKernel' || !fallback) throw error
    if (dtype !== 'float32')
      throw new EngineError('NoKernel', `${error.message} TensorFlow.js, which could stand in, has no ${dtype}.`, { cause: error })
    if (!noticed.has(error.message)) onNotice?.(`${error.message} Such parts of the model run on the tfjs engine, which is slower.`)
    noticed.add(error.message)
    return fallback()
  }
}
