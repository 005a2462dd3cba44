import type { Objective } from '../model/objective.js'
import type { Balance } from './balance.js'
import type { Conditioning } from './conditioning.js'
import type { OptimiserOptions } from './optimiser.js'
import type { PlateauOptions } from './schedule.js'

/** How a model is trained. */
export interface TrainingOptions extends OptimiserOptions, PlateauOptions, Conditioning {
  /** Most epochs; undefined: as many as it takes. */
  readonly epochs?: number | undefined
  /** Most time: `auto` by the size of the data, `none`, or a length like 5m. */
  readonly budget: string
  readonly batchSize: number
  /** Least steps in an epoch: small sets are passed over several times, each time shown differently. */
  readonly minSteps: number
  readonly seed: number
  readonly learningRate: number
  /** Greatest norm of the gradient; `auto` goes by the steps before. */
  readonly clip: number | 'auto'
  /** What is kept, per step, of the running average of the weights; 0: the weights themselves. */
  readonly averaging: number
  /** Epochs over which the weight of the KL term rises to 1. */
  readonly klWarmup: number
  readonly objective: Objective
  /** How much each channel counts in the likelihood. */
  readonly balance: Balance
  /** z0 samples per series in training, and in validation. */
  readonly samples: number
  readonly validationSamples: number
  /** Whether intervals are stretched after training so that they hold what they say on the validation series. */
  readonly calibrate: boolean
  /** Baselines that forecasts are averaged with after training, with commas between, or `none`. */
  readonly stack: string
}

/** What may be set anew when a fit goes on. */
export const changeable = ['epochs', 'budget', 'patience'] as const satisfies readonly (keyof TrainingOptions)[]
export type Changeable = (typeof changeable)[number]
