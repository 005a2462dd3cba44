import * as tf from '@tensorflow/tfjs-core'

const LOG_2PI = Math.log(2 * Math.PI)

/** Log density of N(mean, sd²) at x, element by element. */
export function gaussianLogDensity(x: tf.Tensor, mean: tf.Tensor, sd: tf.Tensor): tf.Tensor {
  const standardised = tf.div(tf.sub(x, mean), sd)
  return tf.sub(tf.mul(tf.square(standardised), -0.5), tf.add(tf.log(sd), LOG_2PI / 2))
}

/** KL( N(mean, sd²) ‖ N(0, 1) ), summed over the last axis: `[rows, dim]` to `[rows, 1]`. */
export function klToStandardNormal(mean: tf.Tensor, sd: tf.Tensor): tf.Tensor {
  const terms = tf.sub(tf.mul(tf.add(tf.square(mean), tf.square(sd)), 0.5), tf.add(tf.log(sd), 0.5))
  return tf.sum(terms, -1, true)
}
