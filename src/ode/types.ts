import type { Engine, FloatArray, Value } from '../engine/engine.js'
import type { GraphBuilder, Ref } from '../graph/builder.js'
import type { MethodName } from './methods/index.js'
import type { InputValues } from './inputValues.js'
import type { Nested, TensorLike } from './numbers.js'
import type { RowStatus } from './rowStatus.js'
import type { StepController } from './control/controller.js'
import type { Direction } from './direction.js'
import type { EventOption } from './eventFunctions.js'
import type { EventPoint } from './eventPoint.js'
import type { Method } from './method.js'
import type { StateJump } from './stateJump.js'
import type { Tableau } from './methods/tableau.js'
import type { Steps } from './steps.js'

export type { MethodName } from './methods/index.js'
export type { RowStatus, StatusName } from './rowStatus.js'
export type { StepRecord, Steps } from './steps.js'

/** How gradients are computed: see {@link SolverOptions.adjoint}. */
export type AdjointName = 'discrete' | 'continuous' | 'interpolated'

/**
 * A norm of error over tolerance, written with a GraphBuilder: from `[rows, dim]` to one number for each row, `[rows, 1]`;
 * a step is accepted if it is at most 1.
 */
export type Norm = (builder: GraphBuilder, scaled: Ref) => Ref

/** A step of one row: where it begins, and its size with its sign. */
export interface StepEvent {
  readonly row: number
  readonly t: number
  readonly h: number
}

/** Called for each step of each row, also on the way back of the continuous and the interpolated adjoint. */
export interface StepListeners {
  /** A step is about to be tried; then it is accepted or rejected. */
  readonly onStep?: (step: StepEvent) => void
  /** The step under way is accepted. */
  readonly onAccept?: (step: StepEvent) => void
  /** The step under way is rejected, and will be tried again smaller. */
  readonly onReject?: (step: StepEvent) => void
}

/** What can be chosen about a solve; every choice has a default. Times and steps are in the units of `times`. */
export interface SolverOptions extends StepListeners {
  /**
   * Default `'dopri5'`; stiff problems want `'rodas5p'`. `'auto'`: each row begins with dopri5, goes on with rodas5p where stability bounds
   * its steps, and back. A tableau or a method of one's own is welcome.
   */
  readonly method?: MethodName | 'auto' | Method | Tableau
  /** What chooses the steps: `pi`, `predictive`, `pid({ … })`, `fixed(size)` or `replay(steps)`. Default: that of the method. */
  readonly control?: StepController
  /** Relative tolerance of the local error, default 1e-3. Fixed-step methods have no use for it. */
  readonly rtol?: number
  /**
   * Absolute tolerance of the local error, one number or one per component; default 1e-4.
   * Likewise. Where it is 0 a component that stays 0 counts as exact.
   */
  readonly atol?: number | ArrayLike<number>
  /** Most attempted steps of a row, default 10 000; then its status is `MaxSteps`. */
  readonly maxSteps?: number
  /**
   * A row that would need a smaller step fails with `StepTooSmall`, but see `atMinStep`. Default: 16 units in the last place of its times.
   */
  readonly minStep?: number
  /**
   * What happens where a step of size `minStep` is not good enough: the row fails
   * (default), or the step is taken all the same, as torchdiffeq does.
   */
  readonly atMinStep?: 'fail' | 'accept'
  /** Largest step of adaptive methods, default infinite. */
  readonly maxStep?: number
  /** First step of adaptive methods, default chosen for each row from its field (see `control.ts`). */
  readonly firstStep?: number
  /** Step of the fixed-step methods. Without it they step from output time to output time. */
  readonly stepSize?: number
  /**
   * Times at which the field jumps or has a kink. Steps end there exactly; the field is evaluated anew on the far
   * side, and at the nearest numbers on either side, never at the time itself.
   */
  readonly jumpTimes?: ArrayLike<number>
  /**
   * What the field's `t` is counted from, default 0: a time, or `'start'` for the first time of each row. The field then gets
   * `t` less that, computed in float64, so that float32 can tell the times within a step apart. All else keeps the times
   * that were given; gradients of times hold the origin fixed.
   */
  readonly timeOrigin?: number | 'start'
  /**
   * `'row'` (default): each row has a step size of its own, and its result does not depend on the other rows.
   * `'batch'`: all rows take steps of one size, for the root mean square of their errors, as torchdiffeq
   * does, and diffrax where a batch is one state; then a row's result depends on the others. For adaptive methods.
   */
  readonly stepControl?: 'row' | 'batch'
  /**
   * What the error of a step is measured by; default: the root mean square over components. The
   * continuous adjoint takes it of z and of its adjoint, the larger counts.
   */
  readonly norm?: Norm
  /**
   * Bytes that a recorded solve may keep so that the discrete adjoint need not compute the stages of accepted steps
   * again; what does not fit is computed again, with the same result. Default 256 MiB.
   */
  readonly residualMemory?: number
  /**
   * Whether the last step ends at the last output time. Default: true for methods whose dense output takes evaluations (`dopri8`), else
   * false: it may overshoot, and is interpolated. A row whose field turns out to be infinite or NaN beyond its last time ends there anyway.
   */
  readonly stopAtEnd?: boolean
  /** Whether a failed row raises a SolverError, default true. If not, its outputs are NaN and its status says why. */
  readonly throw?: boolean
  /**
   * `'discrete'` (default): the exact gradient of the computed solution with its steps held fixed; memory grows
   * with the number of steps. `'continuous'`: the adjoint ODE solved backward with its own error control (Chen et
   * al. 2018); memory does not grow, the gradient is as good as the tolerances where z can be solved backward: not where
   * it is strongly damped. `'interpolated'`: likewise, but z is read from the dense output of the solve, which is kept: one polynomial a
   * step, not its stages.
   */
  readonly adjoint?: AdjointName
  /** What to look for in each row as the solve goes along; found on the dense output, and listed in `Solution.events`. */
  readonly events?: readonly EventOption[]
}

