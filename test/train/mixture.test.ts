import { describe, expect, test } from 'vitest'
import { mixtureCdf, mixtureLogDensity, mixtureMoments, mixtureQuantile } from '../../src/train/mixture.js'

describe('a mixture of one', () => {
  const normal = { means: [2], sd: 3 }
  // Normal quantiles from tables: z(0.95) = 1.6448536, z(0.75) = 0.6744898.
  test('quantiles are those of the normal', () => {
    expect(mixtureQuantile(normal, 0.5)).toBeCloseTo(2, 5)
    expect(mixtureQuantile(normal, 0.95)).toBeCloseTo(2 + 3 * 1.6448536, 4)
    expect(mixtureQuantile(normal, 0.25)).toBeCloseTo(2 - 3 * 0.6744898, 4)
  })
  test('log density', () => {
    expect(mixtureLogDensity(normal, 5)).toBeCloseTo(-0.5 - Math.log(3) - 0.5 * Math.log(2 * Math.PI), 12)
    expect(mixtureLogDensity(normal, 1e6)).toBeCloseTo(-0.5 * ((1e6 - 2) / 3) ** 2 - Math.log(3) - 0.5 * Math.log(2 * Math.PI), 2)
  })
})

describe('a mixture of two far apart', () => {
  const two = { means: [-10, 10], sd: 1 }
  test('moments: variance within plus between', () => {
    expect(mixtureMoments(two)).toEqual({ mean: 0, sd: Math.sqrt(101) })
  })
  test('the upper quartile is the upper one’s median', () => {
    expect(mixtureQuantile(two, 0.75)).toBeCloseTo(10, 5)
    expect(mixtureCdf(two, 0)).toBeCloseTo(0.5, 12)
  })
  test('quantiles invert the distribution function', () => {
    for (const p of [0.05, 0.3, 0.5, 0.62, 0.95]) expect(mixtureCdf(two, mixtureQuantile(two, p))).toBeCloseTo(p, 6)
  })
})

describe('quantiles of awkward mixtures', () => {
  test.each([
    ['far apart and narrow', { means: [-1e3, 1e3], sd: 1e-3 }],
    ['one outlier', { means: [...Array<number>(99).fill(0), 50], sd: 0.1 }],
    ['all the same', { means: [3, 3, 3], sd: 2 }],
  ])('%s: ascending, and the distribution function agrees', (_, mixture) => {
    const probabilities = [0.001, 0.05, 0.25, 0.4, 0.75, 0.95, 0.999]
    const quantiles = probabilities.map((p) => mixtureQuantile(mixture, p))
    expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles)
    // 1e-7 of the range may be much of a narrow component's width: what is asked is that the value is not past the jump.
    const slack = 2e-7 * (Math.max(...mixture.means) - Math.min(...mixture.means) + 16 * mixture.sd)
    quantiles.forEach((q, i) => {
      expect(mixtureCdf(mixture, q - slack)).toBeLessThanOrEqual(probabilities[i]! + 1e-6)
      expect(mixtureCdf(mixture, q + slack)).toBeGreaterThanOrEqual(probabilities[i]! - 1e-6)
    })
  })
})

test.each([0, 1, 95, -0.1, NaN])('%s is no probability of a quantile', (probability) => {
  expect(() => mixtureQuantile({ means: [0], sd: 1 }, probability)).toThrow(
    `The probability of a quantile is ${probability}, but must be above 0 and below 1: 0.95, not 95.`,
  )
})
