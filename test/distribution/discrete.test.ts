import { describe, expect, test } from 'vitest'
import { Bernoulli } from '../../src/distribution/bernoulli.js'
import type { Distribution, Units } from '../../src/distribution/distribution.js'
import { affine } from '../../src/distribution/affine.js'
import { logGamma } from '../../src/distribution/logGamma.js'
import { mixture } from '../../src/distribution/mixture.js'
import { NegativeBinomial } from '../../src/distribution/negativeBinomial.js'
import { Normal } from '../../src/distribution/normal.js'
import { OnScale } from '../../src/distribution/onScale.js'
import { Predictive } from '../../src/distribution/predictive.js'
import { ZeroInflated } from '../../src/distribution/zeroInflated.js'
import { random } from '../../src/random.js'

const relative = (said: number, known: number): number => Math.abs(said - known) / Math.max(1e-300, Math.abs(known))

test('log Γ has the values that mathematics has', () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13)
  expect(logGamma(1)).toBeCloseTo(0, 13)
  expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12)
})

describe('counts', () => {
  // r = 1/d; stats.nbinom(r, r / (r + m)).logpmf(n), .cdf(n) of SciPy 1.17; where r is large or n is, logpmf by mpmath with 40 digits.
  test.each([
    [2.5, 0.3, 0, -1.8653859597847426, 0.1548364377126518],
    [2.5, 0.3, 4, -2.2425182344921364, 0.8441090151465239],
    [2.5, 0.3, 17, -10.463420183085361, 0.999973459753978],
    [40, 2, 3, -3.3976429471375718, 0.24007703165126093],
    [40, 2, 300, -9.348653423629894, 0.9937339489771276],
    [3, 1e-8, 5, -2.2944303044414975, 0.9160820544244915],
    [1200, 0.01, 1300, -6.128723839433801, 0.7930802602968511],
    [0.02, 5, 1, -4.0263952211933365, 0.9989570138303783],
    [100_000, 0.5, 90_000, -12.032002508298783, 0.5371666833949466],
    // stats.poisson.
    [0.3, 0, 0, -0.3, 0.740818220681718],
    [4.2, 0, 7, -2.679569684040156, 0.9360566602725789],
    [800, 0, 760, -5.252803664423482, 0.0804086224373935],
    [12, 0, 40, -22.92437372323738, 0.9999999999548094],
  ])('of mean %d and dispersion %d have the probability and distribution function of SciPy at %d', (mean, dispersion, n, log, below) => {
    const count = new NegativeBinomial(mean, dispersion)
    expect(relative(count.logDensity(n), log)).toBeLessThan(1e-9)
    expect(relative(count.cdf(n), below)).toBeLessThan(2e-8)
    expect(count.mass(n)).toBeCloseTo(Math.exp(log), 9)
  })

  // .ppf([0.1, 0.5, 0.95, 0.999])
  test.each([
    [2.5, 0.3, [0, 2, 6, 12]],
    [40, 2, [0, 18, 154, 436]],
    [4.2, 0, [2, 4, 8, 12]],
  ])('of mean %d and dispersion %d have the quantiles of SciPy', (mean, dispersion, known) => {
    expect([0.1, 0.5, 0.95, 0.999].map((p) => new NegativeBinomial(mean, dispersion).quantile(p))).toEqual(known)
  })

  test('have mean and variance that their probabilities give', () => {
    const count = new NegativeBinomial(2.5, 0.3)
    const numbers = Array.from({ length: 200 }, (_, n) => n)
    const mean = numbers.reduce((sum, n) => sum + n * count.mass(n), 0)
    expect(mean).toBeCloseTo(2.5, 10)
    expect(numbers.reduce((sum, n) => sum + (n - mean) ** 2 * count.mass(n), 0)).toBeCloseTo(count.sd ** 2, 9)
  })

  test('are whole numbers from 0 on, and nothing else', () => {
    const count = new NegativeBinomial(2.5, 0.3)
    expect([-1, 0.5].map((x) => count.logDensity(x))).toEqual([-Infinity, -Infinity])
    expect(count.cdf(-0.5)).toBe(0)
    expect(count.cdf(3.5)).toBe(count.cdf(3))
  })
})

test('zero or log-normal: density, distribution function, moments and quantiles of SciPy', () => {
  // d = stats.lognorm(s=.8, scale=exp(1.2)): log(.7) + d.logpdf(x), .3 + .7 d.cdf(x).
  const zeroOr = new ZeroInflated(0.3, 1.2, 0.8)
  expect(zeroOr.logDensity(0.01)).toBeCloseTo(-22.775425433813762, 10)
  expect(zeroOr.logDensity(7.5)).toBeCloseTo(-3.5861752376909184, 12)
  expect(zeroOr.cdf(1)).toBeCloseTo(0.34676504088820065, 6)
  expect(zeroOr.cdf(7.5)).toBeCloseTo(0.8920672667909673, 6)
  // .7 d.mean(), and the root of .7 (d.var() + d.mean()²) less its square.
  expect(zeroOr.mean).toBeCloseTo(3.200557636599511, 12)
  expect(zeroOr.sd).toBeCloseTo(4.184364547408049, 12)
  // d.ppf((p - .3) / .7)
  expect(zeroOr.quantile(0.5)).toBeCloseTo(2.111167142059798, 10)
  expect(zeroOr.quantile(0.9)).toBeCloseTo(7.799474963845845, 10)
  expect([zeroOr.quantile(0.3), zeroOr.mass(0), zeroOr.logDensity(0), zeroOr.logDensity(-1)]).toEqual([0, 0.3, Math.log(0.3), -Infinity])
})

