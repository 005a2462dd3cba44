import { NegativeBinomial } from '../../distribution/negativeBinomial.js'
import { OnScale } from '../../distribution/onScale.js'
import { countMean, counts, logFactorial } from './counts.js'
import { valueOf, type Likelihood } from './likelihood.js'

/** Counts with a variance as large as their mean. */
export const poisson: Likelihood = {
  ...counts,
  describe: 'for counts that vary by no more than their mean',
  width: () => 1,
  parameters: () => ({}),
  distribution: (tracing, [raw], _weights, _channels, { scales }) => [countMean(tracing, raw!, scales)],
  logDensity({ tf }, x, [mean], scales) {
    const n = valueOf(tf, x, scales)
    return tf.sub(tf.sub(tf.mul(n, tf.log(mean!)), mean!), logFactorial(tf, n))
  },
  component: ([mean], scale) => new OnScale(new NegativeBinomial(mean!, 0), scale),
}
