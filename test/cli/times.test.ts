import { describe, expect, test } from 'vitest'
import { parseTimes, timesToPredict } from '../../src/cli/actions/times.js'
import type { TimeAxis } from '../../src/data/series.js'

const numbers: TimeAxis = { kind: 'number' }
const days: TimeAxis = { kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true }
const hours: TimeAxis = { kind: 'date', unit: 'hour', epoch: '2024-01-01T00:00:00Z', dateOnly: false }

describe('--at', () => {
  test.each<[string | number | (string | number)[], number[]]>([
    ['0:2:0.5', [0, 0.5, 1, 1.5, 2]],
    ['5,1,2,1', [1, 2, 5]],
    ['0:1:0.5,10', [0, 0.5, 1, 10]],
    ['-1:1:1', [-1, 0, 1]],
    ['0:1:0.3', [0, 0.3, 0.6, 0.9]],
    [7, [7]],
    [
      [3, '1'],
      [1, 3],
    ],
    // The last is not lost to rounding, and 3 · 0.1 is 0.3.
    ['0:0.3:0.1', [0, 0.1, 0.2, 0.3]],
  ])('%j', (at, times) => {
    expect([...parseTimes(numbers, at)]).toEqual(times)
  })

  test('dates, and ranges of dates in the unit of the axis', () => {
    expect([...parseTimes(days, '2024-01-03,2024-01-01')]).toEqual([0, 2])
    expect([...parseTimes(days, '2024-01-01:2024-01-15:7')]).toEqual([0, 7, 14])
    expect([...parseTimes(hours, '2024-01-01T06:30:2024-01-01T08:30:1')]).toEqual([6.5, 7.5, 8.5])
    expect([...parseTimes(hours, '2024-01-01T06:30:00Z')]).toEqual([6.5])
  })

  test('dates as the file has them, and steps with a unit', () => {
    const own: TimeAxis = { ...days, format: 'dd/MM/yyyy' }
    expect([...parseTimes(own, '03/01/2024,01/01/2024')]).toEqual([0, 2])
    expect([...parseTimes(own, '2024-01-01:15/01/2024:1 week')]).toEqual([0, 7, 14])
    expect([...parseTimes(hours, '2024-01-01T06:30:2024-01-01T08:30:30m')]).toEqual([6.5, 7, 7.5, 8, 8.5])
    expect([...parseTimes({ ...days, format: 'MMM d, yyyy' }, 'Jan 3, 2024,Jan 1, 2024')]).toEqual([0, 2])
  })

  test('lengths of time', () => {
    const clock: TimeAxis = { kind: 'duration', unit: 'hour', format: 'hh:mm:ss' }
    expect([...parseTimes(clock, '26:30:00,1,01:30')]).toEqual([1, 1.5, 26.5])
    expect([...parseTimes(clock, '01:00:00:03:00:00:1h')]).toEqual([1, 2, 3])
    expect([...parseTimes({ kind: 'duration', unit: 'week', format: `w 'weeks'` }, '0 weeks:2 weeks:7d')]).toEqual([0, 1, 2])
    expect(() => parseTimes(clock, '01:00:00:03:00:00:soon')).toThrow(
      '--at 01:00:00:03:00:00:soon: the step "soon" is not a length of time above 0.',
    )
  })

  test.each([
    ['0:72', '--at 0:72: this is not from:to:step. Write it like 0:72:0.5.'],
    ['0:72:0', '--at 0:72:0: the step "0" is not a number above 0. Write from:to:step, like 0:72:0.5.'],
    ['72:0:1', '--at 72:0:1: the end comes before the beginning. Write from:to:step, like 0:72:0.5.'],
    ['soon', 'The time "soon" is no finite number. Write it like 12 or 12.5.'],
    [',', '--at names no time. Write it like 0:72:0.5 or 1,2,5.'],
    [
      '0:1e9:1',
      'A step of 1 over 1000000000 units of time makes 1000000001 predictions of each series, more than 100000. Choose a longer one.',
    ],
  ])('%s is refused', (at, message) => {
    expect(() => parseTimes(numbers, at)).toThrow(message)
  })
})

describe('times of a series', () => {
  const series = { times: Float64Array.of(10, 14, 18) }

  test('--horizon starts after the last observation and ends at the horizon', () => {
    const times = [...timesToPredict(numbers, { horizon: 6 }, 100)(series)]
    expect(times).toHaveLength(30)
    expect([times[0], times.at(-1)]).toEqual([18.2, 24])
    expect([...timesToPredict(numbers, { horizon: 6, step: 2.5 }, 100)(series)]).toEqual([20.5, 23])
  })

  test('without options, the span and a quarter more', () => {
    const times = [...timesToPredict(numbers, {}, 100)(series)]
    expect(times).toHaveLength(51)
    expect([times[0], times.at(-1)]).toEqual([10, 20])
    expect([...timesToPredict(numbers, { step: 5 }, 100)(series)]).toEqual([10, 15, 20])
  })

  test('a single row has no span: a quarter of the training span', () => {
    const times = [...timesToPredict(numbers, {}, 100)({ times: Float64Array.of(3) })]
    expect([times[0], times.at(-1)]).toEqual([3, 28])
  })

  test('--at is the same for all', () => {
    expect([...timesToPredict(numbers, { at: '1,2' }, 100)(series)]).toEqual([1, 2])
  })

  test('lengths with a unit', () => {
    expect([...timesToPredict(days, { horizon: '2 weeks', step: '7d' }, 100)(series)]).toEqual([25, 32])
    expect([...timesToPredict(days, { horizon: '1 day', step: '12h' }, 100)(series)]).toEqual([18.5, 19])
    expect(() => timesToPredict(numbers, { horizon: '2 weeks' }, 100)).toThrow(
      '--horizon "2 weeks" has a unit, and times here are plain numbers, whose unit is not known. Give a number, like --horizon 12.',
    )
    expect(() => timesToPredict(days, { horizon: '1 day', step: '2 days' }, 100)).toThrow('--step 2 days is longer than --horizon 1 day')
  })

  test('options that contradict each other', () => {
    expect(() => timesToPredict(numbers, { at: '1', horizon: 1 }, 1)).toThrow(
      '--at and --horizon both say when to predict. Leave one of them out.',
    )
    expect(() => timesToPredict(numbers, { at: '1', step: 1 }, 1)).toThrow(
      '--step goes with --horizon. With --at write the step after the times: --at 0:10:0.5.',
    )
    expect(() => timesToPredict(numbers, { horizon: 1, step: 2 }, 1)).toThrow('--step 2 is longer than --horizon 1')
  })
})
