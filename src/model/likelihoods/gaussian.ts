import { Normal } from '../../distribution/normal.js'
import type { Likelihood } from './likelihood.js'
import { noiseOf, noiseParameters, noiseWidth } from './noise.js'

/** N(mean, sd²): the decoder gives the mean, the standard deviation is one for each channel, or follows from z. */
export const gaussian: Likelihood = {
  describe: 'normal noise',
  normal: true,
  width: noiseWidth,
  parameters: noiseParameters,
  distribution: (tracing, [mean, noise], weights, channels, config) => [mean!, noiseOf(tracing, weights, channels, config, noise)],
  logDensity: ({ gaussianLogDensity }, x, [mean, sd]) => gaussianLogDensity(x, mean!, sd!),
  component: ([mean, sd]) => new Normal(mean!, sd!),
}
