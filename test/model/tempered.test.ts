import { describe, expect, test } from 'vitest'
import { Normal } from '../../src/distribution/normal.js'
import { joinMembers } from '../../src/model/members.js'
import { mixture } from '../../src/model/mixture.js'
import { meanAt } from '../../src/model/sampleMean.js'
import type { Forecaster, SamplePaths } from '../../src/model/sequenceModel.js'
import { tempered, weightsToPower } from '../../src/model/tempered.js'
import { random } from '../../src/random.js'
import { shown } from './oneValue.js'

/** Two samples, N(0, 1) and N(7, 1), with weights that are a parameter, or with none. */
const model: Forecaster = {
  name: 'two',
  specs: {},
  predict: ({ weights }) => [
    {
      samples: 2,
      component: (sample) => new Normal(7 * sample, 1),
      ...(weights && { weights: Float64Array.from(weights) }),
      finite: true,
      posterior: { mean: new Float64Array(0), sd: new Float64Array(0) },
      solver: { evaluations: 1, accepted: 1, rejected: 0, rows: 1, failed: 0, smallestStep: 1 },
      failed: false,
    },
  ],
}
const predict = (one: Forecaster, parameters: Parameters<Forecaster['predict']>[0]): SamplePaths =>
  one.predict(parameters, shown, [Float64Array.of(1)], { samples: 2, noise: () => random(1, 'noise') })[0]!

describe('weights of samples to a power', () => {
  test('are what a hand computes: √.64 and √.36 are .8 and .6', () => {
    const [a, b] = weightsToPower(Float64Array.of(0.64, 0.36), 0.5)
    expect(a).toBeCloseTo(4 / 7, 14)
    expect(b).toBeCloseTo(3 / 7, 14)
  })

  test('a forecast has them; all else of it stays', () => {
    const paths = predict(tempered(model, 0.5), { weights: Float64Array.of(0.64, 0.36) })
    expect(meanAt(paths, 0, 0)).toBeCloseTo(3, 12)
    expect([paths.samples, paths.finite, paths.component(1, 0, 0).mean]).toEqual([2, true, 7])
  })

  test('weights of 0 stay 0, and samples without weights have none', () => {
    expect([...weightsToPower(Float64Array.of(1, 0), 0.1)]).toEqual([1, 0])
    expect(predict(tempered(model, 0.5), {}).weights).toBeUndefined()
  })

  test('1 is the model as it is', () => {
    expect(tempered(model, 1)).toBe(model)
  })

  test('of several members each has its own weights to the power, and counts the same as before', () => {
    const parameters = joinMembers([{ weights: Float64Array.of(0.64, 0.36) }, { weights: Float64Array.of(0.1, 0.9) }])
    // √.1 : √.9 is 1 : 3.
    expect(meanAt(predict(mixture(tempered(model, 0.5), 2), parameters), 0, 0)).toBeCloseTo((7 * (3 / 7) + 7 * (3 / 4)) / 2, 12)
  })
})
