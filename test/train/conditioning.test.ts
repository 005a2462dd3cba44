import { describe, expect, test } from 'vitest'
import type { Series } from '../../src/data/series.js'
import { random } from '../../src/random.js'
import { interpolationRows, shownBy, type Conditioning } from '../../src/train/conditioning.js'

/** Rows at the square roots of 0 to n − 1: the later, the denser. */
const series = (rows: number): Series => ({
  id: 's',
  times: Float64Array.from({ length: rows }, (_, i) => Math.sqrt(i)),
  values: new Float64Array(rows),
  mask: new Uint8Array(rows).fill(1),
})
const draws = (conditioning: Conditioning, rows: number, count: number): Int32Array[] => {
  const shown = shownBy(conditioning, { kind: 'number' })
  return Array.from({ length: count }, (_, i) => shown(series(rows), random(1, 'conditioning', i)))
}
const isBeginning = (rows: Int32Array): boolean => rows.every((row, i) => row === i)

describe('mixed', () => {
  const shown = draws({ conditioning: 'mixed' }, 20, 6000)

  test('shows any number of rows, from none to all; each ascending', () => {
    expect([...new Set(shown.map(({ length }) => length))].sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i))
    for (const rows of shown) expect([...rows]).toEqual([...new Set(rows)].sort((a, b) => a - b))
  })

  test('nothing of one in 24; all, a part, a beginning of a third of the others each', () => {
    const share = (of: (rows: Int32Array) => boolean): number => shown.filter(of).length / shown.length
    // Standard errors of 6,000 draws are at most 0.0065. Of the parts and the beginnings a few come to all.
    expect(Math.abs(share(({ length }) => length === 0) - 1 / 24)).toBeLessThan(0.01)
    const third = 22 / 24 / 3
    expect(Math.abs(share(({ length }) => length === 20) - third * (1 + 1 / 20))).toBeLessThan(0.02)
    expect(share((rows) => !isBeginning(rows))).toBeGreaterThan(0.8 * third)
    // One row in 24, one in 20 of the parts, and beginnings that end before √1 of √19.
    expect(Math.abs(share(({ length }) => length === 1) - (1 / 24 + third / 20 + third / Math.sqrt(19)))).toBeLessThan(0.02)
  })

  test.each([0, 1, 2])('of %d rows no more than there are', (rows) => {
    for (const some of draws({ conditioning: 'mixed' }, rows, 200)) expect(some.every((row) => row < rows)).toBe(true)
  })
})

describe('interpolation', () => {
  test('shows half of the rows, or what shown says; 0 is nothing, other fractions at least a row', () => {
    const count = (shown: number | string | undefined): number[] =>
      draws({ conditioning: 'interpolation', shown }, 10, 50).map(({ length }) => length)
    expect(new Set(count(undefined))).toEqual(new Set([5]))
    expect(new Set(count(0.3))).toEqual(new Set([3]))
    expect(new Set(count(0.01))).toEqual(new Set([1]))
    expect(new Set(count(0))).toEqual(new Set([0]))
    expect(new Set(count(1))).toEqual(new Set([10]))
    expect(new Set(count('0.2..0.49'))).toEqual(new Set([2, 3, 4]))
    expect(new Set(count(' .3 .. .3 '))).toEqual(new Set([3]))
  })

  test('of an empty series nothing', () => {
    for (const fraction of [0, 0.5]) expect(interpolationRows(series(0), fraction, random(1, 'x'))).toHaveLength(0)
  })
})

describe('extrapolation', () => {
  test('shows half of the span, or up to the cut', () => {
    const count = (cut: number | string | undefined): number => draws({ conditioning: 'extrapolation', cut }, 17, 1)[0]!.length
    // The span is 4. Its half ends at the row √4; a quarter at √1.
    expect(count(undefined)).toBe(5)
    expect(count(0.25)).toBe(2)
    expect(count('3 rows')).toBe(3)
    expect(count('next 4')).toBe(13)
    expect(count('at 3')).toBe(10)
  })

  test('a range of fractions is drawn from', () => {
    const counts = draws({ conditioning: 'extrapolation', cut: '0.25..0.5' }, 17, 200).map(({ length }) => length)
    expect([...new Set(counts)].sort()).toEqual([2, 3, 4])
  })
})

test('what cannot be shown is an error', () => {
  const axis = { kind: 'number' } as const
  for (const shown of ['0.9..0.1', 'half', 1.5, -1])
    expect(() => shownBy({ conditioning: 'interpolation', shown }, axis)).toThrow(
      `What is shown is ${JSON.stringify(shown)}, but must be a fraction like 0.5, or two that it is drawn from, like 0.1..0.9.`,
    )
  expect(() => shownBy({ conditioning: 'extrapolation', cut: 'half' }, axis)).toThrow('The cut "half" is none.')
})
