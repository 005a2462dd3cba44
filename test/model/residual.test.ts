import { describe, expect, test } from 'vitest'
import { createLatentOde } from '../../src/model/latentOde.js'
import { latentOdeConfig, latentOdeOptions } from '../../src/model/latentOdeOptions.js'
import type { Observations } from '../../src/model/observations.js'
import { smoothed } from '../../src/model/residual.js'
import type { SequenceModel } from '../../src/model/sequenceModel.js'
import { initialise } from '../../src/nn/parameters.js'
import { random } from '../../src/random.js'
import { kernelNames } from '../../src/statespace/kernel.js'
import { referenceEngine } from '../reference/engine.js'
import { covariance, gaussianLogDensity, solve } from '../statespace/dense.js'

const sizes = { latents: 3, encoderUnits: 4, encoderFieldUnits: 4, fieldUnits: 4, decoderUnits: 4, rtol: 1e-8, atol: 1e-10 }
const model = (options: object): SequenceModel =>
  createLatentOde(referenceEngine(), latentOdeConfig(latentOdeOptions.parse({ ...sizes, ...options }), { channels: 2, rate: 1 }))

/** One series of two channels, of which the second misses two values. */
const times = [0, 0.2, 0.5, 0.55]
const cells = [
  [1, 0.4],
  [-0.5, undefined],
  [0.7, undefined],
  [0.2, -1],
] as const
const shown: Observations = {
  rows: 1,
  length: 4,
  channels: 2,
  lengths: Int32Array.of(4),
  times: Float64Array.from(times),
  values: Float64Array.from(cells.flat(), (v) => v ?? 0),
  mask: Uint8Array.from(cells.flat(), (v) => (v === undefined ? 0 : 1)),
}
const asked = Float64Array.of(-0.2, 0.2, 0.3, 0.9)
const samples = 3
const options = { samples, noise: () => random(5, 'noise') }
const observed = [0, 1].map((c) => times.flatMap((t, i) => (cells[i]![c] === undefined ? [] : [{ t, value: cells[i]![c], i }])))

