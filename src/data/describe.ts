import { formatTime } from './dates.js'
import { observedByChannel } from './normalise.js'
import type { SeriesSet } from './series.js'
import { moments } from './transform.js'

/** Smallest, quartiles and largest of some numbers (linear interpolation between order statistics). */
export interface FiveNumbers {
  readonly min: number
  readonly q25: number
  readonly median: number
  readonly q75: number
  readonly max: number
}

export interface ChannelDescription extends FiveNumbers {
  readonly channel: string
  readonly observed: number
  /** Fraction of all rows at which the channel was not observed. */
  readonly missing: number
  readonly mean: number
  readonly sd: number
}

/** What there is to know of a data set before anything is fitted. */
export interface SetDescription {
  readonly series: number
  readonly rows: number
  readonly observed: number
  /** Fraction of all cells that are missing. */
  readonly missing: number
  /** Series with a single row. */
  readonly single: number
  readonly lengths: FiveNumbers
  /** Last minus first time of each series. */
  readonly spans: FiveNumbers
  /** Between neighbouring rows of a series; all NaN where no series has two. */
  readonly gaps: FiveNumbers
  readonly earliest: number
  readonly latest: number
  /** The same as people read them: dates where times are dates. */
  readonly earliestText: string
  readonly latestText: string
  readonly channels: readonly ChannelDescription[]
}

/** What is in a data set: counts, times, and each channel's observed values. Numbers are NaN where there is nothing to count. */
export function describeSeries(set: SeriesSet): SetDescription {
  const rows = set.series.reduce((sum, { times }) => sum + times.length, 0)
  const values = observedByChannel(set.series, set.channels.length)
  const channels = set.channels.map((channel, c) => describeChannel(channel, values[c]!, rows))
  const observed = channels.reduce((sum, channel) => sum + channel.observed, 0)
  const filled = set.series.filter(({ times }) => times.length > 0)
  const earliest = filled.reduce((least, { times }) => Math.min(least, times[0]!), Infinity)
  const latest = filled.reduce((most, { times }) => Math.max(most, times[times.length - 1]!), -Infinity)
  return {
    series: set.series.length,
    rows,
    observed,
    missing: rows === 0 ? NaN : 1 - observed / (rows * set.channels.length),
    single: set.series.filter(({ times }) => times.length === 1).length,
    lengths: fiveNumbers(Float64Array.from(set.series, ({ times }) => times.length)),
    spans: fiveNumbers(Float64Array.from(filled, ({ times }) => times[times.length - 1]! - times[0]!)),
    gaps: fiveNumbers(gapsOf(set)),
    earliest,
    latest,
    earliestText: formatTime(set.time, earliest),
    latestText: formatTime(set.time, latest),
    channels,
  }
}

/** Times between neighbouring rows, over all series. */
function gapsOf(set: Pick<SeriesSet, 'series'>): Float64Array {
  const out = new Float64Array(set.series.reduce((sum, { times }) => sum + Math.max(0, times.length - 1), 0))
  let at = 0
  for (const { times } of set.series) for (let i = 1; i < times.length; i++) out[at++] = times[i]! - times[i - 1]!
  return out
}

function describeChannel(channel: string, values: Float64Array, rows: number): ChannelDescription {
  const { mean, sd } = moments(values)
  return { channel, observed: values.length, missing: rows === 0 ? NaN : 1 - values.length / rows, mean, sd, ...fiveNumbers(values) }
}

function fiveNumbers(values: Float64Array): FiveNumbers {
  const sorted = values.slice().sort()
  const at = (p: number): number => quantile(sorted, p)
  return { min: at(0), q25: at(0.25), median: at(0.5), q75: at(0.75), max: at(1) }
}

/** Quantile of ascending numbers, interpolated linearly (type 7 of Hyndman and Fan, 1996); NaN of none. */
export function quantile(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return NaN
  const position = p * (sorted.length - 1)
  const low = Math.floor(position)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low]! + (position - low) * (sorted[high]! - sorted[low]!)
}
