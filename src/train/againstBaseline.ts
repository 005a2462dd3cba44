import { bootstrapRatios, type Share } from './bootstrap.js'
import { baselinesOf, type PlainBaseline } from './baselines.js'
import type { AgainstBaseline, Evaluation, ScoredPoint } from './records.js'

/** Sums over the values of one channel in one series. */
interface Sums {
  values: number
  model: number
  readonly baselines: Record<PlainBaseline, number>
}

/**
 * The model's mean squared error against that of the best baseline, over all channels and for each, with intervals by a paired
 * bootstrap over series. The best is the one with the smallest error on these very values: that favours it a little.
 *
 * @param points scored values, of any channels in any order
 * @param channels names of the channels
 */
export function againstBaselines(
  points: Iterable<ScoredPoint>,
  channels: readonly string[],
  task: Evaluation['task'],
): { readonly all: AgainstBaseline; readonly channels: readonly AgainstBaseline[] } {
  const bySeries = sumBySeries(points, channels)
  const columns = [undefined, ...channels.keys()].map((c) => bySeries.map((series) => (c === undefined ? added(series) : series[c]!)))
  const best = columns.map((sums) => bestOf(sums, task))
  const shares = bySeries.map((_, series) =>
    columns.map((sums, column): Share => {
      const { values, model, baselines } = sums[series]!
      return values === 0 ? undefined : { numerator: model, denominator: baselines[best[column]!] }
    }),
  )
  // Without a series there is nothing to compare.
  const ratios = shares.length > 0 ? bootstrapRatios(shares) : columns.map(() => ({ value: NaN, low: NaN, high: NaN, series: 0 }))
  const [all, ...each] = ratios.map(({ value, low, high, series }, column): AgainstBaseline => ({
    baseline: best[column]!,
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

const noSums = (): Sums => ({ values: 0, model: 0, baselines: { mean: 0, locf: 0, linear: 0 } })

/** `[series][channel]`, in the order in which series come. */
function sumBySeries(points: Iterable<ScoredPoint>, channels: readonly string[]): Sums[][] {
  const bySeries = new Map<string, Sums[]>()
  const place = new Map(channels.map((channel, c) => [channel, c]))
  for (const { series, channel, normalisedObserved, normalisedMean, baselines } of points) {
    let all = bySeries.get(series)
    if (all === undefined) bySeries.set(series, (all = channels.map(noSums)))
    const sums = all[place.get(channel)!]!
    sums.values++
    sums.model += (normalisedMean - normalisedObserved) ** 2
    for (const name of ['mean', 'locf', 'linear'] as const) sums.baselines[name] += (baselines[name] - normalisedObserved) ** 2
  }
  return [...bySeries.values()]
}

function added(some: readonly Sums[]): Sums {
  const total = noSums()
  for (const { values, model, baselines } of some) {
    total.values += values
    total.model += model
    for (const name of ['mean', 'locf', 'linear'] as const) total.baselines[name] += baselines[name]
  }
  return total
}

function bestOf(sums: readonly Sums[], task: Evaluation['task']): PlainBaseline {
  const { baselines } = added(sums)
  return baselinesOf(task).reduce((best, name) => (baselines[name] < baselines[best] ? name : best))
}
