import { StudentT4 } from '../../distribution/studentT.js'
import type { Likelihood } from './likelihood.js'
import { noiseOf, noiseParameters, noiseWidth } from './noise.js'

/** log of Γ(5/2) / (Γ(2) √(4π)) = 3/8: the density of a Student-t with four degrees of freedom at 0. */
const LOG_PEAK = Math.log(3 / 8)

/**
 * A Student-t with four degrees of freedom: an outlier says little about the location, where it would pull a normal mean with its
 * square. Four is what Lange, Little and Taylor (1989, section 2) take where there are too few data to learn it; mean and variance exist.
 */
export const studentT: Likelihood = {
  describe: 'Student-t noise with four degrees of freedom, which outliers do not upset',
  heavyTailed: true,
  width: noiseWidth,
  parameters: noiseParameters,
  distribution: (tracing, [location, noise], weights, channels, config) => [location!, noiseOf(tracing, weights, channels, config, noise)],
  logDensity({ tf }, x, [location, scale]) {
    const standardised = tf.div(tf.sub(x, location!), scale!)
    return tf.sub(tf.mul(tf.log1p(tf.mul(tf.square(standardised), 1 / 4)), -5 / 2), tf.sub(tf.log(scale!), LOG_PEAK))
  },
  component: ([location, scale]) => new StudentT4(location!, scale!),
}
