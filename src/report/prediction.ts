import { quantilesAlong, type Transformed } from '../distribution/transformed.js'
import type { Prediction } from './contents.js'

/** Means and quantiles of one channel's distributions at consecutive times. */
export const predictionOf = (distributions: readonly Transformed[]): Prediction => ({
  mean: distributions.map(({ mean }) => mean),
  q05: quantilesAlong(distributions, 0.05),
  q25: quantilesAlong(distributions, 0.25),
  q50: quantilesAlong(distributions, 0.5),
  q75: quantilesAlong(distributions, 0.75),
  q95: quantilesAlong(distributions, 0.95),
})
