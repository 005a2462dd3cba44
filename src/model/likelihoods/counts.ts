import type * as tf from '@tensorflow/tfjs-core'
import type { Scale } from '../../distribution/onScale.js'
import type { Tracing } from '../tracing.js'
import { sizeOf, type Likelihood } from './likelihood.js'
import { logarithm } from './reads.js'

type Tf = Tracing['tf']

/** What likelihoods of counts have in common. */
export const counts: Pick<Likelihood, 'support' | 'reads'> = {
  support: { described: 'a whole number from 0 on', holds: (value) => Number.isInteger(value) && value >= 0 },
  reads: (value, scale) => logarithm(value, 1, scale),
}

/** What softplus maps to 1: so a channel begins at its mean. */
const ONE = Math.log(Math.expm1(1))
/** Least mean, as a share of the channel's. */
const LEAST = 1e-6

/** The mean, `[rows, channels]`, in the data's own units. Linear in what the decoder gives where that is large: it does not run away. */
export const countMean = ({ tf }: Tracing, raw: tf.Tensor, scales: readonly Scale[]): tf.Tensor =>
  tf.mul(tf.add(tf.softplus(tf.add(raw, ONE)), LEAST), scales.map(sizeOf))

/** log n!, for n from 0 on. */
export function logFactorial(tf: Tf, n: tf.Tensor): tf.Tensor {
  const y = tf.add(n, 4)
  const stirling = tf.add(tf.sub(tf.mul(tf.sub(y, 0.5), tf.log(y)), y), tf.add(stirlingRest(tf, y), 0.5 * Math.log(2 * Math.PI)))
  // Γ(n + 4) = (n + 3)(n + 2)(n + 1) Γ(n + 1).
  return tf.sub(stirling, tf.log(tf.mul(tf.mul(tf.add(n, 1), tf.add(n, 2)), tf.add(n, 3))))
}

/** What Stirling's formula leaves of log Γ(y), y from 4 on, right to 1e-8. */
export function stirlingRest(tf: Tf, y: tf.Tensor): tf.Tensor {
  const w = tf.reciprocal(tf.square(y))
  const inner = tf.sub(1 / 360, tf.mul(w, tf.sub(1 / 1260, tf.mul(w, 1 / 1680))))
  return tf.div(tf.sub(1 / 12, tf.mul(w, inner)), y)
}
