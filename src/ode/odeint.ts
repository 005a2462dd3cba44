import * as tf from '@tensorflow/tfjs-core'
import type { Engine } from '../engine/engine.js'
import { engineNow } from '../engine/engineNow.js'
import type { Graph } from '../graph/graph.js'
import { SolverError } from './errors.js'
import { type Nested, readNumbers, requireReal } from './numbers.js'
import { requireKnownOptions, solverOptionNames } from './optionNames.js'
import { requireNames } from './params.js'
import { checkedTimes } from './tensorTimes.js'
import { inputWidths } from './bindInputs.js'
import { createSolver } from './solver.js'
import type { Solution, Solver, SolveRequest, SolverOptions } from './types.js'
import { vectorField, type FieldFunction } from './vectorField.js'

/** Options of {@link odeint}: those of the solver, and what drives the field. */
export interface OdeintOptions extends SolverOptions, Pick<SolveRequest, 'inputs' | 'jumps'> {
  /** Where to compute. Default: the native engine where there is one, else TensorFlow.js's plain CPU kernels. */
  readonly engine?: Engine
}

/** Parameters by name, or as a list whose names are `0`, `1`, …; what is no tensor becomes one. */
export type TensorParams = Readonly<Record<string, tf.Tensor | Nested>> | readonly (tf.Tensor | Nested)[]

/**
 * Solves dz/dt = f(t, z, params) as a TensorFlow.js op: it can stand anywhere inside `tf.grad`, `tf.variableGrads` or
 * an optimiser's `minimize`, and is differentiable with respect to y0, the parameters, inputs by row that are tensors and, if they are
 * a tensor, the times. Gradients are those of `SolverOptions.adjoint`. For TensorFlow.js what torchdiffeq's `odeint` is for
 * PyTorch, but every row takes its own steps.
 *
 * What the field uses must come in through `params`: a Variable that it captures is an error, a tensor that it
 * captures a constant. Given a function, each call traces it anew; give a Graph or a Solver to save that. The gradient solves
 * once more, so that nothing is held between the two. Second derivatives are not to be had this way: TensorFlow.js
 * says that y does not depend on x.
 *
 * @param field a function of `t`, `z` and parameters, a Graph that `field` or `vectorField` made, or a Solver
 * @param y0 `[rows, dim]`, or `[dim]` for one row: a tensor, or numbers that become one
 * @param times one list for all rows, or a tensor `[T]`; monotone, the first is where y0 stands. A list keeps its float64
 *   numbers, a tensor has lost what float32 cannot hold: near 1e9 all below a minute, which is an error
 * @param params parameters by name, or as a list
 * @param options how to solve, which of a Solver is settled; inputs by row, and jumps of the state
 * @returns `[T, rows, dim]`, or `[T, dim]` for one row; the first entry is y0
 * @throws SolverError, TraceError
 */
export function odeint(
  field: FieldFunction | Graph | Solver,
  y0: tf.Tensor | Nested,
  times: ArrayLike<number> | tf.Tensor1D,
  params: TensorParams = {},
  options: OdeintOptions = {},
): tf.Tensor {
  return tf.tidy(() =>
    solveOp(
      field,
      tensorOf(y0, 'y0'),
      times,
      Object.entries(params as Record<string, tf.Tensor | Nested>).map(([name, value]) => [
        name,
        tensorOf(value, `The parameter "${name}"`),
      ]),
      options,
    ),
  )
}

