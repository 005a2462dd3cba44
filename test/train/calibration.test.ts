import { describe, expect, test } from 'vitest'
import { Normal, normalCdf } from '../../src/distribution/normal.js'
import { mixture } from '../../src/distribution/mixture.js'
import { StudentT4 } from '../../src/distribution/studentT.js'
import { stretched, type Stretch } from '../../src/distribution/stretched.js'
import { random } from '../../src/random.js'
import { learnCalibration, stretchAt, stretchFor, type CalibrationPoint } from '../../src/train/calibration.js'
import { distancesToShown, nearestShown } from '../../src/model/shownDistance.js'

/** The share of a normal distribution, stretched, that lies within `limit` of 0. */
const within = ({ factors, shares }: { factors: readonly number[]; shares: readonly number[] }, limit: number): number =>
  factors.reduce((sum, factor, i) => sum + shares[i]! * (2 * normalCdf(limit / factor) - 1), 0)

describe('stretchFor', () => {
  test.each([
    [0.5, 1.645],
    [0.4, 1.9],
    [0.9, 2.4],
    [0.6744897501960817, 1.6448536269514722],
  ])('half within %d, nine in ten within %d', (half, most) => {
    const stretch = stretchFor(half, most)
    expect(within(stretch, half)).toBeCloseTo(0.5, 4)
    expect(within(stretch, most)).toBeCloseTo(0.9, 4)
  })

  /** The wider factor by bisection within bisection, which needs no derivative. */
  function bisected(ratio: number): { wide: number; most: number } {
    const bisect = (from: number, to: number, isBelow: (x: number) => boolean): number => {
      let [low, high] = [from, to]
      for (let i = 0; i < 60; i++) {
        const middle = (low + high) / 2
        if (isBelow(middle)) low = middle
        else high = middle
      }
      return (low + high) / 2
    }
    const quantile = (wide: number, level: number): number =>
      bisect(0, 2 * wide, (x) => within({ factors: [1, wide], shares: [0.8, 0.2] }, x) < level)
    const wide = bisect(1, 8, (middle) => quantile(middle, 0.9) / quantile(middle, 0.5) < ratio)
    return { wide, most: quantile(wide, 0.9) }
  }

  // Just above a normal distribution's 2.4387 a factor of 1 is a double root, which only half of the digits are good for.
  test.each([2.45, 2.5, 2.7, 3, 3.5, 4.2, 4.3, 4.5, 5, 8, 30])('a ratio of %d: the same as by bisection', (ratio) => {
    const { factors } = stretchFor(1, ratio)
    const { wide, most } = bisected(ratio)
    expect(Math.abs(factors[1]! / factors[0]! - wide)).toBeLessThan(1e-9)
    expect(Math.abs(factors[0]! - ratio / most)).toBeLessThan(1e-9)
  })

  test.each([1e-12, 1e-9, 1e-6, 1e-3])('%d above the ratio of a normal distribution it is nearly one', (above) => {
    const half = 0.6744897501960817
    const most = 1.6448536269514722 * (1 + above)
    const stretch = stretchFor(half, most)
    // As exact as the normal distribution function, whose error is up to 1.5e-7.
    expect(within(stretch, half)).toBeCloseTo(0.5, 6)
    expect(within(stretch, most)).toBeCloseTo(0.9, 6)
    expect(stretch.factors[1]! / stretch.factors[0]!).toBeLessThan(1 + 10 * Math.sqrt(above + 1e-6))
  })

  test('where tails are lighter than normal, nine in ten count', () => {
    const stretch = stretchFor(0.9, 1.8)
    expect(stretch.factors).toHaveLength(1)
    expect(within(stretch, 1.8)).toBeCloseTo(0.9, 4)
  })

  test('tails heavier than two normal distributions have: nine in ten still hold', () => {
    expect(within(stretchFor(0.1, 3), 3)).toBeCloseTo(0.9, 4)
  })
})

describe('stretched', () => {
  const stretch = { factors: [0.5, 2], shares: [0.8, 0.2] }
  const bases = {
    normals: mixture([new Normal(1, 2), new Normal(4, 0.5)], Float64Array.of(0.25, 0.75)),
    other: mixture([new StudentT4(1, 2)]),
  }

  test.each(Object.entries(bases))('of %s: F(x) is a mean of F at distances from the mean divided by the factors', (_, base) => {
    const made = stretched(base, stretch)
    expect(made.mean).toBeCloseTo(base.mean, 10)
    for (const x of [-3, 0.4, 1.9, 3.25, 8]) {
      const back = (factor: number): number => base.mean + (x - base.mean) / factor
      expect(made.cdf(x)).toBeCloseTo(0.8 * base.cdf(back(0.5)) + 0.2 * base.cdf(back(2)), 10)
      const density = (0.8 * Math.exp(base.logDensity(back(0.5)))) / 0.5 + (0.2 * Math.exp(base.logDensity(back(2)))) / 2
      expect(made.logDensity(x)).toBeCloseTo(Math.log(density), 10)
    }
    // Of two scales of one shape, variances add up by their shares.
    expect(made.sd).toBeCloseTo(base.sd * Math.sqrt(0.8 * 0.25 + 0.2 * 4), 9)
    expect(made.cdf(made.quantile(0.3))).toBeCloseTo(0.3, 6)
  })

  test('by 1 it is what it was', () => expect(stretched(bases.normals, { factors: [1], shares: [1] })).toBe(bases.normals))
})

