import { describe, expect, it } from 'vitest'
import { describeSeries, quantile } from '../../src/data/describe.js'
import type { SeriesSet } from '../../src/data/series.js'

describe('a description', () => {
  const set: SeriesSet = {
    channels: ['a', 'b', 'none'],
    time: { kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true },
    idColumn: 'id',
    timeColumn: 'day',
    series: [
      {
        id: 'p',
        times: Float64Array.from([1, 3, 7]),
        values: Float64Array.from([1, 10, NaN, 2, Infinity, 0, 3, 30, 0]),
        mask: Uint8Array.from([1, 1, 0, 1, 0, 0, 1, 1, 0]),
      },
      { id: 'q', times: Float64Array.from([0]), values: Float64Array.from([6, 0, 0]), mask: Uint8Array.from([1, 0, 0]) },
    ],
  }
  const found = describeSeries(set)
  it('counts', () => {
    expect(found).toMatchObject({
      series: 2,
      rows: 4,
      observed: 6,
      missing: 0.5,
      single: 1,
      earliest: 0,
      latest: 7,
      earliestText: '2024-01-01',
      latestText: '2024-01-08',
    })
    expect(found.lengths).toMatchObject({ min: 1, median: 2, max: 3 })
    expect(found.spans).toMatchObject({ min: 0, max: 6 })
    expect(found.gaps).toEqual({ min: 2, q25: 2.5, median: 3, q75: 3.5, max: 4 })
  })
  it('channels, by hand', () => {
    // a: 1 2 3 6, mean 3, squared deviations 4 + 1 + 0 + 9. b: 10 30.
    expect(found.channels[0]).toMatchObject({
      channel: 'a',
      observed: 4,
      missing: 0,
      mean: 3,
      min: 1,
      q25: 1.75,
      median: 2.5,
      q75: 3.75,
      max: 6,
    })
    expect(found.channels[0]!.sd).toBeCloseTo(Math.sqrt(3.5), 14)
    expect(found.channels[1]).toMatchObject({ observed: 2, missing: 0.5, mean: 20, sd: 10, min: 10, max: 30 })
    expect(found.channels[2]).toMatchObject({ observed: 0, missing: 1, mean: NaN, min: NaN })
  })
})

it('quantiles interpolate, and of nothing are NaN', () => {
  expect(quantile(Float64Array.from([1, 2, 4]), 0.75)).toBe(3)
  expect(quantile(Float64Array.from([]), 0.5)).toBeNaN()
})
