import type { SamplePaths } from './sequenceModel.js'

/** The mean of a value over all samples. */
export function meanAt({ samples, component, weights }: SamplePaths, time: number, channel: number): number {
  let sum = 0
  for (let k = 0; k < samples; k++) sum += (weights ? weights[k]! : 1 / samples) * component(k, time, channel).mean
  return sum
}
