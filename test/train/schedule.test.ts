import { describe, expect, test } from 'vitest'
import { afterEpoch, isAtRest, rateAfter, startPlateau, type Plateau, type PlateauOptions } from '../../src/train/schedule.js'

const options: PlateauOptions = { patience: 3, learningRateCut: 0.1, learningRateFloor: 0.05 }
/** The plateau after each of these losses. */
function follow(losses: readonly number[], chosen = options): Plateau[] {
  let now = startPlateau
  return losses.map((loss) => (now = afterEpoch(now, loss, chosen)))
}

describe('the plateau of a loss', () => {
  test('begins with each better loss', () => {
    expect(follow([2, 1.5, 1, 0.5]).map(({ waited }) => waited)).toEqual([0, 0, 0, 0])
  })

  test('goes on where a loss is no better, or by less than a thousandth', () => {
    expect(follow([1, 1.2, 0.9995, 0.99])).toEqual([
      { best: 1, waited: 0, cuts: 0 },
      { best: 1, waited: 1, cuts: 0 },
      { best: 1, waited: 2, cuts: 0 },
      { best: 0.99, waited: 0, cuts: 0 },
    ])
  })

  test('slow gains add up: they are measured from the loss that the wait began with', () => {
    expect(follow([1, 0.9996, 0.9992, 0.9988]).at(-1)).toEqual({ best: 0.9988, waited: 0, cuts: 0 })
  })

  test('cuts the rate when patience is at its end, and waits as long again', () => {
    expect(follow([1, 1, 1, 1, 1, 1, 1]).map(({ cuts }) => cuts)).toEqual([0, 0, 0, 1, 1, 1, 2])
  })

  test('a loss that is no number, or infinite, is no better', () => {
    expect(follow([NaN, Infinity, 3, NaN])).toEqual([
      { best: Infinity, waited: 1, cuts: 0 },
      { best: Infinity, waited: 2, cuts: 0 },
      { best: 3, waited: 0, cuts: 0 },
      { best: 3, waited: 1, cuts: 0 },
    ])
  })

  test('without patience it neither cuts nor ends', () => {
    const all = follow(Array<number>(50).fill(1), { ...options, patience: 0 })
    expect(all.at(-1)).toEqual({ best: 1, waited: 49, cuts: 0 })
    expect(all.some((plateau) => isAtRest(plateau, options))).toBe(false)
  })
})

describe('the learning rate', () => {
  test('falls by the factor to its floor', () => {
    expect([0, 1, 2, 3].map((cuts) => rateAfter(cuts, options))).toEqual([1, 0.1, 0.05, 0.05])
  })

  test('is at rest once the floor has been waited at, too', () => {
    // 1, 0.1, then the floor: the third cut finds it there.
    expect([0, 1, 2, 3].map((cuts) => isAtRest({ best: 1, waited: 0, cuts }, options))).toEqual([false, false, false, true])
    // A floor of 1 is a constant rate, and early stopping all there is.
    expect(isAtRest({ best: 1, waited: 0, cuts: 1 }, { ...options, learningRateFloor: 1 })).toBe(true)
  })
})
