import type { Outliers, Stretch } from '../distribution/stretched.js'
import { placeAmong } from '../model/shownDistance.js'
import { normalCdf, standardNormalQuantile } from '../distribution/normal.js'

/**
 * How far intervals have to be stretched to hold what they say, learned from series that the model was not trained on. The score of a
 * value is the probability of its predictive distribution turned into a standard normal number, `Φ⁻¹(F(x))`; where intervals hold
 * what they say, half of the scores lie within 0.674 of 0 and nine in ten within 1.645.
 */
export interface Calibration {
  /** For values between two that are shown of the channel, and for those before the first and after the last. */
  readonly between: CalibrationLevels
  readonly beyond: CalibrationLevels
  readonly channels: readonly ChannelCalibration[]
  /** How many series and values these are from, and what share of them the 50 and 90 % intervals held before. */
  readonly series: number
  readonly values: number
  readonly before: { readonly '50': number; readonly '90': number }
}

/** By distance from the nearest value shown of the channel. */
export interface CalibrationLevels {
  /** In the model's time, ascending. Between them scores are interpolated. */
  readonly distances: readonly number[]
  /** At each distance, how far from 0 the scores lie that half and nine in ten do not exceed. */
  readonly half: readonly number[]
  readonly most: readonly number[]
}

/** What a channel has of its own: factors on both levels, and values that none of it explains, on the normalised scale. */
export interface ChannelCalibration {
  readonly half: number
  readonly most: number
  readonly outliers?: Outliers
}

/** Where a value lies among what is shown. */
export interface CalibrationPlace {
  readonly channel: number
  /** From the nearest value shown of the channel; Infinity where none was. */
  readonly distance: number
  /** Whether it lies between two of them. */
  readonly between: boolean
}

/** A value that was held out, and what was said of it. */
export interface CalibrationPoint extends CalibrationPlace {
  readonly series: number
  /** How far its score is from 0. */
  readonly score: number
}

/** What scores of a normal distribution do not exceed half of the time, and nine times in ten. */
export const [NORMAL_HALF, NORMAL_MOST] = [0.6744897501960817, 1.6448536269514722]
/** Fewest values that a distance is judged by, and most distances. */
const [FEWEST, MOST_BINS] = [150, 6]
/** Series and values that what intervals said counts as much as. */
const [PRIOR_SERIES, PRIOR_VALUES] = [4, 60]
/** How much is never believed. */
const [LEAST, GREATEST] = [0.1, 4]
/** Of the values, the share that a second, wider factor is for, and how many times as wide at most. */
const WIDE_SHARE = 0.2
const WIDEST = 8

/**
 * Learns a calibration: at each level and distance, the score that this share of values does not exceed, with the place in the order
 * that holds for one more value, ⌈(n + 1) level⌉ (split conformal prediction, Vovk et al. 2005). A few series are believed less:
 * scores are drawn to those of a normal distribution as though some more values had them.
 */
export function learnCalibration(points: readonly CalibrationPoint[], channels: number): Calibration | undefined {
  const used = points.filter(({ distance, score }) => Number.isFinite(distance) && Number.isFinite(score))
  const series = new Set(used.map((point) => point.series)).size
  if (series < 2 || used.length < 20) return undefined
  const trust = series / (series + PRIOR_SERIES)
  const found = levelsByPlace(used)
  const held = (limit: number): number => used.filter(({ score }) => score <= limit).length / used.length
  return {
    between: believedLevels(found.between, trust),
    beyond: believedLevels(found.beyond, trust),
    channels: Array.from({ length: channels }, (_, channel) =>
      channelFactors(
        used.filter((point) => point.channel === channel),
        found,
        trust,
      ),
    ),
    series,
    values: used.length,
    before: { '50': held(NORMAL_HALF), '90': held(NORMAL_MOST) },
  }
}

/** The score at the place that holds for one more value; of too few values, the greatest. */
function conformal(sorted: readonly number[], level: number): number {
  return sorted[Math.min(sorted.length, Math.ceil((sorted.length + 1) * level)) - 1]!
}

