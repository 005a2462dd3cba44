import { describe, expect, test } from 'vitest'
import { createModel } from '../../../src/model/createModel.js'
import { filterNames, type FilterName } from '../../../src/model/filters/index.js'
import type { ModelSetup } from '../../../src/model/models.js'
import type { Observations } from '../../../src/model/observations.js'
import type { LossOptions, SequenceModel } from '../../../src/model/sequenceModel.js'
import { initialise } from '../../../src/nn/parameters.js'
import { random } from '../../../src/random.js'
import { referenceEngine } from '../../reference/engine.js'
import { momentsOf } from '../support.js'
import { batch } from './batch.js'
import { decode, gruBayes, stateAt, type Row, type Weights } from './cells.js'

const [channels, units, rate] = [2, 3, 1.5]
const options: LossOptions = { objective: 'elbo', beta: 1, samples: 1, noise: () => random(1, 'unused') }
const ask = { samples: 1, noise: options.noise }

const setupOf = (kind: FilterName, own: object, channelWeights?: readonly number[]): ModelSetup<FilterName> => ({
  kind,
  channels,
  rate,
  ...(channelWeights && { channelWeights }),
  options: { units, fieldUnits: 4, fieldLayers: 1, rate: 'auto', decoderUnits: 4, residual: 'none', ...own },
})
const modelOf = (kind: FilterName, own: object = {}, channelWeights?: readonly number[]): SequenceModel =>
  createModel(referenceEngine(), setupOf(kind, own, channelWeights))
/** Weights of which none is at rest: biases and decays, too. */
function weightsOf(model: SequenceModel): Weights {
  const stream = random(7, 'weights')
  return Object.fromEntries(
    Object.entries(initialise(model.specs, 3)).map(([name, values]) => [name, values.map((x) => x + 0.1 + 0.2 * stream.uniform())]),
  )
}

/** The second channel is missing in two rows on end, the first in one. */
const known: readonly (readonly Row[])[] = [
  [
    [0, 0.4, -1],
    [0.05, NaN, 0.3],
    [0.13, 1.1, NaN],
    [0.33, 0.7, NaN],
    [0.35, NaN, 0.9],
  ],
  [[0.1, NaN, 0.6]],
  [],
]
const all: readonly (readonly Row[])[] = [
  [...known[0]!.slice(0, 2), [0.09, 0.8, 0.1], ...known[0]!.slice(2), [0.41, 0.2, NaN], [0.9, -0.4, 1]],
  [[-0.1, 0.3, 0.2], ...known[1]!, [0.3, 0.2, 0.1]],
  [[0.2, 0.5, NaN]],
]
const [shown, targets] = [batch(known), batch(all)]

const logDensity = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI)

