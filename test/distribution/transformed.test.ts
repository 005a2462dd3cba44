import { describe, expect, test } from 'vitest'
import { unitsOf, type ChannelNormalisation } from '../../src/data/normalise.js'
import type { Distribution } from '../../src/distribution/distribution.js'
import { mixture } from '../../src/distribution/mixture.js'
import { Normal } from '../../src/distribution/normal.js'
import { Predictive } from '../../src/distribution/predictive.js'
import { quantilesAlong, Transformed } from '../../src/distribution/transformed.js'
import { random } from '../../src/random.js'

const log: ChannelNormalisation = { channel: 'x', transform: { kind: 'log', offset: 2, floor: 1 }, mean: 1.5, sd: 0.7, rawMean: 5 }
const plain: ChannelNormalisation = { ...log, transform: { kind: 'none' } }

/** Laplace's: what a likelihood that is not normal would bring, without formulas for other units. */
class Laplace implements Distribution {
  constructor(
    readonly mean: number,
    readonly width: number,
  ) {}
  get sd(): number {
    return Math.SQRT2 * this.width
  }
  cdf(x: number): number {
    const z = (x - this.mean) / this.width
    return z < 0 ? Math.exp(z) / 2 : 1 - Math.exp(-z) / 2
  }
  quantile(p: number): number {
    return this.mean + this.width * (p < 0.5 ? Math.log(2 * p) : -Math.log(2 - 2 * p))
  }
  logDensity(x: number): number {
    return -Math.abs(x - this.mean) / this.width - Math.log(2 * this.width)
  }
  sample(stream: { uniform(): number }): number {
    return this.quantile(1 - stream.uniform())
  }
}

describe('a normal in units of its logarithm', () => {
  const units = unitsOf(log)
  const distribution = new Transformed(new Normal(0.4, 0.6), units)
  test('quantiles are mapped, the distribution function inverts them', () => {
    expect(distribution.quantile(0.5)).toBeCloseTo(Math.exp(1.5 + 0.7 * 0.4) - 2, 12)
    for (const p of [0.01, 0.3, 0.9]) expect(distribution.cdf(distribution.quantile(p))).toBeCloseTo(p, 6)
  })
  test('the density integrates to the distribution function: the Jacobian is in it', () => {
    const h = 1e-3
    let sum = 0
    for (let x = 0.5 + h / 2; x < 4; x += h) sum += Math.exp(distribution.logDensity(x)) * h
    expect(sum).toBeCloseTo(distribution.cdf(4) - distribution.cdf(0.5), 6)
  })
  test('draws are above what the logarithm can take', () => {
    const stream = random(1, 'test')
    const draws = Array.from({ length: 1000 }, () => distribution.sample(stream))
    expect(Math.min(...draws)).toBeGreaterThan(-2)
    expect(draws.filter((x) => x <= distribution.quantile(0.5)).length / 1000).toBeCloseTo(0.5, 1)
  })
})

describe('moments where there are no formulas', () => {
  test('plain units: shifted and stretched', () => {
    const { mean, sd } = new Transformed(new Laplace(2, 0.5), unitsOf(plain))
    expect(mean).toBeCloseTo(1.5 + 0.7 * 2, 14)
    expect(sd).toBeCloseTo(0.7 * 0.5 * Math.SQRT2, 14)
  })
  test('logarithm: integrated. Of Laplace’s, E[exp(tX)] is exp(t m) / (1 − t² w²)', () => {
    const grown = (t: number): number => Math.exp(t * (1.5 + 0.7 * 2)) / (1 - (t * 0.7 * 0.4) ** 2)
    const { mean, sd } = new Transformed(new Laplace(2, 0.4), unitsOf(log))
    expect(mean / (grown(1) - 2)).toBeCloseTo(1, 6)
    expect(sd / Math.sqrt(grown(2) - grown(1) ** 2)).toBeCloseTo(1, 4)
  })
  test('of a normal they are those of the formulas', () => {
    const normal = new Normal(0.3, 1.1)
    const bare: Distribution = {
      mean: normal.mean,
      sd: normal.sd,
      cdf: (x) => normal.cdf(x),
      quantile: (p) => normal.quantile(p),
      logDensity: (x) => normal.logDensity(x),
      sample: (stream) => normal.sample(stream),
    }
    const [integrated, exact] = [new Transformed(bare, unitsOf(log)), new Transformed(normal, unitsOf(log))]
    expect(integrated.mean / exact.mean).toBeCloseTo(1, 8)
    expect(integrated.sd / exact.sd).toBeCloseTo(1, 6)
  })
  test('infinite where the tail is too heavy: a mean of 1 / (1 − t w) for t w of 1 and more', () => {
    expect(new Transformed(new Laplace(0, 2), unitsOf(log))).toMatchObject({ mean: Infinity, sd: Infinity })
    // The mean is finite, the variance is not.
    const half = new Transformed(new Laplace(0, 1), unitsOf(log))
    expect(half.mean).toBeCloseTo(Math.exp(1.5) / (1 - 0.49) - 2, 3)
    expect(half.sd).toBe(Infinity)
  })
})

