import type { ChannelNormalisation } from '../data/normalise.js'
import { bootstrapRatios, excludes, type Estimate, type Share } from './bootstrap.js'
import { sum } from './channelSums.js'
import type { TaskScores } from './taskScores.js'

/** A model among others, by its scores at one task. */
export interface Contestant {
  readonly normalisation: readonly ChannelNormalisation[]
  readonly scores: TaskScores
}

/** Sums over the values of a series, of all channels, on a scale that contestants share. */
export interface SeriesTotals {
  readonly values: number
  readonly squares: number
  readonly logDensity: number
  /** Values of channels whose log densities are compared; default all. */
  readonly compared?: number
  readonly in50: number
  readonly in90: number
}

/** The totals of one contestant by series. */
export type TotalsBySeries = ReadonlyMap<string, SeriesTotals>

/**
 * Contestants on one scale, that of the first, and on the series that all of them could forecast. Where a channel is transformed
 * alike, errors are only stretched; where it is not, they are in the data's own units, by what the channel's mean costs there.
 * Densities can be carried from any scale to any other. A density is no probability, though: channels in which some contestants give
 * values the one and some the other are left out of the log densities.
 *
 * @param contestants scored on the same values
 */
export function onOneScale(contestants: readonly Contestant[]): TotalsBySeries[] {
  const [first] = contestants
  if (first === undefined) return []
  const byId = contestants.map(({ scores }) => new Map(scores.series.map(({ id, channels }) => [id, channels])))
  const kept = first.scores.series.filter(({ id }) => byId.every((own) => own.has(id)))
  const units = first.normalisation.map((_, c) => {
    const all = kept.map(({ channels }) => channels[c]!)
    const [squares, values] = [sum(all, 'meanSquares'), sum(all, 'values')]
    return squares > 0 ? squares / values : 1
  })
  const alike = first.normalisation.map(({ transform }, c) =>
    contestants.every(({ normalisation }) => JSON.stringify(normalisation[c]!.transform) === JSON.stringify(transform)),
  )
  const probabilities = (i: number, c: number): number => kept.reduce((all, { id }) => all + (byId[i]!.get(id)![c]!.probabilities ?? 0), 0)
  const comparable = first.normalisation.map((_, c) => contestants.every((__, i) => probabilities(i, c) === probabilities(0, c)))
  return contestants.map(({ normalisation }, i) => {
    const own = byId[i]!
    const stretch = normalisation.map(({ sd }, c) => (sd / first.normalisation[c]!.sd) ** 2)
    return new Map(
      kept.map(({ id, channels: reference }) => {
        const channels = own.get(id)!
        const squares = channels.reduce(
          (total, sums, c) => total + (alike[c] ? stretch[c]! * sums.squares : sums.originalSquares / units[c]!),
          0,
        )
        // What the transformation adds to a density is the same for all: it is the first one's.
        const logDensity = channels.reduce(
          (total, sums, c) =>
            comparable[c] ? total + sums.originalLogDensity + reference[c]!.logDensity - reference[c]!.originalLogDensity : total,
          0,
        )
        const compared = channels.reduce((count, { values }, c) => (comparable[c] ? count + values : count), 0)
        const values = sum(channels, 'values')
        return [
          id,
          { values, squares, logDensity, ...(compared < values && { compared }), in50: sum(channels, 'in50'), in90: sum(channels, 'in90') },
        ]
      }),
    )
  })
}

/** Totals of the same series in several splits, added up. */
export function pool(splits: readonly TotalsBySeries[]): TotalsBySeries {
  const pooled = new Map<string, SeriesTotals>()
  for (const [id, totals] of splits.flatMap((split) => [...split])) {
    const before = pooled.get(id)
    pooled.set(
      id,
      before === undefined
        ? totals
        : {
            values: before.values + totals.values,
            squares: before.squares + totals.squares,
            logDensity: before.logDensity + totals.logDensity,
            ...((before.compared ?? totals.compared) !== undefined && {
              compared: (before.compared ?? before.values) + (totals.compared ?? totals.values),
            }),
            in50: before.in50 + totals.in50,
            in90: before.in90 + totals.in90,
          },
    )
  }
  return pooled
}

