import type { Series, SeriesSet } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { lastWindows } from '../data/windows.js'
import { UserError } from '../errors.js'
import { rowsUpTo } from './conditioning.js'
import { forecast, withChannels, type ForecastOptions } from './forecast.js'
import type { FittedModel } from './modelFile.js'
import { describeForecasts, type Predictions } from './predictions.js'

/** How far and how finely to predict, and from how many samples of z0. */
export interface PredictOptions extends Pick<ForecastOptions, 'samples' | 'seed'> {
  /** Which series, by id; default all. */
  readonly ids?: readonly string[]
  /** Which first part of each series' span of time the model is shown; default 1, all of it. */
  readonly shown?: number
  /** How far past each series' last observation, in the data's unit of time; default a quarter of its span. */
  readonly horizon?: number
  /** How many times, evenly from each series' first observation to the horizon; default 100. */
  readonly points?: number
  /** These times, ascending, in place of those. */
  readonly times?: ArrayLike<number>
}

/**
 * Predicts series of a data set: distributions of what would be observed, at times inside the series and beyond.
 *
 * @throws UserError `NoSuchSeries`, `BadPrediction`; DataError `NoChannel` if the set lacks a channel of the model
 */
export function predict(engine: Engine, fitted: FittedModel, data: SeriesSet, options: PredictOptions = {}): Predictions {
  const { ids, shown = 1, horizon, points = 100, times, samples, seed } = options
  if (!(shown > 0 && shown <= 1))
    throw new UserError(
      'BadPrediction',
      `The option shown is ${shown}; it is the part of each series that the model is shown, above 0 and at most 1.`,
    )
  if (horizon !== undefined && !(horizon >= 0 && Number.isFinite(horizon)))
    throw new UserError('BadPrediction', `The option horizon is ${horizon}; it is a length of time, zero or more.`)
  if (!(Number.isInteger(points) && points >= 2))
    throw new UserError('BadPrediction', `The option points is ${points}; it is a whole number from 2 on.`)
  const set = lastWindows(withChannels(data, fitted.channels), fitted.windows)
  const chosen = ids === undefined ? set.series : ids.map((id) => set.series.find((series) => series.id === id) ?? noSuchSeries(id))
  const even = (series: Series): Float64Array => {
    const [first, last] = [series.times[0]!, series.times.at(-1)!]
    const end = last + (horizon ?? (last > first ? (last - first) / 4 : fitted.scale.span / 4))
    return Float64Array.from({ length: points }, (_, i) => first + ((end - first) * i) / (points - 1))
  }
  const queries = chosen.map((series) => ({
    series,
    rows: rowsUpTo(series, shown),
    times: times === undefined ? even(series) : Float64Array.from(times),
  }))
  const failed = new Set<string>()
  const series = [...describeForecasts(fitted, forecast(engine, fitted, queries, { samples, seed }), (id) => failed.add(id))]
  return {
    channels: fitted.channels,
    time: set.time,
    idColumn: set.idColumn,
    timeColumn: set.timeColumn,
    trainedSpan: fitted.scale.span,
    scale: fitted.scale,
    series,
    observed: queries.filter(({ series: { id } }) => !failed.has(id)).map(({ series: one, rows }) => ({ series: one, shown: rows.length })),
    failed: [...failed],
  }
}

function noSuchSeries(id: string): never {
  throw new UserError('NoSuchSeries', `The data have no series ${JSON.stringify(id)}. The option ids names series as the data do.`)
}
