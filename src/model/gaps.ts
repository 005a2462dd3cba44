import { UserError } from '../errors.js'

/** Longest Euler step of an ODE-RNN, as a fraction of the longest series: the published setting. */
export const EULER_STEP = 1 / 50

/**
 * Steps that a gap is walked in at most: far more than any that makes sense, and
 * few enough that a mistyped time is an error and not a wait.
 */
const MOST_STEPS = 100_000

/** How many equal steps, none longer than `longest`, a gap is walked in. @throws UserError `FarTime` */
export function stepsOf(gap: number, longest: number): number {
  const steps = Math.max(1, Math.ceil(Math.abs(gap) / longest - 1e-9))
  if (!(steps <= MOST_STEPS))
    throw new UserError(
      'FarTime',
      `Two times of a series, observed or asked for, or its first and the origin, lie ${Math.abs(gap).toPrecision(2)} times as far ` +
        'apart as the longest series that the model was fitted to is long. Check the times for a mistyped one; they must be in the ' +
        'unit of the data that were fitted to.',
    )
  return steps
}
