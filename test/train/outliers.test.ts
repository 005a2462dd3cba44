import { describe, expect, test } from 'vitest'
import { mixture } from '../../src/distribution/mixture.js'
import { Normal, normalCdf } from '../../src/distribution/normal.js'
import { stretched } from '../../src/distribution/stretched.js'
import { StudentT4 } from '../../src/distribution/studentT.js'
import { random } from '../../src/random.js'
import { calibrationSchema } from '../../src/train/calibrationSchema.js'
import { learnOutliers, type OutlierPoint } from '../../src/train/outliers.js'

const density = (x: number, sd: number): number => Math.exp(-0.5 * (x / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI))

describe('learnOutliers', () => {
  const stream = random(3, 'outliers')
  /** Of a model that says a standard deviation of 0.01, which one value in twenty does not keep to. */
  const points = Array.from({ length: 4000 }, (_, i): OutlierPoint => {
    const error = i % 20 === 0 ? 2 * stream.normal() : 0.01 * stream.normal()
    return { error, logDensity: Math.log(density(error, 0.01)) }
  })

  test('finds their share and how far they lie', () => {
    const { share, sd } = learnOutliers(points)
    expect(sd).toBe(2)
    // One of 200 outliers in 100 lies within what the model says, and the prior counts as 50 usual values.
    expect(share).toBeCloseTo(0.05, 2)
  })

  test('the share is where the posterior is highest: no other on a fine grid is higher', () => {
    const few = points.slice(0, 200)
    const { share, sd } = learnOutliers(few)
    const posterior = (p: number): number =>
      few.reduce((sum, { error, logDensity }) => sum + Math.log((1 - p) * Math.exp(logDensity) + p * density(error, sd)), 0) +
      0.25 * Math.log(p) +
      49.75 * Math.log(1 - p)
    for (let p = 0.001; p < 0.1; p += 0.001) expect(posterior(p)).toBeLessThanOrEqual(posterior(share) + 1e-6)
  })

  test('where nothing is one, a few in ten thousand may yet be, about as far away as values differ', () => {
    const usual = points.filter((_, i) => i % 20 !== 0)
    const { share, sd } = learnOutliers(usual)
    expect(share).toBeLessThan(1e-3)
    expect(share).toBeGreaterThan(0)
    expect(sd).toBe(1)
  })

  test('without a value it is what the prior says', () => expect(learnOutliers([])).toEqual({ share: 0.25 / 50, sd: 1 }))
  test('none are farther away than is allowed', () => {
    expect(learnOutliers(points, 0.6).sd).toBe(0.5)
    expect(learnOutliers(points, 0.05).sd).toBe(0.05)
  })
})

describe('a distribution with outliers', () => {
  const outliers = { share: 0.1, sd: 3 }
  const bases = {
    normals: mixture([new Normal(1, 2), new Normal(4, 0.5)], Float64Array.of(0.25, 0.75)),
    other: mixture([new StudentT4(1, 2)]),
  }
  test.each(Object.entries(bases))('of %s is a mixture with a normal distribution about the mean', (_, base) => {
    const made = stretched(base, { factors: [1], shares: [1], outliers })
    expect(made.mean).toBeCloseTo(base.mean, 10)
    for (const x of [-3, 0.4, 3.25, 8]) {
      const other = (x - base.mean) / 3
      expect(made.cdf(x)).toBeCloseTo(0.9 * base.cdf(x) + 0.1 * normalCdf(other), 10)
      expect(made.logDensity(x)).toBeCloseTo(Math.log(0.9 * Math.exp(base.logDensity(x)) + (0.1 * density(other, 1)) / 3), 10)
    }
    expect(made.sd).toBeCloseTo(Math.sqrt(0.9 * base.sd ** 2 + 0.1 * 9), 9)
  })
})

test('a file with one table, and one factor for each channel, is read: they held for all places and both levels', () => {
  const levels = { distances: [0.1], half: [0.7], most: [1.6], series: 9, values: 90, before: { '50': 0.5, '90': 0.8 } }
  expect(calibrationSchema.parse({ ...levels, channels: [1.25] }).channels).toEqual([{ half: 1.25, most: 1.25 }])
  const common = { distances: [0.1], half: [0.7], most: [1.6] }
  expect(calibrationSchema.parse({ ...levels, channels: [] })).toMatchObject({ between: common, beyond: common, series: 9 })
  const own = { half: 1.1, most: 1.3, outliers: { share: 0.01, sd: 2 } }
  expect(calibrationSchema.parse({ ...levels, channels: [own] }).channels).toEqual([own])
})
