import { describe, expect, test } from 'vitest'
import type { Series } from '../../src/data/series.js'
import { publishedScores, type Squares } from '../../src/train/publishedScores.js'

const squares = (model: number, others = model): Squares => ({ model, mean: others, locf: others, linear: others })
const series = (values: number[], mask = values.map(() => 1)): Series => ({
  id: '',
  times: Float64Array.from(values.keys()),
  values: Float64Array.from(values),
  mask: Uint8Array.from(mask),
})

// Two channels, whose largest values are 4 and 10; what is not observed (99) does not count.
const data = [series([1, 10, 4, 99], [1, 1, 1, 0]), series([2, 7])]

describe('the released code’s mean squared error, by hand', () => {
  test('is averaged over the values of a channel in a series, then over channels and series', () => {
    const { all, channels } = publishedScores(data, 2, [
      [[squares(1), squares(3)], [squares(100)]],
      [[squares(6)], [squares(300)]],
    ])
    // Channel 1: series have (1 + 3)/2 = 2 and 6, on average 4, over 4² is 1/4. Pooled it would be 10/3 over 16.
    // Channel 2: 100 and 300, on average 200, over 10² is 2. All: (1/4 + 2)/2.
    expect(channels.map(({ mse }) => mse)).toEqual([0.25, 2])
    expect(channels.map(({ mseOriginal }) => mseOriginal)).toEqual([4, 200])
    expect(all).toMatchObject({ points: 5, mse: 1.125, mseOriginal: 102 })
    expect([all.nll, all.coverage['90']]).toEqual([NaN, NaN])
    expect(all.baselines.locf).toEqual({ mse: 1.125, mseOriginal: 102 })
  })

  test('a channel without a value in a series counts as 0', () => {
    const { all, channels } = publishedScores(data, 2, [
      [[squares(8)], []],
      [[squares(8)], [squares(100)]],
    ])
    // Channel 2: 0 and 100, on average 50, over 100.
    expect(channels.map(({ mse, points }) => [mse, points])).toEqual([
      [0.5, 2],
      [0.5, 1],
    ])
    expect(all.mse).toBe(0.5)
  })

  test('the scale of a channel is its largest value, whatever its sign; 1 where that is 0 or none is known', () => {
    const scaleOf = (values: number[], mask?: number[]): number =>
      1 / Math.sqrt(publishedScores([series(values, mask)], 1, [[[squares(1)]]]).all.mse)
    expect([scaleOf([-4, -2]), scaleOf([-3, 0]), scaleOf([5, 99], [1, 0]), scaleOf([5], [0])]).toEqual([2, 1, 5, 1])
  })

  test('baselines are scored in the same way', () => {
    expect(publishedScores(data, 2, [[[squares(0, 16)], [squares(0, 100)]]]).all.baselines).toEqual({
      mean: { mse: 1, mseOriginal: 58 },
      locf: { mse: 1, mseOriginal: 58 },
      linear: { mse: 1, mseOriginal: 58 },
    })
  })
})
