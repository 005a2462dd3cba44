import { timeColumn, type Frame } from '../data/frame.js'
import type { Series, TimeAxis } from '../data/series.js'
import { timeDetail } from '../data/times/writeTimes.js'
import { pastAllNumbers } from './eachForecast.js'
import type { Forecast } from './forecastTypes.js'
import { defaultQuantiles, forecastRows, quantileName, statistics, type QuantileName, type Statistic } from './forecastRows.js'
import type { FittedModel } from './modelFile.js'
import type { SamplePathSet } from './samplePaths.js'
import type { TimeScale } from './selection.js'

/** What is predicted of one channel at each time, in the data's own units: of observations, noise included. */
export interface ChannelPrediction {
  readonly channel: string
  /** What the model took the values as: plain, or their logarithms. */
  readonly transform: 'none' | 'log'
  readonly mean: Float64Array
  readonly sd: Float64Array
  /** Quantiles: `q05`, `q25`, `q50`, `q75`, `q95`, and those that were asked for. */
  readonly [quantile: QuantileName]: Float64Array
}

/** The prediction of one series. */
export interface Prediction {
  readonly id: string
  readonly times: Float64Array
  readonly channels: readonly ChannelPrediction[]
}

/** Predictions of several series, and what they were made from. */
export interface Predictions {
  readonly channels: readonly string[]
  readonly time: TimeAxis
  readonly idColumn: string
  readonly timeColumn: string
  readonly series: readonly Prediction[]
  /** Probabilities of the quantiles that a table of them has. */
  readonly quantiles: readonly number[]
  /** Courses that the same series may take, where they were asked for. */
  readonly paths?: SamplePathSet
  /** Each predicted series with all of its observations, and how many of its rows the model was shown, from the first on. */
  readonly observed: readonly { readonly series: Series; readonly shown: number }[]
  /** The time span that the model was trained on. */
  readonly trainedSpan: number
  /** The model's clock, which says when it leaves what it was trained on. */
  readonly scale: TimeScale
  /**
   * Series that are left out, as the solver failed for them or their numbers are not finite; where it is all of them, there is no series.
   */
  readonly failed: readonly string[]
}

/**
 * A forecast in numbers: mean, standard deviation and quantiles in the data's own units.
 *
 * @throws the error of a forecast that has one; LatentOdeError `NotFinite` where a number in these units would be none
 */
export function describeForecast(
  { channels, normalisation }: Pick<FittedModel, 'channels' | 'normalisation'>,
  { id, times, distribution, error }: Forecast,
  quantiles = defaultQuantiles,
): Prediction {
  if (error) throw error
  const rows = forecastRows({ times, distribution }, channels, quantiles)
  const told = statistics(quantiles)
  const wild = rows.find((row) => told.some((name) => !Number.isFinite(row[name])))
  if (wild) throw pastAllNumbers(wild.channel, wild.time)
  const column = (c: number, name: Statistic): Float64Array => Float64Array.from(times, (_, i) => rows[i * channels.length + c]![name]!)
  return {
    id,
    times,
    channels: normalisation.channels.map(({ channel, transform }, c): ChannelPrediction => ({
      channel,
      transform: transform.kind,
      mean: column(c, 'mean'),
      sd: column(c, 'sd'),
      ...Object.fromEntries(quantiles.map(quantileName).map((name) => [name, column(c, name)])),
    })),
  }
}

/** That no series could be forecast, so that there is nothing to score, or to write. */
export const noForecast = (count: number, what: string, error: Error | undefined): string =>
  `${count === 1 ? 'The one series could not' : `None of the ${count} series could`} be forecast, so there is nothing to ${what}. ` +
  `${count === 1 ? '' : 'The first: '}${error?.message ?? ''} Check that times and values are in the units of the data that the ` +
  'model was fitted to (latent-ode inspect shows both), and that training ended well (latent-ode report).'

/**
 * Predictions of some series as a table with one row for each series, time and channel.
 *
 * @param detail how finely times are written: `timeDetail` of all that are to stand in one table
 * @param quantiles probabilities of the quantiles that are columns; the predictions have them
 */
export function frameOfPredictions(
  series: readonly Prediction[],
  axis: TimeAxis,
  detail = timeDetail(
    axis,
    series.map(({ times }) => times),
  ),
  quantiles = defaultQuantiles,
): Frame {
  const rows = series.flatMap(({ id, times, channels }) =>
    Array.from(times).flatMap((time, i) => channels.map((channel) => ({ id, time, i, channel }))),
  )
  const numbers = (name: Statistic) =>
    ({ name, kind: 'number', values: Float64Array.from(rows, ({ i, channel }) => channel[name]![i]!) }) as const
  return [
    { name: 'id', kind: 'text', values: rows.map(({ id }) => id) },
    timeColumn(
      'time',
      axis,
      Float64Array.from(rows, ({ time }) => time),
      detail,
    ),
    { name: 'channel', kind: 'text', values: rows.map(({ channel }) => channel.channel) },
    ...statistics(quantiles).map(numbers),
  ]
}
