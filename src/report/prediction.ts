import { denormaliseValue, mixtureMoments, type ChannelNormalisation } from '../data/normalise.js'
import { mixtureQuantile, type Mixture } from '../train/mixture.js'
import type { Prediction } from './contents.js'

/**
 * Means and quantiles, in the data's own units, of one channel's distributions at
 * consecutive times: each quantile is looked for where the last one was.
 */
export function predictionOf(normalisation: ChannelNormalisation, mixtures: readonly Mixture[]): Prediction {
  const quantile = (probability: number): number[] => {
    let last: number | undefined
    return mixtures.map((mixture) => denormaliseValue(normalisation, (last = mixtureQuantile(mixture, probability, last))))
  }
  return {
    mean: mixtures.map(({ means, sd }) => mixtureMoments(normalisation, means, new Float64Array(means.length).fill(sd)).mean),
    q05: quantile(0.05),
    q25: quantile(0.25),
    q50: quantile(0.5),
    q75: quantile(0.75),
    q95: quantile(0.95),
  }
}
