import type { FloatArray } from '../engine/engine.js'
import type { EpochRecord } from './records.js'
import type { Plateau } from './schedule.js'

/** First and second moments of the gradient, by parameter. */
export interface Moments {
  readonly first: Record<string, FloatArray>
  readonly second: Record<string, FloatArray>
}

/** Sums over the steps of an epoch so far. */
export interface EpochSums {
  loss: number
  logLikelihood: number
  kl: number
  observed: number
  series: number
  evaluations: number
  gradientNorm: number
  steps: number
  rows: number
  failed: number
  accepted: number
  rejected: number
  smallestStep: number
  seconds: number
}

export const emptySums = (): EpochSums => ({
  loss: 0,
  logLikelihood: 0,
  kl: 0,
  observed: 0,
  series: 0,
  evaluations: 0,
  gradientNorm: 0,
  steps: 0,
  rows: 0,
  failed: 0,
  accepted: 0,
  rejected: 0,
  smallestStep: Infinity,
  seconds: 0,
})

/** What one update changes. */
export interface Snapshot {
  parameters: Record<string, FloatArray>
  /** Running average of the weights: what is validated and kept. */
  average: Record<string, FloatArray>
  moments: Moments
  /** Updates that made these weights. */
  updates: number
}

/** What ended training: the loss was at rest, the limit of epochs, or that of time. */
export const endings = ['rest', 'epochs', 'budget'] as const
export type Ending = (typeof endings)[number]

/**
 * Everything training needs to go on as if it had not stopped. Random numbers are functions of (seed, purpose,
 * step, row), so no generator has a state to keep.
 */
export interface TrainingState extends Snapshot {
  /** Steps tried, those undone among them. */
  step: number
  /** Epoch under way, from 0, and the batches of it that are done. */
  epoch: number
  batch: number
  sums: EpochSums
  /** Halved whenever a step had to be undone. */
  rateFactor: number
  undone: number
  /** Norms of the last gradients, before clipping. */
  norms: readonly number[]
  plateau: Plateau
  /** As it was before the last update, to go back to. */
  previous: Snapshot | undefined
  best: { parameters: Record<string, FloatArray>; loss: number; epoch: number } | undefined
  history: EpochRecord[]
  /** Undefined while training goes on. */
  ending: Ending | undefined
}