describe.each(filterNames)('%s', (kind) => {
  const model = modelOf(kind)
  const weights = weightsOf(model)
  const plain = { weights, units, rate }

  test('predicts what the formulas in plain loops do, between observations, at them and after', () => {
    // Float64 on both sides; sums of some dozen terms.
    const asked = [
      [-0.2, 0, 0.02, 0.05, 0.07, 0.13, 0.2, 0.33, 0.34, 0.35, 0.36, 0.9],
      [0, 0.1, 0.11, 0.8],
      [0.1, 0.3],
    ]
    const said = model.predict(
      weights,
      shown,
      asked.map((times) => Float64Array.from(times)),
      ask,
    )
    asked.forEach((times, row) => {
      const { means, noise } = momentsOf(said[row]!, times.length, channels)
      times.forEach((time, i) => {
        const { mean, sd } = decode(weights, stateAt[kind](plain, known[row]!, time))
        for (let c = 0; c < channels; c++) {
          expect(means[i * channels + c], `row ${row} at ${time}`).toBeCloseTo(mean[c]!, 11)
          expect(noise[i * channels + c], `row ${row} at ${time}`).toBeCloseTo(sd[c]!, 11)
        }
      })
    })
  })

  test('has the log density of each target given what was shown before it', () => {
    const expected = all.flatMap((rows, r) =>
      rows.flatMap(([time, ...values]) => {
        const { mean, sd } = decode(weights, stateAt[kind](plain, known[r]!, time))
        return values.flatMap((x, c) => (Number.isNaN(x) ? [] : [logDensity(x, mean[c]!, sd[c]!)]))
      }),
    )
    const { logLikelihood, observed, series } = model.loss(weights, shown, targets, options)
    // ½ log 2π is a number of the Graph, to the seven digits of float32.
    expect(logLikelihood).toBeCloseTo(
      expected.reduce((a, b) => a + b, 0),
      5,
    )
    expect([observed, series]).toEqual([expected.length, 3])
  })

  test.each(['none', 'ou'] as const)('the gradient is that of central differences, residual %s', (residual) => {
    // Float64, step 1e-6: error of order 1e-9 of the loss's curvature, and rounding of 1e-10.
    const own = modelOf(kind, { residual })
    const at = weightsOf(own)
    const { gradient, loss } = own.gradient(at, shown, targets, options)
    expect(own.loss(at, shown, targets, options).loss).toBe(loss)
    const stream = random(9, 'coordinates')
    for (const name of Object.keys(own.specs)) {
      const i = stream.integer(at[name]!.length)
      const moved = (delta: number): number => {
        const array = at[name]!.slice()
        array[i]! += delta
        return own.loss({ ...at, [name]: array }, shown, targets, options).loss
      }
      const difference = (moved(1e-6) - moved(-1e-6)) / 2e-6
      expect(Math.abs(gradient[name]![i]! - difference), `${name}[${i}] ${difference}`).toBeLessThan(
        1e-7 * Math.max(1, Math.abs(difference)),
      )
    }
  })

  test('rows do not see each other, and other times asked for change nothing', () => {
    const times = known.map(() => Float64Array.of(0.5))
    const together = model.predict(weights, shown, times, ask)
    known.forEach((rows, r) => {
      const [alone] = model.predict(weights, batch([rows]), [Float64Array.of(0.5)], ask)
      expect(momentsOf(together[r]!, 1, channels)).toEqual(momentsOf(alone!, 1, channels))
    })
    const [more] = model.predict(weights, batch([known[0]!]), [Float64Array.of(-1, 0.01, 0.05, 0.383, 0.5, 0.5, 0.6)], ask)
    const { means } = momentsOf(more!, 7, channels)
    expect(means.subarray(4 * channels, 5 * channels)).toEqual(momentsOf(together[0]!, 1, channels).means)
  })

  test.each([NaN, Infinity, 1e38])('what was not observed has no influence when it is %d', (garbage) => {
    const spoil = (o: Observations): Observations => ({ ...o, values: o.values.map((v, cell) => (o.mask[cell] === 1 ? v : garbage)) })
    const clean = model.gradient(weights, shown, targets, options)
    const spoiled = model.gradient(weights, spoil(shown), spoil(targets), options)
    expect(spoiled.loss).toBe(clean.loss)
    expect(spoiled.gradient).toEqual(clean.gradient)
  })

  test('the gap that counts is the one before an observation, not the one after', () => {
    const rowsOf = (first: number, second: number): Row[] => [
      [0, 0.4, -1],
      [first, 0.3, 0.2],
      [second, 0.1, 0.5],
    ]
    const said = (first: number, second: number): number =>
      model.predict(weights, batch([rowsOf(first, second)]), [Float64Array.of(second)], ask)[0]!.component(0, 0, 0).mean
    const at = (first: number, second: number): number => decode(weights, stateAt[kind](plain, rowsOf(first, second), second)).mean[0]!
    for (const [first, second] of [
      [0.02, 0.3],
      [0.28, 0.3],
    ] as const)
      expect(said(first, second)).toBeCloseTo(at(first, second), 11)
    expect(at(0.02, 0.3)).not.toBeCloseTo(at(0.28, 0.3), 5)
  })
})

describe('cells that cross gaps whole', () => {
  const whole = ['rnn-delta', 'rnn-decay', 'gru-d'] as const
  test.each(whole)('%s: a row without any value is no observation, and ends no gap', (kind) => {
    const model = modelOf(kind)
    const weights = weightsOf(model)
    const [rows, empty] = [known[0]!, [0.2, NaN, NaN] as const]
    const times = [Float64Array.of(0.25, 0.5)]
    const [one] = model.predict(weights, batch([rows]), times, ask)
    const [other] = model.predict(weights, batch([[...rows.slice(0, 3), empty, ...rows.slice(3)]]), times, ask)
    expect(momentsOf(other!, 2, channels)).toEqual(momentsOf(one!, 2, channels))
  })

  test.each(whole)('%s: far times take no longer; a time that is none is a failure of its series', (kind) => {
    const model = modelOf(kind)
    const weights = weightsOf(model)
    const paths = model.predict(weights, batch([known[0]!, known[1]!]), [Float64Array.of(1e9), Float64Array.of(NaN)], ask)
    expect(paths.map(({ failed }) => failed)).toEqual([false, true])
    expect(paths[0]!.component(0, 0, 0).mean).toSatisfy(Number.isFinite)
  })
})

