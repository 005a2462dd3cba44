import type { ColumnTable } from 'arquero'
import { parseLength } from '../data/dates.js'
import type { SeriesSet, TimeAxis } from '../data/series.js'
import { onAxis } from '../data/times/onAxis.js'
import type { Predictive } from '../distribution/predictive.js'
import type { Engine } from '../engine/engine.js'
import { UserError } from '../errors.js'
import { nearestName } from '../nearest.js'
import { forecast } from '../train/forecast.js'
import type { Forecast as SeriesForecast, Query } from '../train/forecastTypes.js'
import type { FittedModel } from '../train/modelFile.js'
import { predict, type PredictOptions as NumbersOptions } from '../train/predict.js'
import type { Predictions } from '../train/predictions.js'
import { pathsOf, type SamplePathSet } from '../train/samplePaths.js'
import { toTable, writeTable } from '../train/tables.js'
import type { EngineOptions } from './engines.js'
import { keysOf } from '../keysOf.js'
import { requireKnown } from './optionNames.js'
import { timeOn, timesOn, type Length, type Time } from './time.js'

/** Which series are predicted, at which times, from what, and what computes. */
export interface PredictOptions extends Omit<NumbersOptions, 'horizon' | 'times' | 'paths'>, EngineOptions {
  /** How far past each series' last observation; default a quarter of its span. */
  readonly horizon?: Length
  /**
   * These times, in any order, in place of those that `horizon` and `points` make: of each series, or by the ids of series, or a
   * data set with the times of its series. Where they are by series, those that are not named are not predicted.
   */
  readonly times?: Iterable<Time> | ReadonlyMap<string, Iterable<Time>> | SeriesSet
}

const optionNames = keysOf<Required<PredictOptions>>({
  horizon: true,
  times: true,
  ids: true,
  shown: true,
  points: true,
  quantiles: true,
  samples: true,
  seed: true,
  engine: true,
  dtype: true,
})

/**
 * What may be observed of some series: at the times that were asked for as numbers (mean, sd, quantiles), and at any other as a
 * distribution. All of it is in the data's own units, and about observations, measurement noise included.
 */
export interface Forecast extends Omit<Predictions, 'paths'> {
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
   * `toTable` and `writeTable` take them.
   *
   * @param count how many of each series
   * @throws UserError `BadPaths` for a count below 1; LatentOdeError `NotFinite`
   */
  paths(count: number): SamplePathSet
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
  requireKnown('predict', options, optionNames)
  const { engine: _, dtype: __, horizon, times, ...rest } = options
  const numbers: NumbersOptions = {
    ...rest,
    ...(horizon !== undefined && { horizon: horizon === 0 ? 0 : parseLength(data.time, horizon, 'horizon') }),
    ...(times !== undefined && { times: timesFor(data.time, times) }),
  }
  const predictions = predict(engine, fitted, data, numbers)
  const { samples = SAMPLES, seed } = numbers
  const compute = (query: Query, least = 0): SeriesForecast =>
    [...forecast(engine, fitted, [query], { samples: numbers.samples ?? Math.max(samples, least), seed })][0]!
  return forecastOf(predictions, compute)
}

/** Samples of z0 where none are asked for; paths have one each. */
const SAMPLES = 100

/** @throws UserError `BadTime`; DataError `TimeKind` */
function timesFor(axis: TimeAxis, times: NonNullable<PredictOptions['times']>): NonNullable<NumbersOptions['times']> {
  if ('series' in times) return onAxis(times, axis)
  if (times instanceof Map) return new Map([...times].map(([id, of]: [string, Iterable<Time>]) => [id, timesOn(axis, of)]))
  return timesOn(axis, times as Iterable<Time>)
}

function forecastOf(predictions: Predictions, compute: (query: Query, samples?: number) => SeriesForecast): Forecast {
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
  const { channels, time: axis, series } = predictions
  return {
    ...predictions,
    at(id, channel, time) {
      requireSeries(predictions, id)
      const position = positionOf(predictions.channels, channel)
      const on = timeOn(predictions.time, time)
      const known = asked.get(id)!.indexOf(on)
      if (known >= 0) return wholeOf(id).distribution(known, position)
      const one = compute({ ...queries.get(id)!, times: Float64Array.of(on) })
      if (one.error)
        throw new UserError(
          'NoForecast',
          `The series ${JSON.stringify(id)} cannot be forecast at ${String(time)}: ${one.error.message} The model was fitted to spans of up ` +
            `to ${predictions.trainedSpan}.`,
          { cause: one.error },
        )
      return one.distribution(0, position)
    },
    paths(count) {
      const queried = series.map(({ id, times }) => compute({ ...queries.get(id)!, times }, count))
      return { channels, time: axis, count, paths: queried.map((one) => pathsOf(one, channels, count)) }
    },
    table: () => toTable(predictions),
    save: (path) => writeTable(path, predictions),
  }
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
