/**
 * `latent-ode/ode`: ordinary differential equations by themselves. {@link odeSolve} solves once, {@link createSolver} often,
 * {@link odeint} inside a TensorFlow.js program; gradients by the discrete, the continuous or the interpolated adjoint, row by row.
 *
 * @module latent-ode/ode
 */
export type { Gradient, MethodName, RowStatus, Solution, Solver, SolverOptions, SolverStats } from '../ode/types.js'
export type { Tableau } from '../ode/methods/tableau.js'
export { SolverError } from '../ode/errors.js'
export { methods } from '../ode/methods/index.js'
export { rungeKutta, type RungeKutta } from '../ode/methods/rungeKutta.js'
export { rosenbrock, type RosenbrockTableau } from '../ode/methods/rosenbrock.js'
export { esdirk, type EsdirkTableau } from '../ode/methods/esdirk.js'
export type { Method, QuadratureNode, StepContext, StepHistory, StepParts } from '../ode/method.js'
export {
  fixed,
  pi,
  pid,
  replay,
  type ErrorControl,
  type FixedControl,
  type PidOptions,
  type ReplayControl,
  type StepController,
} from '../ode/control/controller.js'
export { steadyState, type EventOption, type SteadyState } from '../ode/eventFunctions.js'
export type { EventPoint } from '../ode/eventPoint.js'
export { tangentField } from '../ode/tangent.js'
export type { Direction } from '../ode/direction.js'
export { field, type ColumnField, type Equations } from '../ode/field.js'
export { Column, column, type Operand } from '../ode/fieldColumn.js'
export { FieldError } from '../ode/fieldError.js'
export { vectorField, type FieldFunction } from '../ode/vectorField.js'
export { signal, type Interpolation, type Signal } from '../ode/signal.js'
export type { StateJump } from '../ode/stateJump.js'
export type { InputValues } from '../ode/inputValues.js'
export { createSolver } from '../ode/solver.js'
export { odeSolve, type Nested, type OdeSolveOptions, type TensorLike } from '../ode/odeSolve.js'
export { odeint, type OdeintOptions, type TensorParams } from '../ode/odeint.js'

// Types that the signatures above name.
export type {
  AdjointName,
  EventCotangent,
  JumpGradient,
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
