import { normaliseSeries, unitsOf } from '../data/normalise.js'
import { drawIndex } from '../distribution/normalMixture.js'
import { Predictive } from '../distribution/predictive.js'
import type { Stretch } from '../distribution/stretched.js'
import { lazily, remembered } from '../engine/lazily.js'
import { LatentOdeError, UserError } from '../errors.js'
import { checkIndex } from '../indices.js'
import type { Forecaster, SamplePaths } from '../model/sequenceModel.js'
import { meanAt } from '../model/sampleMean.js'
import { hash, random, type RandomStream } from '../random.js'
import { stretchAt } from './calibration.js'
import type { Forecast, ForecastOptions, Query } from './forecastTypes.js'
import type { FittedModel } from './modelFile.js'
import { modelTimes, observationsOf, select, type Selection } from './selection.js'
import { nearestShown } from '../model/shownDistance.js'

/** Decoder rows solved at a time: bounds memory whatever the number of series. */
const ROWS_AT_A_TIME = 2048

/** What of a fitted model a forecast needs besides the model that runs it. */
export type Weighted = Pick<FittedModel, 'channels' | 'normalisation' | 'scale' | 'parameters' | 'calibration'>

/** `forecast` by a model that is there already: it need not be traced, so this runs without TensorFlow.js. */
export function* forecastBy(
  model: Forecaster,
  fitted: Weighted,
  queries: Iterable<Query>,
  { samples = 100, seed = 1, onBatch }: ForecastOptions = {},
): Generator<Forecast> {
  const channels = fitted.channels.length
  const units = fitted.normalisation.channels.map(unitsOf)
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
    for (const [i, said] of paths.entries()) {
      const { series, times: asked } = batch[i]!
      const stretch = stretches(fitted, selections[i]!, asked)
      const { samples: drawn, component, weights, draw, posterior, failed, solver } = said
      const count = asked.length
      const error = failed ? (solver.error ?? new Error('The solver failed.')) : notFinite(said, asked, channels)
      yield {
        id: series.id,
        times: asked,
        posterior,
        distribution(time, channel) {
          checkIndex(time, count, () => ({ thing: 'time', owner: 'this forecast', entries: asked }))
          checkIndex(channel, channels, () => ({ thing: 'channel', owner: 'the model', entries: fitted.channels }))
          if (error) throw error
          return new Predictive(
            Array.from({ length: drawn }, (_, k) => component(k, time, channel)),
            units[channel]!,
            weights,
            stretch?.(time, channel),
          )
        },
        paths(wanted, { noise = true } = {}) {
          checkPaths(wanted)
          if (error) throw error
          const out = new Float64Array(wanted * count * channels)
          const means = meansOf(said, channels)
          for (let k = 0; k < wanted; k++) {
            const stream = random(seed, 'paths', hash(series.id), k)
            const sample = weights ? drawIndex(stream, weights) : k % drawn
            const path = draw ? draw(sample, stream, noise) : independent(said, sample, count, channels, stream, noise)
            // One turn for all times and channels: a course that strays far does so throughout.
            const turn = stretch ? stream.uniform() : 0
            path.forEach((value, cell) => {
              const [time, channel] = [Math.floor(cell / channels), cell % channels]
              const told =
                stretch && !component(sample, time, channel).mass
                  ? movedBy(stretch(time, channel), value, () => means(time, channel), turn, noise ? stream : undefined)
                  : value
              out[k * path.length + cell] = units[channel]!.denormalise(told)
            })
          }
          return out
        },
        ...(error && { error }),
      }
    }
  }
}

/** How the distribution of each time and channel is stretched, for a model that is calibrated. */
function stretches(
  { calibration, scale, channels }: Weighted,
  { series, rows }: Selection,
  asked: Float64Array,
): ((time: number, channel: number) => Stretch) | undefined {
  if (!calibration) return undefined
  const near = channels.map((_, channel) => lazily(() => nearestShown(series, rows, channel, channels.length, asked)))
  return remembered(channels.length, (time, channel) => {
    const { distances, between } = near[channel]!()
    return stretchAt(calibration, { channel, distance: distances[time]! / scale.span, between: between[time] === 1 })
  })
}

/** The mean of each time and channel over the samples, on the normalised scale. */
const meansOf = (paths: SamplePaths, channels: number): ((time: number, channel: number) => number) =>
  remembered(channels, (time, channel) => meanAt(paths, time, channel))

/** A value of a path as the stretch has it; with noise, now and then an outlier. */
function movedBy(stretch: Stretch, value: number, mean: () => number, turn: number, noise?: RandomStream): number {
  const { outliers } = stretch
  if (noise && outliers && noise.uniform() < outliers.share) return mean() + outliers.sd * noise.normal()
  const factor = factorAt(stretch, turn)
  return factor === 1 ? value : mean() + factor * (value - mean())
}

/** The factor that a number between 0 and 1 falls to, by the shares. */
function factorAt({ factors, shares }: Stretch, turn: number): number {
  let left = turn
  return factors.find((_, i) => (left -= shares[i]!) < 0) ?? factors.at(-1)!
}

/** A course of values that are independent given the sample, `[times, channels]`. */
function independent(
  { component }: SamplePaths,
  sample: number,
  times: number,
  channels: number,
  stream: RandomStream,
  noise: boolean,
): Float64Array {
  return Float64Array.from({ length: times * channels }, (_, cell) => {
    const one = component(sample, Math.floor(cell / channels), cell % channels)
    return noise ? one.sample(stream) : one.quantile(0.5)
  })
}

function checkPaths(count: number): void {
  if (!(Number.isInteger(count) && count >= 1))
    throw new UserError('BadPaths', `The number of sample paths is ${count}, but must be a whole number above 0.`)
}

/** An error where a distribution is none: weights or times are out of all bounds. */
function notFinite({ samples, component, finite }: SamplePaths, times: Float64Array, channels: number): Error | undefined {
  if (finite) return undefined
  for (let sample = 0; sample < samples; sample++) {
    for (let time = 0; time < times.length; time++) {
      for (let channel = 0; channel < channels; channel++) {
        const { mean, sd } = component(sample, time, channel)
        const wrong = Number.isFinite(mean) ? sd : mean
        if (!Number.isFinite(wrong)) return new LatentOdeError('NotFinite', `The prediction at time ${times[time]} is ${wrong}.`)
      }
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
