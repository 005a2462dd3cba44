import type { Engine, Value } from '../engine/engine.js'
import { selectEngine } from '../engine/select.js'
import { EngineError } from '../errors.js'
import type { Graph } from '../graph/graph.js'
import type { Shape } from '../graph/shape.js'
import { SolverError } from './errors.js'
import { createSolver } from './solver.js'
import type { Solution, SolveRequest, SolverOptions, Times } from './types.js'
import { vectorField, type FieldFunction } from './vectorField.js'

const defaultEngine = (): Promise<Engine> =>
  selectEngine(undefined, { dtype: 'float64' }).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'Dtype') return selectEngine()
    throw error
  })

/** Numbers in nested lists, as people write matrices. */
export type Nested = number | readonly Nested[]

/** Options of {@link odeSolve}: those of the solver, and what to keep. */
export interface OdeSolveOptions extends SolverOptions, Pick<SolveRequest, 'record' | 'dense' | 'replay'> {
  /** Where to compute; default: the fastest engine there is, in float64 if it has that, for this solve only. */
  readonly engine?: Engine
}

/**
 * Solves dz/dt = f(t, z, params) once, from a TensorFlow.js function or a Graph to numbers. To solve the same field
 * often, make a solver with `createSolver`.
 *
 *     const { values } = await odeSolve((t, z) => tf.mul(tf.mul(2, t), z), [3], [0, 1])   // 3, 3e
 *
 * @param field a function of `t`, `z` and parameters, or a Graph that `vectorField` made
 * @param y0 one row, `[dim]`, or several, `[rows, dim]`
 * @param times one list for all rows, or one for each; the first is where y0 stands
 * @param params parameters by name, numbers or nested lists
 * @param options how to solve, and what to keep
 * @returns the Solution; `pullback` needs `record`, with either adjoint. Call its `dispose` then
 * @throws SolverError, see `createSolver` and `SolverOptions.throw`
 */
export async function odeSolve(field: FieldFunction | Graph, y0: readonly number[] | readonly (readonly number[])[], times: Times, params: Readonly<Record<string, Nested>> = {}, { engine, record = false, dense, replay, ...options }: OdeSolveOptions = {}): Promise<Solution> {
  const start = parseNested(typeof y0[0] === 'number' ? [y0 as readonly number[]] : y0 as readonly (readonly number[])[], 'y0')
  const dim = start.shape[1]
  if (dim === undefined || start.shape.length !== 2) throw new SolverError('Shape', `y0 has shape [${start.shape.join(', ')}]; give one row of numbers, or a list of rows.`)
  const given = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, parseNested(value, `The parameter "${name}"`)]))
  const graph = typeof field === 'function' ? vectorField(field, { dim, params: Object.fromEntries(Object.entries(given).map(([name, { shape }]) => [name, shape])) }) : field
  const used = engine ?? (await defaultEngine())
  const release = (values: readonly Value[]): void => {
    used.free(...values)
    if (!engine) used.dispose()
  }
  const values: Value[] = []
  try {
    const solver = createSolver(used, graph, options)
    const missing = solver.paramNames.find((name) => !Object.hasOwn(given, name))
    if (missing !== undefined) throw new SolverError('Shape', `The field takes a parameter "${missing}", which was not given.`)
    const written = solver.paramNames.map((name) => used.write(given[name]!.values, given[name]!.shape))
    values.push(...written)
    const solution = solver.solve({ y0: start.values, times, params: written, record, dense, replay })
    if (!record) {
      release(values)
      return { ...solution, pullback: notRecorded }
    }
    let disposed = false
    return {
      ...solution,
      pullback(cotangent, options) {
        if (disposed) throw new SolverError('Disposed', 'This solve was disposed of. Pull gradients back before dispose().')
        return solution.pullback(cotangent, options)
      },
      dispose() {
        if (disposed) return
        disposed = true
        solution.dispose()
        release(values)
      },
    }
  } catch (error) {
    release(values)
    throw error
  }
}

function notRecorded(): never {
  throw new SolverError('NotRecorded', 'This solve was not recorded. Solve with { record: true } to pull gradients back.')
}

function parseNested(value: Nested, what: string): { values: number[]; shape: Shape } {
  if (typeof value === 'number') return { values: [value], shape: [] }
  if (value.length === 0) return { values: [], shape: [0] }
  const parts = value.map((part) => parseNested(part, what))
  const inner = parts[0]!.shape
  const odd = parts.find(({ shape }) => shape.join() !== inner.join())
  if (odd) throw new SolverError('Shape', `${what} is ragged: it holds lists of shape [${inner.join(', ')}] and [${odd.shape.join(', ')}].`)
  return { values: parts.flatMap(({ values }) => values), shape: [value.length, ...inner] }
}
