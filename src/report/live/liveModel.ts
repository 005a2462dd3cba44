import type { Series } from '../../data/series.js'
import type { KernelEngine } from '../../engine/kernel/kernelEngine.js'
import { latentOdeParameters } from '../../model/latentOdeConfig.js'
import { latentOdeFromGraphs } from '../../model/latentOdeFromGraphs.js'
import { graphsFromJSON } from '../../model/graphs.js'
import { memberParameters } from '../../model/members.js'
import { mixture } from '../../model/mixture.js'
import { stackParameters } from '../../model/stack.js'
import { stacked } from '../../model/stacked.js'
import { tempered } from '../../model/tempered.js'
import { forecastBy, type Weighted } from '../../train/forecastBy.js'
import { forecastRows, type ForecastRow } from '../../train/forecastRows.js'
import type { Prediction } from '../contents.js'
import { predictionOf } from '../prediction.js'
import { decodeFloats } from './base64.js'
import type { LiveContents } from './liveContents.js'

/** What is asked of the model about one series. */
export interface Question {
  readonly series: Series
  /** Rows of it that the model is shown. */
  readonly rows: Int32Array
  /** Times to predict at, ascending. */
  readonly times: Float64Array
  /** Channels to predict, by index. */
  readonly channels: readonly number[]
}

export interface Answer {
  /** q(z0), `[latents]` each. */
  readonly posterior: { readonly mean: Float64Array; readonly sd: Float64Array }
  /** One for each channel asked for, at the times asked for. */
  readonly predictions: readonly Prediction[]
}

/** The fitted model, at work in a page. */
export interface LiveModel {
  /** What `predict` says of the series. @throws Error if the solver fails */
  ask(question: Question): Answer
  /** Courses that the model holds possible, without the noise of measurement: `[channel][course][time]`. */
  futures(question: Question, count: number): readonly (readonly (readonly number[])[])[]
  /** All channels as the rows of `predict`'s table. */
  table(question: Question): ForecastRow[]
}

/** Makes the model of what the page holds, on an engine of its own. */
export function openLiveModel(engine: KernelEngine, contents: LiveContents): LiveModel {
  const { config, samples, seed } = contents
  const one = tempered(latentOdeFromGraphs(engine, config, graphsFromJSON(contents.graphs)), contents.weightPower ?? 1)
  const own = contents.members === undefined ? one : mixture(one, contents.members)
  const model = contents.stack ? stacked(own, contents.stack, contents.normalisation.channels.length) : own
  const fitted: Weighted = {
    channels: contents.normalisation.channels.map(({ channel }) => channel),
    normalisation: contents.normalisation,
    ...(contents.calibration && { calibration: contents.calibration }),
    scale: contents.scale,
    parameters: unpackWeights(contents),
  }
  const forecastOf = ({ series, rows, times }: Question, options: { readonly samples: number; readonly seed: number }) => {
    const [forecast] = forecastBy(model, fitted, [{ series, rows, times }], options)
    if (forecast!.error) throw forecast!.error
    return forecast!
  }
  return {
    ask(question) {
      const forecast = forecastOf(question, { samples, seed })
      return {
        posterior: forecast.posterior,
        predictions: question.channels.map((c) => predictionOf(Array.from(question.times, (_, i) => forecast.distribution(i, c)))),
      }
    },
    table: (question) => forecastRows(forecastOf(question, { samples, seed }), fitted.channels),
    futures(question, count) {
      // Samples of their own, not those that the bands are made of; as many whatever the count, so that more courses begin with the same.
      const paths = forecastOf(question, { samples, seed: seed + 1 }).paths(count, { noise: false })
      const [times, width] = [question.times.length, fitted.channels.length]
      return question.channels.map((c) =>
        Array.from({ length: count }, (_, k) => Array.from({ length: times }, (_, i) => paths[(k * times + i) * width + c]!)),
      )
    },
  }
}

function unpackWeights({ config, weights, members, stack, normalisation }: LiveContents): Record<string, Float32Array> {
  const numbers = decodeFloats(weights)
  const own = latentOdeParameters(config)
  let from = 0
  return Object.fromEntries(
    Object.entries({
      ...(members === undefined ? own : memberParameters(own, members)),
      ...(stack && stackParameters(stack, normalisation.channels.length)),
    }).map(([name, { shape }]) => {
      const length = shape.reduce((product, size) => product * size, 1)
      return [name, numbers.subarray(from, (from += length))]
    }),
  )
}
