import { affine } from './affine.js'
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
    factors.map((factor) => affine(distribution, factor, (1 - factor) * distribution.mean)),
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
