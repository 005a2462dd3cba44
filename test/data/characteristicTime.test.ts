import { describe, expect, test } from 'vitest'
import { characteristicTime } from '../../src/data/characteristicTime.js'
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
      // Bins are 0.2 wide and the shortest lags are not quite 0.
      expect(Math.abs(characteristicTime(set, 10) - Math.PI / (3 * omega))).toBeLessThan(0.25)
    }
  })

  test('noise added to it changes little', () => {
    const stream = random(2, 'noise')
    const scale = 1 / Math.sqrt(1.3)
    const set = make(200, 60, (t, s) => scale * (Math.SQRT2 * Math.sin(t + s) + Math.sqrt(0.3) * stream.normal()))
    expect(Math.abs(characteristicTime(set, 10) - Math.PI / 3)).toBeLessThan(0.4)
  })

  test('of series that keep their level it is the span; so it is with no pairs at all', () => {
    const stream = random(3, 'levels')
    const levels = Array.from({ length: 200 }, () => stream.normal())
    expect(
      characteristicTime(
        make(200, 20, (t, s) => levels[s]! + 0.01 * t),
        10,
      ),
    ).toBe(10)
    expect(
      characteristicTime(
        make(5, 1, () => 1),
        10,
      ),
    ).toBe(10)
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
    expect(Math.abs(characteristicTime(gappy, 10) - Math.PI / 3)).toBeLessThan(0.25)
  })
})