describe('a mixture of others than normals', () => {
  const mixed = mixture([new Laplace(-1, 0.5), new Laplace(3, 1), new Normal(0, 1)])
  test('moments: variance within plus between', () => {
    expect(mixed.mean).toBeCloseTo(2 / 3, 14)
    expect(mixed.sd).toBeCloseTo(Math.sqrt((0.5 + 2 + 1) / 3 + ((5 / 3) ** 2 + (7 / 3) ** 2 + (2 / 3) ** 2) / 3), 14)
  })
  test('quantiles invert the distribution function', () => {
    for (const p of [0.001, 0.2, 0.5, 0.77, 0.999]) expect(mixed.cdf(mixed.quantile(p))).toBeCloseTo(p, 9)
  })
  test('the density is the mean of theirs', () => {
    expect(Math.exp(mixed.logDensity(1))).toBeCloseTo((Math.exp(-4) + Math.exp(-2) / 2 + Math.exp(-0.5) / Math.sqrt(2 * Math.PI)) / 3, 14)
  })
  test('draws have its distribution function', () => {
    const stream = random(5, 'test')
    const draws = Array.from({ length: 100_000 }, () => mixed.sample(stream))
    for (const x of [-1, 0, 2, 4]) expect(draws.filter((draw) => draw <= x).length / draws.length).toBeCloseTo(mixed.cdf(x), 2)
  })
  test('moments under a logarithm are made of those of its parts', () => {
    const units = unitsOf(log)
    const parts = [new Laplace(-1, 0.5), new Normal(0, 1)]
    const { mean, sd } = new Transformed(mixture(parts), units)
    const [a, b] = parts.map((part) => new Transformed(part, units)) as [Transformed, Transformed]
    expect(mean).toBeCloseTo((a.mean + b.mean) / 2, 12)
    expect(sd).toBeCloseTo(Math.sqrt((a.sd ** 2 + b.sd ** 2) / 2 + ((a.mean - b.mean) / 2) ** 2), 12)
  })
  test('of equal parts, a quantile is theirs to the bit', () =>
    expect(mixture([new Laplace(2, 1), new Laplace(2, 1)]).quantile(0.9)).toBe(new Laplace(2, 1).quantile(0.9)))
})

test('quantiles along a course are those of each distribution', () => {
  const course = Array.from(
    { length: 9 },
    (_, i) => new Predictive([new Normal(Math.sin(i), 0.2), new Normal(Math.cos(i), 0.2)], unitsOf(log)),
  )
  quantilesAlong(course, 0.95).forEach((value, i) => expect(value / course[i]!.quantile(0.95)).toBeCloseTo(1, 6))
})

test('what is predicted has its parts in its own units', () => {
  const { components, mean, normalised } = new Predictive([new Normal(1, 0.5), new Normal(2, 0.5)], unitsOf(plain))
  expect(components.map((one) => one.mean)).toEqual([1.5 + 0.7 * 1, 1.5 + 0.7 * 2])
  expect([mean, normalised.mean]).toEqual([1.5 + 0.7 * 1.5, 1.5])
})
