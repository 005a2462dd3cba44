import type * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '../../nn/mlp.js'
import { constant, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Tracing } from '../tracing.js'

/** Least size of learned noise, in units of the channel's standard deviation. */
const NOISE_FLOOR = 1e-3

/** Size that learned noise starts from: small enough that z0 is worth its KL from the first steps. */
const START_NOISE = 0.3

/** log(exp(sd) − 1): what softplus maps to `sd`. */
const inverseSoftplus = (sd: number): number => sd + Math.log(-Math.expm1(-sd))

/** How many numbers the decoder gives for each channel: its mean, and the size of its noise where that follows from z. */
export const noiseWidth = ({ noise }: PartConfig): number => (noise === 'state' ? 2 : 1)

/** Noise of one size for each channel, learned or given, or of one that follows from z: see the option `noise`. */
export const noiseParameters = (channels: number, { noise }: PartConfig): ParameterSpecs =>
  typeof noise === 'number' ? {} : { 'noise.raw': { shape: [channels], initialise: constant(inverseSoftplus(START_NOISE)) } }

/**
 * Its size, `[channels]`, or `[rows, channels]` where it follows from z.
 *
 * @param byState what the decoder says of it, which is added to what is learned for all z
 */
export function noiseOf({ tf }: Tracing, weights: Parameters, channels: number, { noise }: PartConfig, byState?: tf.Tensor): tf.Tensor {
  if (typeof noise === 'number') return tf.fill([channels], noise)
  const raw = byState ? tf.add(byState, weights['noise.raw']!) : weights['noise.raw']!
  return tf.add(tf.softplus(raw), NOISE_FLOOR)
}
