import type { Stiffness } from './stiffness.js'
import type { RowStatus, StatusName } from './types.js'

/** How a row failed, before its state was looked at. */
export interface Failure {
  readonly status: Exclude<StatusName, 'ok' | 'stopped'>
  readonly time: number
  readonly step: number
  /** What the limit was, if one was hit: steps, or the smallest step. */
  readonly limit?: number
  /** How far apart the numbers near `time` are, if the step is smaller than that. */
  readonly spacing?: number
  /** The way it had to go, and the steps that it tried. */
  readonly way?: { readonly start: number; readonly last: number; readonly attempts: number }
  /** Size of its latest accepted steps on average; 0 if there were none. */
  readonly usual?: number
}

/** What is known of the solver and of where a row failed. */
export interface Surroundings {
  readonly adaptive: boolean
  /** Name of the method. */
  readonly method: string
  /** Seen at the last good state, if the steps were bounded by it. */
  readonly stiff?: Stiffness
}

/** The status of a row that failed, in words; `state` is its last good state `[dim]`. */
export function failedStatus(
  row: number,
  failure: Failure,
  state: ArrayLike<number>,
  { adaptive, method, stiff }: Surroundings,
): RowStatus {
  const { way, spacing } = failure
  const { component, value } = largest(state)
  const where = `Row ${row} at t = ${shortTime(failure.time, way)}, step ${short(failure.step)}`
  const what = {
    StepTooSmall:
      spacing === undefined
        ? `the error stays above the tolerance even with steps of ${short(failure.limit ?? failure.step)}`
        : `the step cannot be told from 0: numbers near t are ${short(spacing)} apart`,
    MaxSteps: `the end was not reached in ${failure.limit ?? 0} steps (maxSteps)`,
    NonFinite: 'the field or the state became infinite or NaN',
    NotConverged: 'the equations of the implicit step could not be solved: Newton’s iteration does not converge',
    TimeResolution: '',
  }
  const stiffness =
    stiff &&
    `The field is stiff there: stability and not the tolerance bounds the steps (|hλ| = ${stiff.product.toPrecision(2)}, and ` +
      `${method} is stable to ${stiff.limit.toPrecision(2)}).`
  const advice = {
    StepTooSmall:
      spacing !== undefined
        ? `Give a larger ${adaptive ? 'firstStep, minStep or maxStep' : 'stepSize'}, or subtract an origin from the times.`
        : stiffness !== undefined
          ? `${stiffness} Give a stiff method, method: "rodas5p" or "auto"; a smaller minStep, slower components or rescaled time may do, too.`
          : 'The field is not smooth or runs to infinity there: try smoother activations, a looser tolerance, rescaled time, or a ' +
            'fixed-step method.',
    MaxSteps: !adaptive
      ? 'Try a larger stepSize, rescaled time, or more maxSteps.'
      : stiffness !== undefined
        ? `${stiffness} A looser tolerance helps little. Give a stiff method, method: "rodas5p" or "auto"; slower components, a shorter span ` +
          'or more maxSteps, if the end is near, may do, too.'
        : 'Try a looser tolerance, smoother activations, rescaled time, more maxSteps, or a fixed-step method.',
    NonFinite: adaptive
      ? 'Look at the initial value and the parameters for NaN first; else the solution runs to infinity: try bounded activations ' +
        '(tanh), rescaled time, or a shorter span.'
      : 'Look at the initial value and the parameters for NaN first; else the steps are too large: try a smaller stepSize, bounded ' +
        'activations (tanh), rescaled time, or an adaptive method.',
    NotConverged: adaptive
      ? 'The field is not smooth there, or its Jacobian is singular: try smoother activations, a Rosenbrock method (rodas5p), which ' +
        'needs no iteration, or an explicit one.'
      : 'Try a smaller stepSize, or a method that chooses its steps.',
    TimeResolution: '',
  }
  const progress = way ? ` It reached t = ${shortTime(failure.time, way)} of ${shortTime(way.last, way)} after ${way.attempts} steps.` : ''
  return {
    status: failure.status,
    time: failure.time,
    step: failure.step,
    component,
    value,
    message:
      `${where}: ${what[failure.status]}.${progress} The largest component of its last state is y[${component}] = ${short(value)}. ` +
      `${advice[failure.status]}`,
  }
}

/** The component of the largest magnitude; NaN counts as larger than anything. */
export function largest(state: ArrayLike<number>): { component: number; value: number } {
  let component = 0
  for (let i = 1; i < state.length; i++) {
    if (Number.isNaN(state[component])) break
    if (Number.isNaN(state[i]) || Math.abs(state[i]!) > Math.abs(state[component]!)) component = i
  }
  return { component, value: state[component] ?? Number.NaN }
}

export const short = (x: number): string => String(Number(x.toPrecision(6)))

/** A time with as many digits as it takes to tell the thousandths of the way apart, six at least. */
export function shortTime(time: number, way?: { readonly start: number; readonly last: number }): string {
  if (!way || way.last === way.start) return short(time)
  const lost = Math.max(0, Math.floor(Math.log10(Math.max(Math.abs(way.start), Math.abs(way.last)) / Math.abs(way.last - way.start))))
  return String(Number(time.toPrecision(Math.min(17, 6 + lost))))
}
