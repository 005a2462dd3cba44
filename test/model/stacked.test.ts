import { describe, expect, test } from 'vitest'
import { Normal } from '../../src/distribution/normal.js'
import type { Observations } from '../../src/model/observations.js'
import type { Forecaster, SamplePaths } from '../../src/model/sequenceModel.js'
import { asMember, ofMember, ownParameters, sharesOf, stackParameters, weightsAt, type Stack } from '../../src/model/stack.js'
import { meanAt } from '../../src/model/sampleMean.js'
import { stacked } from '../../src/model/stacked.js'
import { random } from '../../src/random.js'

/** At distance 0 the model alone counts, from 0.5 on the last value carried forward does, in channel 1 a half of it. */
const stack: Stack = {
  members: ['last'],
  distances: [0, 0.5],
  weights: [
    [
      [1, 0],
      [1, 0],
    ],
    [
      [0, 1],
      [0.5, 0.5],
    ],
  ],
  series: 5,
  values: 50,
}

/** One series with a value of 3 in channel 0 and of -1 in channel 1, both at time 0. */
const shown: Observations = {
  rows: 1,
  length: 1,
  channels: 2,
  lengths: Int32Array.of(1),
  times: Float64Array.of(0),
  values: Float64Array.of(3, -1),
  mask: Uint8Array.of(1, 1),
}

/** Two samples, of which the first counts three times as much: N(1, 1) and N(5, 2²), at all times, in all channels. */
const own = (paths: Partial<SamplePaths> = {}): Forecaster => ({
  name: 'own',
  specs: {},
  predict: () => [
    {
      samples: 2,
      component: (sample) => (sample === 0 ? new Normal(1, 1) : new Normal(5, 2)),
      weights: Float64Array.of(0.75, 0.25),
      draw: (_, __, noise) => Float64Array.of(1, 2, 3, noise ? 4 : 0),
      finite: true,
      posterior: { mean: new Float64Array(0), sd: new Float64Array(0) },
      solver: { evaluations: 1, accepted: 1, rejected: 0, rows: 1, failed: 0, smallestStep: 1 },
      failed: false,
      ...paths,
    },
  ],
})
const OWN = 0.75 * 1 + 0.25 * 5

const times = [Float64Array.of(0.25, 1)]
const options = { samples: 2, noise: () => random(1, 'noise') }
const parameters = asMember(
  'last',
  Object.fromEntries(Object.entries(stackParametersOf()).map(([name, size]) => [name, new Float64Array(size).fill(0.5)])),
)

function stackParametersOf(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(stackParameters(stack, 2)).map(([name, { shape }]) => [
      name.replace('stack.last.', ''),
      shape.reduce((a, b) => a * b, 1),
    ]),
  )
}

describe('a model that is averaged with another', () => {
  const [said] = stacked(own(), stack, 2).predict(parameters, shown, times, options)
  const { predict } = stacked({ ...own(), predict: () => [] }, stack, 2)

  /** What the member says by itself: all of the weight is its own. */
  const alone = stacked(own(), { ...stack, weights: stack.weights.map(() => [[0, 1], [0, 1]]) }, 2).predict(parameters, shown, times, options)[0]! // prettier-ignore
  const last = (time: number, channel: number) => meanAt(alone, time, channel)

  test('the member carries the last value forward', () => {
    expect(last(0, 0)).toBeCloseTo(3, 10)
    expect(last(1, 1)).toBeCloseTo(-1, 10)
  })

  test.each([
    // Half way between the two distances, and past the last.
    [0, 0, 0.5],
    [0, 1, 0.75],
    [1, 0, 0],
    [1, 1, 0.5],
  ])('time %d, channel %d: means are averaged, its own weight is %d', (time, channel, weight) => {
    expect(meanAt(said!, time, channel)).toBeCloseTo(weight * OWN + (1 - weight) * last(time, channel), 10)
  })

  test('the rest stays: how samples lie to one another and are spread, and their weights', () => {
    const [first, second] = [0, 1].map((sample) => said!.component(sample, 1, 1))
    expect(second!.mean - first!.mean).toBeCloseTo(4, 10)
    expect([first!.sd, second!.sd]).toEqual([1, 2])
    expect(said!.weights).toEqual(Float64Array.of(0.75, 0.25))
  })

  test('a course moves with the means', () => {
    const path = said!.draw!(0, random(1, 'path'), true)
    Array.from([1, 2, 3, 4], (value, cell) =>
      expect(path[cell]! - value).toBeCloseTo(meanAt(said!, Math.floor(cell / 2), cell % 2) - OWN, 10),
    )
  })

  test('what failed or is not finite stays so', () => {
    const broken = (paths: Partial<SamplePaths>) => stacked(own(paths), stack, 2).predict(parameters, shown, times, options)[0]!
    expect(broken({ failed: true }).failed).toBe(true)
    expect(broken({ finite: false }).finite).toBe(false)
    expect(predict(parameters, shown, times, options)).toEqual([])
  })

  test('where a distribution has no mean it is left as it is', () => {
    const odd = { ...new Normal(1, 1), mean: Infinity } as Normal
    const [left] = stacked(own({ samples: 1, weights: Float64Array.of(1), component: () => odd }), stack, 2).predict(parameters, shown, times, options) // prettier-ignore
    expect(left!.component(0, 1, 0).mean).toBe(Infinity)
  })
})

describe('weights', () => {
  test('are interpolated between distances, and stay what they are beyond', () => {
    expect(weightsAt(stack, 0, 0)).toEqual([1, 0])
    expect(weightsAt(stack, 0, 0.125)).toEqual([0.75, 0.25])
    expect(weightsAt(stack, 1, 0.25)).toEqual([0.75, 0.25])
    expect(weightsAt(stack, 1, Infinity)).toEqual([0.5, 0.5])
  })

  test('shares are means over channels', () => {
    expect(sharesOf(stack, 'latent-ode')).toEqual([
      { name: 'latent-ode', near: 1, far: 0.25 },
      { name: 'last', near: 0, far: 0.75 },
    ])
  })

  test('members keep their numbers among those of the model', () => {
    const all = { weight: Float64Array.of(7), ...parameters }
    expect(ownParameters(all)).toEqual({ weight: Float64Array.of(7) })
    expect(Object.keys(ofMember('last', all))).toEqual(Object.keys(stackParametersOf()))
  })
})
