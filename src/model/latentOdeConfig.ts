import type { ParameterSpecs } from '../nn/parameters.js'
import { dynamics, type DynamicsName } from './dynamics/index.js'
import { emissionParameters } from './emission.js'
import { encoders, type EncoderName } from './encoders/index.js'
import type { LikelihoodName } from './likelihoods/index.js'
import type { PartConfig } from './partConfig.js'
import { posteriors, type PosteriorName } from './posteriors/index.js'

/** The parts of a latent ODE, by name. */
export interface LatentOdeParts {
  readonly encoder: EncoderName
  readonly posterior: PosteriorName
  readonly dynamics: DynamicsName
  /** Of each channel. */
  readonly likelihood: readonly LikelihoodName[]
}

/** Parts of a latent ODE, their sizes, and how it is solved. */
export interface LatentOdeConfig extends LatentOdeParts, PartConfig {}

/** Where z0 lives: at each series' first conditioning time, at the earliest time of the training data, or at 0. */
export const origins = ['first', 'common', 'zero'] as const
export type OriginName = (typeof origins)[number]

export const latentOdeParameters = (config: LatentOdeConfig): ParameterSpecs => ({
  ...encoders[config.encoder].parameters(config),
  ...posteriors[config.posterior].parameters(config),
  ...dynamics[config.dynamics].parameters(config),
  ...emissionParameters(config),
})
