import { Bernoulli } from '../../distribution/bernoulli.js'
import { OnScale } from '../../distribution/onScale.js'
import { valueOf, type Likelihood } from './likelihood.js'

/** 0 or 1: the decoder gives the logit of the probability of 1, beside that of the share of ones in training. */
export const bernoulli: Likelihood = {
  describe: 'for 0 and 1',
  support: { described: '0 or 1', holds: (value) => value === 0 || value === 1 },
  width: () => 1,
  parameters: () => ({}),
  distribution: ({ tf }, [raw], _weights, _channels, { scales }) => [
    tf.add(
      raw!,
      scales.map(({ mean }) => logitOf(mean)),
    ),
  ],
  // log σ(l) and log (1 − σ(l)), without either's rounding to 0.
  logDensity: ({ tf }, x, [logit], scales) => tf.sub(tf.mul(valueOf(tf, x, scales), logit!), tf.softplus(logit!)),
  component: ([logit], scale) => new OnScale(new Bernoulli(1 / (1 + Math.exp(-logit!))), scale),
}

/** Of a share; of none or all, as though a value in a hundred were the other. */
function logitOf(share: number): number {
  const p = Math.min(0.99, Math.max(0.01, share))
  return Math.log(p / (1 - p))
}
