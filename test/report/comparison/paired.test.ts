import { describe, expect, test } from 'vitest'
import { pairedDifference } from '../../../src/report/comparison/paired.js'

const values = (bySeries: Record<string, number[]>) =>
  Object.entries(bySeries).flatMap(([series, differences]) => differences.map((difference) => ({ series, difference })))

describe('pairedDifference', () => {
  test('series of different lengths, by hand', () => {
    // T = 4, −1, 6; n = 2, 1, 3; Δ = 9/6. Residuals T − Δn: 1, −2.5, 1.5, squares 9.5. se² = 3/2 · 9.5 / 36.
    const result = pairedDifference(values({ a: [1, 3], b: [-1], c: [2, 2, 2] }))
    expect(result.difference).toBe(1.5)
    expect(result.standardError).toBeCloseTo(Math.sqrt(14.25 / 36), 12)
    // Two degrees of freedom: 4.303.
    expect(result.low).toBeCloseTo(1.5 - 4.303 * 0.629153, 4)
    expect(result.high).toBeCloseTo(1.5 + 4.303 * 0.629153, 4)
    expect(result).toMatchObject({ series: 3, lower: 1, higher: 2 })
  })

  test("one value a series: Student's paired test", () => {
    // Mean 2.5, standard deviation √(5/3), so the standard error is √(5/12).
    const result = pairedDifference(values({ a: [1], b: [2], c: [3], d: [4] }))
    expect([result.difference, result.standardError]).toEqual([2.5, expect.closeTo(Math.sqrt(5 / 12), 12)])
    expect(result.high).toBeCloseTo(2.5 + 3.182 * 0.645497, 4)
  })

  test('many alike values of few series count as few', () => {
    const few = pairedDifference(values({ a: [1], b: [2], c: [6] }))
    const many = pairedDifference(
      values({ a: new Array<number>(50).fill(1), b: new Array<number>(50).fill(2), c: new Array<number>(50).fill(6) }),
    )
    expect(many.difference).toBeCloseTo(few.difference, 12)
    expect(many.standardError).toBeCloseTo(few.standardError, 12)
  })

  test('a single series says nothing of others', () => {
    expect(pairedDifference(values({ a: [1, 2] }))).toMatchObject({ difference: 1.5, standardError: NaN, low: NaN, high: NaN, series: 1 })
  })

  test('its intervals hold the truth as often as they say', () => {
    // 2,000 draws of 8 series: the share of misses is 5 % ± 0.5 % (standard error). Series effects and noise are normal.
    let state = 12345
    const uniform = (): number => ((state = (1103515245 * state + 12345) % 2147483648) + 0.5) / 2147483648
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    let misses = 0
    for (let draw = 0; draw < 2000; draw++) {
      const { low, high } = pairedDifference(
        Array.from({ length: 8 }, (_, s) => ({ s, effect: normal() })).flatMap(({ s, effect }) =>
          Array.from({ length: 5 }, () => ({ series: String(s), difference: 0.3 + effect + normal() })),
        ),
      )
      if (low > 0.3 || high < 0.3) misses++
    }
    expect(misses / 2000).toBeGreaterThan(0.035)
    expect(misses / 2000).toBeLessThan(0.065)
  })
})
