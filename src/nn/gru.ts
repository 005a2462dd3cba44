import * as tf from '@tensorflow/tfjs-core'
import { dense, type Parameters } from './mlp.js'

/**
 * One update of a gated recurrent unit (Cho et al. 2014): with update gate u, reset gate r and candidate c,
 * h' = u h + (1 − u) c, c = tanh([x, r h] W + b).
 *
 * @param x `[rows, inputs]`
 * @param h `[rows, units]`
 */
export function gruCell(x: tf.Tensor, h: tf.Tensor, parameters: Parameters, name: string): tf.Tensor {
  const units = h.shape[1]!
  const gates = tf.sigmoid(dense(tf.concat([x, h], 1), parameters, `${name}.gates.w`, `${name}.gates.b`))
  const update = tf.slice(gates, [0, 0], [-1, units])
  const reset = tf.slice(gates, [0, units], [-1, units])
  const candidate = tf.tanh(dense(tf.concat([x, tf.mul(reset, h)], 1), parameters, `${name}.candidate.w`, `${name}.candidate.b`))
  return tf.add(candidate, tf.mul(update, tf.sub(h, candidate)))
}
