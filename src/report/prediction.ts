import { quantilesAlong, type Transformed } from '../distribution/transformed.js'
import type { Prediction } from './contents.js'

/**
 * Means and quantiles of one channel's distributions at consecutive times. Of zeros and ones only the mean says something, as it is a
 * probability: bands have no width.
 */
export function predictionOf(distributions: readonly Transformed[]): Prediction {
  const mean = distributions.map((one) => one.mean)
  const binary = distributions.length > 0 && distributions.every((one) => one.binary)
  return binary ? { mean, q05: mean, q25: mean, q50: mean, q75: mean, q95: mean } : { mean, ...quantilesOf(distributions) }
}

const quantilesOf = (distributions: readonly Transformed[]): Omit<Prediction, 'mean'> => ({
  q05: quantilesAlong(distributions, 0.05),
  q25: quantilesAlong(distributions, 0.25),
  q50: quantilesAlong(distributions, 0.5),
  q75: quantilesAlong(distributions, 0.75),
  q95: quantilesAlong(distributions, 0.95),
})
