import type { Tape } from '../../engine/autodiff/tape.js'
import type { Engine, Value } from '../../engine/engine.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import type { Graphs } from '../graphs.js'
import type { PartConfig } from '../partConfig.js'
import type { NoiseSource } from '../sequenceModel.js'
import type { Tracing } from '../tracing.js'

/** A family of distributions q(z0), against the standard normal prior. */
export interface Posterior {
  readonly describe: string
  /** Names begin with `posterior.` */
  parameters(config: PartConfig): ParameterSpecs
  trace(tracing: Tracing, config: PartConfig): Graphs
  create(engine: Engine, config: PartConfig, graphs: Graphs): Infer
}

/** q(z0) of each row, from its context `[rows, encoderUnits]`. In the rows of `unseen`, of which nothing is shown, it is the prior. */
export type Infer = (tape: Tape, context: Value, unseen: readonly boolean[]) => Inferred

/** q(z0) of some rows. */
export interface Inferred {
  /** KL(q ‖ prior) of each row, `[rows, 1]`. */
  readonly kl: Value
  /** Draws `samples` for each row, row after row: z0 `[rows·samples, latents]` and log p(z0) − log q(z0), `[rows·samples, 1]`. */
  sample(samples: number, noise: NoiseSource): { readonly z: Value; readonly logRatio: Value }
  /** Its mean and standard deviation, `[rows, latents]`, row-major. */
  moments(): { readonly mean: Float64Array; readonly sd: Float64Array }
}
