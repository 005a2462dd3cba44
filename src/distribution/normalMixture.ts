import type { RandomStream } from '../random.js'
import { checkProbability, type Distribution, type Moments, type Units } from './distribution.js'
import { normalCdf, type Normal } from './normal.js'

/** A mixture of normal distributions, with equal weights where none are given; weights sum to 1. */
export class NormalMixture implements Distribution {
  /** The first standard deviation; the others are told as multiples of it, 1 where all are the same. */
  readonly #unit: number
  #moments: Moments | undefined

  constructor(
    readonly means: Float64Array,
    readonly sds: Float64Array,
    readonly weights: Float64Array = new Float64Array(means.length).fill(1 / means.length),
  ) {
    this.#unit = sds[0]!
  }

  static of(components: readonly Normal[], weights?: Float64Array): NormalMixture {
    return new NormalMixture(
      Float64Array.from(components, ({ mean }) => mean),
      Float64Array.from(components, ({ sd }) => sd),
      weights,
    )
  }

  get mean(): number {
    return this.#ownMoments().mean
  }

  get sd(): number {
    return this.#ownMoments().sd
  }

  cdf(x: number): number {
    const { means, sds, weights } = this
    let sum = 0
    for (let k = 0; k < means.length; k++) sum += weights[k]! * normalCdf((x - means[k]!) / sds[k]!)
    return sum
  }

  /** Newton's method on the distribution function, kept inside a bracket that every step shrinks, so that it converges
   * where the density is next to nothing too. */
  quantile(probability: number, near = this.mean): number {
    checkProbability(probability)
    const { means, sds } = this
    let [low, high] = [Infinity, -Infinity]
    for (let k = 0; k < means.length; k++) {
      low = Math.min(low, means[k]! - 8 * sds[k]!)
      high = Math.max(high, means[k]! + 8 * sds[k]!)
    }
    const tolerance = 1e-7 * (high - low)
    let x = Math.min(high, Math.max(low, near))
    for (let i = 0; i < 100 && high - low > tolerance; i++) {
      const excess = this.cdf(x) - probability
      if (excess < 0) low = x
      else high = x
      const step = excess / this.#density(x)
      if (Math.abs(step) < tolerance) return x - step
      const next = x - step
      x = next > low && next < high ? next : (low + high) / 2
    }
    return x
  }

  logDensity(x: number): number {
    const { means, sds, weights } = this
    const unit = this.#unit
    const exponent = (k: number): number => -0.5 * ((x - means[k]!) / sds[k]!) ** 2 - Math.log(sds[k]! / unit)
    let top = -Infinity
    for (let k = 0; k < means.length; k++) top = Math.max(top, exponent(k))
    let sum = 0
    for (let k = 0; k < means.length; k++) sum += weights[k]! * Math.exp(exponent(k) - top)
    return top + Math.log(sum) - Math.log(unit) - 0.5 * Math.log(2 * Math.PI)
  }

  sample(stream: RandomStream): number {
    const k = drawIndex(stream, this.weights)
    return this.means[k]! + this.sds[k]! * stream.normal()
  }

  /** Exact: under a logarithm each component is log-normal; the law of total variance gives the rest. */
  momentsIn({ shift, scale, log }: Units): Moments {
    const { means, sds, weights } = this
    const count = means.length
    const [ofMeans, variances] = [new Float64Array(count), new Float64Array(count)]
    for (let k = 0; k < count; k++) {
      const m = shift + scale * means[k]!
      const variance = (scale * sds[k]!) ** 2
      const mean = log === undefined ? m : Math.exp(m + variance / 2)
      ofMeans[k] = log === undefined ? m : mean - log.offset
      variances[k] = log === undefined ? variance : Math.expm1(variance) * mean * mean
    }
    const mean = dot(weights, ofMeans)
    let squares = 0
    for (let k = 0; k < count; k++) squares += weights[k]! * (variances[k]! + (ofMeans[k]! - mean) ** 2)
    return { mean, sd: Math.sqrt(squares) }
  }

  #ownMoments(): Moments {
    if (this.#moments !== undefined) return this.#moments
    const { means, sds, weights } = this
    const mean = dot(weights, means)
    let [between, within] = [0, 0]
    for (let k = 0; k < means.length; k++) {
      between += weights[k]! * (means[k]! - mean) ** 2
      within += weights[k]! * (sds[k]! / this.#unit) ** 2
    }
    this.#moments = { mean, sd: Math.sqrt(between + this.#unit * this.#unit * within) }
    return this.#moments
  }

  #density(x: number): number {
    const { means, sds, weights } = this
    let sum = 0
    for (let k = 0; k < means.length; k++) sum += weights[k]! * Math.exp(-0.5 * ((x - means[k]!) / sds[k]!) ** 2) * (this.#unit / sds[k]!)
    return sum / (this.#unit * Math.sqrt(2 * Math.PI))
  }
}

function dot(weights: Float64Array, numbers: Float64Array): number {
  let sum = 0
  for (let k = 0; k < weights.length; k++) sum += weights[k]! * numbers[k]!
  return sum
}

/** A component drawn by its weight. */
export function drawIndex(stream: RandomStream, weights: Float64Array): number {
  let left = stream.uniform()
  const chosen = weights.findIndex((weight) => (left -= weight) < 0)
  return chosen < 0 ? weights.length - 1 : chosen
}
