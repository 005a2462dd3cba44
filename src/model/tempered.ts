import type { Forecaster } from './sequenceModel.js'

/**
 * A model whose samples of z0 count by their importance weights to a power: 1 leaves these as they are, towards 0 all samples come to count
 * the same. Where q(z0) is far from the posterior, a few of many samples have nearly all the weight, and a forecast is left with as few. A
 * power below 1 takes less of that for a little bias (Korba and Portier 2022).
 *
 * @param power above 0, at most 1
 */
export function tempered(model: Forecaster, power: number): Forecaster {
  if (power === 1) return model
  return {
    name: model.name,
    specs: model.specs,
    predict: (parameters, shown, times, options) =>
      model
        .predict(parameters, shown, times, options)
        .map((paths) => (paths.weights ? { ...paths, weights: weightsToPower(paths.weights, power) } : paths)),
  }
}

/** Weights to a power, summing to 1 again. Those that are 0 stay so. */
export function weightsToPower(weights: Float64Array, power: number): Float64Array {
  const powers = weights.map((weight) => weight ** power)
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((one) => one / sum)
}
