import type { SamplePaths } from '../../src/model/sequenceModel.js'

/** Means `[samples, times, channels]` of what a model says, and the standard deviations around the first sample's, `[times, channels]`. */
export function momentsOf(
  { samples, component }: SamplePaths,
  times: number,
  channels: number,
): { means: Float64Array; noise: Float64Array } {
  const means = new Float64Array(samples * times * channels)
  const noise = new Float64Array(times * channels)
  for (let k = 0; k < samples; k++) {
    for (let time = 0; time < times; time++) {
      for (let c = 0; c < channels; c++) {
        const { mean, sd } = component(k, time, c)
        means[(k * times + time) * channels + c] = mean
        if (k === 0) noise[time * channels + c] = sd
      }
    }
  }
  return { means, noise }
}
