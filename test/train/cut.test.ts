import { describe, expect, test } from 'vitest'
import type { TimeAxis } from '../../src/data/series.js'
import { parseCut, type Cut } from '../../src/train/cut.js'

const numbers: TimeAxis = { kind: 'number' }
/** Days since 1 March 2021. */
const dates: TimeAxis = { kind: 'date', unit: 'day', epoch: '2021-03-01T00:00:00Z', dateOnly: true }
const hours: TimeAxis = { kind: 'duration', unit: 'hour', format: 'hh:mm:ss' }

const times = Float64Array.of(2, 3, 5, 8, 12)
const known = (cut: Cut, axis: TimeAxis = numbers, of = times): number => parseCut(axis, cut).count(of)

describe('how many of rows at 2, 3, 5, 8 and 12 are known', () => {
  test.each([
    // The span is 10: half of it ends at 7, three tenths at 5, which is known.
    [0.5, 3],
    ['0.5', 3],
    [0.3, 3],
    [0.29, 2],
    [0, 1],
    [0.999, 4],
    ['3 rows', 3],
    ['1 row', 1],
    ['0 rows', 0],
    ['9 rows', 5],
    ['next 2', 3],
    ['next 5', 0],
    ['next 50', 0],
    ['at 5', 3],
    ['at 4.9', 2],
    ['at 0', 0],
    ['at -1', 0],
    ['at 12', 5],
    ['after 3', 3],
    ['after 2.9', 2],
    ['after 0.5', 1],
    [' AFTER  3 ', 3],
  ])('%s: %d', (cut, count) => expect(known(cut)).toBe(count))

  test('of a single row, and of none', () => {
    const [one, none] = [Float64Array.of(4), new Float64Array(0)]
    expect([0.5, '3 rows', 'next 1', 'at 3', 'at 4', 'after 1'].map((cut) => known(cut, numbers, one))).toEqual([1, 1, 0, 0, 1, 1])
    expect([0.5, '3 rows', 'next 1', 'at 3', 'after 1'].map((cut) => known(cut, numbers, none))).toEqual([0, 0, 0, 0, 0])
  })
})

describe('times and lengths are those of the axis', () => {
  test.each([
    ['2021-03-06', 3],
    ['at 2021-03-06', 3],
    ['2021-03-05', 2],
    ['after 3', 3],
    ['after 71 hours', 2],
    ['after 1 week', 4],
    ['after "1 week"', 4],
  ])('dates, %s: %d', (cut, count) => expect(known(cut, dates)).toBe(count))

  test.each([
    ['at 5', 3],
    ['at 04:59:00', 2],
    ['after 90 minutes', 2],
    ['after 06:00:00', 4],
  ])('lengths of time, %s: %d', (cut, count) => expect(known(cut, hours)).toBe(count))
})

test.each([
  [0.5, numbers, "the first half of each series' span of time"],
  [0.3, numbers, "the first 30 % of each series' span of time"],
  [0, numbers, 'the first row of each series'],
  ['0 rows', numbers, 'nothing of each series'],
  ['1 rows', numbers, 'the first row of each series'],
  ['4 rows', numbers, 'the first 4 rows of each series'],
  ['next 1', numbers, 'all but the last row of each series'],
  ['next 5', numbers, 'all but the last 5 rows of each series'],
  ['at 12', numbers, 'the rows of each series up to time 12'],
  ['2021-03-06', dates, 'the rows of each series up to 2021-03-06'],
  ['after 2 weeks', dates, 'the rows of each series up to 2 weeks after its start'],
] as const)('%s in words', (cut, axis, words) => expect(parseCut(axis, cut).words).toBe(words))

describe('what is no cut says what is', () => {
  const forms = (time: string, length: string): string =>
    `Write a fraction of each series' span, like 0.5; "3 rows" for the first three; "next 5" for all but the last five; "at ${time}" for a ` +
    `time; or "after ${length}" for so long after each series' start.`

  test.each([
    ['nxt 5', numbers, `The cut "nxt 5" is none. ${forms('12', '12')}`],
    ['next 0', dates, `The cut "next 0" is none. ${forms('2021-03-01', '2 weeks')}`],
    ['', hours, `The cut "" is none. ${forms('12:00:00', '2 weeks')}`],
    [
      12,
      numbers,
      'If it is a time, write "at 12"; if it is so long after each series\' start, "after 12"; if it is a number of rows, "12 rows".',
    ],
    ['1', numbers, 'The cut 1 is no fraction of a span, from 0 to below 1.'],
    [-0.5, numbers, 'The cut -0.5 is no fraction of a span'],
    ['at 2021-03-01', numbers, 'In the cut "at 2021-03-01": The time "2021-03-01" is a date, and times here are plain numbers.'],
    ['at noon', dates, 'In the cut "at noon": The time "noon" is no ISO date'],
    ['after 2 weeks', numbers, 'In the cut "after 2 weeks": after "2 weeks" has a unit, and times here are plain numbers'],
    ['after -1', numbers, 'In the cut "after -1": after "-1" is no length of time above 0. Write it like after 12.'],
  ] as const)('%j', (cut, axis, message) => expect(() => parseCut(axis, cut)).toThrow(message))

  // What they recommend has to be read.
  test.each([
    [numbers, ['0.5', '3 rows', 'next 5', 'at 12', 'after 12']],
    [dates, ['0.5', '3 rows', 'next 5', 'at 2021-03-01', 'after 2 weeks', 'after 12']],
    [hours, ['at 12:00:00', 'after 2 weeks']],
  ] as const)('%j: the advice works', (axis, cuts) => cuts.forEach((cut) => expect(known(cut, axis)).toBeGreaterThanOrEqual(0)))
})
