import type { Engine } from '../engine/engine.js'
import { selectEngine } from '../engine/select.js'
import { EngineError } from '../errors.js'
import type { Graph } from '../graph/graph.js'
import { SolverError } from './errors.js'
import { isTensor, readNumbers, type Nested, type TensorLike } from './numbers.js'
import { requireNames } from './params.js'
import { requireKnownOptions, solverOptionNames } from './optionNames.js'
import { createSolver } from './solver.js'
import { inputWidths } from './bindInputs.js'
import { fieldParameters, usesInput } from './callField.js'
import type { Solution, SolveRequest, SolverOptions, Times } from './types.js'
import { checkedTimes } from './tensorTimes.js'
import { vectorField, type FieldFunction } from './vectorField.js'

const defaultEngine = (): Promise<Engine> =>
  selectEngine(undefined, { dtype: 'float64' }).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'Dtype') return selectEngine()
    throw error
  })

export type { Nested, TensorLike } from './numbers.js'

/** What {@link odeSolve} takes beside the options of a solver. */
const ownOptions = ['engine', 'record', 'dense', 'replay', 'inputs', 'jumps']

/** Options of {@link odeSolve}: those of the solver, and what to keep. */
export interface OdeSolveOptions extends SolverOptions, Pick<SolveRequest, 'record' | 'dense' | 'replay' | 'inputs' | 'jumps'> {
  /**
   * Where to compute; default: the fastest engine there is, in float64 if it has that, for this solve only. On an engine that is given,
   * what was compiled for a field is there the next time.
   */
  readonly engine?: Engine
}

/**
 * Solves dz/dt = f(t, z, params) once, from a TensorFlow.js function or a Graph to numbers. To solve the same field
 * often, make a solver with `createSolver`.
 *
 *     const { values } = await odeSolve(field({ x: '2*t*x' }), [3], [0, 1])   // 3, 3e
 *
 * @param field a Graph that `field` or `vectorField` made, or a TensorFlow.js function as `vectorField` takes it
 * @param y0 one row, `[dim]`, or several, `[rows, dim]`: nested lists, typed arrays or a tensor; a number is a row of one component
 * @param times one list for all rows, or one for each; the first is where y0 stands
 * @param params parameters by name: numbers, nested lists, typed arrays or tensors
 * @param options how to solve, and what to keep
 * @returns the Solution; `pullback` needs `record`, with either adjoint. Call its `dispose` then
 * @throws SolverError, see `createSolver` and `SolverOptions.throw`; TraceError or
 *   GraphError for a function that is no field, see `vectorField`
 */
export async function odeSolve(
  field: FieldFunction | Graph,
  y0: Nested | TensorLike,
  times: Times | TensorLike,
  params: Readonly<Record<string, Nested | TensorLike>> = {},
  { engine, record = false, dense, replay, inputs = {}, jumps, ...options }: OdeSolveOptions = {},
): Promise<Solution> {
  requireKnownOptions(options, 'odeSolve', [...solverOptionNames, ...ownOptions])
  const start = readNumbers(y0, 'y0')
  const dim = start.shape.at(-1) ?? 1
  if (start.shape.length > 2 || (start.shape.length === 1 && dim === 0))
    throw new SolverError('Shape', `y0 has shape [${start.shape.join(', ')}]; give one row of numbers, or a list of rows.`)
  const given = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, readNumbers(value, `The parameter "${name}"`)]))
  const graph =
    typeof field === 'function'
      ? vectorField(field, {
          dim,
          params: Object.fromEntries(Object.entries(given).map(([name, { shape }]) => [name, shape])),
          inputs: inputWidths(inputs),
        })
      : field
  requireParams(graph, Object.keys(given), typeof field === 'function')
  const used = engine ?? (await defaultEngine())
  const release = (): void => {
    if (!engine) used.dispose()
  }
  try {
    const solver = createSolver(used, graph, options)
    if (start.shape.length === 2 && dim !== solver.dim)
      throw new SolverError('Shape', `y0 has shape [${start.shape.join(', ')}]; the field takes [rows, ${solver.dim}].`)
    const solution = solver.solve({
      y0: start.values,
      times: isTensor(times) ? checkedTimes(times) : times,
      params,
      record,
      dense,
      replay,
      inputs,
      ...(jumps && { jumps }),
    })
    if (!record) {
      release()
      return { ...solution, pullback: notRecorded, pushforward: notRecorded }
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
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

function notRecorded(): never {
  throw new SolverError('NotRecorded', 'This solve was not recorded. Solve with { record: true } to pull gradients back.')
}

/** Throws a SolverError for parameters that the field does not take, or that are options put in their place. */
function requireParams(graph: Graph, given: readonly string[], traced: boolean): void {
  const taken = fieldParameters(graph).map(({ name }) => name)
  const option = given.find((name) => isOption(name) && (traced ? !usesInput(graph, name) : !taken.includes(name)))
  if (option !== undefined)
    throw new SolverError(
      'Option',
      `${option} was given as a parameter, and the field does not use it. It is an option: options are the fifth argument, ` +
        `odeSolve(field, y0, times, params, { ${option}: … }).`,
    )
  requireNames(taken, given)
}

const isOption = (name: string): boolean => [...solverOptionNames, ...ownOptions].includes(name)
