import { Normal } from '../../distribution/normal.js'
import type { Likelihood } from './likelihood.js'
import { noiseOf, noiseParameters } from './noise.js'

/** N(mean, sd²): the decoder gives the mean, the standard deviation is one for each channel. */
export const gaussian: Likelihood = {
  describe: 'normal noise of one size for each channel',
  width: 1,
  parameters: noiseParameters,
  distribution: (tracing, [mean], weights, channels, config) => [mean!, noiseOf(tracing, weights, channels, config)],
  logDensity: ({ gaussianLogDensity }, x, [mean, sd]) => gaussianLogDensity(x, mean!, sd!),
  component: ([mean, sd]) => new Normal(mean!, sd!),
}
