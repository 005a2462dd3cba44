import { normaliseValue } from '../data/normalise.js'
import type { Series } from '../data/series.js'
import type { Predictive } from '../distribution/predictive.js'
import type { Forecaster } from '../model/sequenceModel.js'
import { nearestShown } from '../model/shownDistance.js'
import { random } from '../random.js'
import { interpolationRows, rowsUpTo } from './conditioning.js'
import { forecastBy, type Weighted } from './forecastBy.js'
import { heldOut } from './heldOut.js'

/** Series that are forecast at most, and values of each task: more would not make what is learned from them surer than it need be. */
const [MOST_SERIES, MOST_VALUES] = [200, 15_000]
/** Fewer draws than a forecast has: levels of many values do not need each distribution exactly. */
const SAMPLES = 30

/** What is held out of each series: as `evaluate` does, and with less shown, so that far distances are there. */
const tasks: readonly ((series: Series, seed: number) => Int32Array)[] = [
  (series, seed) => interpolationRows(series, 0.5, random(seed, `calibrate ${series.id}`)),
  (series) => rowsUpTo(series, 0.5),
  (series, seed) => interpolationRows(series, 0.2, random(seed, `calibrate few ${series.id}`)),
  (series) => rowsUpTo(series, 0.25),
]

/** A value that was held out, and what each of some models says of it. */
export interface HeldOutValue {
  /** Index of its series. */
  readonly series: number
  /** Which task it is of: gaps or ahead, with half of a series shown or less, by index. */
  readonly task: number
  readonly channel: number
  /** From the nearest value shown of the channel, in the model's time; Infinity where none was. */
  readonly distance: number
  /** Whether it lies between two values shown of the channel. */
  readonly between: boolean
  /** On the normalised scale. */
  readonly value: number
  readonly said: readonly Predictive[]
}

/** A model with its weights. */
export interface Contender {
  readonly model: Forecaster
  readonly fitted: Weighted
}

/**
 * Values of series that were not trained on, forecast by each of some models of the same data: in gaps and ahead, with half of a
 * series shown and with less. Series of which one cannot be forecast are left out.
 */
function* heldOutValues(contenders: readonly Contender[], valid: readonly Series[], seed: number): Generator<HeldOutValue> {
  const series = valid.filter(({ times }) => times.length >= 2).slice(0, MOST_SERIES)
  const { channels, normalisation, scale } = contenders[0]!.fitted
  for (const [task, rowsOf] of tasks.entries()) {
    const queries = series.map((one) => heldOut(one, rowsOf(one, seed)))
    const forecasts = contenders.map(({ model, fitted }) => forecastBy(model, fitted, queries, { samples: SAMPLES, seed }))
    let values = 0
    for (const [place, query] of queries.entries()) {
      if (values >= MOST_VALUES) break
      const said = forecasts.map((some) => some.next().value!)
      if (said.some(({ error }) => error)) continue
      for (let channel = 0; channel < channels.length; channel++) {
        const { distances, between } = nearestShown(query.series, query.rows, channel, channels.length, query.times)
        for (const [i, row] of query.targets.entries()) {
          const cell = row * channels.length + channel
          if (query.series.mask[cell] === 0) continue
          values++
          yield {
            series: place,
            task,
            channel,
            distance: distances[i]! / scale.span,
            between: between[i] === 1,
            value: normaliseValue(normalisation.channels[channel]!, query.series.values[cell]!),
            said: said.map((forecast) => forecast.distribution(i, channel)),
          }
        }
      }
    }
  }
}

/** Values of several parts of the data, each forecast by models that were not trained on it. */
export function* heldOutOfParts(
  parts: readonly { readonly contenders: readonly Contender[]; readonly valid: readonly Series[] }[],
  seed: number,
): Generator<HeldOutValue> {
  let before = 0
  for (const { contenders, valid } of parts) {
    for (const value of heldOutValues(contenders, valid, seed)) yield { ...value, series: before + value.series }
    before += valid.length
  }
}
