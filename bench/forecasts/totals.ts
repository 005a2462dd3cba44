import { bootstrapRatios, type Estimate } from '../../src/train/bootstrap.js'
import type { SeriesTotals, TotalsBySeries } from '../../src/train/contest.js'

/** One of the sums, over all series. */
export const total = (bySeries: TotalsBySeries, of: 'values' | 'squares' | 'logDensity' | 'in50' | 'in90'): number =>
  [...bySeries.values()].reduce((sum, one) => sum + one[of], 0)

/** A ratio of sums over the series of two models, and its interval. @param share what a series adds, by the totals of either model */
export function overSeries(
  mine: TotalsBySeries,
  other: TotalsBySeries,
  share: (mine: SeriesTotals, other: SeriesTotals) => readonly [numerator: number, denominator: number],
): Estimate {
  const scored = [...mine].filter(([, { values }]) => values > 0)
  const shares = scored.map(([id, own]) => {
    const [numerator, denominator] = share(own, other.get(id)!)
    return [{ numerator, denominator }]
  })
  return bootstrapRatios(shares)[0]!
}
