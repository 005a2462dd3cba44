import { describe, expect, test } from 'vitest'
import { mixture } from '../../src/distribution/mixture.js'
import { Normal } from '../../src/distribution/normal.js'
import { NormalMixture } from '../../src/distribution/normalMixture.js'
import type { Units } from '../../src/distribution/distribution.js'
import { unitsOf, type ChannelNormalisation } from '../../src/data/normalise.js'
import { random } from '../../src/random.js'

const normals = (means: number[], sd: number | number[]): NormalMixture =>
  new NormalMixture(
    Float64Array.from(means),
    Float64Array.from(means, (_, k) => (typeof sd === 'number' ? sd : sd[k]!)),
  )

describe('a mixture of one', () => {
  const normal = normals([2], 3)
  // Normal quantiles from tables: z(0.95) = 1.6448536, z(0.75) = 0.6744898.
  test('quantiles are those of the normal', () => {
    expect(normal.quantile(0.5)).toBeCloseTo(2, 5)
    expect(normal.quantile(0.95)).toBeCloseTo(2 + 3 * 1.6448536, 4)
    expect(normal.quantile(0.25)).toBeCloseTo(2 - 3 * 0.6744898, 4)
  })
  test('log density', () => {
    expect(normal.logDensity(5)).toBeCloseTo(-0.5 - Math.log(3) - 0.5 * Math.log(2 * Math.PI), 12)
    expect(normal.logDensity(1e6)).toBeCloseTo(-0.5 * ((1e6 - 2) / 3) ** 2 - Math.log(3) - 0.5 * Math.log(2 * Math.PI), 2)
  })
})

describe('a mixture of two far apart', () => {
  const two = normals([-10, 10], 1)
  test('moments: variance within plus between', () => {
    expect([two.mean, two.sd]).toEqual([0, Math.sqrt(101)])
  })
  test('the upper quartile is the upper one’s median', () => {
    expect(two.quantile(0.75)).toBeCloseTo(10, 5)
    expect(two.cdf(0)).toBeCloseTo(0.5, 12)
  })
  test('quantiles invert the distribution function', () => {
    for (const p of [0.05, 0.3, 0.5, 0.62, 0.95]) expect(two.cdf(two.quantile(p))).toBeCloseTo(p, 6)
  })
})

describe('quantiles of awkward mixtures', () => {
  test.each([
    ['far apart and narrow', normals([-1e3, 1e3], 1e-3)],
    ['one outlier', normals([...Array<number>(99).fill(0), 50], 0.1)],
    ['all the same', normals([3, 3, 3], 2)],
    ['narrow in wide', normals([0, 0, 5], [10, 0.01, 1])],
  ])('%s: ascending, and the distribution function agrees', (_, mixed) => {
    const probabilities = [0.001, 0.05, 0.25, 0.4, 0.75, 0.95, 0.999]
    const quantiles = probabilities.map((p) => mixed.quantile(p))
    expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles)
    // 1e-7 of the range may be much of a narrow component's width: what is asked is that the value is not past the jump.
    const slack = 2e-7 * (Math.max(...mixed.means) - Math.min(...mixed.means) + 16 * Math.max(...mixed.sds))
    quantiles.forEach((q, i) => {
      expect(mixed.cdf(q - slack)).toBeLessThanOrEqual(probabilities[i]! + 1e-6)
      expect(mixed.cdf(q + slack)).toBeGreaterThanOrEqual(probabilities[i]! - 1e-6)
    })
  })
})

test.each([0, 1, 95, -0.1, NaN])('%s is no probability of a quantile', (probability) => {
  const message = `The probability of a quantile is ${probability}, but must be above 0 and below 1: 0.95, not 95.`
  expect(() => normals([0], 1).quantile(probability)).toThrow(message)
  expect(() => new Normal(0, 1).quantile(probability)).toThrow(message)
})

describe('of three normals of different widths', () => {
  const three = normals([-1, 0.5, 2], [0.3, 1, 0.1])
  const density = (z: number): number =>
    [...three.means].reduce(
      (sum, m, k) => sum + Math.exp(-0.5 * ((z - m) / three.sds[k]!) ** 2) / (3 * three.sds[k]! * Math.sqrt(2 * Math.PI)),
      0,
    )

  test('density and moments, by hand', () => {
    for (const z of [-2, -1, 0, 1.9, 2.05, 4]) expect(three.logDensity(z)).toBeCloseTo(Math.log(density(z)), 12)
    expect(three.mean).toBeCloseTo(0.5, 14)
    expect(three.sd).toBeCloseTo(Math.sqrt((0.09 + 1 + 0.01) / 3 + (2.25 + 0 + 2.25) / 3), 14)
  })
  test('draws have its distribution function', () => {
    const stream = random(3, 'test')
    const draws = Array.from({ length: 100_000 }, () => three.sample(stream))
    // A share of 100 000 draws has a standard error of at most 0.0016.
    for (const z of [-1, 0, 1, 1.95]) expect(draws.filter((x) => x <= z).length / draws.length).toBeCloseTo(three.cdf(z), 2)
  })

  const log: ChannelNormalisation = { channel: 'x', transform: { kind: 'log', offset: 0, floor: 0.01 }, mean: 1.5, sd: 0.7, rawMean: 5 }
  test.each<[string, Units]>([
    ['plain', unitsOf({ ...log, transform: { kind: 'none' } })],
    ['log', unitsOf(log)],
    ['offset', unitsOf({ ...log, transform: { kind: 'log', offset: 2, floor: 1 } })],
  ])('moments in other units: %s, against the trapezoidal rule', (_, units) => {
    const h = 0.0005
    let [first, second] = [0, 0]
    for (let z = -12; z <= 14; z += h) {
      const value = units.denormalise(z)
      first += value * density(z) * h
      second += value * value * density(z) * h
    }
    const exact = three.momentsIn(units)
    expect(exact.mean).toBeCloseTo(first, 6)
    expect(exact.sd).toBeCloseTo(Math.sqrt(second - first * first), 6)
  })
})

test('a mixture of normals is one', () => {
  const mixed = mixture([new Normal(1, 2), new Normal(3, 4)]) as NormalMixture
  expect(mixed).toBeInstanceOf(NormalMixture)
  expect([[...mixed.means], [...mixed.sds]]).toEqual([
    [1, 3],
    [2, 4],
  ])
})
