import type { Baseline, Conditioned } from './baseline.js'
import { LEAST_VARIANCE, populationVariance, type Course } from './course.js'
import { varianceAfter } from './last.js'
import { learnScales } from './learnScales.js'

interface LinearScales {
  /** Variance of the noise of one value. */
  readonly noise: number
  /** Growth of a random walk's variance per unit of time, pinned at both neighbours (a Brownian bridge). */
  readonly rate: number
  /** What is added far from all values, and the time in which most of that is. */
  readonly spread: number
  readonly memory: number
  /** Variance where there is no value at all. */
  readonly population: number
}

/**
 * Linear interpolation between the neighbours of a time, with the variance of a Brownian bridge and of three noises. It looks
 * nowhere: before the first value it says that one, after the last one that, and is `last` there.
 */
export const linear: Baseline = {
  label: 'Linear interpolation (looking ahead: the last value)',
  describe: 'interpolation between neighbouring values; looking ahead it is the last value',
  shapes: { noise: [], rate: [], spread: [], memory: [], population: [] },
  estimate(train, _valid, seed) {
    const population = populationVariance(train)
    const start = [0.1 * population, population, population, 0.3]
    const [noise, rate, spread, memory] = learnScales(train, seed, start, (scales, shown) =>
      conditionLinear({ noise: scales[0]!, rate: scales[1]!, spread: scales[2]!, memory: scales[3]!, population }, shown),
    ) as [number, number, number, number]
    const one = (x: number): Float64Array => Float64Array.of(x)
    return {
      parameters: { noise: one(noise), rate: one(rate), spread: one(spread), memory: one(memory), population: one(population) },
      found: `noise sd ${Math.sqrt(noise).toPrecision(2)}`,
    }
  },
  condition: ({ noise, rate, spread, memory, population }, shown) =>
    conditionLinear({ noise: noise![0]!, rate: rate![0]!, spread: spread![0]!, memory: memory![0]!, population: population![0]! }, shown),
}

function conditionLinear({ noise, rate, spread, memory, population }: LinearScales, { times, values }: Course): Conditioned {
  const count = times.length
  const outside = { fresh: 2 * noise, spread, memory }
  return {
    at(asked) {
      const [means, sds] = [new Float64Array(asked.length), new Float64Array(asked.length)]
      let after = 0
      asked.forEach((time, i) => {
        while (after < count && times[after]! <= time) after++
        if (count === 0) sds[i] = Math.sqrt(population)
        else if (after === 0 || after === count) {
          const near = after === 0 ? 0 : count - 1
          means[i] = values[near]!
          sds[i] = Math.sqrt(varianceAfter(Math.abs(time - times[near]!), outside))
        } else {
          const [before, next] = [times[after - 1]!, times[after]!]
          const weight = (time - before) / (next - before)
          means[i] = values[after - 1]! + weight * (values[after]! - values[after - 1]!)
          const bridge = rate * (time - before) * (1 - weight)
          sds[i] = Math.sqrt(LEAST_VARIANCE + noise * (1 + weight ** 2 + (1 - weight) ** 2) + bridge)
        }
      })
      return { means, sds }
    },
  }
}