function solveOp(
  field: FieldFunction | Graph | Solver,
  y0: tf.Tensor,
  times: ArrayLike<number> | tf.Tensor1D,
  named: readonly [string, tf.Tensor][],
  { engine, inputs = {}, jumps, ...options }: OdeintOptions,
): tf.Tensor {
  requireKnownOptions(options, 'odeint', ['engine', 'inputs', 'jumps', ...solverOptionNames])
  if (y0.rank !== 1 && y0.rank !== 2)
    throw new SolverError('Shape', `y0 has shape [${y0.shape.join(', ')}]; odeint takes [rows, dim] or [dim].`)
  const dim = y0.shape.at(-1)!
  const isSolver = typeof field === 'object' && 'solve' in field
  const solver = isSolver ? field : createSolver(engine ?? engineNow(), graphOf(field, dim, named, inputWidths(inputs)), options)
  if (isSolver && (engine || Object.keys(options).length > 0))
    throw new SolverError('Option', 'A Solver has its engine and options already: give options to createSolver, or a function to odeint.')
  const byName = Object.fromEntries(named)
  requireNames(solver.paramNames, Object.keys(byName))
  const ordered = solver.paramNames.map((name) => byName[name]!)
  const timeTensor = times instanceof tf.Tensor ? times : undefined
  const driving = Object.entries(inputs).filter((entry): entry is [string, tf.Tensor] => entry[1] instanceof tf.Tensor)
  const taken = [y0, ...ordered, ...driving.map(([, tensor]) => tensor), ...(timeTensor ? [timeTensor] : [])]
  if (timeTensor && timeTensor.rank !== 1)
    throw new SolverError('Shape', `The times have shape [${timeTensor.shape.join(', ')}]; odeint takes one list for all rows, [T].`)
  const timeValues = oneList(timeTensor ? checkedTimes(timeTensor) : times)
  const rows = y0.size / dim

  /** Solves with tensors in the order of `taken`, hands the solution to `use`, and frees everything. */
  function solveTensors<T>([start, ...rest]: readonly tf.Tensor[], record: boolean, use: (solution: Solution) => T): T {
    const solution = solver.solve({
      y0: start!.dataSync(),
      times: timeValues,
      params: Object.fromEntries(solver.paramNames.map((name, i) => [name, rest[i]!])),
      inputs: { ...inputs, ...Object.fromEntries(driving.map(([name], i) => [name, rest[ordered.length + i]!])) },
      ...(jumps && { jumps }),
      record,
    })
    try {
      return use(solution)
    } finally {
      solution.dispose()
    }
  }

  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args.pop() as tf.GradSaveFunc
    const tensors = args as tf.Tensor[]
    save(tensors)
    const value = solveTensors(tensors, false, ({ values }) =>
      tf.tensor(swapAxes(values, rows, timeValues.length, dim), y0.rank === 1 ? [timeValues.length, dim] : [timeValues.length, rows, dim]),
    )
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
      solveTensors(saved, true, (solution) => {
        const gradient = solution.pullback(swapAxes(dy.dataSync(), timeValues.length, rows, dim), { times: timeTensor !== undefined })
        const results = [
          tf.tensor(Float32Array.from(gradient.y0), y0.shape),
          ...solver.paramNames.map((name, i) => tf.tensor(Float32Array.from(gradient.params[name]!), ordered[i]!.shape)),
          ...driving.map(([name, { shape }]) => tf.tensor(Float32Array.from(gradient.inputs[name]!), shape)),
        ]
        return timeTensor ? [...results, tf.tensor1d(sumRows(gradient.times, rows))] : results
      })
    return { value, gradFunc }
  })
  return op(...taken)
}

const tensorOf = (value: tf.Tensor | Nested, what: string): tf.Tensor => {
  if (value instanceof tf.Tensor) {
    requireReal(value, what)
    return value
  }
  const { values, shape } = readNumbers(value, what)
  return tf.tensor(Float32Array.from(values), [...shape])
}

/** Times as float64, which they are not in a tensor. */
function oneList(times: unknown): Float64Array {
  const { values, shape } = readNumbers(times, 'The list of times')
  if (shape.length !== 1)
    throw new SolverError(
      'Times',
      `The times have shape [${shape.join(', ')}]; odeint takes one list for all rows. For a list for each row take odeSolve or ` +
        'createSolver.',
    )
  return Float64Array.from(values)
}

const graphOf = (
  field: FieldFunction | Graph,
  dim: number,
  params: readonly [string, tf.Tensor][],
  inputs: Readonly<Record<string, number>>,
): Graph =>
  typeof field === 'function'
    ? vectorField(field, { dim, params: Object.fromEntries(params.map(([name, { shape }]) => [name, shape])), inputs })
    : field

/** `[a, b, dim]` as `[b, a, dim]`. */
function swapAxes(values: ArrayLike<number>, a: number, b: number, dim: number): Float32Array {
  const out = new Float32Array(a * b * dim)
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let d = 0; d < dim; d++) out[(j * a + i) * dim + d] = values[(i * b + j) * dim + d]!
    }
  }
  return out
}

/** Sum over rows of `[rows, T]`. */
function sumRows(values: Float64Array, rows: number): Float32Array {
  const count = values.length / Math.max(rows, 1)
  return Float32Array.from({ length: count }, (_, j) => {
    let sum = 0
    for (let row = 0; row < rows; row++) sum += values[row * count + j]!
    return sum
  })
}
