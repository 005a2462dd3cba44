import type { Objective } from '../model/objective.js'
import type { ConditioningName } from './conditioning.js'
import type { OptimiserOptions } from './optimiser.js'

/** How a model is trained. */
export interface TrainingOptions extends OptimiserOptions {
  readonly epochs: number
  readonly batchSize: number
  /** Least steps in an epoch: small sets are passed over several times, each time shown differently. */
  readonly minSteps: number
  readonly seed: number
  readonly learningRate: number
  /** Factor on the learning rate per step, and its floor as a fraction of the first rate. */
  readonly learningRateDecay: number
  readonly learningRateFloor: number
  /** Epochs over which the weight of the KL term rises to 1. */
  readonly klWarmup: number
  /** Epochs without improvement of the validation loss after which training ends; 0: never. */
  readonly patience: number
  readonly objective: Objective
  /** z0 samples per series in training, and in validation. */
  readonly samples: number
  readonly validationSamples: number
  readonly conditioning: ConditioningName
  /** Whether intervals are stretched after training so that they hold what they say on the validation series. */
  readonly calibrate: boolean
}
