import { describe, expect, test } from 'vitest'
import { densestStretch, outlyingSpans, robustSpan, withinScale } from '../../src/data/spans.js'
import type { Series } from '../../src/data/series.js'

const make = (id: string, ...times: number[]): Series => ({
  id,
  times: Float64Array.from(times),
  values: Float64Array.from(times, (t) => 10 * t),
  mask: new Uint8Array(times.length).fill(1),
})
const spanning = (...spans: number[]): Series[] => spans.map((span, i) => make(`s${i}`, 1, 1 + span))

describe('the scale of time', () => {
  test('is the longest span where none is far from the others', () => {
    expect(robustSpan(spanning(1, 2, 3, 4, 5, 6, 7, 8))).toBe(8)
    expect(robustSpan(spanning(2, 2, 2, 2, 2, 6))).toBe(6)
  })

  test('leaves out one series of few, and up to 5 % of many, that span more than three times what others do', () => {
    expect(robustSpan(spanning(10, 600, 9, 10, 8))).toBe(10)
    expect(robustSpan(spanning(...Array<number>(98).fill(10), 600, 1e9))).toBe(10)
    // A tenth of the series are a tail, not outliers.
    expect(robustSpan(spanning(...Array<number>(18).fill(10), 600, 600))).toBe(600)
  })

  test('of fewer than five series it is the longest; series of one row do not count', () => {
    expect(robustSpan(spanning(1, 1, 1, 100))).toBe(100)
    expect(robustSpan([make('a', 7), make('b', 7), ...spanning(5)])).toBe(5)
    expect(robustSpan([make('a', 7)])).toBe(0)
  })
})

test('the densest stretch is the first that holds most rows', () => {
  expect(densestStretch([0, 100, 101, 102, 500, 501, 502], 3)).toEqual({ from: 1, to: 4 })
  expect(densestStretch([5], 3)).toEqual({ from: 0, to: 1 })
})

describe('an outlying series', () => {
  const wrong = make('w', 0, 1, 2, 10_003, 10_004)

  test('is cut to the stretch with most rows; what is within three times the scale stays whole', () => {
    expect(withinScale(wrong, 10, 1)).toEqual(make('w', 0, 1, 2))
    const long = make('l', 0, 29)
    expect(withinScale(long, 10, 1)).toBe(long)
  })

  test('is named in a notice, with its span and gap in the unit of the data', () => {
    const time = { kind: 'duration', unit: 'hour', format: 'h:mm' } as const
    expect(outlyingSpans({ series: [make('a', 0, 10), wrong], time }, 10)).toBe(
      'The series "w" spans 10,000 hours, with a gap of 10,000 hours after its row 3; others span 10 hours at most. Of such a series ' +
        'only the 10 hours with most rows are trained on. Look for a wrong time, or give the parts of the series ids of their own.',
    )
    const more = outlyingSpans({ series: [make('x', 0, 40), wrong], time: { kind: 'number' } }, 10)
    expect(more).toMatch(/^The series "w" \(and 1 more\) spans 10,000, with/)
    expect(outlyingSpans({ series: [make('a', 0, 10)], time }, 10)).toBeUndefined()
  })
})
