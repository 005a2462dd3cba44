import { baselinesOf, type PlainBaseline } from './baselines.js'
import { bootstrapRatios, type Share } from './bootstrap.js'
import { sum, type ChannelSums } from './channelSums.js'
import type { AgainstBaseline, Evaluation } from './records.js'

/**
 * The model's mean squared error against that of the best baseline, over all channels and for each, with intervals by a paired
 * bootstrap over series. The best is the one with the smallest error on these very values: that favours it a little.
 *
 * @param bySeries sums over the scored values, `[series][channels]`
 * @param channels number of channels
 */
export function againstBaselines(
  bySeries: readonly (readonly ChannelSums[])[],
  channels: number,
  task: Evaluation['task'],
): { readonly all: AgainstBaseline; readonly channels: readonly AgainstBaseline[] } {
  // The first column has all channels, each of the others one.
  const columns = Array.from({ length: channels + 1 }, (_, column) => bySeries.map((sums) => (column === 0 ? sums : [sums[column - 1]!])))
  const error = (some: readonly ChannelSums[], baseline: PlainBaseline): number =>
    some.reduce((total, { baselines }) => total + baselines[baseline], 0)
  const best = columns.map((column) => {
    const errors = new Map(baselinesOf(task).map((name) => [name, error(column.flat(), name)]))
    const least = Math.min(...errors.values())
    // Where nothing is shown all of them are the mean, and that is what it is called.
    if (errors.get('mean') === least) return 'mean'
    return baselinesOf(task).find((name) => errors.get(name) === least) ?? 'mean'
  })
  const shares = bySeries.map((_, series) =>
    columns.map((column, i): Share => {
      const sums = column[series]!
      return sum(sums, 'values') === 0 ? undefined : { numerator: sum(sums, 'squares'), denominator: error(sums, best[i]!) }
    }),
  )
  // Without a series there is nothing to compare.
  const ratios = shares.length > 0 ? bootstrapRatios(shares) : columns.map(() => ({ value: NaN, low: NaN, high: NaN, series: 0 }))
  const [all, ...each] = ratios.map(({ value, low, high, series }, i): AgainstBaseline => ({
    baseline: best[i]!,
    change: value - 1,
    low: low - 1,
    high: high - 1,
    series,
  }))
  return { all: all!, channels: each }
}

/** Whether the model's error differs from the baseline's by more than chance explains, and which way. */
export const verdictOf = ({ low, high }: Pick<AgainstBaseline, 'low' | 'high'>): 'better' | 'worse' | 'unclear' =>
  high < 0 ? 'better' : low > 0 ? 'worse' : 'unclear'
