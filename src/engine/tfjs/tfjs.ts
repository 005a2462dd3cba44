import { EngineError } from '../../errors.js'
import { graphInputs, type Graph } from '../../graph/graph.js'
import { formatShape, sameShape, shapeAt, sizeOf } from '../../graph/shape.js'
import type { CompileOptions, Dtype, Engine, Executable, Value } from '../engine.js'
import { joinedShape, split } from '../joined.js'
import { withScans } from './scanByRuns.js'
import { chooseBackend, type Handle, type Runtime, type TfjsBackend } from './tfjsBackend.js'
import { blocksOf, gatherWeightedNumbers, rowsToSpread, scatterWeightedNumbers } from '../weighted.js'
import { planGraph, requireRows, type Plan, type Upload } from './tfjsPlan.js'

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

/** Plans kept per executable, one for each number of rows seen lately. */
const planLimit = 64

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
  const alive = new Set<TfjsValue>()
  const scopes: Set<TfjsValue>[] = []
  const constants = new Set<Handle>()
  const forgotten = new FinalizationRegistry<Handle[]>((handles) => {
    for (const handle of handles) if (constants.delete(handle)) runtime.within(() => runtime.free(handle))
  })
  let disposed = false

  const own = (handle: Handle, shape: readonly number[]): TfjsValue => {
    const value = new TfjsValue(shape, handle)
    alive.add(value)
    scopes.at(-1)?.add(value)
    return value
  }
  const open = (value: Value, what: string): Handle => {
    if (disposed) throw new EngineError('Disposed', `${what} is used after the tfjs engine was disposed of.`)
    if (value instanceof TfjsValue && alive.has(value)) return value.handle
    if (value instanceof TfjsValue && value.freed)
      throw new EngineError('Freed', `${what}, of shape ${formatShape(value.shape)}, is used after it was freed.`)
    throw new EngineError('Foreign', `${what} was not made by this tfjs engine.`)
  }
  const release = (value: TfjsValue): void => {
    if (!alive.delete(value)) return
    value.freed = true
    runtime.free(value.handle)
  }
  const requireUsable = () => {
    if (disposed) throw new EngineError('Disposed', 'The tfjs engine was disposed of and cannot make arrays any more.')
  }

  function compile(graph: Graph, { consumes = [] }: CompileOptions = {}): Executable {
    requireUsable()
    const inputs = graphInputs(graph)
    const consumed = inputs.map(({ name }) => consumes.includes(name))
    const uploaded: Handle[] = []
    const known = new Map<string, Handle>()
    const upload: Upload = (key, values, shape, integers = false) => {
      let handle = known.get(key)
      if (handle) return handle
      handle = runtime.within(() => runtime.write(integers ? Int32Array.from(values) : Float32Array.from(values), [...shape]))
      constants.add(handle)
      uploaded.push(handle)
      known.set(key, handle)
      return handle
    }
    const plans = new Map<number, Plan>()
    const planFor = (rows: number): Plan => {
      let plan = plans.get(rows)
      if (!plan) {
        plan = planGraph(graph, rows, runtime, upload)
        plans.set(rows, plan)
        if (plans.size > planLimit) plans.delete(plans.keys().next().value!)
      }
      return plan
    }
    const executable: Executable = {
      graph,
      run(values, rows) {
        requireUsable()
        if (!Number.isInteger(rows) || rows < 0) throw new EngineError('Input', `The number of rows is ${rows}; it must be 0, 1, 2, …`)
        if (values.length !== inputs.length) {
          throw new EngineError(
            'Input',
            `The Graph takes ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}) but was given ${values.length}.`,
          )
        }
        const plan = planFor(rows)
        const handles = values.map((value, i) => {
          const { name, shape } = inputs[i]!
          const handle = open(value, `Input "${name}"`)
          if (!sameShape(value.shape, plan.inputShapes[i]!)) {
            throw new EngineError(
              'Shape',
              `Input "${name}" has shape ${formatShape(value.shape)}; with ${rows} rows it must be ` +
                `${formatShape(shapeAt(shape, rows))}, ${formatShape(shape)} in the Graph.`,
            )
          }
          return handle
        })
        const made = runtime.within(() => runPlan(runtime, plan, handles))
        if (consumes.length > 0)
          runtime.within(() =>
            values.forEach((value, i) => {
              if (consumed[i]) release(value as TfjsValue)
            }),
          )
        return plan.outputs.map((_, i) => own(made[i]!, plan.outputShapes[i]!))
      },
    }
    forgotten.register(executable, uploaded)
    return executable
  }

  return withScans({
    name: 'tfjs',
    dtype: 'float32',
    backend: runtime.backend,
    detail,
    compile,
    write(values, shape) {
      requireUsable()
      const size = sizeOf(shape)
      if (typeof values !== 'function' && size !== values.length)
        throw new EngineError('Shape', `${values.length} values do not fill shape ${formatShape(shape)}.`)
      const list =
        typeof values === 'function' ? new Float32Array(size) : values instanceof Float32Array ? values : Float32Array.from(values)
      if (typeof values === 'function') values(list)
      const copy = [...shape]
      return own(
        runtime.within(() => runtime.write(list, copy)),
        copy,
      )
    },
    readInto(value, to) {
      const handle = open(value, 'An array to be read')
      if (sizeOf(value.shape) > 0)
        split(
          runtime.within(() => runtime.read(handle)),
          to,
        )
    },
    read(value, to) {
      const handle = open(value, 'An array to be read')
      const numbers = sizeOf(value.shape) === 0 ? new Float32Array(0) : runtime.within(() => runtime.read(handle))
      if (to?.length !== numbers.length) return numbers
      to.set(numbers)
      return to
    },
    gather(value, index) {
      const handle = open(value, 'An array to gather from')
      const shape = [index.length, ...value.shape.slice(1)]
      requireRows(index, value.shape[0] ?? 0, 'gather')
      return own(
        runtime.within(() => {
          if (sizeOf(shape) === 0) return runtime.write(new Float32Array(0), shape)
          const indices = runtime.write(index, [index.length])
          const out = runtime.kernel('GatherV2')({ x: handle, indices }, { axis: 0, batchDims: 0 })
          runtime.free(indices)
          return out
        }),
        shape,
      )
    },
    concat(values) {
      const handles = values.map((value) => open(value, 'An array to be joined'))
      const shape = joinedShape(values)
      const filled = handles.filter((_, i) => sizeOf(values[i]!.shape) > 0)
      return own(
        runtime.within(() => {
          const numbers = new Float32Array(sizeOf(shape))
          let at = 0
          for (const handle of filled) {
            const part = runtime.read(handle)
            numbers.set(part, at)
            at += part.length
          }
          return runtime.write(numbers, shape)
        }),
        shape,
      )
    },
    scatterAdd(value, index, count) {
      const handle = open(value, 'An array to scatter')
      if (value.shape[0] !== index.length)
        throw new EngineError('Shape', `scatterAdd needs one index per row: ${index.length} for shape ${formatShape(value.shape)}.`)
      requireRows(index, count, 'scatterAdd')
      const shape = [count, ...value.shape.slice(1)]
      return own(
        runtime.within(() => {
          if (sizeOf(shape) === 0 || index.length === 0) return runtime.write(new Float32Array(sizeOf(shape)), shape)
          const indices = runtime.write(index, [index.length, 1])
          const out = runtime.kernel('ScatterNd')({ indices, updates: handle }, { shape })
          runtime.free(indices)
          return out
        }),
        shape,
      )
    },
    // By loops: TensorFlow.js would copy every block once for each row that reads it.
    gatherWeighted(value, index, weights) {
      const [source, weight] = [open(value, 'An array to gather from'), open(weights, 'Weights')]
      const blocks = blocksOf(value, index, weights)
      requireRows(index, value.shape[0]!, 'gatherWeighted')
      const shape = [index.length, blocks.width]
      return own(
        runtime.within(() => {
          const out = new Float32Array(sizeOf(shape))
          if (out.length > 0) gatherWeightedNumbers(runtime.read(source), index, runtime.read(weight), blocks, out)
          return runtime.write(out, shape)
        }),
        shape,
      )
    },
    scatterWeighted(value, from, index, weights, count) {
      const [source, weight] = [open(value, 'An array to scatter'), open(weights, 'Weights')]
      const blocks = rowsToSpread(value, from, index, weights)
      requireRows(from, value.shape[0]!, 'scatterWeighted')
      requireRows(index, count, 'scatterWeighted')
      const shape = [count, blocks.terms * blocks.width]
      return own(
        runtime.within(() => {
          const out = new Float32Array(sizeOf(shape))
          if (out.length > 0 && index.length > 0)
            scatterWeightedNumbers(runtime.read(source), from, index, runtime.read(weight), blocks, out)
          return runtime.write(out, shape)
        }),
        shape,
      )
    },
    scope(body) {
      const made = new Set<TfjsValue>()
      scopes.push(made)
      let kept: readonly Value[] = []
      try {
        const result = body()
        kept = result
        return result
      } finally {
        scopes.pop()
        const survivors = new Set<Value>(kept)
        runtime.within(() => {
          for (const value of made) {
            if (!survivors.has(value)) release(value)
            else if (alive.has(value)) scopes.at(-1)?.add(value)
          }
        })
      }
    },
    free(...values: readonly Value[]) {
      for (const value of values) open(value, 'An array to be freed')
      runtime.within(() => {
        for (const value of values) release(value as TfjsValue)
      })
    },
    dispose() {
      if (disposed) return
      runtime.within(() => {
        for (const value of alive) release(value)
        for (const handle of constants) runtime.free(handle)
      })
      constants.clear()
      disposed = true
    },
    live: () => alive.size,
  })
}

/** An array of a tfjs engine. */
class TfjsValue implements Value {
  freed = false
  constructor(
    readonly shape: readonly number[],
    readonly handle: Handle,
  ) {}
}

/** Runs the steps of a plan and returns the handles of the outputs. */
function runPlan(runtime: Runtime, plan: Plan, inputs: readonly Handle[]): Handle[] {
  const registers = plan.initial.slice() as Handle[]
  for (let i = 0; i < inputs.length; i++) registers[i] = inputs[i]!
  const { steps } = plan
  let at = 0
  try {
    for (; at < steps.length; at++) {
      const step = steps[at]!
      registers[step.to] = step.run(registers)
      for (const register of step.free) runtime.free(registers[register]!)
    }
  } catch (error) {
    const freed = new Set(steps.slice(0, at).flatMap(({ free }) => free))
    for (const { to } of steps.slice(0, at)) if (!freed.has(to)) runtime.free(registers[to]!)
    throw error instanceof EngineError
      ? error
      : new EngineError('Run', `A TensorFlow.js kernel failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  return plan.outputs.map((register) => registers[register]!)
}
