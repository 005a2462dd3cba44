import type { Tape } from '../engine/autodiff/tape.js'
import type { Value } from '../engine/engine.js'
import { isEngineArray } from './inputValues.js'
import type { Solution, SolveRequest, Solver } from './types.js'

/** What goes along with a solve on a tape. */
export interface TapedSolveOptions {
  /**
   * Inputs of the field by row, as `SolveRequest.inputs` has them. An array of the engine, `[rows, k]`, may be one of the tape's: the solve
   * is pulled back to it. Numbers and signals are data.
   */
  readonly inputs?: SolveRequest['inputs']
  /** Changes of the state at known times, as `SolveRequest.jumps` has them; data. */
  readonly jumps?: SolveRequest['jumps']
}

/**
 * Solves on a tape: `outputs` of the solution, `[points, dim]`, can be pulled back to y0, to inputs by row that are arrays of the engine,
 * and to the parameters of the field, which are taken from the tape's by name. Rows that failed have zeros, and contribute nothing. The
 * caller disposes of the solution, not before the tape has been pulled back.
 *
 * @param y0 `[rows, dim]`, an array of the engine
 * @param times of each row; the first is where y0 stands
 * @throws SolverError `Input` or `Signal` for inputs that are missing or do not fit, and what else `Solver.solve` throws
 */
export function solveOnTape(
  tape: Tape,
  solver: Solver,
  y0: Value,
  times: readonly ArrayLike<number>[],
  { inputs = {}, jumps }: TapedSolveOptions = {},
): { readonly solution: Solution; readonly outputs: Value } {
  const { engine, paramNames } = solver
  const solution = solver.solve({
    y0,
    times,
    params: paramNames.map((name) => tape.parameters[name]!),
    inputs,
    ...(jumps && { jumps }),
    record: tape.recording,
    outputs: 'engine',
  })
  const outputs = solution.outputs!
  const arrays = Object.entries(inputs).filter((entry): entry is [string, Value] => isEngineArray(entry[1]))
  tape.apply({
    inputs: [y0, ...arrays.map(([, value]) => value)],
    outputs: [outputs],
    parameters: paramNames,
    pullback([cotangent], sums) {
      const gradient = solution.pullback(cotangent!, { times: false, sums })
      return {
        cotangents: [
          engine.write(gradient.y0, y0.shape),
          ...arrays.map(([name, { shape }]) => engine.write(gradient.inputs[name]!, shape)),
        ],
        sums: gradient.sums!,
      }
    },
  })
  return { solution, outputs }
}
