import { affine } from './affine.js'
import type { Distribution } from './distribution.js'
import { Normal } from './normal.js'
import { NormalMixture } from './normalMixture.js'
import { mixture } from './mixture.js'

/** Values that what is predicted does not explain: this share of all lies about the mean as a normal distribution of its own does. */
export interface Outliers {
  readonly share: number
  readonly sd: number
}

/** How a distribution is made wider or narrower about its mean: by one factor or, at random, by one of several, for heavier tails. */
export interface Stretch {
  /** Factors on the distance from the mean, above 0, and how likely each is. */
  readonly factors: readonly number[]
  readonly shares: readonly number[]
  /** Of all values, these are not stretched but drawn anew (a contaminated normal distribution, Tukey 1960). */
  readonly outliers?: Outliers
}

/** Stretches a distribution about its mean. One that gives single values a probability stays as it is: a stretched count is none. */
export function stretched(distribution: Distribution, stretch: Stretch): Distribution {
  const { factors, shares, outliers } = stretch
  if (distribution.mass) return distribution
  if (outliers === undefined && factors.every((factor) => factor === 1)) return distribution
  if (distribution instanceof NormalMixture) return stretchedMixture(distribution, stretch)
  const usual = 1 - (outliers?.share ?? 0)
  const parts = factors.map((factor) => affine(distribution, factor, (1 - factor) * distribution.mean))
  return outliers === undefined
    ? mixture(parts, Float64Array.from(shares))
    : mixture(
        [...parts, new Normal(distribution.mean, outliers.sd)],
        Float64Array.from([...shares.map((share) => usual * share), outliers.share]),
      )
}

/** Each component as often as there are factors, moved towards the mean or away from it and scaled; and one for what is an outlier. */
function stretchedMixture({ mean, means, sds, weights }: NormalMixture, { factors, shares, outliers }: Stretch): NormalMixture {
  const count = means.length
  const size = count * factors.length + (outliers ? 1 : 0)
  const [moved, scaled, shared] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)]
  const usual = 1 - (outliers?.share ?? 0)
  factors.forEach((factor, f) => {
    for (let k = 0; k < count; k++) {
      moved[f * count + k] = mean + factor * (means[k]! - mean)
      scaled[f * count + k] = factor * sds[k]!
      shared[f * count + k] = usual * shares[f]! * weights[k]!
    }
  })
  if (outliers) [moved[size - 1], scaled[size - 1], shared[size - 1]] = [mean, outliers.sd, outliers.share]
  return new NormalMixture(moved, scaled, shared)
}
