import type { Series } from '../data/series.js'
import type { Predictive } from '../distribution/predictive.js'
import type { SolverTotals } from '../model/sequenceModel.js'

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
