import type { NamedValues } from '../engine/autodiff/program.js'
import { newArray, zeroValue } from '../engine/arrays.js'
import type { FloatArray, Value } from '../engine/engine.js'
import type { Direction } from './direction.js'
import { sizeOf } from '../graph/shape.js'
import { SolverError } from './errors.js'
import { readNumbers, type Nested, type TensorLike } from './numbers.js'
import { requireNames } from './params.js'
import type { Run } from './run.js'
import type { SolveRequest, Solver } from './types.js'

/**
 * The derivative of all outputs along a direction, `[points, dim]`: the tangent system, solved by the very steps of the solve. Since these
 * methods and differentiation commute, it is the exact derivative of the computed solution with its steps held fixed. Rows that failed, and
 * outputs behind an event that stopped a row, are NaN.
 *
 * @param tangent a solver of the tangent system
 * @param values the parameters of the solve, by the names that programs know them by
 */
export function pushForward(
  tangent: Solver,
  {
    run,
    times,
    values,
    names,
  }: { readonly run: Run; readonly times: SolveRequest['times']; readonly values: NamedValues; readonly names: readonly string[] },
  direction: Direction,
): FloatArray {
  const { engine } = tangent
  const { rows, y0 } = run
  if (run.failed.length > 0)
    throw new SolverError(
      'Replay',
      `Row ${run.failed[0]!} failed: there is no solution to push tangents along. Solve the other rows by themselves.`,
    )
  const dim = tangent.dim / 2
  const moved = direction.params ?? {}
  // Parameters that are left out do not move.
  requireNames(names, [...names, ...Object.keys(moved)])
  const start = newArray(engine, rows * 2 * dim)
  const dots = direction.y0 === undefined ? undefined : sized(direction.y0, 'y0', rows * dim)
  for (let row = 0; row < rows; row++) {
    start.set(y0.subarray(row * dim, (row + 1) * dim), row * 2 * dim)
    for (let d = 0; d < dim; d++) start[row * 2 * dim + dim + d] = dots?.[row * dim + d] ?? 0
  }
  const solution = engine.scope(() => {
    const params: Record<string, Value> = {}
    for (const name of names) {
      const value = (params[name] = values[`param.${name}`]!)
      const dot = moved[name]
      params[`dot.${name}`] =
        dot === undefined
          ? zeroValue(engine, value.shape)
          : engine.write(sized(dot, `The parameter "${name}"`, sizeOf(value.shape)), value.shape)
    }
    return tangent.solve({ y0: start, times, params, replay: run.steps() })
  })
  const result = newArray(engine, run.path.length * dim)
  for (let point = 0; point < run.path.length; point++) {
    // Paths of outputs behind an event stand at 0.
    const nowhere = run.path[point] === rows
    for (let d = 0; d < dim; d++) result[point * dim + d] = nowhere ? Number.NaN : solution.values[point * 2 * dim + dim + d]!
  }
  solution.dispose()
  return result
}

function sized(given: Nested | TensorLike, what: string, size: number): ArrayLike<number> {
  const { values } = readNumbers(given, `The direction of ${what}`)
  if (values.length !== size) throw new SolverError('Shape', `The direction of ${what} has ${values.length} numbers; ${what} has ${size}.`)
  return values
}
