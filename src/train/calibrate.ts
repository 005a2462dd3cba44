import type { Series } from '../data/series.js'
import type { Forecaster } from '../model/sequenceModel.js'
import { learnCalibration, scoreOf, type Calibration } from './calibration.js'
import type { Weighted } from './forecastBy.js'
import { heldOutValues } from './heldOutValues.js'

/** Learns how far intervals have to be stretched from series that were not trained on; undefined if they are too few to tell. */
export function calibrate(model: Forecaster, fitted: Weighted, valid: readonly Series[], seed: number): Calibration | undefined {
  const { calibration: _, ...uncalibrated } = fitted
  const values = heldOutValues([{ model, fitted: uncalibrated }], valid, seed)
  const points = Array.from(values, ({ said, value, ...point }) => ({ ...point, score: scoreOf(said[0]!.normalised.cdf(value)) }))
  return learnCalibration(points, fitted.channels.length)
}