describe('the penalty of gru-ode-bayes', () => {
  const own = { bayesWeight: 0.7, bayesNoise: 0.3 }
  const model = modelOf('gru-ode-bayes', own)
  const weights = weightsOf(model)

  /** KL(p ‖ q) of two normal distributions, by the trapezoidal rule. */
  function divergence(p: { mean: number; sd: number }, q: { mean: number; sd: number }): number {
    const [from, width, count] = [p.mean - 12 * p.sd, 24 * p.sd, 4000]
    let sum = 0
    for (let i = 0; i <= count; i++) {
      const x = from + (width * i) / count
      const log = logDensity(x, p.mean, p.sd)
      sum += Math.exp(log) * (log - logDensity(x, q.mean, q.sd))
    }
    return (sum * width) / count
  }

  test('is its weight times the divergence of what the state says from what Bayes says, of all values that are read', () => {
    const expected = known.flatMap((rows) =>
      rows.flatMap(([time, ...values]) => {
        const h = stateAt['gru-ode-bayes']({ weights, units, rate }, rows, time)
        const [prior, after] = [decode(weights, h), decode(weights, gruBayes({ weights, units, rate }, h, values))]
        return values.flatMap((x, c) => {
          if (Number.isNaN(x)) return []
          // The product of two normal densities in x.
          const precision = 1 / prior.sd[c]! ** 2 + 1 / own.bayesNoise ** 2
          const mean = (prior.mean[c]! / prior.sd[c]! ** 2 + x / own.bayesNoise ** 2) / precision
          return [divergence({ mean, sd: 1 / Math.sqrt(precision) }, { mean: after.mean[c]!, sd: after.sd[c]! })]
        })
      }),
    )
    const { kl, loss, logLikelihood, observed } = model.loss(weights, shown, targets, options)
    // The numbers of the Graph, such as 0.09, have the seven digits of float32.
    expect(kl).toBeCloseTo(own.bayesWeight * expected.reduce((a, b) => a + b, 0), 5)
    expect(loss).toBeCloseTo((kl - logLikelihood) / observed, 12)
  })

  test('counts by the weights of channels', () => {
    const klOf = (channelWeights?: readonly number[]): number =>
      modelOf('gru-ode-bayes', own, channelWeights).loss(weights, shown, targets, options).kl
    expect(klOf([2, 0.5])).toBeCloseTo(2 * klOf([1, 0]) + 0.5 * klOf([0, 1]), 10)
    expect(klOf([1, 0]) + klOf([0, 1])).toBeCloseTo(klOf(), 10)
  })

  test('there is none at weight 0, and none of the others', () => {
    expect(modelOf('gru-ode-bayes', { ...own, bayesWeight: 0 }).loss(weights, shown, targets, options).kl).toBe(0)
    for (const kind of filterNames.filter((name) => name !== 'gru-ode-bayes')) {
      const other = modelOf(kind)
      expect(other.loss(weightsOf(other), shown, targets, options).kl).toBe(0)
    }
  })
})

describe('a fit', () => {
  const waves = batch(
    Array.from({ length: 4 }, (_, r) => Array.from({ length: 8 }, (_c, i): Row => [i / 8, Math.sin(i + r), Math.cos(i + r)])),
  )
  test.each(filterNames)('%s: learns sines, by plain descent', (kind) => {
    const model = modelOf(kind, { units: 8, decoderUnits: 8 })
    const weights = initialise(model.specs, 1)
    const at = (): number => -model.loss(weights, waves, waves, options).logLikelihood / 64
    const start = at()
    for (let step = 0; step < 25; step++) {
      const { gradient } = model.gradient(weights, waves, waves, options)
      const norm = Math.sqrt(Object.values(gradient).reduce((sum, g) => sum + new Float64Array(g).reduce((a, b) => a + b * b, 0), 0))
      for (const [name, g] of Object.entries(gradient)) g.forEach((slope, i) => (weights[name]![i]! -= (0.2 * slope) / Math.max(1, norm)))
    }
    // Descent that did not follow the gradient would not come down.
    expect(at()).toBeLessThan(start - 0.1)
  })
})
