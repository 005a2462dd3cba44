import type { Outliers } from '../distribution/stretched.js'

/** A value that was held out: how far it is from the mean of what was predicted, and the log density of it. */
export interface OutlierPoint {
  readonly error: number
  readonly logDensity: number
}

/** Standard deviations of outliers that are tried, in those of the channel. */
const SDS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32]
/** Values without an outlier, and outliers, that there are before any is seen: even if none is, one in some hundreds may yet come. */
const [PRIOR_USUAL, PRIOR_OUTLIERS] = [50, 0.25]
/** More than this share are no outliers. */
const MOST = 0.1
/** Outliers lie within a few of the channel's own standard deviations, so far as nothing says otherwise: the deviation of log sd. */
const PRIOR_LOG_SD = 1.5
const STEPS = 50
/** A log density of no density at all. */
const LEAST = -1e6

/**
 * Which share of values a model's distributions do not explain, and how far these lie from the mean: of both what makes the held-out
 * values most likely, the share by expectation-maximisation with a Beta prior. A channel that repeats its values leads a model to
 * distributions as narrow as a needle; the one value in a hundred that then differs would have next to no density.
 *
 * @param largest standard deviation that is tried
 */
export function learnOutliers(points: readonly OutlierPoint[], largest = Infinity): Outliers {
  const tried = SDS.filter((sd) => sd <= largest)
  const found = (tried.length === 0 ? [largest] : tried).map((sd) => ({ sd, ...shareOf(points, sd) }))
  const { share, sd } = found.reduce((best, one) => (one.fit > best.fit ? one : best))
  return { share, sd }
}

/** The likeliest share for a standard deviation, and the log of its posterior density. */
function shareOf(points: readonly OutlierPoint[], sd: number): { share: number; fit: number } {
  const ratios = points.map(({ error, logDensity }) => normalLogDensity(error, sd) - Math.max(LEAST, logDensity))
  let share = PRIOR_OUTLIERS / (points.length + PRIOR_USUAL)
  for (let i = 0; i < STEPS; i++) {
    const odds = Math.log(share / (1 - share))
    const outliers = ratios.reduce((sum, ratio) => sum + 1 / (1 + Math.exp(-odds - ratio)), 0)
    const next = Math.min(MOST, (outliers + PRIOR_OUTLIERS) / (points.length + PRIOR_USUAL))
    if (Math.abs(next - share) < 1e-6 * share) break
    share = next
  }
  const [usual, outlier] = [Math.log(1 - share), Math.log(share)]
  const prior = PRIOR_OUTLIERS * outlier + (PRIOR_USUAL - PRIOR_OUTLIERS) * usual - 0.5 * (Math.log(sd) / PRIOR_LOG_SD) ** 2
  return { share, fit: ratios.reduce((sum, ratio) => sum + logOfSum(usual, outlier + ratio), prior) }
}

/** log(exp(a) + exp(b)) */
const logOfSum = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))

const normalLogDensity = (x: number, sd: number): number => -0.5 * (x / sd) ** 2 - Math.log(sd * Math.sqrt(2 * Math.PI))
