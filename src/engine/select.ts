import { EngineError, UserError } from '../errors.js'
import type { Dtype, Engine, EngineName } from './engine.js'
import type { InstructionSet } from './kernel/kernel.js'
import { kernelEngine, type KernelEngine, type KernelEngineOptions } from './kernel/kernelEngine.js'

const choices = ['auto', 'native', 'wasm', 'tfjs'] as const

/** How an engine is opened. */
export interface SelectOptions {
  /** The scalars to compute with; float32 by default. */
  readonly dtype?: Dtype
  /** Native engine: instructions to use; by default the fastest that the processor has. */
  readonly instructionSet?: InstructionSet
  /** Native and WebAssembly: stop where a value that is not finite first arises. Default false. */
  readonly debugNaN?: boolean
  /** Told what a user should know: that another engine was taken, that a part of the model runs on a slower one. */
  readonly onNotice?: (message: string) => void
}

/**
 * The engine of that name. `'auto'` is the fastest that works here: `'native'`, else `'wasm'`, else `'tfjs'`.
 *
 * @param name `'auto'`, `'native'`, `'wasm'` or `'tfjs'`; by default what LATENT_ODE_ENGINE says, else `'auto'`
 * @throws UserError `Engine` for a name that is none
 * @throws EngineError if the engine cannot be had, or has no scalars of that type
 */
export async function selectEngine(name: string = environmentChoice(), options: SelectOptions = {}): Promise<Engine> {
  switch (requireName(name)) {
    case 'native':
      return nativeEngine(options)
    case 'wasm':
      return wasmEngine(options)
    case 'tfjs':
      return tfjs(options)
    case 'auto': {
      for (const open of [nativeEngine, wasmEngine]) {
        try {
          return await open(options)
        } catch (error) {
          if (!(error instanceof EngineError)) throw error
        }
      }
      options.onNotice?.(
        'Neither the native nor the WebAssembly engine works here ("latent-ode doctor" says why); the slower tfjs engine is used.',
      )
      return tfjs(options)
    }
  }
}

/**
 * The native engine, on the instructions asked for.
 *
 * @param options scalars and instructions
 * @throws EngineError if it cannot be had
 */
export async function nativeEngine({ instructionSet, ...options }: SelectOptions = {}): Promise<KernelEngine> {
  const { openNativeKernel } = await import('./kernel/nativeKernel.js')
  return kernelEngine(openNativeKernel(instructionSet ? { instructionSet } : {}), await withFallback(options))
}

/**
 * The WebAssembly engine.
 *
 * @param options scalars
 * @throws EngineError if it cannot be had
 */
export async function wasmEngine({ instructionSet: _, ...options }: SelectOptions = {}): Promise<KernelEngine> {
  const { openWasmKernel } = await import('./kernel/wasmKernelFile.js')
  return kernelEngine(await openWasmKernel(), await withFallback(options))
}

async function tfjs({ dtype = 'float32', debugNaN }: SelectOptions): Promise<Engine> {
  if (debugNaN)
    throw new EngineError('DebugNaN', 'The tfjs engine cannot look for values that are not finite. Use the engine "native" or "wasm".')
  const { tfjsEngine } = await import('./tfjs/tfjs.js')
  return tfjsEngine({ dtype })
}

/** Graphs without a kernel run on the plain JavaScript backend of TensorFlow.js, opened when there is the first. */
async function withFallback(options: KernelEngineOptions): Promise<KernelEngineOptions> {
  const { plainEngine } = await import('./tfjs/plainEngine.js')
  return { ...options, fallback: plainEngine }
}

/** One line of `doctor`: an engine, or a backend of the tfjs engine. */
export interface EngineReport {
  readonly name: EngineName | `tfjs/${'tensorflow' | 'wasm' | 'cpu'}`
  readonly available: boolean
  readonly detail: string
}

/** What can run Graphs here, and why the rest cannot. Opens each engine in turn, and each backend of TensorFlow.js. */
export async function engineReport(): Promise<EngineReport[]> {
  const reports: EngineReport[] = []
  for (const [name, open] of [
    ['native', nativeEngine],
    ['wasm', wasmEngine],
  ] as const) {
    try {
      const engine = await open()
      reports.push({ name, available: true, detail: `float32 and float64, ${engine.detail}` })
      engine.dispose()
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      reports.push({ name, available: false, detail: error.message })
    }
  }
  const { chooseBackend, tfjsBackends } = await import('./tfjs/tfjsBackend.js')
  const backends: EngineReport[] = []
  for (const backend of tfjsBackends) {
    try {
      const { runtime } = await chooseBackend(backend)
      backends.push({ name: `tfjs/${backend}`, available: true, detail: runtime.detail })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      backends.push({ name: `tfjs/${backend}`, available: false, detail: error.message })
    }
  }
  const first = backends.find(({ available }) => available)
  return [
    ...reports,
    { name: 'tfjs', available: first !== undefined, detail: first ? `float32, on ${first.detail}` : 'no backend of TensorFlow.js works' },
    ...backends,
  ]
}

function environmentChoice(): string {
  const chosen = typeof process === 'undefined' ? undefined : process.env['LATENT_ODE_ENGINE']
  return chosen === undefined || chosen === '' ? 'auto' : chosen
}

function requireName(name: string): (typeof choices)[number] {
  const found = choices.find((choice) => choice === name)
  if (found) return found
  const [nearest] = [...choices].sort((a, b) => distance(name.toLowerCase(), a) - distance(name.toLowerCase(), b))
  throw new UserError(
    'Engine',
    `There is no engine "${name}". Did you mean "${nearest}"? Engines are ${choices.map((choice) => `"${choice}"`).join(', ')}; one ` +
      'is chosen by --engine or LATENT_ODE_ENGINE.',
  )
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
