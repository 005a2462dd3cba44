import type { ColumnTable } from 'arquero'
import { parseLength } from '../data/dates.js'
import type { SeriesSet } from '../data/series.js'
import type { Predictive } from '../distribution/predictive.js'
import type { Engine } from '../engine/engine.js'
import { UserError } from '../errors.js'
import { nearestName } from '../nearest.js'
import { forecast, type Forecast as SeriesForecast, type Query } from '../train/forecast.js'
import type { FittedModel } from '../train/modelFile.js'
import { predict, type PredictOptions as NumbersOptions } from '../train/predict.js'
import type { Predictions } from '../train/predictions.js'
import { toTable, writeTable } from '../train/tables.js'
import type { EngineOptions } from './engines.js'
import { timeOn, timesOn, type Length, type Time } from './time.js'

/** Which series are predicted, at which times, from what, and what computes. */
export interface PredictOptions extends Omit<NumbersOptions, 'horizon' | 'times'>, EngineOptions {
  /** How far past each series' last observation; default a quarter of its span. */
  readonly horizon?: Length
  /** These times, in place of those that `horizon` and `points` make. */
  readonly times?: Iterable<Time>
}

/** Courses that one series may take. */
export interface SeriesPaths {
  readonly id: string
  /** On the axis of the forecast. */
  readonly times: Float64Array
  /** `[count, times, channels]`, row-major, in the data's own units. */
  readonly values: Float64Array
}

/**
 * What may be observed of some series: at the times that were asked for as numbers (mean, sd, quantiles), and at any other as a
 * distribution. All of it is in the data's own units, and about observations, measurement noise included.
 */
export interface Forecast extends Predictions {
  /**
   * The distribution of one value. A time that was not asked for is computed.
   *
   * @param id of a series that was predicted
   * @param channel its name
   * @param time itself, not its position: a number, a Date or a text, as the data have it
   * @throws UserError `NoSuchSeries`, `NoSuchChannel`, `BadTime`; why a series could not be predicted, of one of `failed`
   */
  at(id: string, channel: string, time: Time): Predictive
  /**
   * Sample paths of each series: courses that it may take, joint over times and channels, where distributions are margins.
   *
   * @param count how many of each series
   * @throws UserError `BadPaths` for a count below 1
   */
  paths(count: number): SeriesPaths[]
  /** An arquero table with one row for each series, time and channel. */
  table(): ColumnTable
  /** Writes that table: Parquet or Arrow by the name's ending, else CSV; whole or not at all. */
  save(path: string): Promise<void>
}

/**
 * Predicts series of a data set.
 *
 * @param data on the model's time axis
 */
export function predictOn(engine: Engine, fitted: FittedModel, data: SeriesSet, options: PredictOptions): Forecast {
  const { engine: _, dtype: __, horizon, times, ...rest } = options
  const numbers: NumbersOptions = {
    ...rest,
    ...(horizon !== undefined && { horizon: horizon === 0 ? 0 : parseLength(data.time, horizon, 'horizon') }),
    ...(times !== undefined && { times: timesOn(data.time, times) }),
  }
  const predictions = predict(engine, fitted, data, numbers)
  const { samples, seed } = numbers
  const compute = (query: Query): SeriesForecast => [...forecast(engine, fitted, [query], { samples, seed })][0]!
  return forecastOf(predictions, compute)
}

function forecastOf(predictions: Predictions, compute: (query: Query) => SeriesForecast): Forecast {
  const asked = new Map(predictions.series.map(({ id, times }) => [id, times]))
  const queries = new Map(
    predictions.observed.map(({ series, shown }): [string, Omit<Query, 'times'>] => [
      series.id,
      { series, rows: Int32Array.from({ length: shown }, (_, row) => row) },
    ]),
  )
  const whole = new Map<string, SeriesForecast>()
  const wholeOf = (id: string): SeriesForecast => {
    let found = whole.get(id)
    if (found === undefined) whole.set(id, (found = compute({ ...queries.get(id)!, times: asked.get(id)! })))
    return found
  }
  const result: Forecast = {
    ...predictions,
    at(id, channel, time) {
      requireSeries(predictions, id)
      const position = positionOf(predictions.channels, channel)
      const on = timeOn(predictions.time, time)
      const known = asked.get(id)!.indexOf(on)
      if (known >= 0) return wholeOf(id).distribution(known, position)
      return compute({ ...queries.get(id)!, times: Float64Array.of(on) }).distribution(0, position)
    },
    paths: (count) => predictions.series.map(({ id, times }) => ({ id, times, values: wholeOf(id).paths(count) })),
    table: () => toTable(predictions),
    save: (path) => writeTable(path, predictions),
  }
  return result
}

function requireSeries({ series, failed }: Predictions, id: string): void {
  if (series.some((one) => one.id === id)) return
  if (failed.includes(id))
    throw new UserError(
      'NoForecast',
      `The series ${JSON.stringify(id)} could not be predicted: the solver failed for it, or its numbers are not finite.`,
    )
  const ids = series.map((one) => one.id)
  throw new UserError('NoSuchSeries', `This forecast has no series ${JSON.stringify(id)}.${nearest(id, ids)}`)
}

function positionOf(channels: readonly string[], channel: string): number {
  const position = channels.indexOf(channel)
  if (position >= 0) return position
  throw new UserError('NoSuchChannel', `The model has no channel ${JSON.stringify(channel)}.${nearest(channel, channels)}`)
}

/** Names that are listed: of more, the nearest is named. */
const LISTED = 6

function nearest(wanted: unknown, names: readonly string[]): string {
  const near = names.length > LISTED ? nearestName(String(wanted), names) : undefined
  if (near !== undefined) return ` Did you mean ${JSON.stringify(near)}?`
  return names.length === 0 ? ' It has none.' : ` There are ${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}.`
}
