import type { TimeAxis } from '../../data/series.js'
import type { ScoredPoint } from '../../train/records.js'
import type { Notice } from '../../train/notice.js'
import type { SeriesView, TrainingSummary } from '../contents.js'
import type { PairedDifference } from './paired.js'

/** One thing of each of the two models, the first one's first. */
export type Both<T> = readonly [first: T, second: T]

/** Everything that a report on two models shows, as plain data. Where a number is not known, NaN stands for it. */
export interface ComparisonContents {
  readonly title: string
  /** When the report was made, ISO 8601. */
  readonly generated: string
  readonly version: string
  readonly files: { readonly models: Both<string>; readonly data: string }
  /** What the models are called on the page. */
  readonly labels: Both<string>
  readonly time: TimeAxis
  readonly timeColumn: string
  readonly idColumn: string
  readonly channels: readonly string[]
  /** Who was scored: `30 series that neither model was fitted to`. */
  readonly scoredOn: string
  readonly interpolation?: ComparedTask
  readonly extrapolation?: ComparedTask
  /** The same series with both forecasts. */
  readonly series: readonly ComparedSeries[]
  readonly training: Both<TrainingSummary | undefined>
  readonly settings: readonly ComparedSetting[]
  /** Whether series that are not drawn are named in the figures of all; default false. */
  readonly nameAll?: boolean
  readonly notices: readonly Notice[]
}

/** One task, scored on the values that both models could predict; squared errors and densities on the first model's scale. */
export interface ComparedTask {
  readonly conditioning: string
  readonly points: number
  readonly series: number
  readonly scores: Both<ComparedScores>
  /** Mean squared errors; `linear` only where gaps are filled. */
  readonly baselines: Readonly<Record<'mean' | 'locf', number> & Partial<Record<'linear', number>>>
  readonly mse: PairedDifference
  readonly nll: PairedDifference
  readonly channels: readonly ComparedChannel[]
  /** Mean squared error of each series. */
  readonly bySeries: readonly { readonly series: string; readonly points: number; readonly mse: Both<number> }[]
  /** The scored values as each model has them, for calibration. */
  readonly scored: Both<readonly ScoredPoint[]>
}

export interface ComparedScores {
  readonly mse: number
  readonly nll: number
  readonly coverage: { readonly '50': number; readonly '90': number }
}

export interface ComparedChannel {
  readonly channel: string
  readonly points: number
  readonly scores: Both<ComparedScores>
  readonly mse: PairedDifference
  readonly nll: PairedDifference
}

export interface ComparedSeries {
  readonly id: string
  readonly views: Both<SeriesView>
}

/** A setting that the models do not share. */
export interface ComparedSetting {
  readonly group: string
  readonly label: string
  readonly values: Both<string>
}