/**
 * Output times: one list for all rows, or one list per row (of any length from 1). Each is monotone, rising or
 * falling, repeats allowed. The first is where y0 stands, and the first output is y0.
 */
export type Times = ArrayLike<number> | readonly ArrayLike<number>[]

/** What to solve: initial values, times, parameters. */
export interface SolveRequest {
  /**
   * Initial values, `[rows, dim]`: an array of the solver's engine, numbers in row-major order, a list of rows, or a tensor. A number
   * is a row of one component.
   */
  readonly y0: Value | Nested | TensorLike
  readonly times: Times
  /**
   * Parameters of the field by name: numbers, nested lists, typed arrays or tensors, which are copied, or arrays of the solver's engine.
   * Or a list of arrays of the engine, in the order of `paramNames`. Arrays of the engine must outlive `pullback`. Default: none.
   */
  readonly params?: Readonly<Record<string, Value | Nested | TensorLike>> | readonly Value[]
  /**
   * Inputs of the field by row, by name: `[rows, k]` as nested lists, typed arrays, tensors or an array of the solver's engine; or
   * over time, a `signal` for all rows or a list of one for each. They are copied. Gradients: `Gradient.inputs`, by the discrete and the
   * interpolated adjoint.
   */
  readonly inputs?: Readonly<Record<string, InputValues>>
  /**
   * Changes of the state at known times, such as doses: one list for all rows, or one for each. A step ends at each, and the field is
   * evaluated anew behind it. An output at that very time is the state before it. Jumps of a row at one time happen in the order of
   * their list, those at its first time at once; at its last time, behind it and before the first none do. A solve backward in
   * time applies them as it comes by. An event function that changes its sign by a jump is no event. Gradients: `Gradient.jumps`, by the
   * discrete adjoint.
   */
  readonly jumps?: readonly StateJump[] | readonly (readonly StateJump[])[]
  /** Keep what the `pullback` of the discrete and the interpolated adjoint needs until `dispose`; default false. */
  readonly record?: boolean
  /** Keep what `evaluate` needs; default false. */
  readonly dense?: boolean
  /** `'engine'`: leave the outputs in the engine, as `Solution.outputs`; `values` is then empty. Default `'host'`. */
  readonly outputs?: 'host' | 'engine'
  /**
   * Take exactly these steps instead of choosing them (finite differences are taken this way). They must come from a
   * solve of the same rows in which none failed; outputs beyond a row's last step are extrapolated from it.
   */
  readonly replay?: Steps
}

/** Counts over all rows, and per row (arrays of length `rows`). A row that waits for others costs it nothing. */
export interface SolverStats {
  /** Evaluations of the field, counted per row and summed. */
  readonly evaluations: number
  readonly accepted: number
  readonly rejected: number
  /** Smallest accepted step (magnitude) of all rows; Infinity if there was none. */
  readonly smallestStep: number
  /** Calls of the compiled step: the work of the whole batch. */
  readonly iterations: number
  /**
   * Of an explicit method that chooses its steps: rows among those with most steps in which stability and not the tolerance bounded the
   * last ones. A stiff method would have been cheaper there.
   */
  readonly stiff: Int32Array
  readonly rows: {
    readonly evaluations: Int32Array
    readonly accepted: Int32Array
    readonly rejected: Int32Array
    readonly smallestStep: Float64Array
    /** Accepted steps of the stiff method; with `'auto'` only. */
    readonly stiffSteps?: Int32Array
  }
}

/** Which gradients are wanted. */
export interface PullbackOptions {
  /**
   * Whether gradients of times are wanted; default true. They cost an evaluation of the dense output; of fixed steps, which move with the
   * times, as much as a solve more.
   */
  readonly times?: boolean
  /** Cotangents of events: of the time and the state of event number `index` of a row, as `Solution.events` lists them. */
  readonly events?: readonly EventCotangent[]
  /** Arrays of the engine, in the order of `paramNames`, to add the parameters' gradients to; they are used up. */
  readonly sums?: readonly Value[]
}

