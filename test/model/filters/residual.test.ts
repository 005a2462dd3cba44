import { describe, expect, test } from 'vitest'
import { createFilter } from '../../../src/model/filters/filter.js'
import { filterSizes } from '../../../src/model/filters/filterOptions.js'
import type { Observations } from '../../../src/model/observations.js'
import type { LossOptions, SequenceModel } from '../../../src/model/sequenceModel.js'
import { initialise } from '../../../src/nn/parameters.js'
import { random } from '../../../src/random.js'
import { kernelNames } from '../../../src/statespace/kernel.js'
import { referenceEngine } from '../../reference/engine.js'
import { batch } from './batch.js'
import { covariance, gaussianLogDensity, solve } from '../../statespace/dense.js'

const channels = 2
const sizes = { units: 3, fieldUnits: 4, decoderUnits: 4 }
const model = (options: object): SequenceModel =>
  createFilter(referenceEngine(), 'ode-rnn', filterSizes({ ...sizes, ...options }, { channels, rate: 1.5 }))
const options: LossOptions = { objective: 'elbo', beta: 1, samples: 1, noise: () => random(1, 'unused') }

type Rows = readonly (readonly [time: number, first: number, second: number])[]
/** Of the first series two rows of five are shown, of the second one of two, of the third none. */
const all: readonly Rows[] = [
  [
    [0, 0.4, -1],
    [0.05, NaN, 0.3],
    [0.09, 0.8, 0.1],
    [0.13, 1.1, NaN],
    [0.2, 0.7, -0.3],
  ],
  [
    [0, -0.2, 0.6],
    [0.31, 0.5, 0.2],
  ],
  [[0.1, 0.5, NaN]],
]
const known: readonly Rows[] = [[all[0]![1]!, all[0]![3]!], [all[1]![0]!], []]
const [targets, shown] = [batch(all), batch(known)]
const asked = [Float64Array.of(-0.1, 0.05, 0.07, 0.11, 0.13, 0.4), Float64Array.of(0.02, 0.3), Float64Array.of(0, 0.2)]

/** The observed values of a channel. */
const observed = (row: Rows, channel: number): { time: number; value: number }[] =>
  row.map(([time, ...values]) => ({ time, value: values[channel]! })).filter(({ value }) => !Number.isNaN(value))

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

