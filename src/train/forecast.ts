import type { Engine } from '../engine/engine.js'
import type { SeriesSet } from '../data/series.js'
import { DataError } from '../errors.js'
import { forecastBy } from './forecastBy.js'
import type { Forecast, ForecastOptions, Query } from './forecastTypes.js'
import type { FittedModel } from './modelFile.js'
import { modelOn } from './modelOn.js'

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