describe.each(kernelNames)('a residual process, %s', (name) => {
  const [residual, plain] = [model({ residual: name }), model({ residual: 'none' })]
  // Of the names that both have, weights are the same.
  const weights = initialise(residual.specs, 3)
  const softplus = (x: number): number => Math.log1p(Math.exp(x))
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
  const scales = [0, 1].map((c) => ({
    variance: ((name === 'car2' ? sigmoid : softplus)(weights['residual.spread']![c]!) + 1e-3) ** 2,
    length: Math.exp(weights['residual.length']![c]!) + 1e-4,
    ...(name === 'car2' && { smoothness: 1e-3 + 0.998 * sigmoid(weights['residual.smoothness']![c]!) }),
  }))
  const noise = [0, 1].map((c) => (softplus(weights['noise.raw']![c]!) + 1e-3) ** 2)
  const gram = (c: number): number[][] =>
    observed[c]!.map(({ t }, i) => observed[c]!.map(({ t: u }, j) => covariance(name, scales[c]!)(t - u) + (i === j ? noise[c]! : 0)))
  const means = (at: ArrayLike<number>) => plain.predict(weights, shown, [Float64Array.from(at)], options)[0]!
  const [atShown, atAsked] = [means(times), means(asked)]
  const left = (k: number, c: number): number[] => observed[c]!.map(({ value, i }) => value! - atShown.component(k, i, c).mean)
  const [said] = residual.predict(weights, shown, [asked], options)

  test('in the bound it is a Gaussian density of all values of a channel', () => {
    const { logLikelihood } = residual.loss(weights, shown, shown, { ...options, objective: 'elbo', beta: 1 })
    let expected = 0
    for (let k = 0; k < samples; k++) for (const c of [0, 1]) expected += gaussianLogDensity(gram(c), left(k, c)) / samples
    expect(Math.abs(logLikelihood - expected)).toBeLessThan(1e-10)
  })

  test('forecasts are conditioned on what was shown, for each sample', () => {
    for (const c of [0, 1]) {
      const across = observed[c]!.map(({ t }) => Array.from(asked, (u) => covariance(name, scales[c]!)(t - u)))
      const { x } = solve(gram(c), across)
      for (let k = 0; k < samples; k++) {
        asked.forEach((_, q) => {
          const mean = x.reduce((sum, row, i) => sum + row[q]! * left(k, c)[i]!, atAsked.component(k, q, c).mean)
          const variance = scales[c]!.variance + noise[c]! - x.reduce((sum, row, i) => sum + row[q]! * across[i]![q]!, 0)
          const component = said!.component(k, q, c)
          expect(Math.abs(component.mean - mean)).toBeLessThan(1e-9)
          expect(Math.abs(component.sd - Math.sqrt(variance))).toBeLessThan(1e-9)
        })
      }
    }
  })

  test('samples weigh as much as they explain what was shown, less what made them likely to be drawn', () => {
    const weigh = said!.weights!
    expect(weigh.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
    // The bound of several samples is the log mean of the same weights: taken apart by single samples with the same draws.
    const logs = Array.from({ length: samples }, (_, k) => [0, 1].reduce((sum, c) => sum + gaussianLogDensity(gram(c), left(k, c)), 0))
    const iwae = residual.loss(weights, shown, shown, { ...options, objective: 'iwae', beta: 1 })
    const { mean, sd } = said!.posterior
    const stream = options.noise()
    const drawn = new Float64Array(samples * 3)
    stream.normals(drawn, 0, drawn.length)
    const log = logs.map((density, k) => {
      let ratio = 0
      for (let d = 0; d < 3; d++) {
        const e = drawn[k * 3 + d]!
        const z = mean[d]! + sd[d]! * e
        ratio += -0.5 * z * z + 0.5 * e * e + Math.log(sd[d]!)
      }
      return density + ratio
    })
    const total = log.reduce((sum, one) => sum + Math.exp(one), 0)
    log.forEach((one, k) => expect(weigh[k]).toBeCloseTo(Math.exp(one) / total, 9))
    expect(-iwae.loss * iwae.observed).toBeCloseTo(Math.log(total / samples), 9)
  })

  test('courses are joint: neighbours differ by less than distant times', () => {
    const near = residual.predict(
      weights,
      { ...shown, lengths: Int32Array.of(0), mask: shown.mask.slice().fill(0) },
      [Float64Array.of(3, 3.01, 9)],
      options,
    )[0]!
    const stream = random(3, 'courses')
    let [close, far] = [0, 0]
    for (let n = 0; n < 2000; n++) {
      const path = near.draw!(0, stream, false)
      const base = [0, 1, 2].map((i) => path[i * 2]! - near.component(0, i, 0).mean)
      close += (base[0]! - base[1]!) ** 2 / 2000
      far += (base[0]! - base[2]!) ** 2 / 2000
    }
    const k = covariance(name, scales[0]!)
    expect(close / (2 * (k(0) - k(0.01)))).toBeGreaterThan(0.85)
    expect(close / (2 * (k(0) - k(0.01)))).toBeLessThan(1.15)
    expect(far / (2 * k(0))).toBeGreaterThan(0.85)
    expect(far / (2 * k(0))).toBeLessThan(1.15)
  })
})

test('a channel whose likelihood is not normal has none', () => {
  const mixed = model({ residual: 'ou', likelihood: 'student-t' })
  expect(Object.keys(mixed.specs).some((name) => name.startsWith('residual.'))).toBe(false)
})

test('weights of ou become those of a rough car2 of the same deviation, at most that of the data, and length', () => {
  const weights = {
    'residual.spread': Float64Array.of(-1, 9, -900),
    'residual.length': Float64Array.of(-2, 0, 1),
    'decoder.b0': Float64Array.of(7),
  }
  const smoother = smoothed(weights)
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
  const [spread, length, smoothness] = ['spread', 'length', 'smoothness'].map((name) => smoother[`residual.${name}`]!)
  expect(sigmoid(spread![0]!)).toBeCloseTo(Math.log1p(Math.exp(-1)), 12)
  expect(sigmoid(spread![1]!)).toBeCloseTo(0.95, 12)
  expect(sigmoid(spread![2]!)).toBeCloseTo(0.001, 12)
  expect(length).toEqual(weights['residual.length'])
  for (const raw of smoothness!) expect(sigmoid(raw)).toBeCloseTo(0.05, 12)
  expect(smoother['decoder.b0']).toBe(weights['decoder.b0'])
})
