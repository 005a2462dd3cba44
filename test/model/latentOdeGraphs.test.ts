import { describe, expect, test } from 'vitest'
import { createLatentOde } from '../../src/model/latentOde.js'
import type { LatentOdeConfig } from '../../src/model/latentOdeConfig.js'
import { latentOdeFromGraphs } from '../../src/model/latentOdeFromGraphs.js'
import { graphsFromJSON, graphsToJSON } from '../../src/model/graphs.js'
import type { Observations } from '../../src/model/observations.js'
import type { SequenceModel } from '../../src/model/sequenceModel.js'
import { traceLatentOde } from '../../src/model/traceLatentOde.js'
import { initialise } from '../../src/nn/parameters.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'
import { momentsOf } from './support.js'

const config: LatentOdeConfig = {
  encoder: 'ode-rnn',
  posterior: 'gaussian',
  dynamics: 'mlp',
  likelihood: ['gaussian', 'gaussian'],
  channels: 2,
  latents: 3,
  encoderUnits: 4,
  encoderFieldUnits: 5,
  encoderStep: 0.2,
  fieldUnits: 5,
  fieldLayers: 1,
  rate: 1.5,
  timeDependent: true,
  decoderUnits: 4,
  noise: 'learned',
  residual: 'none',
  method: 'dopri5',
  stepSize: 0.25,
  rtol: 1e-4,
  atol: 1e-5,
  adjoint: 'discrete',
  maxSteps: 1000,
}

/** Two series of two channels: three rows, and none. */
const observations: Observations = {
  rows: 2,
  length: 3,
  channels: 2,
  lengths: Int32Array.of(3, 0),
  times: Float64Array.of(0, 0.2, 0.5, 0, 0, 0),
  values: Float64Array.of(1, 0, -0.5, 0.3, 0, 2, 0, 0, 0, 0, 0, 0),
  mask: Uint8Array.of(1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0),
}
const times = [Float64Array.of(0, 0.3, 1), Float64Array.of(0)]
const sampling = (samples: number) => ({ samples, noise: (row: number) => random(5, 'noise', row) })

describe('Graphs of a latent ODE', () => {
  test.each([{}, { residual: 'ou' }, { noise: 0.3, decoderUnits: 0, timeDependent: false }] as const)(
    'are all of it: written as JSON and read again they give the same bits, %o',
    (changes) => {
      const changed = { ...config, ...changes }
      const direct = createLatentOde(referenceEngine(), changed)
      const json: unknown = JSON.parse(JSON.stringify(graphsToJSON(traceLatentOde(changed))))
      const read = latentOdeFromGraphs(referenceEngine(), changed, graphsFromJSON(json as Record<string, unknown>))
      const parameters = initialise(direct.specs, 3)
      expect(initialise(read.specs, 3)).toEqual(parameters)
      const said = (model: SequenceModel): unknown =>
        model.predict(parameters, observations, times, sampling(4)).map(({ component, draw: _, ...rest }, r) => ({
          ...rest,
          ...momentsOf({ component, ...rest }, times[r]!.length, config.channels),
        }))
      expect(said(read)).toEqual(said(direct))
      const loss = { objective: 'elbo', beta: 1, ...sampling(2) } as const
      const shown: Observations = {
        ...observations,
        rows: 1,
        lengths: Int32Array.of(3),
        times: observations.times.slice(0, 3),
        values: observations.values.slice(0, 6),
        mask: observations.mask.slice(0, 6),
      }
      expect(read.gradient(parameters, shown, shown, loss)).toEqual(direct.gradient(parameters, shown, shown, loss))
    },
  )

  test('one that is missing or damaged is an error', () => {
    const json = graphsToJSON(traceLatentOde(config))
    expect(() => graphsFromJSON({ ...json, field: undefined })).toThrow('A Graph should be an object, but is missing.')
  })
})

describe('a series of which nothing was observed', () => {
  test('is drawn from the prior, whatever the weights', () => {
    const model = createLatentOde(referenceEngine(), { ...config, decoderUnits: 0 })
    const parameters: Record<string, Float64Array> = initialise(model.specs, 3)
    const samples = 20_000
    const [seen, unseen] = model.predict(parameters, observations, times, sampling(samples))
    expect(unseen!.posterior).toEqual({ mean: new Float64Array(3), sd: new Float64Array(3).fill(1) })
    expect(seen!.posterior.mean.some((mean) => mean !== 0)).toBe(true)
    // At the origin a linear decoder maps N(0, 1) to a normal of mean b and variance |w|²; errors of a mean and a
    // standard deviation of 20,000 samples are 0.007 and 0.005 of the standard deviation.
    const [w, b] = [parameters['decoder.w0']!, parameters['decoder.b0']!]
    for (const channel of [0, 1]) {
      const values = Array.from({ length: samples }, (_, k) => unseen!.component(k, 0, channel).mean)
      const mean = values.reduce((sum, value) => sum + value, 0) / samples
      const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples)
      const expected = Math.hypot(...[0, 1, 2].map((latent) => w[latent * 2 + channel]!))
      expect(Math.abs(mean - b[channel]!) / expected).toBeLessThan(0.03)
      expect(Math.abs(sd / expected - 1)).toBeLessThan(0.02)
    }
  })
})
