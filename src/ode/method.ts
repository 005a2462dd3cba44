import type { GraphBuilder, Ref } from '../graph/builder.js'
import type { ErrorControl } from './control/controller.js'

/**
 * A one-step or multistep method: a recipe that writes its step into a Graph. The driver repeats that Graph, and the discrete adjoint
 * differentiates it, so a method says nothing of engines, rows, step sizes or gradients.
 *
 * Times are fractions of the step. The field is known at the start of a step: it is the first block of what is carried, see `blocks`.
 */
export interface Method {
  readonly name: string
  /** Order of the solution that is carried on. */
  readonly order: number
  /** Order of the solution that the error estimate is that of; without it steps are fixed. */
  readonly errorOrder?: number
  /** What chooses its steps unless something else is asked for; default `pi`. */
  readonly control?: ErrorControl
  /** Order of the dense output: its local error is of order h^(interpolantOrder + 1). */
  readonly interpolantOrder: number
  /** Degree of the dense output in θ. */
  readonly degree: number
  /** When a step evaluates the field, by number of evaluation. The first is 0; that at the end, with 1, is part of every method. */
  readonly times: readonly number[]
  /** Likewise, what only the dense output needs: evaluated for steps in which an output lies. */
  readonly denseTimes?: readonly number[]
  /** Evaluations of the field in a step, without that at its start; default `times.length − 1`. */
  readonly evaluations?: number
  /** Up to which |hλ| it is stable for λ < 0; Infinity for A-stable methods. */
  readonly stabilityLimit: number
  /** What is carried from step to step beside y, in blocks of `[rows, dim]`: the field at y, then what the method likes. Default 1. */
  readonly blocks?: number
  /** Numbers that depend on the sizes of the steps before; for multistep methods. */
  readonly history?: StepHistory
  /** Whether equations are solved by iteration in a step: then `StepParts.unknowns` are given out, and differentiated implicitly. */
  readonly unknowns?: number
  /** Needs a state `[x, v]` with dx/dt = v: the field's first half is the state's second. */
  readonly secondOrder?: boolean
  /** Writes the step. */
  step(context: StepContext): StepParts
}

/** See {@link Method.history}. */
export interface StepHistory {
  /** How many steps before this one matter. */
  readonly steps: number
  /** How many numbers a step is told. */
  readonly numbers: number
  /**
   * Writes them. `before` are the signed sizes of the steps before, the latest first, 0 where there was none since the start or the
   * last discontinuity; `h` is that of this step.
   */
  write(before: ArrayLike<number>, h: number, into: Float64Array | number[], at: number): void
}

/** What a method makes its step of. */
export interface StepContext {
  readonly builder: GraphBuilder
  readonly dim: number
  /** Size of the step, signed, `[rows, 1]`. */
  readonly h: Ref
  /** The state, `[rows, dim]`. */
  readonly y: Ref
  /** What is carried, in blocks of `[rows, dim]`. */
  readonly carried: readonly Ref[]
  /** The field at the time of evaluation `i`, and state `z`. */
  field(i: number, z: Ref): Ref
  /** ∂f/∂z at the time of evaluation `i`, `[rows, dim, dim]`. */
  jacobian(i: number, z: Ref): Ref
  /** ∂f/∂t there, `[rows, dim]`; undefined if the field does not depend on t. */
  timeDerivative(i: number, z: Ref): Ref | undefined
  /** Number `i` of the method's history, `[rows, 1]`. */
  history(i: number): Ref
  /** Norm of `x` `[rows, dim]` over the tolerance at the size of y, `[rows, 1]`; undefined where a step is only differentiated. */
  norm?(x: Ref): Ref
  /** Unknowns that were found before, `[rows, dim]` each: the step has to be written as a function that is linear around them. */
  readonly found?: readonly Ref[]
}

/** What a step comes to. */
export interface StepParts {
  /** The new state, `[rows, dim]`. */
  readonly y1: Ref
  /** What is carried on, in blocks; the first is the field at the end of the step. */
  readonly carried: readonly Ref[]
  /**
   * Estimates of the step's error, `[rows, dim]`: one, or a second, cruder one behind it: with norms e and e' of the two, a step's error
   * is e²/√(e² + 0.01 e'²), as in DOP853. Written if it is wanted.
   */
  readonly errors?: () => readonly Ref[]
  /** 1 where the equations were solved, else 0, `[rows, 1]`; default 1. */
  readonly solved?: Ref
  /** Estimate of |hλ| for the largest eigenvalue λ of the Jacobian, `[rows, 1]`. Written if it is wanted. */
  readonly stiffness?: () => Ref
  /** What was found by iteration, `[rows, dim]` each. */
  readonly unknowns?: readonly Ref[]
  /** p₁ … of the dense output y + θ(p₁ + (1 − θ)(p₂ + θ(p₃ + …))), `[rows, dim]` each, `degree` of them. Written if it is wanted. */
  path(): readonly Ref[]
  /**
   * A quadrature of the method's order over the step, by which integrals along the solution are taken (the continuous adjoint's
   * parameter gradients): weights, numbers of evaluations whose times are the nodes, and the states there. Without it, Gauss's on the
   * dense output.
   */
  readonly quadrature?: readonly QuadratureNode[]
}

/** A node of a quadrature: the integral is h Σ weight · integrand(time of evaluation, state). */
export interface QuadratureNode {
  readonly weight: number
  readonly evaluation: number
  readonly state: Ref
}

/** Blocks that a method carries. */
export const blocksOf = ({ blocks = 1 }: Method): number => blocks

/** Evaluations of the field in each step. */
export const evaluationsOf = ({ evaluations, times }: Method): number => evaluations ?? times.length - 1

/** Times of all evaluations, those for the dense output last if they are wanted. */
export const timesOf = ({ times, denseTimes = [] }: Method, dense: boolean): readonly number[] =>
  dense ? [...times, ...denseTimes] : times

/** What the check of a step says where its equations could not be solved; a norm is never below 0. */
export const NOT_SOLVED = -1
