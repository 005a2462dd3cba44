import type * as tf from '@tensorflow/tfjs-core'
import type { Distribution } from '../../distribution/distribution.js'
import type { Parameters } from '../../nn/mlp.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Tracing } from '../tracing.js'

/** The distribution of an observed value given the latent state, on the normalised scale. */
export interface Likelihood {
  readonly describe: string
  /**
   * True if its tails are too heavy for an exponential, so that a value whose logarithm it is of has no mean. A channel that has it
   * is then modelled as it is.
   */
  readonly heavyTailed?: true
  /** True if its parameters are mean and standard deviation of a normal distribution: then it can have a residual process. */
  readonly normal?: true
  /** How many numbers the decoder gives for each channel. */
  width(config: PartConfig): number
  /** What it learns beside the decoder, for so many channels; names begin with `noise.` */
  parameters(channels: number, config: PartConfig): ParameterSpecs
  /**
   * The parameters of the distributions, in the order in which `component` takes them: `[rows, channels]` each, or `[channels]` if
   * they do not depend on the state.
   *
   * @param raw what the decoder gives, `width` arrays `[rows, channels]`
   */
  distribution(tracing: Tracing, raw: readonly tf.Tensor[], weights: Parameters, channels: number, config: PartConfig): readonly tf.Tensor[]
  /** Log density, or log probability, of each value of `x` `[rows, channels]`. Finite also where x is 0 because nothing was observed. */
  logDensity(tracing: Tracing, x: tf.Tensor, parameters: readonly tf.Tensor[]): tf.Tensor
  /** The distribution with these parameters. */
  component(parameters: readonly number[]): Distribution
}
