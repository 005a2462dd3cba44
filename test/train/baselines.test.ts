import { describe, expect, test } from 'vitest'
import { lastObserved, linearInterpolation } from '../../src/train/baselines.js'

const seen = { times: [1, 2, 4], values: [10, 20, 0] }

describe('last value carried forward', () => {
  test.each([
    [0.5, -1],
    [1, 10],
    [1.9, 10],
    [2, 20],
    [3, 20],
    [4, 0],
    [99, 0],
  ])('at %d it is %d', (time, expected) => {
    expect(lastObserved(seen, time, -1)).toBe(expected)
  })
  test('is the mean where nothing was observed', () => expect(lastObserved({ times: [], values: [] }, 3, -1)).toBe(-1))
})

describe('linear interpolation', () => {
  test.each([
    [0, 10],
    [1, 10],
    [1.5, 15],
    [2, 20],
    [3, 10],
    [3.5, 5],
    [4, 0],
    [9, 0],
  ])('at %d it is %d', (time, expected) => {
    expect(linearInterpolation(seen, time, -1)).toBe(expected)
  })
  test('is the mean where nothing was observed', () => expect(linearInterpolation({ times: [], values: [] }, 3, -1)).toBe(-1))
})
