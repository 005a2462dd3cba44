import { dynamics } from './dynamics/index.js'
import { traceEmission } from './emission.js'
import { encoders } from './encoders/index.js'
import type { Graphs } from './graphs.js'
import type { LatentOdeConfig } from './latentOdeConfig.js'
import { posteriors } from './posteriors/index.js'
import { tracing } from './tracing.js'

/** Writes a latent ODE down as Graphs: the only step of making one that needs TensorFlow.js. */
export const traceLatentOde = (config: LatentOdeConfig): Graphs => ({
  ...encoders[config.encoder].trace(tracing, config),
  ...posteriors[config.posterior].trace(tracing, config),
  ...dynamics[config.dynamics].trace(tracing, config),
  ...traceEmission(tracing, config),
})
