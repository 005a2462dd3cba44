import { describe, expect, test } from 'vitest'
import { mixture } from '../../src/distribution/mixture.js'
import { StudentT4 } from '../../src/distribution/studentT.js'
import { random } from '../../src/random.js'

// Quantiles of Student's t with four degrees of freedom, from the tables of any textbook.
const table = [
  [0.9, 1.533206],
  [0.95, 2.131847],
  [0.975, 2.776445],
  [0.99, 3.746947],
  [0.995, 4.604095],
] as const

describe('a Student-t with four degrees of freedom', () => {
  const t = new StudentT4(1.5, 2)

  test.each(table)('has the quantile of %d that tables have', (probability, quantile) => {
    expect(t.quantile(probability)).toBeCloseTo(1.5 + 2 * quantile, 5)
    expect(t.quantile(1 - probability)).toBeCloseTo(1.5 - 2 * quantile, 5)
    expect(t.cdf(1.5 + 2 * quantile)).toBeCloseTo(probability, 6)
  })

  test('has the density that its definition gives, and that is the slope of its distribution function', () => {
    // Γ(5/2) / (√(4π) Γ(2)) (1 + t²/4)^(−5/2), with Γ(5/2) = 3√π/4 and Γ(2) = 1.
    for (const x of [-30, -2, 1.5, 1.7, 4, 100]) {
      const z = (x - 1.5) / 2
      const dense = (((3 * Math.sqrt(Math.PI)) / 4 / Math.sqrt(4 * Math.PI)) * (1 + z ** 2 / 4) ** -2.5) / 2
      expect(Math.exp(t.logDensity(x))).toBeCloseTo(dense, 14)
      expect((t.cdf(x + 1e-5) - t.cdf(x - 1e-5)) / 2e-5).toBeCloseTo(dense, 8)
    }
  })

  test('has variance ν / (ν − 2) = 2 times the squared scale', () => {
    // The mean of x² by the trapezoidal rule over 2·10⁵ quantiles; its tail beyond them is below 0.1 %.
    const count = 200_000
    let square = 0
    for (let i = 0; i < count; i++) square += (t.quantile((i + 0.5) / count) - 1.5) ** 2 / count
    expect(t.sd ** 2).toBe(8.000000000000002)
    expect(Math.abs(square / 8 - 1)).toBeLessThan(0.01)
  })

  test('draws from it', () => {
    const stream = random(1, 'student')
    const draws = Array.from({ length: 20_000 }, () => t.sample(stream))
    // The standard error of a share of 0.9 in 20,000 draws is 0.002.
    for (const [probability, quantile] of table)
      expect(Math.abs(draws.filter((x) => x <= 1.5 + 2 * quantile).length / draws.length - probability)).toBeLessThan(0.008)
  })

  test('can be mixed', () => {
    const both = mixture([new StudentT4(0, 1), new StudentT4(4, 0.5)])
    expect(both.mean).toBe(2)
    expect(both.sd).toBeCloseTo(Math.sqrt((2 + 0.5) / 2 + 4), 12)
    expect(both.cdf(both.quantile(0.8))).toBeCloseTo(0.8, 9)
  })

  test('has no mean under a logarithm', () => {
    expect(t.momentsIn({ shift: 0, scale: 1, log: { offset: 0 } })).toEqual({ mean: Infinity, sd: Infinity })
    expect(t.momentsIn({ shift: 1, scale: 2 })).toEqual({ mean: 4, sd: 2 * t.sd })
  })
})
