import type { Tape } from '../engine/autodiff/tape.js'
import type { Value } from '../engine/engine.js'
import type { Solution, Solver } from './types.js'

/**
 * Solves on a tape: `outputs` of the solution, `[points, dim]`, can be pulled back to y0 and to the parameters of the field, which are
 * taken from the tape's by name. Rows that failed have zeros, and contribute nothing. The caller disposes of the solution, not before
 * the tape has been pulled back.
 *
 * @param y0 `[rows, dim]`, an array of the engine
 * @param times of each row; the first is where y0 stands
 */
export function solveOnTape(
  tape: Tape,
  solver: Solver,
  y0: Value,
  times: readonly ArrayLike<number>[],
): { readonly solution: Solution; readonly outputs: Value } {
  const { engine, paramNames } = solver
  const solution = solver.solve({
    y0,
    times,
    params: paramNames.map((name) => tape.parameters[name]!),
    record: tape.recording,
    outputs: 'engine',
  })
  const outputs = solution.outputs!
  tape.apply({
    inputs: [y0],
    outputs: [outputs],
    parameters: paramNames,
    pullback([cotangent], sums) {
      const gradient = solution.pullback(cotangent!, { times: false, sums })
      return { cotangents: [engine.write(gradient.y0, y0.shape)], sums: gradient.sums! }
    },
  })
  return { solution, outputs }
}
