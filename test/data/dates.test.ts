import { describe, expect, it } from 'vitest'
import { dateAxis, describeAxis, formatTime, parseIso, parseTime } from '../../src/data/dates.js'
import type { TimeAxis } from '../../src/data/series.js'
import { UserError } from '../../src/errors.js'

/** Unix times that are common knowledge: the billionth second, the last 32-bit second, leap days. */
const KNOWN: [text: string, seconds: number, style: string][] = [
  ['1970-01-01', 0, 'date'],
  ['2000-01-01', 946_684_800, 'date'],
  ['2001-09-09T01:46:40Z', 1_000_000_000, 'datetime with zone'],
  ['2038-01-19 03:14:07', 2_147_483_647, 'datetime'],
  ['2020-02-29', 1_582_934_400, 'date'],
  ['1969-12-31T23:59', -60, 'datetime'],
  ['1970-01-01T02:00:00+02:00', 0, 'datetime with zone'],
  ['1969-12-31T18:30-0530', 0, 'datetime with zone'],
  ['1970-01-01T00:00:01.25Z', 1.25, 'datetime with zone'],
  ['1970-01-01 24:00', 86_400, 'datetime'],
  ['0001-01-01', -62_135_596_800, 'date'],
]

describe('ISO dates', () => {
  for (const [text, seconds, style] of KNOWN) it(text, () => expect(parseIso(text)).toEqual({ seconds, style }))
  for (const text of [
    '2023-02-29',
    '2024-04-31',
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '2024-1-1',
    '20240101',
    '01/02/2024',
    '2024-01-01T25:00',
    '2024-01-01T24:01',
    '2024-01-01T10:60',
    '2024-01-01T10',
    '2024-01-01T10:00+25:00',
    'today',
    '',
    '12',
  ]) {
    it(`not ${JSON.stringify(text)}`, () => expect(parseIso(text)).toBeUndefined())
  }
})

describe('the unit', () => {
  const hour = 3600
  const of = (...gaps: number[]) => dateAxis(Float64Array.from([946_684_800 + 5 * hour]), Float64Array.from(gaps))
  it('is the largest that the median gap reaches', () => {
    expect(of(24 * hour).unit).toBe('day')
    expect(of(23 * hour, 24 * hour, 23 * hour).unit).toBe('hour')
    expect(of(59 * 60, 61, 300).unit).toBe('minute')
    expect(of(1, 30, 90000).unit).toBe('second')
    expect(of(0.001).unit).toBe('second')
    expect(of().unit).toBe('day')
  })
  it('counts from the midnight before the earliest', () => expect(of(1).epoch).toBe('2000-01-01T00:00:00Z'))
  it('of dates without a time of day is the day', () =>
    expect(dateAxis(Float64Array.from([0]), Float64Array.from([]))).toEqual({
      kind: 'date',
      unit: 'day',
      epoch: '1970-01-01T00:00:00Z',
      dateOnly: true,
    }))
})

describe('times go back and forth', () => {
  const days: TimeAxis = { kind: 'date', unit: 'day', epoch: '2024-02-28T00:00:00Z', dateOnly: true }
  const hours: TimeAxis = { kind: 'date', unit: 'hour', epoch: '2024-02-28T00:00:00Z', dateOnly: false }
  it('whole days are dates, parts of days are datetimes', () => {
    expect(formatTime(days, 0)).toBe('2024-02-28')
    expect(formatTime(days, 2)).toBe('2024-03-01')
    expect(formatTime(days, -59)).toBe('2023-12-31')
    expect(formatTime(days, 1.5)).toBe('2024-02-29T12:00:00Z')
  })
  it('hours are datetimes', () => {
    expect(formatTime(hours, 48)).toBe('2024-03-01T00:00:00Z')
    expect(formatTime(hours, 0.001)).toBe('2024-02-28T00:00:03.600Z')
    expect(formatTime(hours, 1 / 3)).toBe('2024-02-28T00:20:00Z')
  })
  it('numbers are numbers', () => {
    expect(formatTime({ kind: 'number' }, 1e-12)).toBe('1e-12')
    expect(parseTime({ kind: 'number' }, ' 1e12 ')).toBe(1e12)
  })
  it('what is formatted is read again', () => {
    for (const time of [0, 1, -3, 0.5, 365.25]) {
      expect(parseTime(days, formatTime(days, time))).toBe(time)
      expect(parseTime(hours, formatTime(hours, time))).toBe(time)
    }
  })
  it('titles', () => {
    expect(describeAxis(days)).toBe('days since 2024-02-28')
    expect(describeAxis({ kind: 'number' })).toBe('time')
  })
  const refused = (axis: TimeAxis, text: string): string => {
    try {
      parseTime(axis, text)
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      expect((error as UserError).code).toBe('BadTime')
      return (error as UserError).message
    }
    throw new Error('not refused')
  }
  it('what is none is refused', () => {
    expect(refused(days, '12')).toBe('The time "12" is no ISO date, and times here are dates. Write it like 2024-02-28.')
    expect(refused({ kind: 'number' }, '2024-01-01')).toBe(
      'The time "2024-01-01" is a date, and times here are plain numbers. Write it like 12 or 12.5.',
    )
    for (const text of ['', 'inf', 'NaN', 'x']) expect(refused({ kind: 'number' }, text)).toMatch(/is no finite number/)
    expect(() => formatTime(days, 1e12)).toThrow('beyond any calendar')
  })
})