test('0 or 1', () => {
  const coin = new Bernoulli(0.2)
  expect([coin.cdf(-1), coin.cdf(0), coin.cdf(0.5), coin.cdf(1)]).toEqual([0, 0.8, 0.8, 1])
  expect([coin.quantile(0.8), coin.quantile(0.81)]).toEqual([0, 1])
  expect(coin.sd).toBeCloseTo(0.4, 15)
  expect([coin.logDensity(1), coin.logDensity(2)]).toEqual([Math.log(0.2), -Infinity])
})

test.each<[string, Distribution]>([
  ['0 or 1', new Bernoulli(0.2)],
  ['counts', new NegativeBinomial(2.5, 0.3)],
  ['counts of a Poisson distribution', new NegativeBinomial(2.5, 0)],
  ['zero or log-normal', new ZeroInflated(0.3, 0.1, 0.4)],
])('draws of %s have their mean and standard deviation', (_, distribution) => {
  const stream = random(4, 'draws')
  const draws = Array.from({ length: 20_000 }, () => distribution.sample(stream))
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length
  // Four standard errors.
  expect(Math.abs(mean - distribution.mean)).toBeLessThan((4 * distribution.sd) / Math.sqrt(draws.length))
  const sd = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length)
  expect(Math.abs(sd / distribution.sd - 1)).toBeLessThan(0.05)
})

describe('what is said in the units of the data', () => {
  const scale = { mean: 1.7, sd: 0.3 }
  const units: Units = {
    shift: scale.mean,
    scale: scale.sd,
    normalise: (x) => (x - scale.mean) / scale.sd,
    denormalise: (z) => scale.mean + scale.sd * z,
    logJacobian: () => -Math.log(scale.sd),
  }
  const predicted = (some: readonly Distribution[], weights?: Float64Array): Predictive =>
    new Predictive(
      some.map((one) => new OnScale(one, scale)),
      units,
      weights,
      { factors: [3], shares: [1] },
    )

  test('probabilities of 0 and 1 are averaged, exactly, and not stretched', () => {
    const said = predicted([new Bernoulli(0.2), new Bernoulli(0.6)], Float64Array.of(0.75, 0.25))
    expect(said.mean).toBeCloseTo(0.3, 15)
    expect([said.quantile(0.5), said.quantile(0.95)]).toEqual([0, 1])
    expect([said.logDensity(1), said.mass!(1)]).toEqual([Math.log(said.mean), said.mean])
    expect(said.normalised.logDensity(units.normalise(1))).toBe(said.logDensity(1))
  })

  test('quantiles of a mixture of counts are whole numbers, by its distribution function', () => {
    const said = predicted([new NegativeBinomial(0.5, 0), new NegativeBinomial(9, 0.2)])
    const below = (n: number): number => (new NegativeBinomial(0.5, 0).cdf(n) + new NegativeBinomial(9, 0.2).cdf(n)) / 2
    for (const p of [0.05, 0.3, 0.5, 0.8, 0.99]) {
      const quantile = said.quantile(p)
      expect(Number.isInteger(quantile)).toBe(true)
      expect(below(quantile)).toBeGreaterThanOrEqual(p)
      if (quantile > 0) expect(below(quantile - 1)).toBeLessThan(p)
    }
    expect(said.mean).toBe(4.75)
  })

  test('beside a probability of 0 there is a density per unit, which the scale changes', () => {
    const one = new ZeroInflated(0.3, 0.1, 0.4)
    const said = predicted([one, one])
    expect(said.logDensity(0)).toBeCloseTo(Math.log(0.3), 14)
    expect(said.logDensity(1.2)).toBeCloseTo(one.logDensity(1.2), 12)
    expect(said.normalised.logDensity(units.normalise(0))).toBeCloseTo(Math.log(0.3), 14)
    expect(said.normalised.logDensity(units.normalise(1.2))).toBeCloseTo(one.logDensity(1.2) + Math.log(0.3), 10)
    expect(said.quantile(0.2)).toBe(0)
  })

  test('what is shifted and scaled keeps its probabilities', () => {
    const moved = affine(new Bernoulli(0.2), 2, 5)
    expect([moved.mass!(7), moved.mass!(6), moved.logDensity(7)]).toEqual([0.2, 0, Math.log(0.2)])
    expect(mixture([new Normal(0, 1), new Bernoulli(0.5)]).mass!(1)).toBe(0.25)
    expect(affine(new Normal(0, 1), 2, 5).mass).toBeUndefined()
  })
})