/** The derivative of a scalar L by an event's time and state. */
export interface EventCotangent {
  readonly row: number
  readonly index: number
  /** dL/dtime, default 0. */
  readonly time?: number
  /** dL/dstate, `[dim]`, default 0. */
  readonly state?: ArrayLike<number>
}

/** The derivative of L by a jump of the state. */
export interface JumpGradient {
  /**
   * dL/dtime, if gradients of times were wanted: a⁺·(∂z⁺/∂z f⁻ + ∂z⁺/∂t − f⁺), with a⁺ the adjoint and f⁺ the field after it, f⁻ the field
   * before it. That is the derivative of the exact flow; of a jump at an output, a knot or the first time, as it is moved to later times.
   */
  readonly time?: number
  /** dL/dadd, `[dim]`, for what is added. */
  readonly add?: Float64Array
}

/** Gradient of a scalar L of the outputs. Rows that failed contribute nothing and get 0. */
export interface Gradient {
  /** dL/dy0, `[rows, dim]`. */
  readonly y0: FloatArray
  /** dL/dparam by the parameter's name, flat; none if `sums` were given. */
  readonly params: Readonly<Record<string, FloatArray>>
  /**
   * dL/dinput by the name of the input by row, flat: `[rows, k]`; for a signal by its values, `[knots, k]`, for a list of signals one
   * behind the other.
   */
  readonly inputs: Readonly<Record<string, FloatArray>>
  /** For each jump of the state in the order given, lists of rows one behind the other; over all rows, if they share it. */
  readonly jumps: readonly JumpGradient[]
  /** If `sums` were given, these plus dL/dparam. */
  readonly sums?: readonly Value[]
  /**
   * dL/dtime, `[points]`, laid out like the outputs. For an output time it is the cotangent times the slope of the
   * interpolant, the steps held fixed; for a row's first time, where y0 stands, it is −a·f(t0, y0) with a the adjoint
   * there, which is the derivative of the exact flow. Fixed steps move with the times: those without a `stepSize` from output to output,
   * others all with the first time, and the last of `stopAtEnd` ends with the last; then, by the discrete adjoint, it is the
   * derivative of what was computed. (Replayed steps stay, and those of `adams`. Repeated output times have the right sum.)
   * None if they were not wanted.
   */
  readonly times: Float64Array
  /** Adjoints solved backward, `throw: false`: rows whose way back failed. They contribute nothing and get 0. */
  readonly excluded?: readonly number[]
  /** Adjoints solved backward: statistics of the way back. */
  readonly backward?: SolverStats
}

/** A gradient as the adjoints compute it: those of the parameters as a list, in the order of the field's inputs. */
export type ListedGradient = Omit<Gradient, 'params'> & { readonly params: FloatArray[] }

/** What a solve gives: outputs, how each row ended, what it cost, and the way back. */
export interface Solution {
  readonly rows: number
  readonly dim: number
  /** Outputs, `[points, dim]`: row after row, each row's times in order. With shared times: `[rows, T, dim]`. */
  readonly values: FloatArray
  /** With `outputs: 'engine'`, the outputs as an array `[points, dim]` of the engine, zeros for rows that failed; freed by `dispose`. */
  readonly outputs?: Value
  /** Row r's outputs are points `offsets[r]` to `offsets[r + 1]`, `[rows + 1]`. */
  readonly offsets: Int32Array
  readonly status: readonly RowStatus[]
  /** Rows that failed, in order; see `status`. */
  readonly failed: Int32Array
  readonly stats: SolverStats
  /** Events by row, in the order of time. */
  readonly events: readonly (readonly EventPoint[])[]
  /** The steps taken, for `replay`; kept with `record` or `dense`, else empty. */
  readonly steps: Steps
  /**
   * Gradient for the cotangent dL/dvalues, `[points, dim]`, numbers or an array of the
   * engine. The discrete adjoint needs `record`. May be called again.
   */
  pullback(cotangent: ArrayLike<number> | Value, options?: PullbackOptions): Gradient
  /**
   * Derivative of all outputs along a direction of `y0` and parameters, `[points, dim]`, the steps held fixed: forward mode. Needs
   * `record` or `dense`.
   */
  pushforward(direction: Direction): FloatArray
  /** Value and time derivative at any times between a row's first and last step, each `[times, dim]`. Needs `dense`. */
  evaluate(row: number, times: ArrayLike<number>): { value: Float64Array; derivative: Float64Array }
  /** Frees what was recorded, and `outputs`. The values stay. */
  dispose(): void
}

/** A field and a method compiled for one engine; solve as often as you like. */
export interface Solver {
  readonly engine: Engine
  readonly dim: number
  readonly method: Method
  /** Names of the field's parameters in the order of `params`. */
  readonly paramNames: readonly string[]
  /**
   * Solves each row. `times` may differ by row.
   *
   * @throws SolverError for a request that is none; for a row that fails, unless `throw` is false
   */
  solve(request: SolveRequest): Solution
}
