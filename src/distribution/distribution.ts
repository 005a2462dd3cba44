import { UserError } from '../errors.js'
import type { RandomStream } from '../random.js'

/** What may be observed: a distribution of one number. */
export interface Distribution {
  /** Infinity, or NaN, where there is none. */
  readonly mean: number
  /** Standard deviation; Infinity where there is none. */
  readonly sd: number
  /** P(X <= x). */
  cdf(x: number): number
  /**
   * The least x with P(X <= x) of at least `probability`.
   *
   * @param probability above 0 and below 1
   * @param near where to begin, where it has to be searched for, such as the quantile of a similar distribution; default the mean
   * @throws UserError `BadProbability`
   */
  quantile(probability: number, near?: number): number
  /** Natural logarithm of the density at x, or of the probability of x where it has one; -Infinity where there is neither. */
  logDensity(x: number): number
  /** P(X = x). Distributions that have a density everywhere are without it. */
  mass?(x: number): number
  /** Whether only whole numbers are possible. */
  readonly whole?: boolean
  /** One draw. */
  sample(stream: RandomStream): number
  /**
   * Mean and standard deviation in other units, where there are formulas for them. Without it, or where it gives nothing,
   * `transformed` integrates; so what has no mean after an exponential should say so here, with Infinity.
   */
  momentsIn?(units: Units): Moments | undefined
}

/** Mean and standard deviation. */
export interface Moments {
  readonly mean: number
  readonly sd: number
}

/** From the scale that models work on to the data's own units: `shift + scale · z`, or `exp(shift + scale · z) − offset`. Increasing. */
export interface Units {
  readonly shift: number
  /** Above 0. */
  readonly scale: number
  /** Where the data are modelled by their logarithm: what was added to values before it was taken. */
  readonly log?: { readonly offset: number }
  /** The value on the model's scale. */
  normalise(value: number): number
  /** The value in the data's own units. */
  denormalise(normalised: number): number
  /** `log |d normalised / d value|`: added to a log density of the normalised value it gives the one of the value itself. */
  logJacobian(value: number): number
}

/** @throws UserError `BadProbability` */
export function checkProbability(probability: number): void {
  if (!(probability > 0 && probability < 1))
    throw new UserError('BadProbability', `The probability of a quantile is ${probability}, but must be above 0 and below 1: 0.95, not 95.`)
}