describe('learnCalibration', () => {
  const stream = random(4, 'calibration')
  /** Scores of a model whose standard deviation is half of what it should be near, right far away. */
  const points = (series: number, each: number): CalibrationPoint[] =>
    Array.from({ length: series * each }, (_, i) => {
      const distance = stream.uniform()
      const score = Math.abs(stream.normal()) * (distance < 0.5 ? 2 : 1)
      return { series: i % series, channel: i % 2, distance, between: i % 3 > 0, score }
    })

  test('finds how far intervals have to be stretched, by distance', () => {
    const found = learnCalibration(points(300, 20), 2)!
    const [near, far] = [0.1, 0.95].map((distance) => stretchAt(found, { channel: 0, distance, between: true })) as [Stretch, Stretch]
    // Of 4,000 values in six bins, a share of 0.9 has a standard error of 0.012.
    for (const [level, limit] of [
      [0.5, 0.674],
      [0.9, 1.645],
    ] as const) {
      expect(Math.abs(within(near, 2 * limit) - level)).toBeLessThan(0.05)
      expect(Math.abs(within(far, limit) - level)).toBeLessThan(0.05)
    }
    expect(found.before['90']).toBeLessThan(0.83)
  })

  test('a few series are believed less', () => {
    const few = learnCalibration(points(3, 30), 2)!
    const many = learnCalibration(points(200, 30), 2)!
    expect(few.between.most[0]! / 1.645).toBeLessThan(many.between.most[0]! / 1.645)
  })

  test('values between two that are shown and those after the last are judged apart', () => {
    const some = points(200, 30).map((point) => ({ ...point, score: point.score / (point.between ? 4 : 1) }))
    const found = learnCalibration(some, 2)!
    const [between, beyond] = [true, false].map((where) => stretchAt(found, { channel: 1, distance: 0.8, between: where })) as [
      Stretch,
      Stretch,
    ]
    expect(Math.abs(within(between, 1.645 / 4) - 0.9)).toBeLessThan(0.05)
    expect(Math.abs(within(beyond, 1.645) - 0.9)).toBeLessThan(0.05)
  })

  test('a channel has factors of its own on both levels', () => {
    // Of the second channel half of the scores lie nearer, nine in ten farther away.
    const some = points(200, 60).map((point, i) => ({
      ...point,
      score: point.channel === 0 ? point.score : point.score * (i % 10 < 7 ? 0.5 : 2),
    }))
    const found = learnCalibration(some, 2)!
    const own = some.filter(({ channel }) => channel === 1)
    const inside = (level: 0.5 | 0.9): number =>
      own.filter((point) => within(stretchAt(found, point), point.score) <= level).length / own.length
    expect(Math.abs(inside(0.5) - 0.5)).toBeLessThan(0.03)
    expect(Math.abs(inside(0.9) - 0.9)).toBeLessThan(0.03)
  })

  test('of one channel nothing is its own', () => {
    const one = points(10, 40).map((point) => ({ ...point, channel: 0 }))
    const { half, most } = learnCalibration(one, 1)!.channels[0]!
    expect(half).toBeCloseTo(1, 1)
    expect(most).toBeCloseTo(1, 1)
  })

  test('of one series, or next to no values, nothing is learned', () => {
    expect(learnCalibration(points(1, 100), 2)).toBeUndefined()
    expect(learnCalibration(points(5, 2), 2)).toBeUndefined()
    expect(learnCalibration([], 2)).toBeUndefined()
  })

  test('equal distances are one', () => {
    const regular = points(100, 20).map((point) => ({ ...point, distance: Math.round(point.distance) }))
    const { distances } = learnCalibration(regular, 2)!.between
    expect(distances).toEqual([...new Set(distances)])
  })
})

test('distance from the nearest value shown of a channel', () => {
  const series = {
    id: 's',
    times: Float64Array.of(0, 1, 3, 7),
    values: new Float64Array(8),
    mask: Uint8Array.of(1, 0, 1, 1, 0, 1, 1, 0),
  }
  const rows = Int32Array.of(0, 1, 2)
  const times = Float64Array.of(-1, 0.4, 1, 2.5, 6)
  expect([...distancesToShown(series, rows, 0, 2, times)]).toEqual([1, 0.4, 0, 1.5, 5])
  expect([...distancesToShown(series, rows, 1, 2, times)]).toEqual([2, 0.6, 0, 0.5, 3])
  expect([...distancesToShown(series, Int32Array.of(0), 1, 2, times)]).toEqual(new Array(5).fill(Infinity))
  expect([...nearestShown(series, rows, 0, 2, times).between]).toEqual([0, 1, 1, 0, 0])
  expect([...nearestShown(series, rows, 1, 2, times).between]).toEqual([0, 0, 1, 1, 0])
  expect([...nearestShown(series, Int32Array.of(0), 1, 2, times).between]).toEqual(new Array(5).fill(0))
})
