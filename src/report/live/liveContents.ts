import type { Normalisation } from '../../data/normalise.js'
import type { LatentOdeConfig } from '../../model/latentOdeConfig.js'
import type { GraphsJSON } from '../../model/graphs.js'
import type { Stack } from '../../model/stack.js'
import type { Calibration } from '../../train/calibration.js'
import type { TimeScale } from '../../train/selection.js'

/** All that a page needs to run the model and to ask it about a series: plain data, as it stands in the page. */
export interface LiveContents {
  readonly config: LatentOdeConfig
  readonly graphs: GraphsJSON
  /**
   * The parameters in the order of `latentOdeParameters`, of each training, then of `stackParameters`, end to end: float32,
   * little-endian, base64.
   */
  readonly weights: string
  /** Of the model's channels, in their order. */
  readonly normalisation: Normalisation
  /** Of how many trainings forecasts are the average; default one. */
  readonly members?: number
  /** What the weights of samples are raised to; default 1. */
  readonly weightPower?: number
  /** What the model is averaged with; default nothing. */
  readonly stack?: Stack
  /** How intervals are stretched; default not at all. */
  readonly calibration?: Calibration
  readonly scale: TimeScale
  /** Samples of z0, and their seed: as `predict` would be given. */
  readonly samples: number
  readonly seed: number
  readonly series: readonly LiveSeries[]
}

/** Observations of one series, all of them as they were read: three numbers for each, in order of time. */
export interface LiveSeries {
  readonly id: string
  readonly times: readonly number[]
  /** Index into the model's channels. */
  readonly channels: readonly number[]
  readonly values: readonly number[]
}
