import type { Series } from '../data/series.js'
import type { Distribution } from '../distribution/distribution.js'
import { stretched } from '../distribution/stretched.js'
import { learnCalibration, scoreOf, stretchAt, type Calibration, type CalibrationPlace, type CalibrationPoint } from './calibration.js'
import { heldOutOfParts, type Contender } from './heldOutValues.js'
import { learnOutliers, type OutlierPoint } from './outliers.js'

/** A model with its weights, and series that it was not trained on. */
export interface Judged extends Contender {
  readonly valid: readonly Series[]
}

/** In a logarithm's units: outliers spread by more would make the mean in the data's own units theirs. */
const LARGEST_LOG_SD = 1

/** Learns how far intervals have to be stretched from series that were not trained on; undefined if they are too few to tell. */
export function calibrate(parts: readonly Judged[], seed: number): Calibration | undefined {
  const { normalisation } = parts[0]!.fitted
  const judged = parts.map(({ model, fitted: { calibration: _, ...fitted }, valid }) => ({ contenders: [{ model, fitted }], valid }))
  const points: (CalibrationPoint & Said)[] = []
  for (const { said, value, ...point } of heldOutOfParts(judged, seed)) {
    const { normalised } = said[0]!
    // What gives single values a probability is not stretched.
    if (!normalised.mass) points.push({ ...point, value, normalised, score: scoreOf(normalised.cdf(value)) })
  }
  const calibration = learnCalibration(points, normalisation.channels.length)
  if (calibration === undefined) return undefined
  const surprises = surprisesOf(points, calibration)
  return {
    ...calibration,
    channels: calibration.channels.map((channel, c) => {
      const { transform, sd } = normalisation.channels[c]!
      return { ...channel, outliers: learnOutliers(surprises[c]!, transform.kind === 'log' ? LARGEST_LOG_SD / sd : undefined) }
    }),
  }
}

interface Said extends CalibrationPlace {
  readonly value: number
  readonly normalised: Distribution
}

/** How likely each value was by the stretched distribution, by channel. */
function surprisesOf(points: readonly Said[], calibration: Calibration): OutlierPoint[][] {
  const byChannel = calibration.channels.map((): OutlierPoint[] => [])
  for (const { value, normalised, ...place } of points) {
    if (!Number.isFinite(place.distance)) continue
    const said = stretched(normalised, stretchAt(calibration, place))
    byChannel[place.channel]!.push({ error: value - said.mean, logDensity: said.logDensity(value) })
  }
  return byChannel
}
