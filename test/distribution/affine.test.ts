import { describe, expect, test } from 'vitest'
import { unitsOf } from '../../src/data/normalise.js'
import { affine } from '../../src/distribution/affine.js'
import { Normal } from '../../src/distribution/normal.js'
import { StudentT4 } from '../../src/distribution/studentT.js'
import { Transformed } from '../../src/distribution/transformed.js'
import { random } from '../../src/random.js'

describe('shift + scale · X', () => {
  test('of a normal distribution is one', () => {
    expect(affine(new Normal(2, 3), 0.5, -1)).toEqual(new Normal(0, 1.5))
  })

  test('of another has its probabilities, quantiles, moments and draws, moved', () => {
    const base = new StudentT4(1, 2)
    const moved = affine(base, 3, 10)
    expect(moved.mean).toBeCloseTo(13, 12)
    // The variance of Student's t with 4 degrees of freedom is 2.
    expect(moved.sd).toBeCloseTo(3 * 2 * Math.SQRT2, 10)
    expect(moved.cdf(13)).toBeCloseTo(0.5, 10)
    // Its 0.975 quantile is 2.7764 (tables).
    expect(moved.quantile(0.975)).toBeCloseTo(10 + 3 * (1 + 2 * 2.776445), 3)
    // A density integrates to the probability.
    let sum = 0
    for (let x = 13; x < 33; x += 0.001) sum += 0.001 * Math.exp(moved.logDensity(x + 0.0005))
    expect(sum).toBeCloseTo(moved.cdf(33) - 0.5, 6)
    expect(moved.sample(random(1, 'draw'))).toBeCloseTo(10 + 3 * base.sample(random(1, 'draw')), 10)
  })

  test('under a logarithm one with heavy tails has no mean, however narrow it is made', () => {
    const units = unitsOf({ channel: 'x', mean: 0, sd: 1, rawMean: 1, transform: { kind: 'log', offset: 0, floor: 0 } })
    expect(new Transformed(affine(new StudentT4(0, 1), 0.1, 0), units).mean).toBe(Infinity)
  })
})
