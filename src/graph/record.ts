import * as tf from '@tensorflow/tfjs-core'
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import { TraceError } from '../errors.js'
import { shapeAt, type Shape } from './shape.js'
import { exactRange, WrittenNumbers } from './writtenNumbers.js'

/** A function of named tensors, written in TensorFlow.js. */
export type TensorFunction = (inputs: Record<string, tf.Tensor>) => tf.Tensor | Record<string, tf.Tensor>

/** One value that a kernel took or made. Values that do not depend on the inputs carry their numbers. */
export interface RecordedValue {
  readonly shape: readonly number[]
  readonly dtype: tf.DataType
  readonly constant?: ArrayLike<number>
  /** Whether those are the numbers that were written; if not, what TensorFlow.js made of them in its own precision. */
  readonly asWritten?: boolean
}

/** One kernel that TensorFlow.js ran; inputs and outputs are indices of values. */
export interface RecordedCall {
  readonly kernel: string
  readonly inputs: readonly (readonly [name: string, value: number])[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly outputs: readonly number[]
}

/** What a function did when run once on inputs with `rows` rows. */
export interface Recording {
  readonly rows: number
  readonly values: readonly RecordedValue[]
  readonly calls: readonly RecordedCall[]
  readonly inputs: Readonly<Record<string, number>>
  readonly outputs: readonly (readonly [name: string, value: number])[]
}

let recordings = 0

/**
 * Runs `fn` once on stand-in tensors under a backend of its own, which computes like TensorFlow.js's CPU backend (so
 * that TensorFlow.js itself works out all shapes) and writes down every kernel. The backend that was active before,
 * its tensors and the gradient tape are as before afterwards, also when `fn` throws.
 */
export function record(fn: TensorFunction, shapes: Readonly<Record<string, Shape>>, rows: number): Recording {
  const engine = tf.engine()
  const before = {
    name: engine.backendName,
    instance: engine['backendInstance'],
    scope: engine.state.activeScope,
    gradientDepth: engine.state.gradientDepth,
    kernelDepth: engine.state.kernelDepth,
    tape: engine.state.activeTape,
    variables: new Set(Object.keys(engine.state.registeredVariables)),
  }
  const name = `latent-ode-trace-${++recordings}`
  const recorder = new Recorder(name)
  const kernels = tf.getKernelsForBackend('cpu')
  for (const { kernelName, kernelFunc } of kernels) {
    tf.registerKernel({ kernelName, backendName: name, kernelFunc: (call) => recorder.run(kernelName, kernelFunc, call) })
  }
  engine.backendName = name
  engine['backendInstance'] = recorder
  // Without this, a trace made while TensorFlow.js differentiates would be written to its tape.
  Object.assign(engine.state, { gradientDepth: 0, kernelDepth: 0, activeTape: null })
  engine.startScope('trace')
  const stopListening = recorder.written.listen()
  try {
    const inputs = Object.fromEntries(
      Object.entries(shapes).map(([key, shape]) => {
        const concrete = shapeAt(shape, rows)
        return [key, tf.tensor(new Float32Array(tf.util.sizeFromShape(concrete)).fill(0.5), concrete)]
      }),
    )
    const ids = Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, recorder.declare(tensor)]))
    const result: unknown = fn(inputs)
    const outputs = outputTensors(result, recorder).map(([key, tensor]) => [key, recorder.value(tensor)] as const)
    if (recorder.failure) throw recorder.failure
    const created = Object.keys(engine.state.registeredVariables).find((variable) => !before.variables.has(variable))
    if (created !== undefined) throw variableError(created)
    if (engine.backendName !== name) throw backendError()
    return { rows, values: recorder.values, calls: recorder.calls, inputs: ids, outputs }
  } catch (error) {
    throw recorder.failure ?? explain(error)
  } finally {
    stopListening()
    while (engine.state.activeScope !== before.scope && engine.state.scopeStack.length > 0) engine.endScope()
    for (const [key, variable] of Object.entries(engine.state.registeredVariables)) if (!before.variables.has(key)) variable.dispose()
    Object.assign(engine.state, { gradientDepth: before.gradientDepth, kernelDepth: before.kernelDepth, activeTape: before.tape })
    engine.backendName = before.name
    engine['backendInstance'] = before.instance
    for (const { kernelName } of kernels) tf.unregisterKernel(kernelName, name)
  }
}

