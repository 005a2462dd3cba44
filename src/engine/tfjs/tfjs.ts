import { EngineError } from '../../errors.js'
import { checked } from '../checked/checked.js'
import type { Dtype, Engine } from '../engine.js'
import { withStacks } from './stacks.js'
import { TfjsArrays } from './tfjsArrays.js'
import { chooseBackend, type Runtime, type TfjsBackend } from './tfjsBackend.js'
import { TfjsCompiler } from './tfjsExecutable.js'
import { tfjsCopies, tfjsRows } from './tfjsRows.js'

/** Options of {@link tfjsEngine}. */
export interface TfjsOptions {
  /** `'tensorflow'` (the package tfjs-node), `'wasm'` or `'cpu'`; by default the first of these that works. */
  readonly backend?: TfjsBackend
  /** TensorFlow.js has `'float32'` only. */
  readonly dtype?: Dtype
}

/** The tfjs engine and what it runs on. */
export interface TfjsEngine extends Engine {
  readonly name: 'tfjs'
  readonly dtype: 'float32'
  readonly backend: string
  /** What the backend is and why those before it were not taken, for people. */
  readonly detail: string
  /** Number of arrays not freed yet. */
  live(): number
}

/**
 * Runs Graphs kernel by kernel on a backend of TensorFlow.js. The user's own choice of backend is not disturbed.
 *
 * @param options the backend; by default the fastest that works
 * @throws EngineError `Dtype` if float64 is asked for, `Backend` if the backend cannot be had
 */
export async function tfjsEngine({ backend, dtype = 'float32' }: TfjsOptions = {}): Promise<TfjsEngine> {
  if (dtype !== 'float32')
    throw new EngineError(
      'Dtype',
      `The tfjs engine computes in float32; TensorFlow.js has no ${dtype}. Use float32, or an engine that has ${dtype}.`,
    )
  const { runtime, rejected } = await chooseBackend(backend)
  return tfjsEngineOn(runtime, [runtime.detail, ...rejected.map(({ backend: name, reason }) => `not ${name}: ${reason}`)].join('; '))
}

/** The engine on a given runtime. */
export function tfjsEngineOn(runtime: Runtime, detail = runtime.detail): TfjsEngine {
  const arrays = new TfjsArrays(runtime)
  const compiler = new TfjsCompiler(runtime, arrays)
  const raw = withStacks({
    name: 'tfjs',
    dtype: 'float32',
    owns: (value) => arrays.owns(value),
    wasFreed: (value) => arrays.wasFreed(value),
    compile: (graph, { consumes = [] }) => compiler.compile(graph, consumes),
    ...tfjsCopies(arrays),
    ...tfjsRows(arrays),
    release: (values) => arrays.release(values),
    dispose: () =>
      runtime.within(() => {
        arrays.releaseAll()
        compiler.dispose()
      }),
  })
  return { ...checked(raw), name: 'tfjs', dtype: 'float32', backend: runtime.backend, detail, live: () => arrays.size }
}