/** One of several models at a task. */
export interface Ranked<Name extends string = string> {
  readonly model: Name
  readonly mse: number
  /** Over the values whose densities can be compared; NaN where there are none. */
  readonly nll: number
  readonly coverage: { readonly '50': number; readonly '90': number }
  /** Its error by that of the one with the least, less 1: 0.1 for 10 % above. 0 of that one itself. */
  readonly mseAgainstBest: Estimate
  /** Its negative log-likelihood less that of the one with the least, in nats per value. */
  readonly nllAgainstBest: Estimate
}

/** Models by how they did at a task. */
export interface Ranking<Name extends string = string> {
  /** Number of series and of values scored. */
  readonly series: number
  readonly values: number
  /** In the order given. */
  readonly models: readonly Ranked<Name>[]
  /** Those with the least error and negative log-likelihood. */
  readonly best: { readonly mse: Name; readonly nll: Name }
  /** The same, where every other is worse by more than chance explains. */
  readonly winner: { readonly mse?: Name; readonly nll?: Name }
}

/**
 * Ranks models that were scored on the same values; differences from the best have 95 % intervals by a paired bootstrap over
 * series.
 *
 * @param contestants names and totals, of the same series each; at least one, and one value
 */
export function rank<Name extends string>(
  contestants: readonly { readonly model: Name; readonly totals: TotalsBySeries }[],
  seed = 1,
): Ranking<Name> {
  const ids = [...contestants[0]!.totals].filter(([, { values }]) => values > 0).map(([id]) => id)
  const columns = contestants.map(({ model, totals }) => ({ model, totals: ids.map((id) => totals.get(id)!) }))
  const mean = (totals: readonly SeriesTotals[], of: 'squares' | 'in50' | 'in90'): number => sum(totals, of) / sum(totals, 'values')
  const comparedOf = ({ compared, values }: SeriesTotals): number => compared ?? values
  const nllOf = (totals: readonly SeriesTotals[]): number =>
    -sum(totals, 'logDensity') / totals.reduce((count, one) => count + comparedOf(one), 0)
  const least = (of: (totals: readonly SeriesTotals[]) => number): (typeof columns)[number] =>
    columns.reduce((best, one) => (of(one.totals) < of(best.totals) ? one : best))
  const best = { mse: least((totals) => mean(totals, 'squares')), nll: least(nllOf) }
  const shares = ids.map((_, i) =>
    columns.flatMap(({ totals }): Share[] => {
      const { squares, logDensity } = totals[i]!
      return [
        { numerator: squares, denominator: best.mse.totals[i]!.squares },
        { numerator: best.nll.totals[i]!.logDensity - logDensity, denominator: comparedOf(totals[i]!) },
      ]
    }),
  )
  const estimates = bootstrapRatios(shares, { seed })
  const models = columns.map(({ model, totals }, i): Ranked<Name> => {
    const { value, low, high, series } = estimates[2 * i]!
    return {
      model,
      mse: mean(totals, 'squares'),
      nll: nllOf(totals),
      coverage: { '50': mean(totals, 'in50'), '90': mean(totals, 'in90') },
      mseAgainstBest: { value: value - 1, low: low - 1, high: high - 1, series },
      nllAgainstBest: estimates[2 * i + 1]!,
    }
  })
  const wins = (model: Name, of: 'mseAgainstBest' | 'nllAgainstBest'): boolean =>
    models.length > 1 && models.every((other) => other.model === model || excludes(other[of], 0))
  return {
    series: ids.length,
    values: sum(columns[0]!.totals, 'values'),
    models,
    best: { mse: best.mse.model, nll: best.nll.model },
    winner: {
      ...(wins(best.mse.model, 'mseAgainstBest') && { mse: best.mse.model }),
      ...(wins(best.nll.model, 'nllAgainstBest') && { nll: best.nll.model }),
    },
  }
}
