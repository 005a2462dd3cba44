import type { Graph } from '../../graph/graph.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Tracing } from '../tracing.js'

/** dz/dt of the latent state. */
export interface Dynamics {
  readonly describe: string
  /** Set where z is made of pairs of components: an odd number of latents is an error then. */
  readonly pairs?: true
  /** Names begin with `field.` */
  parameters(config: PartConfig): ParameterSpecs
  /** A vector field of `latents` components. Times are the model's, relative to where z0 lives. */
  trace(tracing: Tracing, config: PartConfig): { readonly field: Graph }
}
