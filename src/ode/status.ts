import type { RowStatus, StatusName } from './types.js'

/** How a row failed, before its state was looked at. */
export interface Failure {
  readonly status: Exclude<StatusName, 'ok'>
  readonly time: number
  readonly step: number
  /** What the limit was, if one was hit: steps, or the smallest step. */
  readonly limit?: number
}

/** The status of a row that failed, in words; `state` is its last good state `[dim]`. */
export function failedStatus(row: number, failure: Failure, state: ArrayLike<number>, adaptive: boolean): RowStatus {
  const { component, value } = largest(state)
  const where = `Row ${row} at t = ${short(failure.time)}, step ${short(failure.step)}`
  const what = {
    StepTooSmall: `the error stays above the tolerance even with steps of ${short(failure.limit ?? failure.step)}`,
    MaxSteps: `the end was not reached in ${failure.limit ?? 0} steps (maxSteps)`,
    NonFinite: 'the field or the state became infinite or NaN',
  }[failure.status]
  const advice = {
    StepTooSmall: 'The field is stiff, not smooth or runs to infinity there: try smoother activations, a looser tolerance, rescaled time, or a fixed-step method.',
    MaxSteps: adaptive
      ? 'Try a looser tolerance, smoother activations, rescaled time, more maxSteps, or a fixed-step method.'
      : 'Try a larger stepSize, rescaled time, or more maxSteps.',
    NonFinite: adaptive
      ? 'Look at the initial value and the parameters for NaN first; else the solution runs to infinity: try bounded activations (tanh), rescaled time, or a shorter span.'
      : 'Look at the initial value and the parameters for NaN first; else the steps are too large: try a smaller stepSize, bounded activations (tanh), rescaled time, or an adaptive method.',
  }[failure.status]
  return {
    status: failure.status, time: failure.time, step: failure.step, component, value,
    message: `${where}: ${what}. The largest component of its last state is y[${component}] = ${short(value)}. ${advice}`,
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

const short = (x: number): string => String(Number(x.toPrecision(6)))
