import type { PlainBaseline } from './baselines.js'
import type { ScoredPoint } from './records.js'

/** Sums over the held-out values of one channel in one series: all that means, intervals and comparisons are made of. */
export interface ChannelSums {
  values: number
  /** Of squared errors and log densities, on the normalised scale. */
  squares: number
  logDensity: number
  /** The same in the data's own units. */
  originalSquares: number
  originalLogDensity: number
  /** Values whose log densities are log probabilities; default none. */
  probabilities?: number
  /** Squared errors of the channel's mean in the data's own units. */
  meanSquares: number
  /** Squared errors of the plain baselines, on the normalised scale. */
  readonly baselines: Record<PlainBaseline, number>
  /** Values within the central 50 and 90 % intervals. */
  in50: number
  in90: number
}

export const noSums = (): ChannelSums => ({
  values: 0,
  squares: 0,
  logDensity: 0,
  originalSquares: 0,
  originalLogDensity: 0,
  meanSquares: 0,
  baselines: { mean: 0, locf: 0, linear: 0 },
  in50: 0,
  in90: 0,
})

/** Adds a value to the sums. */
export function addPoint(sums: ChannelSums, point: ScoredPoint): void {
  sums.values++
  sums.squares += (point.normalisedMean - point.normalisedObserved) ** 2
  sums.logDensity += point.logDensity
  sums.originalSquares += (point.mean - point.observed) ** 2
  sums.originalLogDensity += point.originalLogDensity
  if (point.isProbability) sums.probabilities = (sums.probabilities ?? 0) + 1
  sums.meanSquares += (point.originalBaselines.mean - point.observed) ** 2
  for (const name of ['mean', 'locf', 'linear'] as const) sums.baselines[name] += (point.baselines[name] - point.normalisedObserved) ** 2
  const off = Math.abs(point.pit - 0.5)
  if (off <= 0.25) sums.in50++
  if (off <= 0.45) sums.in90++
}

/** Sums by series, in the order in which these come, and channel. */
export function sumPoints(points: Iterable<ScoredPoint>, channels: readonly string[]): ChannelSums[][] {
  const bySeries = new Map<string, ChannelSums[]>()
  const place = new Map(channels.map((channel, c) => [channel, c]))
  for (const point of points) {
    let sums = bySeries.get(point.series)
    if (sums === undefined) bySeries.set(point.series, (sums = channels.map(noSums)))
    addPoint(sums[place.get(point.channel)!]!, point)
  }
  return [...bySeries.values()]
}

type Numbers<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T]

/** One of the sums, over several. */
export const sum = <T>(items: readonly T[], of: Numbers<T>): number => items.reduce((total, item) => total + (item[of] as number), 0)
