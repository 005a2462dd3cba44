import { OnScale } from '../../distribution/onScale.js'
import { ZeroInflated } from '../../distribution/zeroInflated.js'
import { sizeOf, valueOf, type Likelihood } from './likelihood.js'
import { noiseOf, noiseParameters, noiseWidth } from './noise.js'
import { logarithm } from './reads.js'

/** Of the value that 0 has on the normalised scale, how far off one is still taken for it: the rounding of a float32. */
const NEAR = 3e-7

/**
 * Zero with a probability, else log-normal. The decoder gives the logit of that probability and the mean of the logarithm, beside that of
 * the channel's mean; the noise is the logarithm's standard deviation.
 */
export const zeroInflated: Likelihood = {
  describe: 'for what is exactly 0 at times and else positive, like sales',
  support: { described: '0 or above', holds: (value) => value >= 0 },
  reads: (value, scale) => logarithm(value, sizeOf(scale), scale),
  width: (config) => 1 + noiseWidth(config),
  parameters: noiseParameters,
  distribution: (tracing, [zero, raw, byState], weights, channels, config) => [
    zero!,
    tracing.tf.add(
      raw!,
      config.scales.map((scale) => Math.log(sizeOf(scale))),
    ),
    noiseOf(tracing, weights, channels, config, byState),
  ],
  logDensity({ tf, gaussianLogDensity }, x, [zero, logMean, logSd], scales) {
    const zeroOnScale = scales.map(({ mean, sd }) => -mean / sd)
    const isZero = tf.lessEqual(
      tf.abs(tf.sub(x, zeroOnScale)),
      zeroOnScale.map((one) => NEAR * Math.abs(one)),
    )
    // At 0 itself there is no logarithm to take, and none is used.
    const log = tf.log(tf.where(isZero, tf.onesLike(x), tf.maximum(valueOf(tf, x, scales), Number.MIN_VALUE ** 0.1)))
    const sds = scales.map(({ sd }) => Math.log(sd))
    // Per unit of the normalised scale, as for all channels.
    const positive = tf.add(tf.sub(gaussianLogDensity(log, logMean!, logSd!), log), sds)
    return tf.where(isZero, tf.neg(tf.softplus(tf.neg(zero!))), tf.sub(positive, tf.softplus(zero!)))
  },
  component: ([zero, logMean, logSd], scale) => new OnScale(new ZeroInflated(1 / (1 + Math.exp(-zero!)), logMean!, logSd!), scale),
}
