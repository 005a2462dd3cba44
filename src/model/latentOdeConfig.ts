import type { MethodName } from '../ode/types.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import { dynamics, type DynamicsName } from './dynamics/index.js'
import { emissionParameters } from './emission.js'
import { encoders, type EncoderName } from './encoders/index.js'
import type { LikelihoodName } from './likelihoods/index.js'
import { posteriors, type PosteriorName } from './posteriors/index.js'

/** The parts of a latent ODE, by name. */
export interface LatentOdeParts {
  readonly encoder: EncoderName
  readonly posterior: PosteriorName
  readonly dynamics: DynamicsName
  /** Of each channel. */
  readonly likelihood: readonly LikelihoodName[]
}

/**
 * Parts of a latent ODE, their sizes, and how it is solved. Times are in the model's unit, the longest span of a training series.
 */
export interface LatentOdeConfig extends LatentOdeParts {
  readonly channels: number
  /** Size of the encoder's hidden state. */
  readonly encoderUnits: number
  /** Width of the hidden layer of the encoder's vector field. */
  readonly encoderFieldUnits: number
  /** Longest Euler step, in the model's time unit; longer gaps are walked in equal parts. */
  readonly encoderStep: number
  /** Dimension of z. */
  readonly latents: number
  /** Width and number of the hidden layers of the dynamics dz/dt = f(z). */
  readonly fieldUnits: number
  readonly fieldLayers: number
  /** Factor on the dynamics, dz/dt = rate f(z): how fast the data change in the model's time. */
  readonly rate: number
  /** Whether the dynamics may depend on t too. */
  readonly timeDependent: boolean
  /** Width of the decoder's hidden layer; 0 for a linear decoder. */
  readonly decoderUnits: number
  /** `learned`, or the size of the observation noise in units of each channel's standard deviation. */
  readonly noise: 'learned' | number
  readonly method: MethodName
  /** Step of the fixed-step methods, in the model's time unit. */
  readonly stepSize: number
  readonly rtol: number
  readonly atol: number
  readonly adjoint: 'discrete' | 'continuous'
  readonly maxSteps: number
}

/** Where z0 lives: at each series' first conditioning time, at the earliest time of the training data, or at 0. */
export const origins = ['first', 'common', 'zero'] as const
export type OriginName = (typeof origins)[number]

export const latentOdeParameters = (config: LatentOdeConfig): ParameterSpecs => ({
  ...encoders[config.encoder].parameters(config),
  ...posteriors[config.posterior].parameters(config),
  ...dynamics[config.dynamics].parameters(config),
  ...emissionParameters(config),
})
