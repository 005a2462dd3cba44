import type { Engine } from '../engine/engine.js'
import type { Series, SeriesSet } from '../data/series.js'
import type { Predictive } from '../distribution/predictive.js'
import { DataError } from '../errors.js'
import type { SolverTotals } from '../model/sequenceModel.js'
import { forecastBy } from './forecastBy.js'
import type { FittedModel } from './modelFile.js'
import { modelOn } from './modelOn.js'

/** What to predict of one series. */
export interface Query {
  readonly series: Series
  /** Rows of the series that the model is shown; default all. */
  readonly rows?: Int32Array
  /** Times asked for, ascending, in the data's unit. */
  readonly times: Float64Array
}

/** The predictive distributions of one series at the times asked for. */
export interface Forecast {
  readonly id: string
  readonly times: Float64Array
  /**
   * q(z0), `[latents]` each; the prior for a series of which nothing was shown. Of an ODE-RNN, its state after the last observation, and 0.
   */
  readonly posterior: { readonly mean: Float64Array; readonly sd: Float64Array }
  /**
   * The distribution of what would be observed of one channel at one of the times, in the data's own units.
   *
   * @param time index into `times`: 0 for the first
   * @param channel index into the model's channels
   * @throws UserError `BadIndex` for an index that there is none of, a time or a name among them; the `error`, if there is one
   */
  distribution(time: number, channel: number): Predictive
  /**
   * Courses that the series may take, `[count, times, channels]` row-major, in the data's own units: joint over times and
   * channels, where distributions are margins. Each has one sample of z0 throughout, and noise of measurement drawn for each
   * value by itself; beyond as many as there are samples, they begin again with noise of their own. They depend on the seed
   * and the series' id.
   *
   * @param count at least 1
   * @throws UserError `BadPaths`; the `error`, if there is one
   */
  paths(count: number, options?: PathOptions): Float64Array
  /** Set if the solver failed for this series, or a prediction is not finite; there is no distribution then. */
  readonly error?: Error
}

/** What sample paths are of. */
export interface PathOptions {
  /** Whether they are of observations, with the noise of measurement, or else of the medians of what would be observed. Default true. */
  readonly noise?: boolean
}

/** How many futures are drawn, and from which seed. */
export interface ForecastOptions {
  /** Samples of z0 per series, default 100. */
  readonly samples?: number
  /** Seed of the samples, default 1. A series' samples depend on it and the series' id only. */
  readonly seed?: number
  /** Called with the solver's totals of each batch. */
  onBatch?(totals: SolverTotals): void
}

/**
 * Predicts series after series; memory does not grow with their number. Series are in the data's units and have the
 * model's channels in the model's order.
 *
 * A solve that fails raises nothing: the forecast of that series has an `error`. So has one whose numbers are not finite.
 *
 * @throws UserError `BadIndex`, `BadQuery` for rows that the series does not have, and rows or times that do not ascend
 */
export function* forecast(
  engine: Engine,
  fitted: FittedModel,
  queries: Iterable<Query>,
  options: ForecastOptions = {},
): Generator<Forecast> {
  yield* forecastBy(modelOn(engine, fitted), fitted, queries, options)
}

/**
 * The set with exactly the model's channels, in the model's order.
 *
 * @throws DataError if the set lacks one
 */
export function withChannels(set: SeriesSet, channels: readonly string[], file = 'the data'): SeriesSet {
  const missing = channels.filter((name) => !set.channels.includes(name))
  if (missing.length > 0) {
    throw new DataError(
      'NoChannel',
      `${file} lacks ${missing.length === 1 ? 'a column' : 'columns'} that the model was fitted to: ${missing.join(', ')}. It has ` +
        `${set.channels.join(', ')}. Rename or add the columns (empty cells are fine), or fit a model to this file.`,
      { file, column: missing[0]! },
    )
  }
  const source = channels.map((name) => set.channels.indexOf(name))
  if (source.length === set.channels.length && source.every((c, i) => c === i)) return set
  const from = set.channels.length
  const series = set.series.map((s) => {
    const [values, mask] = [new Float64Array(s.times.length * source.length), new Uint8Array(s.times.length * source.length)]
    for (let row = 0; row < s.times.length; row++) {
      source.forEach((c, i) => {
        values[row * source.length + i] = s.values[row * from + c]!
        mask[row * source.length + i] = s.mask[row * from + c]!
      })
    }
    return { ...s, values, mask }
  })
  return { ...set, channels, series }
}
