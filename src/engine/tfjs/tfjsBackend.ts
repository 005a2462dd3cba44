import type * as cpu from '@tensorflow/tfjs-backend-cpu'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type * as tf from '@tensorflow/tfjs-core'
import { EngineError } from '../../errors.js'

/** The TensorFlow.js backends that the engine knows, fastest first. */
export const tfjsBackends = ['tensorflow', 'wasm', 'cpu'] as const
export type TfjsBackend = (typeof tfjsBackends)[number]

/** What a kernel takes and makes: a TensorInfo, or the Tensor that it is a part of. */
export type Handle = tf.TensorInfo

/** One kernel of a backend, ready to be called. */
export type Kernel = (inputs: Record<string, Handle>, attributes: Record<string, unknown>) => Handle

/** A backend as the engine uses it. Every handle is owned by whoever asked for it until `free`. */
export interface Runtime {
  readonly backend: string
  /** What it is, for people. */
  readonly detail: string
  /** Whether a matrix product is faster on transposed copies: seven times on WASM, copying included. */
  readonly slowTransposedProducts: boolean
  kernel(name: string): Kernel
  write(values: Float32Array | Int32Array, shape: readonly number[]): Handle
  /** A copy of the numbers. */
  read(handle: Handle): Float32Array
  /** The same numbers under another shape; owned and freed on its own. */
  reshape(handle: Handle, shape: readonly number[]): Handle
  free(handle: Handle): void
  /** Runs `body` with the backend active, and the user's own again afterwards. */
  within<T>(body: () => T): T
}

/**
 * Calls the kernels of a backend directly. Compared with `runKernel` of TensorFlow.js this leaves out its scopes, tape
 * and Tensor objects, and the user's active backend is never touched. For backends whose kernels return TensorInfos.
 */
function directRuntime(
  core: typeof tf,
  name: string,
  backend: tf.KernelBackend,
  detail: string,
  replaced: Readonly<Record<string, Kernel>> = {},
): Runtime {
  const copies = name === 'cpu'
  return {
    backend: name,
    detail,
    slowTransposedProducts: name === 'wasm',
    kernel(kernelName) {
      if (Object.hasOwn(replaced, kernelName)) return replaced[kernelName]!
      const config = core.getKernel(kernelName, name)
      if (!config) throw new EngineError('Kernel', `The TensorFlow.js backend ${name} has no kernel ${kernelName}.`)
      const { kernelFunc } = config
      return (inputs, attributes) => kernelFunc({ inputs, attrs: attributes as tf.NamedAttrMap, backend }) as Handle
    },
    write(values, shape) {
      const dtype = values instanceof Int32Array ? 'int32' : 'float32'
      // The CPU backend keeps the array it is given.
      return { dataId: backend.write(copies ? values.slice() : values, shape as number[], dtype), shape: shape as number[], dtype }
    },
    read(handle) {
      const values = backend.readSync(handle.dataId) as Float32Array
      return copies || !(values instanceof Float32Array) ? Float32Array.from(values) : values
    },
    reshape(handle, shape) {
      backend.incRef(handle.dataId)
      return { dataId: handle.dataId, shape: shape as number[], dtype: handle.dtype }
    },
    free(handle) {
      backend.disposeData(handle.dataId)
    },
    within: (body) => body(),
  }
}

/** Calls kernels through TensorFlow.js's own engine: works with any backend, at a higher price per call. */
export function engineRuntime(core: typeof tf, name: string, detail: string): Runtime {
  const engine = core.engine()
  return {
    backend: name,
    detail,
    slowTransposedProducts: name === 'wasm',
    kernel(kernelName) {
      if (!core.getKernel(kernelName, name))
        throw new EngineError('Kernel', `The TensorFlow.js backend ${name} has no kernel ${kernelName}.`)
      return (inputs, attributes) => engine.runKernel<tf.Tensor>(kernelName, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap)
    },
    write: (values, shape) => core.tensor(values.slice(), shape as number[], values instanceof Int32Array ? 'int32' : 'float32'),
    read: (handle) => Float32Array.from((handle as tf.Tensor).dataSync()),
    reshape: (handle, shape) => engine.runKernel<tf.Tensor>('Reshape', { x: handle as tf.Tensor }, { shape: shape as number[] }),
    free: (handle) => (handle as tf.Tensor).dispose(),
    within(body) {
      const instance = engine.registry[name]
      if (!instance) throw new EngineError('Backend', `The TensorFlow.js backend ${name} was removed.`)
      const before = { name: engine.backendName, instance: engine['backendInstance'] }
      const { gradientDepth, kernelDepth, activeTape, activeScope } = engine.state
      engine.backendName = name
      engine['backendInstance'] = instance
      // Neither a tape nor a tf.tidy around the call may see our tensors.
      Object.assign(engine.state, { gradientDepth: 0, kernelDepth: 0, activeTape: null, activeScope: null })
      try {
        return body()
      } finally {
        Object.assign(engine.state, { gradientDepth, kernelDepth, activeTape, activeScope })
        engine.backendName = before.name
        engine['backendInstance'] = before.instance
      }
    },
  }
}

