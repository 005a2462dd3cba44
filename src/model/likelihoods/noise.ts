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

/** Noise of one size for each channel, learned or given: see the option `noise`. */
export const noiseParameters = (channels: number, { noise }: PartConfig): ParameterSpecs =>
  noise === 'learned' ? { 'noise.raw': { shape: [channels], initialise: constant(inverseSoftplus(START_NOISE)) } } : {}

/** Its size, `[channels]`. */
export const noiseOf = ({ tf }: Tracing, weights: Parameters, channels: number, { noise }: PartConfig): tf.Tensor =>
  noise === 'learned' ? tf.add(tf.softplus(weights['noise.raw']!), NOISE_FLOOR) : tf.fill([channels], noise)
