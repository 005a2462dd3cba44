import { createLatentDynamics, type LatentDynamics } from '../../../src/model/latentDynamics.js'
import type { LatentOdeConfig } from '../../../src/model/latentOdeConfig.js'
import { traceLatentOde } from '../../../src/model/traceLatentOde.js'
import { referenceEngine } from '../../reference/engine.js'

const small: LatentOdeConfig = {
  encoder: 'ode-rnn',
  posterior: 'gaussian',
  dynamics: 'mlp',
  likelihood: ['gaussian'],
  channels: 1,
  latents: 2,
  encoderUnits: 2,
  encoderFieldUnits: 2,
  encoderStep: 0.2,
  fieldUnits: 2,
  fieldLayers: 1,
  rate: 3,
  timeDependent: false,
  decoderUnits: 0,
  noise: 0.1,
  residual: 'none',
  method: 'dopri5',
  stepSize: 0.1,
  rtol: 1e-10,
  atol: 1e-12,
  adjoint: 'discrete',
  maxSteps: 1000,
}

/** A small latent ODE of two latents and rate 3, solved to about ten digits. */
export const smallConfig = (changes: Partial<LatentOdeConfig>): LatentOdeConfig => ({ ...small, ...changes })

/** The dynamics of such a model in float64. */
export function smallDynamics(changes: Partial<LatentOdeConfig>): LatentDynamics {
  const config = smallConfig(changes)
  return createLatentDynamics(referenceEngine(), config, traceLatentOde(config))
}
