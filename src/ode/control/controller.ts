import { SolverError } from '../errors.js'
import { said } from '../numbers.js'
import type { Steps } from '../steps.js'
import { growth, predictiveGrowth, predictiveRetreat, retreat } from './formulas.js'

/**
 * How step sizes follow from errors. Errors are norms of error over tolerance: a step is good if its is at most 1. `k` is the order of the
 * error estimate plus 1.
 */
export interface ErrorControl {
  readonly kind: 'error'
  readonly name: string
  /** What an accepted step is multiplied by for the next one. The errors of the two accepted steps before it are at least 1e-4. */
  grow(k: number, error: number, previous: number, earlier: number): number
  /** What a rejected step is multiplied by; the error is NaN if the attempt was not finite. */
  shrink(k: number, error: number): number
}

/** Steps of one size, or from output to output; also for methods that have an error estimate. */
export interface FixedControl {
  readonly kind: 'fixed'
  readonly name: string
  readonly size?: number
}

/** The steps of another solve, whatever their error. */
export interface ReplayControl {
  readonly kind: 'replay'
  readonly name: string
  readonly steps: Steps
}

/** Step-size controllers: values to choose, or to write. */
export type StepController = ErrorControl | FixedControl | ReplayControl

/**
 * PI control, Gustafsson, ACM Trans. Math. Softw. 17 (1991), with the numbers of Hairer and Wanner's DOPRI5: the default of adaptive
 * methods that name no other.
 */
export const pi: ErrorControl = { kind: 'error', name: 'pi', grow: growth, shrink: retreat }

/**
 * Predictive control, Gustafsson, ACM Trans. Math. Softw. 20 (1994), as in RODAS and RADAU5 (Hairer and Wanner II, IV.8): where errors
 * grow they are taken to go on growing. For stiff problems, whose transients end in steps that grow by much, and begin with rejections.
 */
export const predictive: ErrorControl = { kind: 'error', name: 'predictive', grow: predictiveGrowth, shrink: predictiveRetreat }

/** Numbers of a PID controller, see {@link pid}. */
export interface PidOptions {
  /** Proportional, integral and derivative coefficients; default 0, 1, 0: the plain controller that most codes have. */
  readonly p?: number
  readonly i?: number
  readonly d?: number
  /** Default 0.9. */
  readonly safety?: number
  /** Most that a step grows by, default 10, and least that it shrinks to, default 0.2. */
  readonly grow?: number
  readonly shrink?: number
}

/**
 * PID control: with errors e of this step and of the two accepted before it, and k the order of the estimate plus 1, the next step is
 * longer by safety · e₀^−((p + i + d)/k) · e₁^((p + 2d)/k) · e₂^(−d/k). Söderlind, ACM Trans. Math. Softw. 29 (2003); the coefficients are
 * those of diffrax's PIDController.
 *
 * @throws SolverError `Option` for numbers that make no controller
 */
export function pid({ p = 0, i = 1, d = 0, safety = 0.9, grow = 10, shrink = 0.2 }: PidOptions = {}): ErrorControl {
  const need = (name: string, value: number, ok: boolean, what: string): void => {
    if (!ok) throw new SolverError('Option', `pid: ${name} is ${said(value)}; it must be ${what}.`)
  }
  for (const [name, value] of Object.entries({ p, i, d })) need(name, value, Number.isFinite(value), 'a finite number')
  need('p + i + d', p + i + d, p + i + d > 0, 'above 0: a larger error has to make smaller steps')
  need('safety', safety, safety > 0 && safety <= 1, 'above 0 and at most 1')
  need('grow', grow, grow >= 1, 'at least 1')
  need('shrink', shrink, shrink > 0 && shrink < 1, 'between 0 and 1')
  const within = (factor: number, most: number): number => Math.min(most, Math.max(shrink, factor))
  return {
    kind: 'error',
    name: 'pid',
    grow: (k, error, previous, earlier) =>
      within(safety * Math.exp((-(p + i + d) * Math.log(error) + (p + 2 * d) * Math.log(previous) - d * Math.log(earlier)) / k), grow),
    shrink: (k, error) => (Number.isFinite(error) ? within(safety * error ** (-(p + i + d) / k), safety) : 0.1),
  }
}

/** Steps of one size, or, without it, from output time to output time. Any method takes them. */
export function fixed(size?: number): FixedControl {
  if (size !== undefined && !(size > 0 && Number.isFinite(size)))
    throw new SolverError('Option', `fixed: the step is ${said(size)}; it must be a number above 0 (the times say which way).`)
  return { kind: 'fixed', name: 'fixed', ...(size !== undefined && { size }) }
}

/** Exactly these steps: those of a solve of the same rows in which none failed. Outputs beyond a row's last step are extrapolated. */
export const replay = (steps: Steps): ReplayControl => ({ kind: 'replay', name: 'replay', steps })
