import type { Engine } from '../../src/engine/engine.js'
import { field } from '../../src/ode/field.js'
import type { Graph } from '../../src/graph/graph.js'
import { createSolver } from '../../src/ode/solver.js'
import type { MethodName } from '../../src/ode/types.js'
import { relativeError } from './peers.js'
import type { InitialValueProblem } from './problems.js'

const fields = new WeakMap<InitialValueProblem, Graph>()
function fieldOf(problem: InitialValueProblem): Graph {
  const graph = fields.get(problem) ?? field(problem.equations)
  fields.set(problem, graph)
  return graph
}

/** Solves a problem from its first to its last time. */
export function runProblem(
  engine: Engine,
  problem: InitialValueProblem,
  method: MethodName,
  tolerance: number,
): { readonly evaluations: number; readonly accepted: number; readonly rejected: number; readonly error: number } {
  const { atol = 1, y0, span } = problem
  const solver = createSolver(engine, fieldOf(problem), { method, rtol: tolerance, atol: tolerance * atol, maxSteps: 1_000_000 })
  const { values, stats } = solver.solve({ y0, times: span, params: [] })
  const { evaluations, accepted, rejected } = stats
  return { evaluations, accepted, rejected, error: relativeError(problem, values.subarray(y0.length)) }
}
