import type { Graph } from '../../graph/graph.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Tracing } from '../tracing.js'

/** dz/dt of the latent state. */
export interface Dynamics {
  readonly describe: string
  /** Set where z is made of pairs of components: an odd number of latents is an error then. */
  readonly pairs?: true
  /** Set where z(t) is known in closed form: `trace` gives it as `flow`, and there is no solver. */
  readonly exact?: true
  /** Options of dynamics and solver that it has no use for: setting one is an error. */
  readonly unused?: readonly DynamicsOption[]
  /** Names begin with `field.` */
  parameters(config: PartConfig): ParameterSpecs
  trace(tracing: Tracing, config: PartConfig): DynamicsGraphs
}

/** Dynamics as Graphs. Times are the model's, relative to where z0 lives. */
export type DynamicsGraphs = {
  /** A vector field of `latents` components. */
  readonly field: Graph
  /** From `z` `[rows, latents]` to the only output, what it has become after the time `t` `[rows, 1]`, forward or back. */
  readonly flow?: Graph
}

type DynamicsOption = 'fieldUnits' | 'fieldLayers' | 'timeDependent' | 'method' | 'stepSize' | 'rtol' | 'atol' | 'maxSteps' | 'adjoint'