describe.each(kernelNames)('an ODE-RNN with a residual process, %s', (name) => {
  const [correlated, plain] = [model({ residual: name }), model({ residual: 'none' })]
  // Of the names that both have, weights are the same: what the one says is what the other's process lies around.
  const weights = initialise(correlated.specs, 3)
  const kernel = (channel: number): ((gap: number) => number) => {
    const raw = weights['residual.spread']![channel]!
    const variance = ((name === 'car2' ? sigmoid(raw) : Math.log1p(Math.exp(raw))) + 1e-3) ** 2
    const smoothness = 1e-3 + 0.998 * sigmoid(weights['residual.smoothness']?.[channel] ?? 0)
    return covariance(name, { variance, length: Math.exp(weights['residual.length']![channel]!) + 1e-4, smoothness })
  }
  /** What is said of one channel of a series at some times without the process: means, and variances of the noise. */
  const around = (series: number, channel: number, times: readonly number[]): { mean: number; noise: number }[] => {
    const at = asked.map((list, row) => (row === series ? Float64Array.from(times) : list))
    const said = plain.predict(weights, shown, at, options)[series]!
    return times.map((_, i) => said.component(0, i, channel)).map(({ mean, sd }) => ({ mean, noise: sd * sd }))
  }
  /** Values of a channel less their means, and the covariance matrix of what is left. */
  function leftOf(rows: readonly Rows[], series: number, channel: number): { times: number[]; left: number[]; gram: number[][] } {
    const values = observed(rows[series]!, channel)
    const times = values.map(({ time }) => time)
    const said = around(series, channel, times)
    const k = kernel(channel)
    return {
      times,
      left: values.map(({ value }, i) => value - said[i]!.mean),
      gram: times.map((t, i) => times.map((u, j) => k(t - u) + (i === j ? said[i]!.noise : 0))),
    }
  }
  /** Mean and covariance of the process at some times given what is shown, by dense algebra. */
  function conditioned(series: number, channel: number, at: readonly number[]): { means: number[]; covariance: number[][] } {
    const { times, left, gram } = leftOf(known, series, channel)
    const k = kernel(channel)
    const across = times.map((t) => at.map((u) => k(t - u)))
    const { x } = solve(gram, across)
    return {
      means: at.map((_, q) => x.reduce((sum, row, i) => sum + row[q]! * left[i]!, 0)),
      covariance: at.map((t, p) => at.map((u, q) => k(t - u) - x.reduce((sum, row, i) => sum + row[q]! * across[i]![p]!, 0))),
    }
  }

  test('the loss is a Gaussian density of the targets up to the last row shown, and of each later one given these', () => {
    let [expected, count] = [0, 0]
    for (const series of all.keys()) {
      for (const channel of [0, 1]) {
        const { times, left, gram } = leftOf(all, series, channel)
        const until = known[series]!.at(-1)?.[0] ?? -Infinity
        const densityOf = (entries: readonly number[]): number =>
          gaussianLogDensity(
            entries.map((i) => entries.map((j) => gram[i]![j]!)),
            entries.map((i) => left[i]!),
          )
        const inside = [...times.keys()].filter((i) => times[i]! <= until)
        expected += densityOf(inside)
        for (const later of times.slice(inside.length).keys()) expected += densityOf([...inside, inside.length + later]) - densityOf(inside)
        count += left.length
      }
    }
    const result = correlated.loss(weights, shown, targets, options)
    expect(Math.abs(result.logLikelihood - expected)).toBeLessThan(1e-10)
    expect(result.loss).toBeCloseTo(-expected / count, 10)
    expect([result.observed, result.series]).toEqual([count, 3])
  })

  test('the gradient is that of central differences', () => {
    // Float64, step 1e-6: error of order 1e-9 of the loss's curvature, and rounding of 1e-10.
    const { gradient } = correlated.gradient(weights, shown, targets, options)
    const stream = random(9, 'coordinates')
    for (const parameter of Object.keys(correlated.specs)) {
      const i = stream.integer(weights[parameter]!.length)
      const at = (delta: number): number => {
        const moved = { ...weights, [parameter]: weights[parameter]!.slice() }
        moved[parameter]![i]! += delta
        return correlated.loss(moved, shown, targets, options).loss
      }
      const difference = (at(1e-6) - at(-1e-6)) / 2e-6
      expect(Math.abs(gradient[parameter]![i]! - difference), `${parameter}[${i}]`).toBeLessThan(1e-7 * Math.max(1, Math.abs(difference)))
    }
  })

  test('forecasts are conditioned on what is shown before and after', () => {
    correlated.predict(weights, shown, asked, options).forEach((said, series) => {
      const times = [...asked[series]!]
      for (const channel of [0, 1]) {
        const { means, covariance: posterior } = conditioned(series, channel, times)
        around(series, channel, times).forEach(({ mean, noise }, q) => {
          const component = said.component(0, q, channel)
          expect(Math.abs(component.mean - mean - means[q]!)).toBeLessThan(1e-10)
          expect(Math.abs(component.sd - Math.sqrt(posterior[q]![q]! + noise))).toBeLessThan(1e-10)
        })
      }
    })
  })

  test('courses are joint over times', () => {
    const [said] = correlated.predict(weights, shown, asked, options)
    const times = [...asked[0]!]
    const { means: process, covariance: posterior } = conditioned(0, 0, times)
    const stream = random(3, 'courses')
    const draws = 4000
    const sums = times.map(() => times.map(() => 0))
    const means = around(0, 0, times).map(({ mean }, q) => mean + process[q]!)
    for (let n = 0; n < draws; n++) {
      const path = said!.draw!(0, stream, false)
      const off = times.map((_, q) => path[q * channels]! - means[q]!)
      off.forEach((a, p) => off.forEach((b, q) => (sums[p]![q]! += (a * b) / draws)))
    }
    // A covariance of 4,000 draws has a standard error of at most √2 / √4000 = 2.2 % of the variances; five of them.
    const scale = (p: number, q: number): number => Math.sqrt(posterior[p]![p]! * posterior[q]![q]!)
    sums.forEach((row, p) => row.forEach((sum, q) => expect(Math.abs(sum - posterior[p]![q]!)).toBeLessThan(0.11 * scale(p, q))))
  })
})

test('one value in each series, or one time: the loss is that of single values', () => {
  const lone = batch([[[0, 0.4, NaN]], [[0, 1.2, NaN]]])
  const correlated = model({ residual: 'ou' })
  const weights = initialise(correlated.specs, 3)
  const variance = (Math.log1p(Math.exp(weights['residual.spread']![0]!)) + 1e-3) ** 2
  const said = model({ residual: 'none' }).predict(weights, lone, [Float64Array.of(0), Float64Array.of(0)], options)
  const expected = [0.4, 1.2].reduce((sum, value, series) => {
    const { mean, sd } = said[series]!.component(0, 0, 0)
    const total = variance + sd * sd
    return sum - 0.5 * ((value - mean) ** 2 / total + Math.log(2 * Math.PI * total))
  }, 0)
  const { logLikelihood, gradient } = correlated.gradient(weights, lone, lone, options)
  expect(logLikelihood).toBeCloseTo(expected, 10)
  // A length scale is nothing that single values tell.
  expect([...gradient['residual.length']!]).toEqual([0, 0])
  expect(Object.values(gradient).every((numbers) => numbers.every(Number.isFinite))).toBe(true)
})

test.each([NaN, Infinity, 1e38])('what was not observed has no influence when it is %d', (garbage) => {
  const correlated = model({ residual: 'matern32' })
  const weights = initialise(correlated.specs, 3)
  const spoil = (o: Observations): Observations => ({ ...o, values: o.values.map((v, cell) => (o.mask[cell] === 1 ? v : garbage)) })
  const clean = correlated.gradient(weights, shown, targets, options)
  const spoiled = correlated.gradient(weights, spoil(shown), spoil(targets), options)
  expect(spoiled.loss).toBe(clean.loss)
  expect(spoiled.gradient).toEqual(clean.gradient)
})