/** Why each backend that comes before the chosen one was not taken. */
export interface Choice {
  readonly runtime: Runtime
  readonly rejected: readonly { readonly backend: TfjsBackend; readonly reason: string }[]
}

/**
 * The given backend, or the first that works.
 *
 * @throws EngineError `Backend` if none does, with the reasons
 */
export async function chooseBackend(wanted?: TfjsBackend): Promise<Choice> {
  const core = await import('@tensorflow/tfjs-core')
  const openers: Readonly<Record<TfjsBackend, (core: typeof tf) => Promise<Runtime>>> = {
    tensorflow: openTensorflow,
    wasm: openWasm,
    cpu: openCpu,
  }
  const rejected: { backend: TfjsBackend; reason: string }[] = []
  for (const backend of wanted === undefined ? tfjsBackends : [wanted]) {
    try {
      const runtime = await openers[backend](core)
      requireRightProduct(runtime)
      return { runtime, rejected }
    } catch (error) {
      rejected.push({
        backend,
        reason: (error instanceof Error ? error.message : String((error as { message?: unknown } | null)?.message ?? error)).split(
          '\n',
        )[0]!,
      })
    }
  }
  throw new EngineError(
    'Backend',
    `No TensorFlow.js backend can be used: ${rejected.map(({ backend, reason }) => `${backend} (${reason})`).join('; ')}`,
  )
}

/** [1 2; 3 4] times [5 6; 7 8]. A backend can load and still break at its first operation. */
function requireRightProduct(runtime: Runtime): void {
  const product = runtime.within(() => {
    const [a, b] = [runtime.write(Float32Array.of(1, 2, 3, 4), [2, 2]), runtime.write(Float32Array.of(5, 6, 7, 8), [2, 2])]
    const out = runtime.kernel('BatchMatMul')({ a, b }, { transposeA: false, transposeB: false })
    const values = runtime.read(out)
    for (const handle of [a, b, out]) runtime.free(handle)
    return values
  })
  if (product.join() !== '19,22,43,50')
    throw new EngineError('Backend', `a test product came out as [${product.join(', ')}] instead of [19, 22, 43, 50]`)
}

const openCpu = async (core: typeof tf): Promise<Runtime> => cpuRuntime(core, await import('@tensorflow/tfjs-backend-cpu'))

/** The plain JavaScript backend, one of our own that TensorFlow.js does not know of. */
export function cpuRuntime(core: typeof tf, { MathBackendCPU }: typeof cpu): Runtime {
  const backend = new MathBackendCPU()
  // It greets on first use.
  ;(backend as unknown as { firstUse: boolean }).firstUse = false
  // Its own Abs makes a Tensor, which TensorFlow.js would count until it is disposed of; its own Sign makes 0 of NaN.
  const elementwise =
    (f: (x: number) => number): Kernel =>
    ({ x }) =>
      backend.makeTensorInfo(
        x!.shape,
        'float32',
        (backend.data.get(x!.dataId).values as Float32Array).map((value) => f(value)),
      )
  return directRuntime(core, 'cpu', backend, `TensorFlow.js ${core.version_core}, plain JavaScript`, {
    Abs: elementwise(Math.abs),
    Sign: elementwise(Math.sign),
  })
}

