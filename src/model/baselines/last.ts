import type { Baseline, Conditioned } from './baseline.js'
import { LEAST_VARIANCE, populationVariance, type Course } from './course.js'
import { learnScales } from './learnScales.js'

/** How uncertain the last value is after a gap. */
export interface LastScales {
  /** Variance right after the value: noise, twice. */
  readonly fresh: number
  /** What is added in the long run, and the time in which most of that is. */
  readonly spread: number
  readonly memory: number
  /** Variance where there is no value before. */
  readonly population: number
}

/** Variance of a value so long after the last one: as of a random walk at first, then level, since series do not leave their range. */
export const varianceAfter = (gap: number, { fresh, spread, memory }: Omit<LastScales, 'population'>): number =>
  LEAST_VARIANCE + fresh - spread * Math.expm1(-gap / memory)

/** The last value shown before each time, with a variance that grows with the gap; the population's mean before the first. */
export const last: Baseline = {
  label: 'The last value',
  describe: 'the last value shown, with an uncertainty that grows with the gap',
  shapes: { fresh: [], spread: [], memory: [], population: [] },
  estimate(train, _valid, seed) {
    const population = populationVariance(train)
    const [fresh, spread, memory] = learnScales(train, seed, [0.2 * population, population, 0.3], (scales, shown) =>
      conditionLast({ fresh: scales[0]!, spread: scales[1]!, memory: scales[2]!, population }, shown),
    ) as [number, number, number]
    const one = (x: number): Float64Array => Float64Array.of(x)
    return {
      parameters: { fresh: one(fresh), spread: one(spread), memory: one(memory), population: one(population) },
      found: `sd ${Math.sqrt(fresh).toPrecision(2)} right after a value, ${Math.sqrt(fresh + spread).toPrecision(2)} long after it`,
    }
  },
  condition: ({ fresh, spread, memory, population }, shown) =>
    conditionLast({ fresh: fresh![0]!, spread: spread![0]!, memory: memory![0]!, population: population![0]! }, shown),
}

function conditionLast(scales: LastScales, { times, values }: Course): Conditioned {
  return {
    at(asked) {
      const [means, sds] = [new Float64Array(asked.length), new Float64Array(asked.length)]
      let before = -1
      asked.forEach((time, i) => {
        while (before + 1 < times.length && times[before + 1]! <= time) before++
        means[i] = before < 0 ? 0 : values[before]!
        sds[i] = Math.sqrt(before < 0 ? scales.population : varianceAfter(time - times[before]!, scales))
      })
      return { means, sds }
    },
  }
}
