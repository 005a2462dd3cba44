import { describe, expect, test } from 'vitest'
import { createModel } from '../../src/model/createModel.js'
import { latentOdeOptions } from '../../src/model/latentOdeOptions.js'
import type { ModelSetup, TrainedName } from '../../src/model/models.js'
import type { Observations } from '../../src/model/observations.js'
import { filterCells, filterNames } from '../../src/model/filters/index.js'
import type { LossOptions, LossResult } from '../../src/model/sequenceModel.js'
import { initialise } from '../../src/nn/parameters.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'

const small = { latents: 2, encoderUnits: 3, encoderFieldUnits: 3, fieldUnits: 3, decoderUnits: 3, method: 'rk4', stepSize: 0.1 }
const options: LossOptions = { objective: 'elbo', beta: 0.5, samples: 2, noise: (row) => random(4, 'noise', row) }
const engine = referenceEngine()

/** Two series of three channels; those whose mask is 0 were not observed. */
const seen = (mask: readonly number[]): Observations => ({
  rows: 2,
  length: 2,
  channels: 3,
  lengths: Int32Array.of(2, 2),
  times: Float64Array.of(0, 0.4, 0, 0.7),
  values: Float64Array.from([0.4, -1, 0.3, 1.2, 0.2, -0.6, 0.9, -0.1, 0.5, 0.3, -0.8, 1.4], (value, i) => value * mask[i % 12]!),
  mask: Uint8Array.from(mask),
})
const mask = [1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1]
const shown = seen(mask)
const only = (channel: number): Observations => seen(mask.map((one, cell) => (cell % 3 === channel ? one : 0)))
const weights = [0.25, 3, 1.5]

describe.each<[string, Pick<ModelSetup<TrainedName>, 'kind' | 'options'>]>([
  ['white noise', { kind: 'latent-ode', options: latentOdeOptions.parse({ ...small, residual: 'none' }) }],
  ['a residual process', { kind: 'latent-ode', options: latentOdeOptions.parse({ ...small, residual: 'ou' }) }],
  [
    'two likelihoods',
    { kind: 'latent-ode', options: latentOdeOptions.parse({ ...small, likelihood: 'a=gaussian,b=student-t,c=gaussian' }) },
  ],
  ...filterNames.map((kind): [string, Pick<ModelSetup<TrainedName>, 'kind' | 'options'>] => [
    kind,
    {
      kind,
      options: filterCells[kind].options.parse({
        ...{ units: 3, decoderUnits: 3 },
        ...(kind === 'ode-rnn' && { fieldUnits: 3 }),
        // What this one has beside its likelihood is by channel, too.
        ...(kind === 'gru-ode-bayes' && { bayesWeight: 0 }),
      }),
    },
  ]),
])('%s', (_, model) => {
  const lossOf = (targets: Observations, channelWeights?: readonly number[]): LossResult => {
    const made = createModel(engine, { ...model, channels: 3, names: ['a', 'b', 'c'], rate: 1, ...(channelWeights && { channelWeights }) })
    return made.loss(initialise(made.specs, 3), shown, targets, options)
  }
  const plain = lossOf(shown)

  test('the log density of each channel counts by its weight; the prior and the number of values stay', () => {
    // Given the path, channels are independent: without weights their log densities add up to that of all.
    const own = [0, 1, 2].map((channel) => lossOf(only(channel)).logLikelihood)
    expect(own.reduce((a, b) => a + b)).toBeCloseTo(plain.logLikelihood, 10)
    const { logLikelihood, loss, kl, observed } = lossOf(shown, weights)
    const expected = own.reduce((sum, one, channel) => sum + weights[channel]! * one, 0)
    expect(logLikelihood).toBeCloseTo(expected, 10)
    expect([kl, observed]).toEqual([plain.kl, plain.observed])
    expect(loss).toBeCloseTo((options.beta * (model.kind === 'latent-ode' ? kl : 0) - expected) / 9, 10)
  })

  test('weights of 1 change no bit', () => expect(lossOf(shown, [1, 1, 1])).toEqual(plain))
})
