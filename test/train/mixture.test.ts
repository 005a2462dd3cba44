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
