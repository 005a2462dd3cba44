import type { RandomStream } from '../random.js'
import type { Distribution } from './distribution.js'
import { NormalMixture } from './normalMixture.js'
import { mixture } from './mixture.js'

/** How a distribution is made wider or narrower about its mean: by one factor or, at random, by one of several, for heavier tails. */
export interface Stretch {
  /** Factors on the distance from the mean, above 0, and how likely each is. */
  readonly factors: readonly number[]
  readonly shares: readonly number[]
}

/** Stretches a distribution about its mean. */
export function stretched(distribution: Distribution, { factors, shares }: Stretch): Distribution {
  if (factors.every((factor) => factor === 1)) return distribution
  if (distribution instanceof NormalMixture) return stretchedMixture(distribution, { factors, shares })
  return mixture(
    factors.map((factor) => new Scaled(distribution, factor)),
    Float64Array.from(shares),
  )
}

/** Each component as often as there are factors, moved towards the mean or away from it and scaled. */
function stretchedMixture({ mean, means, sds, weights }: NormalMixture, { factors, shares }: Stretch): NormalMixture {
  const count = means.length
  const [moved, scaled, shared] = [0, 1, 2].map(() => new Float64Array(count * factors.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  factors.forEach((factor, f) => {
    for (let k = 0; k < count; k++) {
      moved[f * count + k] = mean + factor * (means[k]! - mean)
      scaled[f * count + k] = factor * sds[k]!
      shared[f * count + k] = shares[f]! * weights[k]!
    }
  })
  return new NormalMixture(moved, scaled, shared)
}

/** Any distribution with finite mean, stretched by one factor. */
class Scaled implements Distribution {
  readonly mean: number

  constructor(
    readonly base: Distribution,
    readonly factor: number,
  ) {
    this.mean = base.mean
  }

  get sd(): number {
    return this.factor * this.base.sd
  }

  #back = (x: number): number => this.mean + (x - this.mean) / this.factor

  cdf(x: number): number {
    return this.base.cdf(this.#back(x))
  }

  quantile(probability: number): number {
    return this.mean + this.factor * (this.base.quantile(probability) - this.mean)
  }

  logDensity(x: number): number {
    return this.base.logDensity(this.#back(x)) - Math.log(this.factor)
  }

  sample(stream: RandomStream): number {
    return this.mean + this.factor * (this.base.sample(stream) - this.mean)
  }
}
