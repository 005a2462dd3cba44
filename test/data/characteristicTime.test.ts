import { describe, expect, test } from 'vitest'
import { characteristicTime, medianStep } from '../../src/data/characteristicTime.js'
import type { Series } from '../../src/data/series.js'
import { random } from '../../src/random.js'

const make = (count: number, points: number, value: (t: number, s: number) => number): { channels: string[]; series: Series[] } => ({
  channels: ['x'],
  series: Array.from({ length: count }, (_, s) => {
    const stream = random(1, 'times', s)
    const times = Float64Array.from({ length: points }, () => 10 * stream.uniform()).sort()
    return { id: String(s), times, values: times.map((t) => value(t, s)), mask: new Uint8Array(points).fill(1) }
  }),
})

describe('characteristic time', () => {
  test('of √2 sin(ωt + φ) it is π / 3ω: the variogram is 1 − cos ωτ', () => {
    for (const omega of [1, 2, 4]) {
      const set = make(200, 60, (t, s) => Math.SQRT2 * Math.sin(omega * t + s))
      // Series hold no whole number of periods, so their variances are not quite 1, and bins of lags are a fifth of the lag wide.
      expect(Math.abs(characteristicTime(set, 10)! - Math.PI / (3 * omega))).toBeLessThan(0.25)
    }
  })

  test('noise added to it changes little', () => {
    const stream = random(2, 'noise')
    const scale = 1 / Math.sqrt(1.3)
    const set = make(200, 60, (t, s) => scale * (Math.SQRT2 * Math.sin(t + s) + Math.sqrt(0.3) * stream.normal()))
    expect(Math.abs(characteristicTime(set, 10)! - Math.PI / 3)).toBeLessThan(0.4)
  })

  test('how far series lie from each other has no part in it', () => {
    const apart = make(200, 60, (t, s) => 100 * (s % 7) + Math.SQRT2 * Math.sin(4 * t + s))
    expect(Math.abs(characteristicTime(apart, 10)! - Math.PI / 12)).toBeLessThan(0.05)
  })

  test('of straight lines over a span L it is L / √12: half the variance a² L² / 12 where the variogram is a² τ² / 2', () => {
    const lines = make(200, 60, (t, s) => (s % 5) + 0.3 * t)
    // The times are uniform on L = 10, so that the variance is a² L² / 12 in the mean.
    expect(Math.abs(characteristicTime(lines, 10)! - 10 / Math.sqrt(12))).toBeLessThan(0.15)
  })

  test('fast data are resolved below a fiftieth of the span', () => {
    const fast = make(50, 2000, (t, s) => Math.SQRT2 * Math.sin(60 * t + s))
    expect(Math.abs(characteristicTime(fast, 10)! - Math.PI / 180)).toBeLessThan(0.002)
  })

  test('of levels, of noise and of too few pairs there is none', () => {
    const stream = random(3, 'noise')
    expect(
      characteristicTime(
        make(200, 20, (_, s) => s % 11),
        10,
      ),
    ).toBeUndefined()
    expect(
      characteristicTime(
        make(200, 20, () => stream.normal()),
        10,
      ),
    ).toBeUndefined()
    expect(
      characteristicTime(
        make(5, 1, () => 1),
        10,
      ),
    ).toBeUndefined()
  })

  test('missing cells do not count', () => {
    const set = make(50, 60, (t, s) => Math.SQRT2 * Math.sin(t + s))
    const gappy = {
      ...set,
      series: set.series.map((one) => ({
        ...one,
        mask: one.mask.map((_, i) => (i % 3 === 0 ? 0 : 1)),
        values: one.values.map((v, i) => (i % 3 === 0 ? NaN : v)),
      })),
    }
    expect(Math.abs(characteristicTime(gappy, 10)! - Math.PI / 3)).toBeLessThan(0.25)
  })
})

test('the median step is that from one row to the next', () => {
  expect(medianStep([{ times: Float64Array.of(0, 1, 3, 100) }, { times: Float64Array.of(5) }])).toBe(2)
  expect(medianStep([{ times: Float64Array.of(5) }])).toBeUndefined()
})
