import { timeColumn, type Frame } from '../data/frame.js'
import { quote } from '../data/place.js'
import type { Series, TimeAxis } from '../data/series.js'
import { timeDetail } from '../data/times/writeTimes.js'
import { LatentOdeError } from '../errors.js'
import type { Forecast } from './forecast.js'
import { forecastColumns, forecastRows } from './forecastRows.js'
import type { FittedModel } from './modelFile.js'
import type { TimeScale } from './selection.js'

/** What a distribution is told by: mean, sd, quantiles. */
const [, , ...statistics] = forecastColumns
type Statistic = (typeof statistics)[number]

/** What is predicted of one channel at each time, in the data's own units: of observations, noise included. */
export interface ChannelPrediction extends Readonly<Record<Statistic, Float64Array>> {
  readonly channel: string
  /** What the model took the values as: plain, or their logarithms. */
  readonly transform: 'none' | 'log'
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
export function describeForecast(fitted: FittedModel, { id, times, mixture, error }: Forecast): Prediction {
  if (error) throw error
  const rows = forecastRows({ times, mixture }, fitted)
  const wild = rows.find((row) => statistics.some((name) => !Number.isFinite(row[name])))
  if (wild)
    throw new LatentOdeError(
      'NotFinite',
      `The prediction of ${quote(wild.channel)} at time ${wild.time} is past all numbers in the data's units.`,
    )
  const width = fitted.channels.length
  return {
    id,
    times,
    channels: fitted.normalisation.channels.map(({ channel, transform }, c): ChannelPrediction => {
      const column = (name: Statistic): Float64Array => Float64Array.from(times, (_, i) => rows[i * width + c]![name])
      return {
        channel,
        transform: transform.kind,
        ...(Object.fromEntries(statistics.map((name) => [name, column(name)])) as Record<Statistic, Float64Array>),
      }
    }),
  }
}

/** What can be described of forecasts, and why the others cannot. Of each series `onFailure` or the result. */
export function* describeForecasts(
  fitted: FittedModel,
  forecasts: Iterable<Forecast>,
  onFailure: (id: string, error: Error) => void,
): Generator<Prediction> {
  for (const forecast of forecasts) {
    const described = forecast.error ?? describeOrFail(fitted, forecast)
    if (described instanceof Error) onFailure(forecast.id, described)
    else yield described
  }
}

function describeOrFail(fitted: FittedModel, forecast: Forecast): Prediction | LatentOdeError {
  try {
    return describeForecast(fitted, forecast)
  } catch (error) {
    if (error instanceof LatentOdeError) return error
    throw error
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
 */
export function frameOfPredictions(
  series: readonly Prediction[],
  axis: TimeAxis,
  detail = timeDetail(
    axis,
    series.map(({ times }) => times),
  ),
): Frame {
  const rows = series.flatMap(({ id, times, channels }) =>
    Array.from(times).flatMap((time, i) => channels.map((channel) => ({ id, time, i, channel }))),
  )
  const numbers = (name: Statistic) =>
    ({ name, kind: 'number', values: Float64Array.from(rows, ({ i, channel }) => channel[name][i]!) }) as const
  return [
    { name: 'id', kind: 'text', values: rows.map(({ id }) => id) },
    timeColumn(
      'time',
      axis,
      Float64Array.from(rows, ({ time }) => time),
      detail,
    ),
    { name: 'channel', kind: 'text', values: rows.map(({ channel }) => channel.channel) },
    ...statistics.map(numbers),
  ]
}
