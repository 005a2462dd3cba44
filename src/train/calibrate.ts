import type { Series } from '../data/series.js'
import { normaliseValue } from '../data/normalise.js'
import type { SequenceModel } from '../model/sequenceModel.js'
import { random } from '../random.js'
import { learnCalibration, scoreOf, type Calibration, type CalibrationPoint } from './calibration.js'
import { interpolationRows, rowsUpTo } from './conditioning.js'
import { forecastBy, type Weighted } from './forecastBy.js'
import { heldOut } from './heldOut.js'
import { distancesToShown } from './shownDistance.js'

/** Series and values that are forecast at most: more would not make the levels surer than they need to be. */
const [MOST_SERIES, MOST_VALUES] = [200, 60_000]
/** Fewer draws than a forecast has: levels of many values do not need each distribution exactly. */
const SAMPLES = 30

/** What is held out of each series: as `evaluate` does, and with less shown, so that far distances are there. */
const tasks: readonly ((series: Series, seed: number) => Int32Array)[] = [
  (series, seed) => interpolationRows(series, 0.5, random(seed, `calibrate ${series.id}`)),
  (series) => rowsUpTo(series, 0.5),
  (series, seed) => interpolationRows(series, 0.2, random(seed, `calibrate few ${series.id}`)),
  (series) => rowsUpTo(series, 0.25),
]

/** Learns how far intervals have to be stretched from series that were not trained on; undefined if they are too few to tell. */
export function calibrate(model: SequenceModel, fitted: Weighted, valid: readonly Series[], seed: number): Calibration | undefined {
  const series = valid.filter(({ times }) => times.length >= 2).slice(0, MOST_SERIES)
  const queries = tasks.flatMap((rowsOf) => series.map((one) => heldOut(one, rowsOf(one, seed))))
  const points: CalibrationPoint[] = []
  const { calibration: _, ...uncalibrated } = fitted
  let index = 0
  for (const forecast of forecastBy(model, uncalibrated, queries, { samples: SAMPLES, seed })) {
    const place = index++
    if (forecast.error) continue
    const query = queries[place]!
    for (let channel = 0; channel < fitted.channels.length; channel++) {
      const distances = distancesToShown(query.series, query.rows, channel, fitted.channels.length, query.times)
      for (const [i, row] of query.targets.entries()) {
        const cell = row * fitted.channels.length + channel
        if (query.series.mask[cell] === 0 || points.length >= MOST_VALUES) continue
        const value = normaliseValue(fitted.normalisation.channels[channel]!, query.series.values[cell]!)
        const score = scoreOf(forecast.distribution(i, channel).normalised.cdf(value))
        points.push({ series: place % series.length, channel, distance: distances[i]! / fitted.scale.span, score })
      }
    }
  }
  return learnCalibration(points, fitted.channels.length)
}
