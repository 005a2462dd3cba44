import { normalCdf } from '../distribution/normal.js'
import { student } from '../distribution/studentPoint.js'
import { random } from '../random.js'

/** What one series adds to a ratio of two sums over series; undefined where it has no value to add. */
export type Share = { readonly numerator: number; readonly denominator: number } | undefined

/** A ratio of sums over series, and its 95 % interval. */
export interface Estimate {
  readonly value: number
  /** Ends of the interval; NaN with fewer than 5 series, of which nothing can be said. */
  readonly low: number
  readonly high: number
  /** Number of series that have a value. */
  readonly series: number
}

export interface BootstrapOptions {
  /** Default 1. */
  readonly seed?: number
  /** Resamples of the series, default 2,000. */
  readonly replicates?: number
}

/** With fewer series than this there is no interval: the resamples of four series are 35, too few for a tail of 2.5 %. */
export const FEWEST = 5

/**
 * 95 % intervals of ratios of sums over series, by resampling whole series with replacement. Values of one series are alike, so
 * it is the series that are taken to be independent. A mean over values is such a ratio (a sum over a count), and so is one
 * contestant's squared error as a share of another's on the same values: both sums are of the same resample, so what makes a
 * series hard for both cancels. All ratios are of the same resamples.
 *
 * The ends are quantiles of the replicates, taken further out where there are few series: at Φ(∓t √(S/(S−1))) with t the 97.5 %
 * point of Student's distribution with S − 1 degrees of freedom, since plain percentiles are too narrow by as much (the expanded
 * percentile interval of Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69, 2015,
 * section 5.3).
 *
 * @param bySeries for each series the shares of each ratio, `[series][ratios]`
 */
export function bootstrapRatios(
  bySeries: readonly (readonly Share[])[],
  { seed = 1, replicates = 2000 }: BootstrapOptions = {},
): Estimate[] {
  const ratios = bySeries[0]?.length ?? 0
  const sums = packShares(bySeries, ratios)
  const drawn = Array.from({ length: ratios }, () => new Float64Array(replicates))
  const stream = random(seed, 'bootstrap')
  const total = new Float64Array(2 * ratios)
  for (let replicate = 0; replicate < replicates; replicate++) {
    total.fill(0)
    for (let draw = 0; draw < bySeries.length; draw++) addTo(total, sums, stream.integer(bySeries.length))
    for (let ratio = 0; ratio < ratios; ratio++) drawn[ratio]![replicate] = total[2 * ratio]! / total[2 * ratio + 1]!
  }
  total.fill(0)
  for (let series = 0; series < bySeries.length; series++) addTo(total, sums, series)
  return drawn.map((values, ratio) => {
    const series = bySeries.filter((shares) => shares[ratio] !== undefined).length
    return { value: total[2 * ratio]! / total[2 * ratio + 1]!, ...interval(values, series), series }
  })
}

/** Whether an interval says that a ratio is not `value`. Without an interval nothing is said. */
export const excludes = ({ low, high }: Pick<Estimate, 'low' | 'high'>, value: number): boolean => low > value || high < value

/** Numerators and denominators side by side, `[series, ratios, 2]`. */
function packShares(bySeries: readonly (readonly Share[])[], ratios: number): Float64Array {
  const sums = new Float64Array(2 * ratios * bySeries.length)
  bySeries.forEach((shares, series) =>
    shares.forEach((share, ratio) => {
      if (share === undefined) return
      sums[2 * (series * ratios + ratio)] = share.numerator
      sums[2 * (series * ratios + ratio) + 1] = share.denominator
    }),
  )
  return sums
}

function addTo(total: Float64Array, sums: Float64Array, series: number): void {
  const from = series * total.length
  for (let i = 0; i < total.length; i++) total[i]! += sums[from + i]!
}

function interval(replicates: Float64Array, series: number): { low: number; high: number } {
  // A resample of series without a value says nothing.
  const known = replicates.filter((value) => !Number.isNaN(value)).sort()
  if (series < FEWEST || known.length === 0) return { low: NaN, high: NaN }
  const tail = normalCdf(-student(series - 1) * Math.sqrt(series / (series - 1)))
  const cut = Math.floor(tail * (known.length - 1))
  return { low: known[cut]!, high: known[known.length - 1 - cut]! }
}
