import { describe, expect, it } from 'vitest'
import type { SeriesSet } from '../../src/data/series.js'
import { chooseWindows, cutWindows, lastWindows, splitWindows } from '../../src/data/windows.js'

/** Series of one channel whose values are their row numbers, at times ten times as large. */
const setOf = (...lengths: number[]): SeriesSet => ({
  channels: ['x'],
  time: { kind: 'number' },
  idColumn: 'id',
  timeColumn: 'time',
  series: lengths.map((length, i) => ({
    id: 'ab'[i]!,
    times: Float64Array.from({ length }, (_, k) => 10 * k),
    values: Float64Array.from({ length }, (_, k) => k),
    mask: new Uint8Array(length).fill(1),
  })),
})
const rowsOf = (set: SeriesSet) => set.series.map(({ id, values }) => [id, values[0], values.at(-1), values.length])

describe('windows', () => {
  it('end with the last row of each series', () => {
    expect(rowsOf(cutWindows(setOf(11, 3), { rows: 4, stride: 4 }))).toEqual([
      ['a [1]', 3, 6, 4],
      ['a [2]', 7, 10, 4],
      ['b', 0, 2, 3],
    ])
    expect(rowsOf(cutWindows(setOf(11), { rows: 4, stride: 3 }))).toEqual([
      ['a [1]', 1, 4, 4],
      ['a [2]', 4, 7, 4],
      ['a [3]', 7, 10, 4],
    ])
    expect(cutWindows(setOf(11), { rows: 4, stride: 4 }).series[1]!.times).toEqual(Float64Array.of(70, 80, 90, 100))
  })
  it('are cut once', () => {
    const once = cutWindows(setOf(100), { rows: 40, stride: 20 })
    expect(cutWindows(once, { rows: 10, stride: 10 })).toBe(once)
  })
  it('forecasts go on from the last one, under the series’ own id', () => {
    expect(rowsOf(lastWindows(setOf(11, 3), { rows: 4, stride: 4 }))).toEqual([
      ['a', 7, 10, 4],
      ['b', 0, 2, 3],
    ])
  })
  it('are sorted by time: the last ones test, those before validate', () => {
    const ids = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, i) => `a [${String(from + i).padStart(2, '0')}]`)
    expect(splitWindows(setOf(80), { rows: 4, stride: 4 }, { valid: 0.15, test: 0.15 })).toEqual({
      train: ids(1, 14),
      valid: ids(15, 17),
      test: ids(18, 20),
    })
  })
  for (const stride of [1, 2, 3, 5, 8]) {
    it(`of one part share no row with those of another, stride ${stride}`, () => {
      const [set, windows] = [setOf(200, 90), { rows: 5, stride }]
      const split = splitWindows(set, windows, { valid: 0.2, test: 0.1 })
      const rows = (ids: readonly string[], of: string): number[] =>
        cutWindows(set, windows)
          .series.filter(({ id }) => id.startsWith(of) && ids.includes(id))
          .flatMap(({ values }) => [...values])
      for (const of of ['a', 'b']) {
        const [train, valid, test] = [rows(split.train, of), rows(split.valid, of), rows(split.test, of)]
        expect(Math.min(train.length, valid.length, test.length)).toBeGreaterThan(0)
        expect(Math.max(...train)).toBeLessThan(Math.min(...valid))
        expect(Math.max(...valid)).toBeLessThan(Math.min(...test))
      }
    })
  }
  it('are chosen where there are too few series for their length, and only there', () => {
    expect(chooseWindows(setOf(10_000), 'auto')).toEqual({ rows: 100, stride: 100 })
    expect(chooseWindows(setOf(900), 'auto')).toEqual({ rows: 20, stride: 20 })
    expect(chooseWindows(setOf(21), 'auto')).toBeUndefined()
    expect(chooseWindows(setOf(10_000), 'none')).toBeUndefined()
    expect(chooseWindows(setOf(21), 7, 3)).toEqual({ rows: 7, stride: 3 })
    const many: SeriesSet = { ...setOf(), series: Array.from({ length: 30 }, () => setOf(400).series[0]!) }
    expect(chooseWindows(many, 'auto')).toBeUndefined()
  })

  it('series stay whole where their windows would be too few to validate with', () => {
    const fifteen = (rows: number): SeriesSet => ({ ...setOf(), series: Array.from({ length: 15 }, () => setOf(rows).series[0]!) })
    expect(chooseWindows(fifteen(79), 'auto')).toBeUndefined()
    const windows = chooseWindows(fifteen(80), 'auto')!
    expect(windows).toEqual({ rows: 20, stride: 20 })
    const { valid, test } = splitWindows(fifteen(80), windows, { valid: 0.15, test: 0.15 })
    expect([valid.length, test.length]).toEqual([15, 15])
  })
})
