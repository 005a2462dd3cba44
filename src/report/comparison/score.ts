import { standardDeviation } from 'simple-statistics'
import type { ChannelNormalisation } from '../../data/normalise.js'
import { baselinesOf, type PlainBaseline } from '../../train/baselines.js'
import type { ScoredPoint } from '../../train/records.js'
import type { Both, ComparedChannel, ComparedScores, ComparedTask } from './contents.js'
import { pairedDifference } from './paired.js'

/** One value that both models were asked for, scored on one scale. */
interface Pair {
  readonly points: Both<ScoredPoint>
  readonly squares: Both<number>
  /** Negative log densities of the value on the first model's normalised scale. */
  readonly nlls: Both<number>
  readonly baselines: Readonly<Record<PlainBaseline, number>>
}

/**
 * Compares two models on the values that both have predictions of. Each model has a normalisation of its own, so both are
 * measured on the first one's: where a channel is transformed alike, the second model's errors are only stretched; where
 * it is not, errors are in the data's own units, divided by the standard deviation of the values scored. Densities can be
 * carried from any scale to any other.
 */
export function compareScores(
  scored: Both<readonly ScoredPoint[]>,
  normalisations: Both<readonly ChannelNormalisation[]>,
  { task, conditioning }: { readonly task: 'interpolation' | 'extrapolation'; readonly conditioning: string },
): ComparedTask | undefined {
  const pairs = pair(scored, normalisations)
  if (pairs.length === 0) return undefined
  const channels = normalisations[0].map(({ channel }) => channel)
  const series = [...new Set(pairs.map(({ points }) => points[0].series))]
  const bySeries = groupBy(pairs, ({ points }) => points[0].series)
  return {
    conditioning,
    points: pairs.length,
    series: series.length,
    ...summarise(pairs),
    baselines: {
      mean: average(pairs, (p) => p.baselines.mean),
      locf: average(pairs, (p) => p.baselines.locf),
      ...(baselinesOf(task).includes('linear') && { linear: average(pairs, (p) => p.baselines.linear) }),
    },
    channels: channels.flatMap((channel): ComparedChannel[] => {
      const members = pairs.filter(({ points }) => points[0].channel === channel)
      return members.length === 0 ? [] : [{ channel, points: members.length, ...summarise(members) }]
    }),
    bySeries: [...bySeries].map(([id, members]) => ({
      series: id,
      points: members.length,
      mse: [average(members, (p) => p.squares[0]), average(members, (p) => p.squares[1])],
    })),
    scored: [pairs.map(({ points }) => points[0]), pairs.map(({ points }) => points[1])],
  }
}

/** Channels that the models transform in different ways, so that their errors can only be compared in the data's own units. */
export function differentlyTransformed([first, second]: Both<readonly ChannelNormalisation[]>): string[] {
  return first
    .filter(
      (one) =>
        !alike(
          one,
          second.find(({ channel }) => channel === one.channel)!,
        ),
    )
    .map(({ channel }) => channel)
}

const alike = (a: ChannelNormalisation, b: ChannelNormalisation): boolean => JSON.stringify(a.transform) === JSON.stringify(b.transform)

function pair([first, second]: Both<readonly ScoredPoint[]>, [one, other]: Both<readonly ChannelNormalisation[]>): Pair[] {
  const place = ({ series, channel, time }: ScoredPoint): string => JSON.stringify([series, channel, time])
  const known = new Map(second.map((point) => [place(point), point]))
  const met = first.flatMap((a): [ScoredPoint, ScoredPoint][] => {
    const b = known.get(place(a))
    return b === undefined ? [] : [[a, b]]
  })
  const scales = new Map(
    one.map((normalisation) => {
      const { channel } = normalisation
      const values = met.filter(([a]) => a.channel === channel).map(([a]) => a.observed)
      const theirs = other.find((candidate) => candidate.channel === channel)!
      return [
        channel,
        alike(normalisation, theirs)
          ? { stretch: theirs.sd / normalisation.sd }
          : { unit: (values.length > 0 && standardDeviation(values)) || 1 },
      ]
    }),
  )
  return met.map(([a, b]) => {
    const { stretch, unit = 1 } = scales.get(a.channel)!
    const square = (said: number, truth: number, by: number): number => ((said - truth) * by) ** 2
    const baselines = stretch === undefined ? a.originalBaselines : a.baselines
    const [truth, by] = stretch === undefined ? [a.observed, 1 / unit] : [a.normalisedObserved, 1]
    return {
      points: [a, b],
      squares:
        stretch === undefined
          ? [square(a.mean, a.observed, 1 / unit), square(b.mean, b.observed, 1 / unit)]
          : [square(a.normalisedMean, a.normalisedObserved, 1), square(b.normalisedMean, b.normalisedObserved, stretch)],
      nlls: [-a.logDensity, -(b.originalLogDensity - (a.originalLogDensity - a.logDensity))],
      baselines: {
        mean: square(baselines.mean, truth, by),
        locf: square(baselines.locf, truth, by),
        linear: square(baselines.linear, truth, by),
      },
    }
  })
}

/** Log densities are compared where both models give values a density, or both a probability, throughout a channel. */
function summarise(pairs: readonly Pair[]): Pick<ComparedTask, 'scores' | 'mse' | 'nll'> {
  const mixed = new Set(
    pairs.flatMap(({ points: [a, b] }) => ((a.isProbability ?? false) === (b.isProbability ?? false) ? [] : [a.channel])),
  )
  const comparable = pairs.filter(({ points: [a] }) => !mixed.has(a.channel))
  const scores = (side: 0 | 1): ComparedScores => {
    const covered = (level: number): number => average(pairs, ({ points }) => (Math.abs(points[side].pit - 0.5) <= level / 2 ? 1 : 0))
    return {
      mse: average(pairs, (p) => p.squares[side]),
      nll: average(comparable, (p) => p.nlls[side]),
      coverage: { '50': covered(0.5), '90': covered(0.9) },
    }
  }
  const difference = (some: readonly Pair[], of: (p: Pair) => Both<number>) =>
    pairedDifference(some.map((p) => ({ series: p.points[0].series, difference: of(p)[1] - of(p)[0] })))
  return { scores: [scores(0), scores(1)], mse: difference(pairs, (p) => p.squares), nll: difference(comparable, (p) => p.nlls) }
}

const average = (pairs: readonly Pair[], of: (pair: Pair) => number): number =>
  pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
