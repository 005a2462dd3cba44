import { describe, expect, test } from 'vitest'
import { random } from '../../src/random.js'
import { leastSquares, stackWeights, type StackPoint } from '../../src/train/learnStack.js'

const stream = random(1, 'errors')
/** Errors of three models with given standard deviations, the first two correlated. */
const errors = Array.from({ length: 400 }, () => {
  const common = stream.normal()
  return [0.8 * common + 0.6 * stream.normal(), common + 0.9 * stream.normal(), 1.5 * stream.normal()] as const
})
const points = errors.map((some, i) => ({ series: i % 20, errors: some }))

/** What the weights minimise, term by term. */
function objective(weights: readonly number[], before: readonly number[], prior: number): number {
  const squares = (w: readonly number[]) => errors.map((e) => w.reduce((sum, one, k) => sum + one * e[k]!, 0) ** 2)
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
  const away = weights.reduce((sum, one, k) => sum + (one - before[k]!) ** 2, 0)
  return 20 * mean(squares(weights)) + prior * mean(squares(before)) * away
}

describe('least squares on the simplex', () => {
  test.each([0, 3, 50])('with a prior of %d series no step along the simplex does better', (prior) => {
    const before = [0.2, 0.3, 0.5]
    const weights = leastSquares(points, before, prior)
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10)
    const best = objective(weights, before, prior)
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [0, 2],
      [2, 0],
      [1, 2],
      [2, 1],
    ] as const) {
      // prettier-ignore
      if (weights[from]! < 0.01) continue
      const moved = weights.map((one, k) => one + 0.01 * (Number(k === to) - Number(k === from)))
      expect(objective(moved, before, prior)).toBeGreaterThan(best)
    }
  })

  test('two models without correlation: weights go by the inverse of their variances (Bates and Granger 1969)', () => {
    // Variances 1 and 4, no correlation: ±1 and ±2 in all four combinations.
    const some = [[1, 2], [1, -2], [-1, 2], [-1, -2]].map((e, series) => ({ series, errors: e })) // prettier-ignore
    const [a, b] = leastSquares(some, [0.5, 0.5], 0)
    expect(a).toBeCloseTo(0.8, 6)
    expect(b).toBeCloseTo(0.2, 6)
  })

  test('a model that is worse in every way gets nothing', () => {
    const [a, b] = leastSquares([{ series: 0, errors: [1, 3] }, { series: 1, errors: [-1, -3] }], [0.5, 0.5], 0) // prettier-ignore
    expect(a).toBeCloseTo(1, 6)
    expect(b).toBeCloseTo(0, 6)
  })

  test('a strong belief is kept; with no values, or errors of 0, nothing is learned', () => {
    expect(leastSquares(points, [0.2, 0.3, 0.5], 1e6)[2]).toBeCloseTo(0.5, 3)
    expect(leastSquares([], [0.2, 0.8], 3)).toEqual([0.2, 0.8])
    expect(leastSquares([{ series: 0, errors: [0, 0] }], [0.2, 0.8], 3)).toEqual([0.2, 0.8])
  })
})

describe('weights by distance and channel', () => {
  /** Near, the model errs by 0.1 and its member by 1; far it is the other way round. Channel 1 is forecast without error by the member. */
  const made = Array.from({ length: 4000 }, (_, i): StackPoint => {
    const [far, channel, sign] = [i % 2, (i >> 1) % 2, (i >> 2) % 2 === 0 ? 1 : -1]
    const other = (i >> 3) % 2 === 0 ? 1 : -1
    return {
      series: i % 50,
      channel,
      distance: far === 0 ? 0.01 : channel === 1 && i % 3 === 0 ? Infinity : 0.9,
      errors: [sign * (far === 0 ? 0.1 : 1), other * (channel === 1 ? 0 : far === 0 ? 1 : 0.1)],
    }
  })

  test('follow what does better there', () => {
    const { distances, weights, series, values } = stackWeights(made, 2, 2)!
    expect([series, values]).toEqual([50, 4000])
    expect(distances).toEqual([0.01, 0.9])
    expect(weights[0]![0]![0]).toBeGreaterThan(0.9)
    expect(weights[1]![0]![1]).toBeGreaterThan(0.9)
    expect(weights[0]![1]![1]).toBeGreaterThan(weights[0]![0]![1]!)
  })

  test('are not learned from one series, nor from errors that are none', () => {
    expect(stackWeights(made.map((point) => ({ ...point, series: 3 })), 2, 2)).toBeUndefined() // prettier-ignore
    expect(stackWeights(made.map((point) => ({ ...point, errors: [NaN, 1] })), 2, 2)).toBeUndefined() // prettier-ignore
  })
})
