import type { Series, SeriesSet } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { lastWindows } from '../data/windows.js'
import { UserError } from '../errors.js'
import { rowsUpTo } from './conditioning.js'
import { eachForecast } from './eachForecast.js'
import { forecast, withChannels } from './forecast.js'
import type { ForecastOptions } from './forecastTypes.js'
import { checkQuantiles, defaultQuantiles } from './forecastRows.js'
import type { FittedModel } from './modelFile.js'
import { describeForecast, type Predictions } from './predictions.js'
import { pathsOf } from './samplePaths.js'

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
  /**
   * These times in place of those, in any order: of each series, or by the ids of series, or a data set with the times of its
   * series. Where they are by series, those that are not named are not predicted.
   */
  readonly times?: ArrayLike<number> | ReadonlyMap<string, ArrayLike<number>> | Pick<SeriesSet, 'series'>
  /** Probabilities of the quantiles that a table of the predictions has; default 0.05, 0.25, 0.5, 0.75, 0.95. */
  readonly quantiles?: readonly number[]
  /** How many courses of each series to draw, joint over times and channels; default none. */
  readonly paths?: number
}

/**
 * Predicts series of a data set: distributions of what would be observed, at times inside the series and beyond.
 *
 * @throws UserError `NoSuchSeries`, `BadPrediction`, `BadProbability`, `BadQuery` for times that are no finite numbers;
 *   DataError `NoChannel` if the set lacks a channel of the model
 */
export function predict(engine: Engine, fitted: FittedModel, data: SeriesSet, options: PredictOptions = {}): Predictions {
  const { shown = 1, paths, seed } = options
  checkOptions(options)
  const quantiles = options.quantiles === undefined ? defaultQuantiles : checkQuantiles(options.quantiles, 'The option quantiles holds')
  const set = lastWindows(withChannels(data, fitted.channels), fitted.windows)
  const times = timesBySeries(fitted, options)
  const chosen = chosenSeries(set, options)
  const queries = chosen.map((series) => ({ series, rows: rowsUpTo(series, shown), times: times(series) }))
  const samples = options.samples ?? Math.max(DEFAULT_SAMPLES, paths ?? 0)
  const failed = new Set<string>()
  // Displays draw bands of the usual quantiles, whatever is asked for besides.
  const all = [...new Set([...defaultQuantiles, ...quantiles])]
  const made = [
    ...eachForecast(
      forecast(engine, fitted, queries, { samples, seed }),
      (one) => ({ series: describeForecast(fitted, one, all), paths: paths === undefined ? [] : [pathsOf(one, fitted.channels, paths)] }),
      (id) => failed.add(id),
    ),
  ]
  return {
    channels: fitted.channels,
    time: set.time,
    idColumn: set.idColumn,
    timeColumn: set.timeColumn,
    trainedSpan: fitted.scale.span,
    scale: fitted.scale,
    series: made.map(({ series }) => series),
    quantiles,
    ...(paths !== undefined && {
      paths: { channels: fitted.channels, time: set.time, count: paths, paths: made.flatMap((one) => one.paths) },
    }),
    observed: queries.filter(({ series: { id } }) => !failed.has(id)).map(({ series: one, rows }) => ({ series: one, shown: rows.length })),
    failed: [...failed],
  }
}

const DEFAULT_SAMPLES = 100

function checkOptions({ shown = 1, horizon, points = 100, paths = 1 }: PredictOptions): void {
  const refuse = (said: string): never => {
    throw new UserError('BadPrediction', said)
  }
  if (!(shown > 0 && shown <= 1))
    refuse(`The option shown is ${shown}; it is the part of each series that the model is shown, above 0 and at most 1.`)
  if (horizon !== undefined && !(horizon >= 0 && Number.isFinite(horizon)))
    refuse(`The option horizon is ${horizon}; it is a length of time, zero or more.`)
  if (!(Number.isInteger(points) && points >= 2)) refuse(`The option points is ${points}; it is a whole number from 2 on.`)
  if (!(Number.isInteger(paths) && paths >= 1)) refuse(`The option paths is ${paths}; it is a whole number from 1 on.`)
}

/** Times of one series by the ids, where they differ between series. */
function timesById({ times }: PredictOptions): ReadonlyMap<string, ArrayLike<number>> | undefined {
  if (times instanceof Map) return times as ReadonlyMap<string, ArrayLike<number>>
  return times !== undefined && 'series' in times ? new Map(times.series.map((one) => [one.id, one.times])) : undefined
}

/** The times of each series, ascending, each once. */
function timesBySeries({ scale }: FittedModel, options: PredictOptions): (series: Series) => Float64Array {
  const { horizon, points = 100, times } = options
  const byId = timesById(options)
  const ascending = (some: ArrayLike<number>): Float64Array => Float64Array.from(new Set(Array.from(some))).sort()
  if (byId !== undefined) return ({ id }) => ascending(byId.get(id)!)
  if (times !== undefined) return () => ascending(times as ArrayLike<number>)
  return (series) => {
    const [first, last] = [series.times[0]!, series.times.at(-1)!]
    const end = last + (horizon ?? (last > first ? (last - first) / 4 : scale.span / 4))
    return Float64Array.from({ length: points }, (_, i) => first + ((end - first) * i) / (points - 1))
  }
}

function chosenSeries(set: SeriesSet, options: PredictOptions): readonly Series[] {
  const byId = timesById(options)
  const named = (id: string, option: string): Series => set.series.find((series) => series.id === id) ?? noSuchSeries(id, option)
  const wanted = byId === undefined ? undefined : [...byId.keys()].map((id) => named(id, 'times'))
  if (options.ids === undefined) return wanted ?? set.series
  return options.ids.map((id) => {
    const series = named(id, 'ids')
    if (byId !== undefined && !byId.has(id))
      throw new UserError('BadPrediction', `The option ids names the series ${JSON.stringify(id)}, but the option times has none for it.`)
    return series
  })
}

function noSuchSeries(id: string, option: string): never {
  throw new UserError('NoSuchSeries', `The data have no series ${JSON.stringify(id)}. The option ${option} names series as the data do.`)
}
