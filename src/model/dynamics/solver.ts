import type { Engine } from '../../engine/engine.js'
import type { Graph } from '../../graph/graph.js'
import { isAdaptive, methodOf } from '../../ode/methods/index.js'
import { createSolver } from '../../ode/solver.js'
import type { Solver, SolverOptions } from '../../ode/types.js'
import type { PartConfig } from '../partConfig.js'

/** A solver of the dynamics: methods of fixed steps have a step, the others tolerances. A row that fails raises nothing. */
export const dynamicsSolver = (engine: Engine, config: PartConfig, field: Graph): Solver =>
  createSolver(engine, field, { ...solverOptions(config), throw: false })

const solverOptions = ({ method, stepSize, rtol, atol, adjoint, maxSteps }: PartConfig): SolverOptions => ({
  method,
  ...(isAdaptive(methodOf(method)) ? { rtol, atol } : { stepSize }),
  adjoint,
  maxSteps,
})
