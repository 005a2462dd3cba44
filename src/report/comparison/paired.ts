import { student } from '../../distribution/studentPoint.js'

/** How far apart two models are on the same values, and how sure that is. */
export interface PairedDifference {
  /** Mean over all values of the second model's score less the first's. */
  readonly difference: number
  /** Standard error of that mean; NaN with a single series. */
  readonly standardError: number
  /** 95 % interval. */
  readonly low: number
  readonly high: number
  readonly series: number
  /** Number of series on which the second model's score is the lower, and the higher one. */
  readonly lower: number
  readonly higher: number
}

/**
 * The mean difference of paired scores. Values of one series are alike, so it is the series that are taken to be
 * independent: the standard error is that of a ratio of sums over clusters, with T_s the sum and n_s the number of
 * differences in series s (Cochran, Sampling Techniques, 3rd ed., eq. 6.13),
 *
 *     Δ = Σ T_s / Σ n_s,   se² = S/(S−1) Σ (T_s − Δ n_s)² / (Σ n_s)²,
 *
 * and the interval is Student's with S − 1 degrees of freedom.
 */
export function pairedDifference(values: readonly { readonly series: string; readonly difference: number }[]): PairedDifference {
  const clusters = new Map<string, { sum: number; count: number }>()
  for (const { series, difference } of values) {
    const cluster = clusters.get(series)
    if (cluster === undefined) clusters.set(series, { sum: difference, count: 1 })
    else {
      cluster.sum += difference
      cluster.count++
    }
  }
  const all = [...clusters.values()]
  const difference = all.reduce((total, { sum }) => total + sum, 0) / values.length
  const squares = all.reduce((total, { sum, count }) => total + (sum - difference * count) ** 2, 0)
  const standardError = all.length < 2 ? NaN : Math.sqrt((all.length / (all.length - 1)) * squares) / values.length
  const reach = student(all.length - 1) * standardError
  return {
    difference,
    standardError,
    low: difference - reach,
    high: difference + reach,
    series: all.length,
    lower: all.filter(({ sum }) => sum < 0).length,
    higher: all.filter(({ sum }) => sum > 0).length,
  }
}
