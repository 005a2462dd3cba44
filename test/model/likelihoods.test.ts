import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, test } from 'vitest'
import { likelihoods, type LikelihoodName } from '../../src/model/likelihoods/index.js'
import type { Likelihood } from '../../src/model/likelihoods/likelihood.js'
import { readableBy } from '../../src/model/readable.js'
import type { EmissionConfig } from '../../src/model/emission.js'
import { tracing } from '../../src/model/tracing.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** What training computes of one value, in float32, by its normalised value. */
function logDensity(name: LikelihoodName, value: number, parameters: readonly number[], scale = { mean: 3, sd: 2 }): number {
  const likelihood: Likelihood = likelihoods[name]
  const x = tf.tensor2d([[(value - scale.mean) / scale.sd]])
  return likelihood
    .logDensity(
      tracing,
      x,
      parameters.map((one) => tf.tensor2d([[one]])),
      [scale],
    )
    .dataSync()[0]!
}

describe('the log probability that training sees', () => {
  test.each([
    // log(1 / (1 + exp(-l))) and log(1 / (1 + exp(l))) by mpmath: no rounding of a probability to 0 or 1.
    ['bernoulli', 1, [0.4], -0.5130152523999526],
    ['bernoulli', 0, [0.4], -0.9130152523999526],
    ['bernoulli', 0, [60], -60],
    // stats.poisson.logpmf of SciPy 1.17.
    ['poisson', 0, [0.3], -0.3],
    ['poisson', 7, [4.2], -2.679569684040156],
    ['poisson', 40, [12], -22.92437372323738],
    // stats.nbinom(1 / d, 1 / (1 + d m)).logpmf; the third by mpmath.
    ['negative-binomial', 4, [2.5, 0.3], -2.2425182344921364],
    ['negative-binomial', 17, [2.5, 0.3], -10.463420183085361],
    ['negative-binomial', 5, [3, 1e-6], -2.2944287],
    ['negative-binomial', 300, [40, 2], -9.348653423629894],
    // log sigmoid(l), and log(1 - sigmoid(l)) + stats.lognorm(s=.8, scale=exp(1.2)).logpdf(x) with sigmoid(l) = .3, per unit of the scale: + log 2.
    ['zero-inflated', 0, [-0.8472978603872037, 1.2, 0.8], -1.2039728043259361],
    ['zero-inflated', 7.5, [-0.8472978603872037, 1.2, 0.8], -3.5861752376909184 + Math.log(2)],
  ] as const)('%s of %d with %j', (name, value, parameters, known) => {
    expect(Math.abs(logDensity(name, value, parameters) - known)).toBeLessThan(2e-5 * Math.max(1, Math.abs(known)))
  })

  test('is the one that forecasts are scored with', () => {
    const scale = { mean: 3, sd: 2 }
    const cases: [LikelihoodName, number, readonly number[]][] = [
      ['bernoulli', 1, [-1.3]],
      ['poisson', 3, [2.2]],
      ['negative-binomial', 0, [2.2, 0.7]],
      ['zero-inflated', 0, [0.3, 1, 0.5]],
      ['zero-inflated', 0.25, [0.3, 1, 0.5]],
    ]
    for (const [name, value, parameters] of cases) {
      const said = likelihoods[name].component(parameters, scale)
      expect(said.logDensity((value - scale.mean) / scale.sd)).toBeCloseTo(logDensity(name, value, parameters), 4)
    }
  })
})

test('the encoder reads counts by their logarithm, about the mean, and other channels as they are', () => {
  const config = {
    likelihood: ['gaussian', 'poisson'],
    scales: [
      { mean: 1, sd: 1 },
      { mean: 3, sd: 2 },
    ],
  } as unknown as EmissionConfig
  const shown = {
    rows: 1,
    length: 2,
    channels: 2,
    lengths: Int32Array.of(2),
    times: Float64Array.of(0, 1),
    values: Float64Array.of(0.5, -1.5, 0.25, 0),
    mask: Uint8Array.of(1, 1, 1, 0),
  }
  // A count of 0: (log 1 − log 4) / (2 / (1 + 3)).
  expect([...readableBy(config)(shown).values]).toEqual([0.5, (-Math.log(4) * 4) / 2, 0.25, 0])
  expect(shown.values[1]).toBe(-1.5)
})
