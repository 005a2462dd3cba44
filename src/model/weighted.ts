import type * as tf from '@tensorflow/tfjs-core'
import type { Tracing } from './tracing.js'

/**
 * Log densities `[rows, columns]` times the weights of their channels. Weights of 1 leave the Graph as it is without.
 *
 * @param weights of each of the data's channels
 * @param channels the data's channel that each column is of
 */
export function weighted(
  { tf }: Pick<Tracing, 'tf'>,
  density: tf.Tensor,
  weights: readonly number[] | undefined,
  channels: readonly number[],
): tf.Tensor {
  const own = channels.map((channel) => weights?.[channel] ?? 1)
  return own.every((weight) => weight === 1) ? density : tf.mul(density, tf.tensor1d(own))
}
