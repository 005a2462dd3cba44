import type { Objective } from '../model/objective.js'
import type { Observations } from '../model/observations.js'
import type { GradientOptions, GradientResult, LossResult, NoiseSource, ParameterArrays, SequenceModel } from '../model/sequenceModel.js'
import { random } from '../random.js'

/** What a loss is computed of. Numbers, text and typed arrays only: it can be sent to another thread. */
export interface LossTask {
  /** What the encoder is shown, and what is scored: the same rows. */
  readonly conditioning: Observations
  readonly targets: Observations
  readonly objective: Objective
  /** Weight of the KL term. */
  readonly beta: number
  /** Samples of z0 per series. */
  readonly samples: number
  readonly noise: NoiseKeys
}

/** What the noise of each row is a function of. */
export interface NoiseKeys {
  readonly seed: number
  readonly purpose: string
  /** Training step; undefined for noise that is the same every time. */
  readonly step: number | undefined
  /** `[rows]`, a hash of each row's series id. */
  readonly series: Uint32Array
}

export const noiseSource =
  ({ seed, purpose, step, series }: NoiseKeys): NoiseSource =>
  (row) =>
    step === undefined ? random(seed, purpose, series[row]!) : random(seed, purpose, step, series[row]!)

export const computeLoss = (
  model: SequenceModel,
  parameters: ParameterArrays,
  { conditioning, targets, noise, ...options }: LossTask,
): LossResult => model.loss(parameters, conditioning, targets, { ...options, noise: noiseSource(noise) })

export const computeGradient = (
  model: SequenceModel,
  parameters: ParameterArrays,
  { conditioning, targets, noise, ...options }: LossTask,
  into?: GradientOptions['into'],
): GradientResult => model.gradient(parameters, conditioning, targets, { ...options, noise: noiseSource(noise), into })
