import type * as tf from '@tensorflow/tfjs-core'
import type { Distribution } from '../../distribution/distribution.js'
import type { Scale } from '../../distribution/onScale.js'
import type { Parameters } from '../../nn/mlp.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Tracing } from '../tracing.js'

/** The configuration of channels that share a likelihood: how the values of each are normalised. */
export type GroupConfig = PartConfig & { readonly scales: readonly Scale[] }

/** The distribution of an observed value given the latent state, on the normalised scale. */
export interface Likelihood {
  readonly describe: string
  /**
   * True if its tails are too heavy for an exponential, so that a value whose logarithm it is of has no mean. A channel that has it
   * is then modelled as it is.
   */
  readonly heavyTailed?: true
  /**
   * The values that it has a probability for, if not all numbers are: such a channel is modelled as it stands, without a logarithm. Where
   * values have probabilities, not densities, its distributions have a `mass`: forecasts are not stretched, nor averaged with others.
   */
  readonly support?: Support
  /** What the encoder is given of a value in the data's own units, near the normalised scale; default the normalised value. */
  reads?(value: number, scale: Scale): number
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
  distribution(
    tracing: Tracing,
    raw: readonly tf.Tensor[],
    weights: Parameters,
    channels: number,
    config: GroupConfig,
  ): readonly tf.Tensor[]
  /**
   * Log density, or log probability, of each normalised value of `x` `[rows, channels]`. Finite also where x is 0 because nothing was
   * observed.
   */
  logDensity(tracing: Tracing, x: tf.Tensor, parameters: readonly tf.Tensor[], scales: readonly Scale[]): tf.Tensor
  /** The distribution with these parameters, on the normalised scale of a channel. */
  component(parameters: readonly number[], scale: Scale): Distribution
}

/** A set of numbers. */
export interface Support {
  /** As in "must be 0 or 1". */
  readonly described: string
  holds(value: number): boolean
}

/** Normalised values in the data's own units, `[rows, channels]`. */
export const valueOf = (tf: Tracing['tf'], x: tf.Tensor, scales: readonly Scale[]): tf.Tensor =>
  tf.add(
    tf.mul(
      x,
      scales.map(({ sd }) => sd),
    ),
    scales.map(({ mean }) => mean),
  )

/** How large values from 0 on are: their mean, or 1 of a channel where all are 0. */
export const sizeOf = ({ mean }: Scale): number => (mean > 0 ? mean : 1)
