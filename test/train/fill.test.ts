import { expect, test } from 'vitest'
import type { Gap } from '../../src/data/gaps.js'
import type { SeriesSet } from '../../src/data/series.js'
import { gapQueries } from '../../src/train/fill.js'

const set: SeriesSet = {
  channels: ['x'],
  time: { kind: 'number' },
  idColumn: 'id',
  timeColumn: 'time',
  series: [
    {
      id: 'a',
      times: Float64Array.from({ length: 7 }, (_, i) => 10 * i),
      values: Float64Array.from({ length: 7 }, (_, i) => i),
      mask: new Uint8Array(7).fill(1),
    },
  ],
}
const gap = (id: string, time: number): Gap => ({ id, time, channel: 0, row: 0, column: 2 })
const asked = (windows: { rows: number; stride: number } | undefined, ...gaps: Gap[]) =>
  gapQueries({ ...(windows && { windows }) }, set, gaps).map(({ query, gaps: own }) => ({
    shown: Array.from(query.rows ?? query.series.times.keys(), (row) => query.series.times[row]),
    times: [...query.times],
    gaps: own.length,
  }))

test('all that was observed is shown; times are asked for once', () => {
  expect(asked(undefined, gap('a', 35), gap('a', 5), gap('a', 35))).toEqual([
    { shown: [0, 10, 20, 30, 40, 50, 60], times: [5, 35], gaps: 3 },
  ])
})

test('a series without any observation is asked about from its first gap on, and shown nothing', () => {
  const [one] = gapQueries({}, set, [gap('b', 4), gap('b', 2)])
  expect([...one!.query.series.times]).toEqual([2, 4])
  expect(asked(undefined, gap('b', 4), gap('b', 2))).toEqual([{ shown: [], times: [2, 4], gaps: 2 }])
})

test('a model of windows is asked about the window that a gap lies in, those at the ends about what lies outside', () => {
  // Windows of 3 rows from the end: 40 to 60, 10 to 30, and 0 to 20.
  expect(asked({ rows: 3, stride: 3 }, gap('a', -5), gap('a', 5), gap('a', 15), gap('a', 35), gap('a', 70))).toEqual([
    { shown: [0, 10, 20], times: [-5, 5], gaps: 2 },
    { shown: [10, 20, 30], times: [15, 35], gaps: 2 },
    { shown: [40, 50, 60], times: [70], gaps: 1 },
  ])
})
