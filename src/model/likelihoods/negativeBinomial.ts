import { NegativeBinomial } from '../../distribution/negativeBinomial.js'
import { OnScale } from '../../distribution/onScale.js'
import { countMean, counts, logFactorial, stirlingRest } from './counts.js'
import { valueOf, type Likelihood } from './likelihood.js'
import { noiseOf, noiseParameters, noiseWidth } from './noise.js'

/** Where Stirling's series begins. With the terms taken of it, it is right to 1e-7 from there on, a float32's digits. */
const START = 4

/**
 * Counts that are spread more widely than a Poisson distribution's: the rate is gamma-distributed, and its relative standard deviation
 * is what the noise is of other likelihoods, one for each channel or following from z. Its square is the dispersion.
 */
export const negativeBinomial: Likelihood = {
  ...counts,
  describe: 'for counts',
  width: noiseWidth,
  parameters: noiseParameters,
  distribution: (tracing, [raw, byState], weights, channels, config) => [
    countMean(tracing, raw!, config.scales),
    tracing.tf.square(noiseOf(tracing, weights, channels, config, byState)),
  ],
  /** As `NegativeBinomial.logDensity`: nothing of size r is subtracted from the like, so that it holds up to the Poisson limit. */
  logDensity({ tf }, x, [mean, dispersion], scales) {
    const n = valueOf(tf, x, scales)
    const r = tf.reciprocal(dispersion!)
    const start = tf.add(r, START)
    const rising = Array.from({ length: START }, (_, k) => tf.log1p(tf.div(n, tf.add(r, k)))).reduce(
      (sum, term) => tf.sub(sum, term),
      tf.sub(tf.mul(tf.sub(tf.add(start, n), 0.5), tf.log1p(tf.div(n, start))), n),
    )
    const rest = tf.sub(stirlingRest(tf, tf.add(start, n)), stirlingRest(tf, start))
    const powers = tf.mul(n, tf.add(tf.log(mean!), tf.log1p(tf.mul(dispersion!, START))))
    const others = tf.mul(tf.add(r, n), tf.log1p(tf.mul(mean!, dispersion!)))
    return tf.sub(tf.add(tf.add(rising, rest), tf.sub(powers, others)), logFactorial(tf, n))
  },
  component: ([mean, dispersion], scale) => new OnScale(new NegativeBinomial(mean!, dispersion!), scale),
}
