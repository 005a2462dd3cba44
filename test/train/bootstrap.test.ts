import { describe, expect, test } from 'vitest'
import { bootstrapRatios, excludes, FEWEST, type Share } from '../../src/train/bootstrap.js'
import { random } from '../../src/random.js'

const shares = (numerators: readonly number[], denominators: readonly number[]): Share[][] =>
  numerators.map((numerator, i) => [{ numerator, denominator: denominators[i]! }])

/** The ratio of every one of the n^n equally likely resamples of n series, in ascending order. */
function enumerate(numerators: readonly number[], denominators: readonly number[]): number[] {
  const n = numerators.length
  return Array.from({ length: n ** n }, (_, code) => {
    let [top, bottom] = [0, 0]
    for (let draw = 0, rest = code; draw < n; draw++, rest = Math.floor(rest / n)) {
      top += numerators[rest % n]!
      bottom += denominators[rest % n]!
    }
    return top / bottom
  }).sort((a, b) => a - b)
}

describe('bootstrapRatios', () => {
  test('the ends are quantiles of all resamples, listed one by one', () => {
    const [top, bottom] = [
      [1, 4, 2, 8, 3],
      [2, 3, 4, 5, 2],
    ]
    const all = enumerate(top, bottom)
    // t = 2.776 with 4 degrees of freedom, times √(5/4) is 3.104; Φ(−3.104) = 0.000955 by a table of the normal distribution.
    const [low, high] = [0.000955, 1 - 0.000955].map((p) => all[Math.floor(p * all.length)]!)
    const [estimate] = bootstrapRatios(shares(top, bottom), { replicates: 200_000 })
    expect(estimate).toMatchObject({ value: 18 / 16, series: 5 })
    // The distribution is on few values; so many draws hit the neighbouring one at most.
    expect(Math.abs(estimate!.low - low!)).toBeLessThan(0.02)
    expect(Math.abs(estimate!.high - high!)).toBeLessThan(0.02)
  })

  test('equal series leave nothing to chance', () => {
    const [estimate] = bootstrapRatios(shares(Array<number>(6).fill(3), Array<number>(6).fill(4)))
    expect(estimate).toEqual({ value: 0.75, low: 0.75, high: 0.75, series: 6 })
    expect(excludes(estimate!, 1)).toBe(true)
    expect(excludes(estimate!, 0.75)).toBe(false)
  })

  test('what makes a series hard for both contestants cancels', () => {
    const hard = [1, 100, 3, 1000, 10, 30, 300]
    const [paired, alone] = bootstrapRatios(
      hard.map((error) => [
        { numerator: 0.9 * error, denominator: error },
        { numerator: error, denominator: 1 },
      ]),
    )
    expect(paired!.high - paired!.low).toBeLessThan(1e-12)
    expect(alone!.high / alone!.low).toBeGreaterThan(10)
  })

  test(`with fewer than ${FEWEST} series there is a value and no interval`, () => {
    const [four] = bootstrapRatios(shares([1, 2, 3, 4], [1, 1, 1, 1]))
    expect(four).toEqual({ value: 2.5, low: NaN, high: NaN, series: 4 })
    expect(excludes(four!, 0)).toBe(false)
    expect(bootstrapRatios([])).toEqual([])
  })

  test('series without a value of a channel do not count there', () => {
    const some = Array.from({ length: 6 }, (_, i): Share[] => [
      { numerator: i, denominator: 1 },
      i < 4 ? { numerator: 1, denominator: 2 } : undefined,
      undefined,
    ])
    const [all, four, none] = bootstrapRatios(some)
    expect(all).toMatchObject({ value: 2.5, series: 6 })
    expect(four).toEqual({ value: 0.5, low: NaN, high: NaN, series: 4 })
    expect(none).toEqual({ value: NaN, low: NaN, high: NaN, series: 0 })
  })

  test('a baseline without any error is infinitely better', () => {
    const [estimate] = bootstrapRatios(shares([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]))
    expect(estimate).toMatchObject({ value: Infinity, low: Infinity, high: Infinity })
  })

  test('the seed decides, and only it', () => {
    const some = shares([1, 4, 2, 8, 3, 5, 9, 2], [2, 3, 4, 5, 2, 4, 8, 1])
    const ends = (seed: number): readonly number[] => bootstrapRatios(some, { seed }).flatMap(({ low, high }) => [low, high])
    expect(ends(1)).toEqual(ends(1))
    expect(ends(1)).not.toEqual(ends(2))
  })

  // Of 800 draws the share of misses has a standard error of 0.8 %; skewed sums leave the intervals a little too narrow.
  test.each([6, 30, 100])('of %i series its intervals hold the truth about as often as they say', (series) => {
    const stream = random(7, 'coverage', series)
    const draws = 800
    let misses = 0
    for (let draw = 0; draw < draws; draw++) {
      const [estimate] = bootstrapRatios(
        Array.from({ length: series }, () => {
          // Series differ in difficulty (log-normal); of ten values each, the first contestant's errors are 0.8 of the second's.
          const hard = Math.exp(stream.normal())
          const squares = (): number => Array.from({ length: 10 }, () => hard * stream.normal() ** 2).reduce((a, b) => a + b, 0)
          return [{ numerator: 0.8 * squares(), denominator: squares() }]
        }),
        { seed: draw, replicates: 400 },
      )
      if (excludes(estimate!, 0.8)) misses++
    }
    expect(misses / draws).toBeLessThan(0.1)
    expect(misses / draws).toBeGreaterThan(0.03)
  })
})