/** Levels as they were found, and how many values those of each distance are from. */
interface FoundLevels extends CalibrationLevels {
  readonly counts: readonly number[]
}

function levelsByPlace(points: readonly CalibrationPoint[]): Record<'between' | 'beyond', FoundLevels> {
  const levels = (some: readonly CalibrationPoint[]): FoundLevels => {
    const bins = binned(some)
    const scores = bins.map(({ members }) => members.map(({ score }) => score).sort((a, b) => a - b))
    return {
      distances: bins.map(({ distance }) => distance),
      half: scores.map((sorted) => conformal(sorted, 0.5)),
      most: scores.map((sorted) => conformal(sorted, 0.9)),
      counts: scores.map(({ length }) => length),
    }
  }
  const [between, beyond] = [points.filter((point) => point.between), points.filter((point) => !point.between)]
  // Too few of one kind are judged with the other.
  const apart = Math.min(between.length, beyond.length) >= FEWEST
  return { between: levels(apart ? between : points), beyond: levels(apart ? beyond : points) }
}

function believedLevels({ distances, half, most, counts }: FoundLevels, trust: number): CalibrationLevels {
  const beliefs = counts.map((count) => (trust * count) / (count + PRIOR_VALUES * (1 - trust)))
  return {
    distances,
    half: half.map((level, i) => believed(level, NORMAL_HALF, beliefs[i]!)),
    most: most.map((level, i) => believed(level, NORMAL_MOST, beliefs[i]!)),
  }
}

const believed = (found: number, normal: number, belief: number): number =>
  normal * Math.min(GREATEST, Math.max(LEAST, Math.exp(belief * Math.log(Math.max(found, 1e-3) / normal))))

/** Points by distance: as many bins as there are enough values for, with equally many each, and their median distances. */
export function binned<Point extends { readonly distance: number }>(
  points: readonly Point[],
): { readonly distance: number; readonly members: readonly Point[] }[] {
  const sorted = [...points].sort((a, b) => a.distance - b.distance)
  const count = Math.max(1, Math.min(MOST_BINS, Math.floor(sorted.length / FEWEST)))
  const bins = Array.from({ length: count }, (_, bin) => {
    const members = sorted.slice(Math.floor((bin * sorted.length) / count), Math.floor(((bin + 1) * sorted.length) / count))
    return {
      distance: members[Math.floor(members.length / 2)]!.distance,
      members,
    }
  })
  // Regular times give equal distances: those are one bin.
  return bins.reduce<typeof bins>((kept, bin) => {
    const last = kept.at(-1)
    if (last === undefined || bin.distance > last.distance) return [...kept, bin]
    return [...kept.slice(0, -1), { distance: last.distance, members: [...last.members, ...bin.members] }]
  }, [])
}

/** How much farther or nearer a channel's scores lie than those of all channels at the same places; few values are believed less. */
function channelFactors(
  points: readonly CalibrationPoint[],
  common: Pick<Calibration, 'between' | 'beyond'>,
  trust: number,
): ChannelCalibration {
  if (points.length === 0) return { half: 1, most: 1 }
  const share = (trust * points.length) / (points.length + PRIOR_VALUES)
  const factor = (level: number, which: 'half' | 'most'): number => {
    const ratios = points.map((point) => point.score / Math.max(1e-3, levelsAt(common, point)[which])).sort((a, b) => a - b)
    return Math.min(GREATEST, Math.max(LEAST, conformal(ratios, level))) ** share
  }
  return { half: factor(0.5, 'half'), most: factor(0.9, 'most') }
}

/** Scores that half and nine in ten do not exceed at a place, whatever the channel. */
function levelsAt(calibration: Pick<Calibration, 'between' | 'beyond'>, { between, distance }: Omit<CalibrationPlace, 'channel'>) {
  const { distances, half, most } = between ? calibration.between : calibration.beyond
  const { before, after, share } = placeAmong(distances, distance)
  const at = (levels: readonly number[]): number => levels[before]! + share * (levels[after]! - levels[before]!)
  return { half: at(half), most: at(most) }
}

