import type { Engine } from '../engine/engine.js'
import { latentOdeParameters, type LatentOdeConfig } from './latentOdeConfig.js'
import { latentOdeFromGraphs } from './latentOdeFromGraphs.js'
import { latentOdeConfig, latentOdeOptions } from './latentOdeOptions.js'
import { modelKind } from './modelKind.js'
import type { SequenceModel } from './sequenceModel.js'
import { traceLatentOde } from './traceLatentOde.js'

/**
 * Latent ODE (Rubanova, Chen and Duvenaud 2019): an ODE-RNN run backward gives q(z0 | x) = N(mean, sd²), a sample of
 * z0 is the initial value of dz/dt = f(z), and a decoder maps z(t) to the mean of x(t), whose noise is Gaussian with
 * one standard deviation per channel. Trained on the bounds of `evaluateObjective`, gradients by the solver's
 * adjoint.
 */
export const createLatentOde = (engine: Engine, config: LatentOdeConfig): SequenceModel =>
  latentOdeFromGraphs(engine, config, traceLatentOde(config))

/** The latent ODE, for the table of models. */
export const latentOde = modelKind({
  label: 'A latent ODE',
  describe: 'an ODE-RNN reads what is known, a learned ODE carries z from there to any time',
  options: latentOdeOptions,
  parameters: (options, data) => latentOdeParameters(latentOdeConfig(options, data)),
  create: (engine, options, data) => createLatentOde(engine, latentOdeConfig(options, data)),
})
