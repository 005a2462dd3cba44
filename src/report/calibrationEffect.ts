import { NORMAL_HALF, NORMAL_MOST, stretchFor, type Calibration, type CalibrationLevels } from '../train/calibration.js'
import type { CalibrationSummary, CalibrationWidth } from './contents.js'
import { formatPercent } from './format.js'

/** What a model's calibration came from and does, with distances in the data's unit of time: `span` is the unit of the model's. */
export function summariseCalibration({ between, beyond, series, values, before }: Calibration, span: number): CalibrationSummary {
  const widths = ({ distances, half, most }: CalibrationLevels): CalibrationWidth[] =>
    distances.map((distance, i) => {
      const { factors } = stretchFor(half[i]!, most[i]!)
      // One factor is that of both intervals.
      return {
        distance: distance * span,
        half: factors.length === 1 ? factors[0]! : half[i]! / NORMAL_HALF,
        most: factors.length === 1 ? factors[0]! : most[i]! / NORMAL_MOST,
      }
    })
  return { series, values, before, between: widths(between), beyond: widths(beyond) }
}

/** Changes that round to none. */
const NONE = 0.005

/** What a factor on their width does to intervals: `23 % narrower`, `twice as wide` is `100 % wider`. */
export function widthInWords(factor: number): string {
  if (Math.abs(factor - 1) < NONE) return 'as wide as before'
  return factor > 1 ? `${formatPercent(factor - 1)} wider` : `${formatPercent(1 - factor)} narrower`
}