/** How the predictive distribution of a value is stretched. */
export function stretchAt(calibration: Calibration, place: CalibrationPlace): Stretch {
  const { half, most } = levelsAt(calibration, place)
  const own = calibration.channels[place.channel] ?? { half: 1, most: 1 }
  // Half of all values lie no farther away than nine in ten do.
  const outer = own.most * most
  const stretch = stretchFor(Math.min(own.half * half, outer), outer)
  return own.outliers ? { ...stretch, outliers: own.outliers } : stretch
}

/**
 * The stretch of a normal distribution after which half of it lies within `half` of 0 and nine in ten within `most`. Where tails are
 * no heavier than a normal distribution's, one factor, by which nine in ten do; else a second, wider one, for a fifth of all values.
 */
export function stretchFor(half: number, most: number): Stretch {
  const ratio = most / half
  const normal = NORMAL_MOST / NORMAL_HALF
  if (ratio <= normal) return { factors: [most / NORMAL_MOST], shares: [1] }
  const wide = widerFactor(ratio)
  const narrow = most / mixtureQuantile(wide, 0.9, NORMAL_MOST)
  return { factors: [narrow, narrow * wide], shares: [1 - WIDE_SHARE, WIDE_SHARE] }
}

/** Where Newton's method ends: relative steps, and how many of them at most. */
const [LEAST_STEP, MOST_STEPS] = [1e-14, 60]

/**
 * The wider factor, up to the widest, by which the distances that nine in ten and half of a mixture of two normal distributions lie
 * within have this ratio. The ratio's logarithm grows with the square of the factor less 1, nearly in proportion at first, so Newton's
 * method goes by that; a step out of the bracket halves it instead.
 */
function widerFactor(ratio: number): number {
  let [low, high] = [0, (WIDEST - 1) ** 2]
  let square = high
  for (let i = 0; i < MOST_STEPS; i++) {
    const wide = 1 + Math.sqrt(square)
    const [half, most] = [mixtureQuantile(wide, 0.5, NORMAL_HALF), mixtureQuantile(wide, 0.9, NORMAL_MOST)]
    const excess = Math.log(most / half / ratio)
    if (excess <= 0) low = square
    if (excess >= 0) high = square
    // Even the widest does not reach it, or it is met.
    if (low === high || low === (WIDEST - 1) ** 2) return wide
    const slope = (logSlope(wide, most) - logSlope(wide, half)) / (2 * Math.sqrt(square))
    const next = square - excess / slope
    const inside = next > low && next < high ? next : (low + high) / 2
    if (Math.abs(inside - square) <= LEAST_STEP * square) return 1 + Math.sqrt(inside)
    square = inside
  }
  return 1 + Math.sqrt(square)
}

/** How far from 0 a share `level` of the mixture lies; from that of a normal distribution, which is nearer, Newton's steps only grow. */
function mixtureQuantile(wide: number, level: number, normal: number): number {
  let x = normal
  for (let i = 0; i < MOST_STEPS; i++) {
    const within = (1 - WIDE_SHARE) * (2 * normalCdf(x) - 1) + WIDE_SHARE * (2 * normalCdf(x / wide) - 1)
    const step = (level - within) / (2 * mixtureDensity(wide, x))
    x += step
    if (Math.abs(step) <= LEAST_STEP * x) break
  }
  return x
}

const mixtureDensity = (wide: number, x: number): number => (1 - WIDE_SHARE) * density(x) + (WIDE_SHARE * density(x / wide)) / wide

/** The derivative by the wider factor of the logarithm of a quantile `x` of the mixture. */
const logSlope = (wide: number, x: number): number => (WIDE_SHARE * density(x / wide)) / wide ** 2 / mixtureDensity(wide, x)

const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)

/** The score of a value that a predictive distribution gives the probability `cdf` up to. */
export const scoreOf = (cdf: number): number => Math.abs(standardNormalQuantile(Math.min(1 - 1e-7, Math.max(1e-7, cdf))))
