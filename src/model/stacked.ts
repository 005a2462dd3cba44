import { affine } from '../distribution/affine.js'
import { remembered } from '../engine/lazily.js'
import { baselines } from './baselines/index.js'
import { createBaseline } from './baselines/createBaseline.js'
import { meanAt } from './sampleMean.js'
import type { Forecaster, SamplePaths } from './sequenceModel.js'
import { distancesToObserved } from './shownDistance.js'
import { ofMember, stackParameters, weightsAt, type Stack } from './stack.js'

/**
 * A model whose forecasts are averaged with those of others: the mean of each value is the weighted mean of theirs. What else a forecast
 * says, how its distributions are spread and how values hang together over time, stays the model's own: its samples are moved. (With
 * standard deviations averaged too, densities of held-out values were lower or the same.)
 *
 * @param channels how many the model has
 */
export function stacked(model: Forecaster, stack: Stack, channels: number): Forecaster {
  const members = stack.members.map((kind) => ({ kind, forecaster: createBaseline(kind, baselines[kind], channels) }))
  return {
    name: model.name,
    specs: { ...model.specs, ...stackParameters(stack, channels) },
    predict(parameters, shown, times, options) {
      const own = model.predict(parameters, shown, times, options)
      const others = members.map(({ kind, forecaster }) => forecaster.predict(ofMember(kind, parameters), shown, times, options))
      return own.map((paths, row) => {
        if (paths.failed || !paths.finite) return paths
        const distances = Array.from({ length: channels }, (_, channel) => distancesToObserved(shown, row, channel, times[row]!))
        return stackedPaths(
          paths,
          others.map((said) => said[row]!),
          channels,
          (time, channel) => weightsAt(stack, channel, distances[channel]![time]!),
        )
      })
    },
  }
}

function stackedPaths(
  own: SamplePaths,
  others: readonly SamplePaths[],
  channels: number,
  weightsOf: (time: number, channel: number) => readonly number[],
): SamplePaths {
  const shiftOf = remembered(channels, (time, channel) => {
    // Probabilities of single values are not moved.
    if (own.component(0, time, channel).mass) return 0
    const means = [own, ...others].map((paths) => meanAt(paths, time, channel))
    const weights = weightsOf(time, channel)
    const shift = means.reduce((sum, mean, k) => sum + weights[k]! * mean, 0) - means[0]!
    // A distribution without a mean has no place to be moved from.
    return Number.isFinite(shift) ? shift : 0
  })
  const { draw } = own
  return {
    ...own,
    component: (sample, time, channel) => affine(own.component(sample, time, channel), 1, shiftOf(time, channel)),
    ...(draw && {
      draw: (sample, stream, noise) =>
        draw(sample, stream, noise).map((value, cell) => value + shiftOf(Math.floor(cell / channels), cell % channels)),
    }),
  }
}
