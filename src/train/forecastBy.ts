import { normaliseSeries } from '../data/normalise.js'
import { LatentOdeError, UserError } from '../errors.js'
import { checkIndex } from '../indices.js'
import type { SequenceModel } from '../model/sequenceModel.js'
import { hash, random } from '../random.js'
import type { Forecast, ForecastOptions, Query } from './forecast.js'
import type { FittedModel } from './modelFile.js'
import { modelTimes, observationsOf, select } from './selection.js'

/** Decoder rows solved at a time: bounds memory whatever the number of series. */
const ROWS_AT_A_TIME = 2048

/** What of a fitted model a forecast needs besides the model that runs it. */
export type Weighted = Pick<FittedModel, 'channels' | 'normalisation' | 'scale' | 'parameters'>

/** `forecast` by a model that is there already: it need not be traced, so this runs without TensorFlow.js. */
export function* forecastBy(
  model: SequenceModel,
  fitted: Weighted,
  queries: Iterable<Query>,
  { samples = 100, seed = 1, onBatch }: ForecastOptions = {},
): Generator<Forecast> {
  const channels = fitted.channels.length
  const size = Math.max(1, Math.floor(ROWS_AT_A_TIME / samples))
  for (const batch of batchesOf(queries, size)) {
    batch.forEach(checkQuery)
    const selections = batch.map(({ series, rows }) =>
      select(normaliseSeries(series, fitted.normalisation), fitted.scale, rows ?? Int32Array.from(series.times.keys())),
    )
    const times = batch.map((query, i) => modelTimes(fitted.scale, selections[i]!.origin, query.times))
    const paths = model.predict(fitted.parameters, observationsOf(selections, channels, fitted.scale), times, {
      samples,
      noise: (row) => random(seed, 'forecast', hash(batch[row]!.series.id)),
    })
    if (paths[0]) onBatch?.(paths[0].solver)
    for (const [i, { means, noise, posterior, failed, solver }] of paths.entries()) {
      const { series, times: asked } = batch[i]!
      const count = asked.length
      const error = failed ? (solver.error ?? new Error('The solver failed.')) : notFinite(means, noise, asked)
      yield {
        id: series.id,
        times: asked,
        posterior,
        mixture(time, channel) {
          checkIndex(time, count, () => ({ thing: 'time', owner: 'this forecast', entries: asked }))
          checkIndex(channel, channels, () => ({ thing: 'channel', owner: 'the model', entries: fitted.channels }))
          if (error) throw error
          return {
            means: Float64Array.from(
              { length: means.length / (count * channels) },
              (_, k) => means[(k * count + time) * channels + channel]!,
            ),
            sd: noise[time * channels + channel]!,
          }
        },
        ...(error && { error }),
      }
    }
  }
}

/**
 * An error where a mean `[samples, times, channels]` or a standard deviation `[times,
 * channels]` is no number: weights or times are out of all bounds.
 */
function notFinite(means: ArrayLike<number>, noise: ArrayLike<number>, times: Float64Array): Error | undefined {
  for (const values of [means, noise]) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i]!))
        return new LatentOdeError(
          'NotFinite',
          `The prediction at time ${times[Math.floor((i * times.length) / noise.length) % times.length]} is ${values[i]}.`,
        )
    }
  }
  return undefined
}

/** Rows and times in an order that a model reads them in: what is not there would become NaN, or a neighbour's number. */
function checkQuery({ series, rows = new Int32Array(0), times }: Query): void {
  const owner = `the series ${JSON.stringify(series.id)}`
  rows.forEach((row, i) => {
    checkIndex(row, series.times.length, () => ({ thing: 'row', owner }))
    if (i > 0 && row <= rows[i - 1]!)
      throw new UserError('BadQuery', `The rows to show of ${owner} must ascend, each once, but ${row} follows ${rows[i - 1]!}.`)
  })
  times.forEach((time, i) => {
    if (!Number.isFinite(time))
      throw new UserError('BadQuery', `The times to predict ${owner} at must be finite numbers, but one is ${time}.`)
    if (i > 0 && time < times[i - 1]!)
      throw new UserError('BadQuery', `The times to predict ${owner} at must ascend, but ${time} follows ${times[i - 1]!}. Sort them.`)
  })
}

function* batchesOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length === size) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
