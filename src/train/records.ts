import type { PlainBaseline } from './baselines.js'

/** What one epoch of training was like. One line of the training history. */
export interface EpochRecord {
  readonly epoch: number
  /** Negative ELBO per observed value, on the training series (with the epoch's beta). */
  readonly trainLoss: number
  /** Negative ELBO per observed value at beta = 1, on the validation series; NaN if there are none. */
  readonly validLoss: number
  /** Mean log likelihood per observed value, training. */
  readonly reconstruction: number
  /** Mean KL divergence per series, training. */
  readonly kl: number
  readonly beta: number
  readonly learningRate: number
  readonly gradientNorm: number
  /** Evaluations of the vector field per training step (forward, decoder). */
  readonly evaluations: number
  readonly seconds: number
}

/** How good an estimate in one go is; of a model that is trained the history says it. */
export interface Estimation {
  /** Log density of a training value, mean over channels; NaN of a model that has none. */
  readonly logLikelihood: number
  /** Negative log density of a hidden value of the validation series, between values shown and after them; NaN without such series. */
  readonly gaps: number
  readonly ahead: number
  /** What was chosen and found of each channel, in a few words. */
  readonly found: readonly string[]
  readonly seconds: number
}

/** One scored value: what was held out and what the model said, in the data's own units and normalised. */
export interface ScoredPoint {
  readonly series: string
  readonly time: number
  readonly channel: string
  readonly observed: number
  readonly mean: number
  readonly sd: number
  readonly normalisedObserved: number
  readonly normalisedMean: number
  /** Log density of the normalised value, and of the value in the data's own units. */
  readonly logDensity: number
  readonly originalLogDensity: number
  /** True where these are log probabilities: the model gives the value itself one. */
  readonly isProbability?: true
  /**
   * Probability integral transform: the predictive distribution function at the observed value; where that has a probability, drawn from
   * between its limits.
   */
  readonly pit: number
  /** Time since the last conditioning observation of this channel, negative if there is none before. */
  readonly gap: number
  /**
   * Time past the last conditioning row, whichever channels it holds: how far into the future this is. Not positive inside what was given,
   * NaN where nothing was given.
   */
  readonly ahead: number
  /** What the baselines say, on the normalised scale and in the data's own units. */
  readonly baselines: BaselineValues
  readonly originalBaselines: BaselineValues
}

/** What the plain baselines say of one value; past the values shown, `linear` is the last of them. */
export type BaselineValues = Readonly<Record<PlainBaseline, number>>

/** Scores over some values; means over them. */
export interface Scores {
  readonly points: number
  /** Mean squared error on the normalised scale; of published scoring, on that code's. */
  readonly mse: number
  /** Mean squared error in the data's own units; only given per channel, where units are one, and of published scoring. */
  readonly mseOriginal?: number
  /** Mean negative log density of the normalised value. NaN, like the coverage, of published scoring, which has none. */
  readonly nll: number
  /** The same per original unit, with the Jacobian of the transformation; only given per channel. */
  readonly nllOriginal?: number
  readonly coverage: { readonly '50': number; readonly '90': number }
  /** `linear` only where gaps are filled: looking ahead, it is the last value. */
  readonly baselines: Readonly<Record<'mean' | 'locf', BaselineScore> & Partial<Record<'linear', BaselineScore>>>
  /** The model's error against the best baseline's; of published scoring, whose averages are others, not known. */
  readonly against?: AgainstBaseline
}

/** Mean squared errors of a baseline, on the scale of the model's. */
export interface BaselineScore {
  readonly mse: number
  readonly mseOriginal?: number
}

/** A model's mean squared error against that of the best baseline on the same values. */
export interface AgainstBaseline {
  readonly baseline: PlainBaseline
  /** The model's error by the baseline's, less 1: −0.22 for 22 % below. */
  readonly change: number
  /** 95 % interval of it, by a paired bootstrap over series; NaN with fewer than 5 series. */
  readonly low: number
  readonly high: number
  /** Number of series with a value. */
  readonly series: number
}

/** The scores of a model on one task, of all channels and of each. */
export interface Evaluation extends Scores {
  readonly task: 'interpolation' | 'extrapolation'
  readonly scoring: 'held-out' | 'published'
  /** Which series were scored: those of the file's test split, or all. */
  readonly split: 'test' | 'all'
  readonly series: number
  /** How many of them bear the id of a series that the model was trained on: if they are those series, scores flatter. */
  readonly trainedOn: number
  /** Series left out because nothing of them is held out, such as those of a single row. */
  readonly skipped: number
  readonly channels: Readonly<Record<string, Scores>>
}
