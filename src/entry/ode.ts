/**
 * `latent-ode/ode`: ordinary differential equations by themselves. {@link odeSolve} solves once, {@link createSolver} often,
 * {@link odeint} inside a TensorFlow.js program; gradients by the discrete or the continuous adjoint, row by row.
 *
 * @module latent-ode/ode
 */
export type { Gradient, MethodName, RowStatus, Solution, Solver, SolverOptions, SolverStats } from '../ode/types.js'
export type { Tableau } from '../ode/methods/tableau.js'
export { SolverError } from '../ode/errors.js'
export { methods } from '../ode/methods/index.js'
export { field, type ColumnField, type Equations } from '../ode/field.js'
export { Column, column, type Operand } from '../ode/fieldColumn.js'
export { FieldError } from '../ode/fieldError.js'
export { vectorField, type FieldFunction } from '../ode/vectorField.js'
export { createSolver } from '../ode/solver.js'
export { odeSolve, type Nested, type OdeSolveOptions, type TensorLike } from '../ode/odeSolve.js'
export { odeint, type OdeintOptions, type TensorParams } from '../ode/odeint.js'

// Types that the signatures above name.
export type {
  AdjointName,
  Norm,
  PullbackOptions,
  SolveRequest,
  StatusName,
  StepEvent,
  StepListeners,
  StepRecord,
  Steps,
  Times,
} from '../ode/types.js'