type KernelArguments = Parameters<tf.KernelFunc>[0]

/** Computes as the CPU backend does and keeps the log. */
class Recorder extends MathBackendCPU {
  readonly values: (RecordedValue & { readonly dataId: object })[] = []
  readonly calls: RecordedCall[] = []
  readonly written = new WrittenNumbers()
  failure: TraceError | undefined
  #depth = 0
  readonly #copies = new Map<object, tf.TensorInfo>()
  readonly #known = new Map<object, number[]>()

  constructor(readonly name: string) {
    super()
    // The CPU backend greets on first use.
    ;(this as unknown as { firstUse: boolean }).firstUse = false
  }

  /** Runs one kernel. Kernels that it calls in turn are part of it and are not logged. */
  run(kernel: string, kernelFunc: tf.KernelFunc, { inputs, attrs }: KernelArguments): tf.TensorInfo | tf.TensorInfo[] {
    const own = Object.entries(inputs)
      .filter(([, input]) => input !== null && input !== undefined)
      .map(([name, input]) => [name, this.#own(input as tf.TensorInfo)] as const)
    const ids = own.map(([name, input]) => [name, this.value(input)] as const)
    this.#depth++
    let result: tf.TensorInfo | tf.TensorInfo[]
    try {
      const taken = Array.isArray(inputs) ? (own.map(([, input]) => input) as unknown as tf.NamedTensorInfoMap) : Object.fromEntries(own)
      result = kernelFunc({ inputs: taken, attrs: attrs!, backend: this })
    } finally {
      this.#depth--
    }
    if (this.#depth === 0) {
      const constant = ids.every(([, id]) => this.values[id]!.constant !== undefined)
      const made = Array.isArray(result) ? result : [result]
      const exact = exactRange(kernel, attrs, made[0]!.shape[0]!)
      if (exact) this.written.remember(made[0]!.dataId, exact)
      const outputs = made.map((output) => this.declare(output, constant))
      this.calls.push({ kernel, inputs: ids, attributes: { ...attrs }, outputs })
    }
    return result
  }

  /**
   * The index of a value. A value is a shape and a dtype over a dataId, because tf.reshape and tf.cast give the same
   * dataId to their result. One not seen before was made outside of the inputs' reach: it is a constant.
   */
  value(tensor: tf.TensorInfo): number {
    const own = this.#own(tensor)
    return this.#find(own) ?? this.declare(own, true)
  }

  declare({ dataId, shape, dtype }: tf.TensorInfo, constant = false): number {
    const existing = this.#find({ dataId, shape, dtype })
    if (existing !== undefined) return existing
    if (dtype === 'string' || dtype === 'complex64')
      throw new TraceError('Unsupported', `The traced function uses a tensor of dtype ${dtype}; a Graph holds real numbers only.`)
    const written = this.written.of(dataId)
    const numbers = constant && {
      constant: written ?? (this.data.get(dataId).values as Float32Array),
      asWritten: written !== undefined || dtype !== 'float32',
    }
    const id = this.values.push({ dataId, shape: [...shape], dtype, ...numbers }) - 1
    const siblings = this.#known.get(dataId)
    if (siblings) siblings.push(id)
    else this.#known.set(dataId, [id])
    return id
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = super.write(values, shape, dtype)
    if (this.#depth === 0 && values instanceof Float32Array) this.written.match(dataId, values)
    return dataId
  }

  override readSync(dataId: tf.DataId): ReturnType<MathBackendCPU['readSync']> {
    if (this.#depth === 0) throw (this.failure = tf.getBackend() === this.name ? readError() : backendError())
    return super.readSync(dataId)
  }

  /** A rejection that nobody awaits would end the process, so the failure waits until the function has returned. */
  override read(dataId: tf.DataId): ReturnType<MathBackendCPU['read']> {
    this.failure ??= readError()
    return Promise.resolve(super.readSync(dataId))
  }

  #find({ dataId, shape, dtype }: tf.TensorInfo): number | undefined {
    return this.#known
      .get(dataId)
      ?.find((id) => this.values[id]!.dtype === dtype && tf.util.arraysEqual(this.values[id]!.shape as number[], shape))
  }

  /** The tensor itself, or a copy of a captured one: TensorFlow.js would move it to this backend for good. */
  #own(tensor: tf.TensorInfo): tf.TensorInfo {
    if (this.data.has(tensor.dataId)) return tensor
    if (tensor instanceof tf.Variable) throw variableError(tensor.name)
    let copy = this.#copies.get(tensor.dataId)
    if (!copy) {
      copy = { dataId: super.write(captured(tensor), tensor.shape, tensor.dtype), shape: tensor.shape, dtype: tensor.dtype }
      this.#copies.set(tensor.dataId, copy)
    }
    return { dataId: copy.dataId, shape: tensor.shape, dtype: tensor.dtype }
  }
}

function captured(tensor: tf.TensorInfo): Float32Array {
  try {
    return tf.engine().readSync(tensor.dataId) as Float32Array
  } catch (cause) {
    throw new TraceError(
      'Captured',
      `A tensor of shape [${tensor.shape.join(', ')}] from outside the traced function cannot be read ` +
        `(${cause instanceof Error ? cause.message : String(cause)}). Pass it as an input.`,
      { cause },
    )
  }
}

function outputTensors(result: unknown, recorder: Recorder): [string, tf.Tensor][] {
  if (result instanceof Promise || (typeof result === 'object' && result !== null && 'then' in result)) {
    // Whatever it was doing goes on without its backend; only the error below is of interest.
    Promise.resolve(result as Promise<unknown>).catch(() => undefined)
    throw (
      recorder.failure ??
      new TraceError(
        'Async',
        'The traced function is async. Tracing follows tensors, not time: make it an ordinary function without await.',
      )
    )
  }
  if (result instanceof tf.Tensor) return [['output', result]]
  const named = typeof result === 'object' && result !== null && !Array.isArray(result) ? Object.entries(result) : []
  const wrong = named.find(([, value]) => !(value instanceof tf.Tensor))
  if (named.length === 0 || wrong) {
    const found = wrong ? `${describe(wrong[1])} as "${wrong[0]}"` : describe(result)
    throw new TraceError('Output', `The traced function must return a tensor or an object of named tensors; it returned ${found}.`)
  }
  return named as [string, tf.Tensor][]
}

const describe = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? Object.keys(value).length
          ? 'an object'
          : 'an empty object'
        : value === undefined
          ? 'nothing'
          : `a ${typeof value}`

const readError = () =>
  new TraceError(
    'Read',
    'The traced function reads the values of a tensor (dataSync, arraySync, data, print, …). While tracing, inputs have no values ' +
      'yet: the Graph must do the same whatever they are. Use tensor operations instead, such as tf.where for a choice.',
  )

const backendError = () =>
  new TraceError('Backend', 'The traced function changed the TensorFlow.js backend. Choose a backend outside of it.')

const variableError = (name: string) =>
  new TraceError(
    'Variable',
    `The traced function uses the tf.Variable "${name}", whose value would freeze into the Graph. Pass it as a parameter: name it ` +
      'among the shapes and take it from the inputs.',
  )

/** TensorFlow.js's own error for a kernel that its CPU backend lacks, as ours. */
function explain(error: unknown): unknown {
  const missing = error instanceof Error ? /registered kernel '(\w+)' for backend 'latent-ode-trace/.exec(error.message)?.[1] : undefined
  return missing === undefined
    ? error
    : new TraceError(
        'Unsupported',
        `The kernel ${missing} cannot be traced: TensorFlow.js's CPU backend, which tracing runs on, does not have it.`,
        { cause: error },
      )
}
