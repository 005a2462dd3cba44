import { errorFunction } from 'simple-statistics'
import { UserError } from '../errors.js'

/** Standard normal distribution function (absolute error below 1.5e-7). */
export const normalCdf = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2

/**
 * The predictive distribution of one value: an equal mixture of normals that share a standard deviation, one for
 * each sample of z0. Means and sd are on the normalised scale.
 */
export interface Mixture {
  readonly means: ArrayLike<number>
  readonly sd: number
}

export function mixtureMoments({ means, sd }: Mixture): { mean: number; sd: number } {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < means.length; i++) sum += means[i]!
  const mean = sum / means.length
  for (let i = 0; i < means.length; i++) squares += (means[i]! - mean) ** 2
  return { mean, sd: Math.sqrt(squares / means.length + sd * sd) }
}

/**
 * P(x <= value).
 *
 * @param mixture the distribution
 * @param value on the normalised scale
 */
export function mixtureCdf({ means, sd }: Mixture, value: number): number {
  let sum = 0
  for (let i = 0; i < means.length; i++) sum += normalCdf((value - means[i]!) / sd)
  return sum / means.length
}

/**
 * Log density of the mixture at a value.
 *
 * @param mixture the distribution
 * @param value on the normalised scale
 */
export function mixtureLogDensity({ means, sd }: Mixture, value: number): number {
  let top = -Infinity
  for (let i = 0; i < means.length; i++) top = Math.max(top, -0.5 * ((value - means[i]!) / sd) ** 2)
  let sum = 0
  for (let i = 0; i < means.length; i++) sum += Math.exp(-0.5 * ((value - means[i]!) / sd) ** 2 - top)
  return top + Math.log(sum / means.length) - Math.log(sd) - 0.5 * Math.log(2 * Math.PI)
}

/**
 * The value below which the mixture has the given probability: Newton's method on its distribution function, kept
 * inside a bracket that every step shrinks, so that it converges where the density is next to nothing too. On the
 * normalised scale.
 *
 * @param probability above 0 and below 1
 * @param near where to begin, such as the quantile of a similar mixture; default the mean
 * @throws UserError `BadProbability`
 */
export function mixtureQuantile(mixture: Mixture, probability: number, near = mixtureMoments(mixture).mean): number {
  if (!(probability > 0 && probability < 1))
    throw new UserError('BadProbability', `The probability of a quantile is ${probability}, but must be above 0 and below 1: 0.95, not 95.`)
  const { means, sd } = mixture
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < means.length; i++) {
    low = Math.min(low, means[i]!)
    high = Math.max(high, means[i]!)
  }
  low -= 8 * sd
  high += 8 * sd
  const tolerance = 1e-7 * (high - low)
  let x = Math.min(high, Math.max(low, near))
  for (let i = 0; i < 100 && high - low > tolerance; i++) {
    const excess = mixtureCdf(mixture, x) - probability
    if (excess < 0) low = x
    else high = x
    const step = excess / mixtureDensity(mixture, x)
    if (Math.abs(step) < tolerance) return x - step
    const next = x - step
    x = next > low && next < high ? next : (low + high) / 2
  }
  return x
}

function mixtureDensity({ means, sd }: Mixture, value: number): number {
  let sum = 0
  for (let i = 0; i < means.length; i++) sum += Math.exp(-0.5 * ((value - means[i]!) / sd) ** 2)
  return sum / (means.length * sd * Math.sqrt(2 * Math.PI))
}
