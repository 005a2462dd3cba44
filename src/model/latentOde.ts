import type { Engine } from '../engine/engine.js'
import type { LatentOdeConfig } from './latentOdeConfig.js'
import { latentOdeFromGraphs } from './latentOdeFromGraphs.js'
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
