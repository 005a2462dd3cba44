import { expect, test } from 'vitest'
import { unitsOf } from '../../src/data/normalise.js'
import { Normal } from '../../src/distribution/normal.js'
import { random } from '../../src/random.js'

// Quantiles from Wichura (1988), who gives those of 0.25, 0.001 and 1e-20, and from tables.
test.each([
  [0.5, 0],
  [0.25, -0.674489750196082],
  [0.001, -3.09023230616781],
  [1e-20, -9.26234008979841],
  [0.975, 1.95996398454005],
])('the quantile of %s', (probability, z) => {
  expect(new Normal(0, 1).quantile(probability)).toBeCloseTo(z, 13)
  expect(new Normal(-3, 2).quantile(probability)).toBeCloseTo(-3 + 2 * z, 12)
})

test('the median is the mean to the bit', () => {
  for (const mean of [0.1, -7.3, 1e-9, 12345.678]) expect(new Normal(mean, 0.3).quantile(0.5)).toBe(mean)
})

test('distribution function and density', () => {
  const normal = new Normal(2, 3)
  // The error function is approximated to 1.2e-7.
  expect(normal.cdf(2 + 3 * 1.959963984540054)).toBeCloseTo(0.975, 6)
  expect(normal.logDensity(5)).toBeCloseTo(-0.5 - Math.log(3) - 0.5 * Math.log(2 * Math.PI), 14)
})

test('draws have its mean and standard deviation', () => {
  const stream = random(1, 'test')
  const draws = Array.from({ length: 40_000 }, () => new Normal(2, 3).sample(stream))
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length
  // Standard errors: 0.015 of the mean, 0.011 of the standard deviation.
  expect(Math.abs(mean - 2)).toBeLessThan(0.06)
  expect(Math.abs(Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length) - 3)).toBeLessThan(0.05)
})

test('under a logarithm it is log-normal', () => {
  const channel = { channel: 'x', transform: { kind: 'log', offset: 2, floor: 1 }, mean: 1, sd: 0.5, rawMean: 0 } as const
  const { mean, sd } = new Normal(0.4, 0.6).momentsIn(unitsOf(channel))
  // m = 1 + 0.5 · 0.4, s = 0.3.
  expect(mean).toBeCloseTo(Math.exp(1.2 + 0.045) - 2, 12)
  expect(sd).toBeCloseTo(Math.sqrt((Math.exp(0.09) - 1) * Math.exp(2.4 + 0.09)), 12)
})
