import type { EpochRecord, Evaluation, ScoredPoint } from '../train/records.js'
import type { TimeAxis } from '../data/series.js'
import type { Notice } from '../train/notice.js'
import type { LatentContents } from './latentContents.js'
import type { LiveContents } from './live/liveContents.js'

/**
 * Everything a report shows, as plain data: what `renderReport` takes and what the layers before it fill in. Parts
 * that are not known are left out (`undefined`, an empty list) and the page then has no such section. All times are
 * numbers on the axis `time`; all values are in the data's own units unless said otherwise. NaN and infinities mean
 * "not known".
 */
export interface ReportContents {
  readonly title: string
  /** When the report was made, ISO 8601; shown as given. */
  readonly generated: string
  /** Version of this package. */
  readonly version: string
  /** Names of the model file and the data file, as shown to the reader. */
  readonly files: { readonly model: string; readonly data: string }
  readonly time: TimeAxis
  readonly timeColumn: string
  readonly idColumn: string
  readonly data: DataSummary
  readonly model: ModelSummary
  /** Absent if the model file has no history. */
  readonly training?: TrainingSummary
  /** The series to draw, in this order. */
  readonly series: readonly SeriesView[]
  readonly evaluations: {
    readonly interpolation?: EvaluationView
    readonly extrapolation?: EvaluationView
  }
  /** Absent of a model that is not calibrated. */
  readonly calibration?: CalibrationSummary
  /** Absent where no series has a place in it. */
  readonly latent?: LatentContents
  readonly solver?: SolverSummary
  /** The model itself, to run in the page; absent if it is not to be embedded. */
  readonly live?: LiveContents
  /**
   * Whether series that the report is not on are named, with their times of observation, errors, means and labels. Default
   * false: what is written down holds them as marks without a name, and in what is computed over many.
   */
  readonly nameAll?: boolean
  /** Said at the top of the page. The horizon warning and the statement that data are embedded need not be given. */
  readonly notices: readonly Notice[]
}

/** The data file as it was read. */
export interface DataSummary {
  readonly series: number
  readonly rows: number
  /** Observed cells over all series and channels. */
  readonly values: number
  readonly channels: readonly ChannelSummary[]
  /** Number of series in each part of the split, if the file is the one that was fitted to. */
  readonly split?: { readonly train: number; readonly validation: number; readonly test: number }
  /** Observation times of the series, or of a sample of them. The page draws at most a few thousand. */
  readonly raster: readonly RasterRow[]
  /** For the histogram of them; default those of the raster. */
  readonly gaps?: Gaps
}

/** Times from one observation of a series to the next. */
export interface Gaps {
  /** Series that they are of. */
  readonly series: number
  readonly lengths: readonly number[]
}

export interface ChannelSummary {
  readonly name: string
  /** Observed cells. */
  readonly observed: number
  /** Fraction of the rows in which the channel is missing, 0 to 1. */
  readonly missing: number
  /** What is done to values before they are standardised, such as `none` or `log`. */
  readonly transform: string
  /** Quartiles of the observed values. Extremes are not told: each is a value of some one series. */
  readonly lowerQuartile: number
  readonly median: number
  readonly upperQuartile: number
}

export interface RasterRow {
  readonly series: string
  readonly times: readonly number[]
  readonly split?: 'train' | 'validation' | 'test'
}

/** What the report says of the model. */
export interface ModelSummary {
  /** What kind of model it is, as at the beginning of a sentence. */
  readonly label: string
  /** Number of trained numbers. */
  readonly parameters: number
  /** Trainings whose forecasts are averaged, where there are several. */
  readonly trainings?: number
  /** Baselines that forecasts are averaged with, if any. */
  readonly averagedWith?: readonly string[]
  /** Settings in the order they are shown, such as `{ label: 'Latent dimension', value: '10' }`. */
  readonly settings: readonly Setting[]
}

export interface Setting {
  readonly label: string
  readonly value: string
  /** Settings with the same group stand together under it, such as `Encoder`. */
  readonly group?: string
}

/** What the report says of training. */
export interface TrainingSummary {
  readonly history: readonly EpochRecord[]
  /** `epoch` of the record whose weights were kept; absent if not known. */
  readonly keptEpoch?: number
  /** Of how many trainings the model is the average; the history is that of the first. Default 1. */
  readonly trainings?: number
  /** Whether channels have weights in the loss. */
  readonly weighted?: boolean
}

/** One series: what was observed, and what the model makes of it. */
export interface SeriesView {
  readonly id: string
  /** The model saw observations up to this time (of those with the role `conditioning`). */
  readonly conditionedUntil: number
  /** Beginning and end of the time that training covered, by the model's own clock, on this series' axis; absent if not known. */
  readonly trainedFrom?: number
  readonly trainedUntil?: number
  /** Times of the predictions, increasing, `[points]`; the same for all channels. */
  readonly times: readonly number[]
  /** One for each channel drawn. */
  readonly channels: readonly ChannelView[]
}

export interface ChannelView {
  readonly channel: string
  /** `linear` or `log`: how values are best laid out on the axis. Default `linear`. */
  readonly scale?: 'linear' | 'log'
  readonly observations: readonly Observation[]
  readonly prediction: Prediction
}

export interface Observation {
  readonly time: number
  readonly value: number
  /** Whether the model was given the value, or it was held out. */
  readonly role: 'conditioning' | 'heldout'
}

/** The predictive distribution of observations at the series' `times`; every array is `[points]`. */
export interface Prediction {
  readonly mean: readonly number[]
  readonly q05: readonly number[]
  readonly q25: readonly number[]
  readonly q50: readonly number[]
  readonly q75: readonly number[]
  readonly q95: readonly number[]
}

/** The scores of one task, and what they are made of. */
export interface EvaluationView {
  readonly scores: Evaluation
  /** The scored values themselves, for calibration and errors by gap. Summarised; not embedded in the page. */
  readonly points: readonly ScoredPoint[]
  /** What the model was given, such as `a random half of each series' rows`. */
  readonly conditioning: string
}

/** How intervals were stretched after training so that they hold what they say, and what they held before. */
export interface CalibrationSummary {
  /** Numbers of validation series and of their held-out values that it was learned from. */
  readonly series: number
  readonly values: number
  /** Share of these values within the 50 and 90 % intervals as the model itself has them. */
  readonly before: { readonly '50': number; readonly '90': number }
  /** By distance from the nearest value shown of the channel, ascending: between two of them, and before the first or after the last. */
  readonly between: readonly CalibrationWidth[]
  readonly beyond: readonly CalibrationWidth[]
}

/** Factors on the widths of the 50 and 90 % intervals, at a distance in the data's unit of time. */
export interface CalibrationWidth {
  readonly distance: number
  readonly half: number
  readonly most: number
}

/** What the solver did, over the solves of `scope`. */
export interface SolverSummary {
  /** Which solves were counted, such as `forecasts of the 47 test series`. */
  readonly scope: string
  /** Of models that have these options. */
  readonly method?: string
  readonly rtol?: number
  readonly atol?: number
  /** Numbers of solves (rows), of evaluations of the vector field, of accepted and of rejected steps. */
  readonly solves: number
  readonly evaluations: number
  readonly accepted: number
  readonly rejected: number
  /** In the solver's own unit of time (the largest training span is 1). */
  readonly smallestStep: number
  readonly failed: number
}