async function openWasm(core: typeof tf): Promise<Runtime> {
  const engine = core.engine()
  // Choosing nothing means the backend of highest priority, which registering WASM would change; so what would be
  // chosen now is chosen now.
  if (!engine.backendName && engine.backendNames().length > 0) await core.ready()
  await import('@tensorflow/tfjs-backend-cpu')
  const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm')
  let backend = engine.registry['wasm']
  if (!backend) {
    const folder = await wasmFolder()
    if (folder !== undefined) setWasmPaths(folder)
    // Not by setBackend, which would leave the user without a backend while the module loads. The kernels belong to
    // the one backend that they were set up with, so it is registered for others to share.
    backend = await core.findBackendFactory('wasm')!()
    engine.registry['wasm'] ??= backend
    backend = engine.registry['wasm']!
    for (const { setupFunc } of core.getKernelsForBackend('wasm')) setupFunc?.(backend)
  }
  const simd = await core.env().getAsync('WASM_HAS_SIMD_SUPPORT')
  return directRuntime(
    core,
    'wasm',
    backend,
    `TensorFlow.js ${version_wasm}, WebAssembly${simd === true ? ' with SIMD' : ''}`,
    accurateKernels(core, backend as BackendWasm),
  )
}

/**
 * JavaScript's own functions in place of WASM kernels that are too far off: log1p(1e-7) and sin(-1e-6) by a fifth, sin
 * by 2e-7 anywhere, sin and cos of 1e30 altogether, sign(1e-7) is 0, relu(NaN) is 0. Maximum and minimum, which take
 * no notice of a NaN in their second operand, are asked again the other way round if there is one.
 */
function accurateKernels(core: typeof tf, backend: BackendWasm): Record<string, Kernel> {
  const elementwise =
    (f: (x: number) => number): Kernel =>
    (inputs) => {
      const x = inputs['x']!
      const out = backend.makeOutput(x.shape, 'float32')
      // After the allocation, which may move the memory.
      const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)]
      for (let i = 0; i < to.length; i++) to[i] = f(from[i]!)
      return out
    }
  const extremum = (name: 'Maximum' | 'Minimum'): Kernel => {
    const { kernelFunc } = core.getKernel(name, 'wasm')
    const apply = (a: Handle, b: Handle): Handle => kernelFunc({ inputs: { a, b }, attrs: {}, backend }) as Handle
    return ({ a, b }) => {
      const out = apply(a!, b!)
      if (!backend.typedArrayFromHeap(b!).some(Number.isNaN)) return out
      const swapped = apply(b!, a!)
      const [from, to] = [backend.typedArrayFromHeap(out), backend.typedArrayFromHeap(swapped)]
      for (let i = 0; i < to.length; i++) if (Number.isNaN(from[i])) to[i] = NaN
      backend.disposeData(out.dataId)
      return swapped
    }
  }
  return {
    Log1p: elementwise(Math.log1p),
    Sin: elementwise(Math.sin),
    Cos: elementwise(Math.cos),
    Sign: elementwise(Math.sign),
    Relu: elementwise((x) => (x < 0 ? 0 : x)),
    Maximum: extremum('Maximum'),
    Minimum: extremum('Minimum'),
  }
}

/** Where the package keeps its .wasm files, with a slash at the end; in a browser the page has to say. */
async function wasmFolder(): Promise<string | undefined> {
  if (typeof process === 'undefined' || !process.versions?.node) return undefined
  const [{ createRequire }, { dirname, sep }] = await Promise.all([import('node:module'), import('node:path')])
  return dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep
}

/** Real TensorFlow, where its optional package could be installed and works. */
async function openTensorflow(core: typeof tf): Promise<Runtime> {
  const engine = core.engine()
  const before = { name: engine.backendName, instance: engine['backendInstance'] }
  const specifier = '@tensorflow/tfjs-node'
  try {
    const loaded = await (import(specifier) as Promise<{
      version?: Record<string, string>
      default?: { version?: Record<string, string> }
    }>)
    const version = (loaded.version ?? loaded.default?.version)?.['tfjs-node']
    if (version === undefined) throw new EngineError('Backend', `${specifier} is only a stand-in without TensorFlow`)
    if (!engine.registry['tensorflow'] && !core.findBackend('tensorflow'))
      throw new EngineError('Backend', `${specifier} ${version} loaded but registered no backend`)
    return engineRuntime(core, 'tensorflow', `TensorFlow.js for Node ${version}`)
  } finally {
    // The package makes itself the active backend when it loads.
    if (before.name) {
      engine.backendName = before.name
      engine['backendInstance'] = before.instance
    }
  }
}
