import { normaliseSeries } from '../data/normalise.js'
import { LatentOdeError } from '../errors.js'
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
export function* forecastBy(model: SequenceModel, fitted: Weighted, queries: Iterable<Query>, { samples = 100, seed = 1, onBatch }: ForecastOptions = {}): Generator<Forecast> {
  const channels = fitted.channels.length
  const size = Math.max(1, Math.floor(ROWS_AT_A_TIME / samples))
  for (const batch of batchesOf(queries, size)) {
    const selections = batch.map(({ series, rows }) => select(normaliseSeries(series, fitted.normalisation), fitted.scale, rows ?? Int32Array.from(series.times.keys())))
    const times = batch.map((query, i) => modelTimes(fitted.scale, selections[i]!.origin, query.times))
    const paths = model.predict(fitted.parameters, observationsOf(selections, channels, fitted.scale), times, {
      samples, noise: (row) => random(seed, 'forecast', hash(batch[row]!.series.id)),
    })
    if (paths[0]) onBatch?.(paths[0].solver)
    for (const [i, { means, noise, posterior, failed, solver }] of paths.entries()) {
      const { series, times: asked } = batch[i]!
      const count = asked.length
      yield {
        id: series.id,
        times: asked,
        posterior,
        mixture: (time, channel) => ({ means: Float64Array.from({ length: means.length / (count * channels) }, (_, k) => means[(k * count + time) * channels + channel]!), sd: noise[time * channels + channel]! }),
        ...failure(failed ? (solver.error ?? new Error('The solver failed.')) : notFinite(means, noise, asked)),
      }
    }
  }
}

const failure = (error: Error | undefined): { readonly error?: Error } => (error === undefined ? {} : { error })

/** An error where a mean `[samples, times, channels]` or a standard deviation `[times, channels]` is no number: weights or times are out of all bounds. */
function notFinite(means: ArrayLike<number>, noise: ArrayLike<number>, times: Float64Array): Error | undefined {
  for (const values of [means, noise]) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i]!)) return new LatentOdeError('NotFinite', `The prediction at time ${times[Math.floor((i * times.length) / noise.length) % times.length]} is ${values[i]}.`)
    }
  }
  return undefined
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
