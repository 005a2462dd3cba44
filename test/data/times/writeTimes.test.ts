import { describe, expect, test } from 'vitest'
import { axisOf, formatTime, parseLength, parseTime, secondsToTime } from '../../../src/data/dates.js'
import { cellsOf, frameOfSet, timeColumn } from '../../../src/data/frame.js'
import { readSeries } from '../../../src/data/read.js'
import type { SeriesSet, TimeAxis } from '../../../src/data/series.js'
import { timeDetail, timeWriter } from '../../../src/data/times/writeTimes.js'
import { framesToFile } from '../../../src/data/writeFrames.js'
import { file, temporaryFolder } from '../support.js'
import { read, refused } from './column.js'

const folder = temporaryFolder()

/** The axis of a column, and its times on it. */
function placed(cells: readonly string[], options = {}): { axis: TimeAxis; times: Float64Array } {
  const { form, values } = read(cells, options)
  const gaps = values
    .slice(1)
    .map((value, i) => value - values[i]!)
    .filter((gap) => gap > 0)
  const axis = axisOf(form, values, gaps)
  return { axis, times: values.map((value) => secondsToTime(axis, value)) }
}

const write = (axis: TimeAxis, times: Float64Array): string[] => Array.from(times, timeWriter(axis, timeDetail(axis, [times])))

describe('times come back as they were written', () => {
  test.each([
    [['18/01/2021', '01/02/2021']],
    [['01/18/2021', '02/01/2021']],
    [['18.1.2021', '1.2.2021']],
    [['20210118', '20210201']],
    [['2021011823', '2021020100']],
    [['202101', '202112']],
    [['2021-01', '2021-12']],
    [['01.2021', '12.2021']],
    [['2021-Q1', '2021-Q4']],
    [['2021-W01', '2021-W03']],
    [['18 Jan 2021', '1 Feb 2021']],
    [['Jan 18, 2021', 'Sep 1, 2021']],
    [['18Jan2021', '19Jan2021']],
    [['January 2021', 'May 2021']],
    [['18.01.2021 14:05', '01.02.2021 09:05']],
    [['1/18/2021 2:05 PM', '2/1/2021 12:00 AM']],
    [['2021-01-18 14:05:00+00:00']],
    [['2021-01-18 14:05:00', '2021-01-18 14:06:30']],
    [['2021-01-18T14:05', '2021-01-18T14:06']],
    [['2021-01-18T14:05:00+01:00', '2021-01-19T14:05:00+01:00']],
    [['2021-01-18T14:05:00Z', '2021-01-18T14:05:00.250Z']],
    [['Mon, 18 Jan 2021 14:05:30 GMT']],
    [['20210118T235958Z']],
    [['1611000000', '1611003600.5']],
    [['1611000000000', '1611000000001']],
    [['1611000000250001', '1611000000250002']],
    [['2021-08-02T00:00:00.001415Z', '2021-08-02T00:00:00.001650Z', '2021-08-02T00:00:00.001651Z']],
    [['03:17:00', '26:38:00']],
    [['9:05', '14:30']],
    [['1 days 02:15', '0 days 00:30']],
    [['1 day, 2:15:00', '2 days, 0:00:00']],
    [['1 week', '2 weeks', '0 weeks']],
    [['1.5 d', '3 d']],
    [['90 min']],
    [['1h 30m', '2h']],
    [['PT1H30M', 'P2DT3H']],
    [['6 months', '1 month']],
    [['-00:30', '01:00']],
  ])('%j', (cells) => {
    const { axis, times } = placed(cells)
    expect(write(axis, times)).toEqual(cells)
    for (const [i, cell] of cells.entries()) expect(parseTime(axis, cell)).toBeCloseTo(times[i]!, 9)
  })
  test('days of spreadsheets', () => {
    const { axis, times } = placed(['44214', '44214.75'], { dateFormat: 'excel' })
    expect(write(axis, times)).toEqual(['44214', '44214.75'])
    expect(formatTime(axis, times[1]!)).toBe('2021-01-18T18:00:00Z')
  })
  test('to people, digits alone are shown as dates', () => {
    for (const [cell, shown] of [
      ['1611000000', '2021-01-18T20:00:00Z'],
      ['20210118', '2021-01-18'],
      ['2021011823', '2021-01-18T23:00:00Z'],
    ] as const) {
      const { axis, times } = placed([cell])
      expect(formatTime(axis, times[0]!)).toBe(shown)
    }
  })
})

describe('what a form has no room for is written with as much more as it takes, the whole column one way', () => {
  // Times in units of the axis after the first cell, and how the first cell and they are written.
  test.each<[string, number[], string[]]>([
    ['18/01/2021', [0, 1], ['18/01/2021', '19/01/2021']],
    ['18/01/2021', [0, 0.5], ['18/01/2021 00:00', '18/01/2021 12:00']],
    ['18/01/2021', [0, 1 / 1440 + 1 / 86400], ['18/01/2021 00:00:00', '18/01/2021 00:01:01']],
    ['20210118', [0.5], ['202101181200']],
    ['2021-01', [0, 31], ['2021-01', '2021-02']],
    ['2021-01', [0, 17], ['2021-01-01', '2021-01-18']],
    ['01/2021', [0, 17], ['01/01/2021', '18/01/2021']],
    ['Jan 2021', [17], ['18 Jan 2021']],
    ['2021-Q1', [17], ['2021-01-18']],
    ['2021-W01', [1], ['2021-01-05']],
    ['2021-01-18', [0, 0.5], ['2021-01-18T00:00:00Z', '2021-01-18T12:00:00Z']],
  ])('%s and %j', (cell, after, written) => {
    const {
      axis,
      times: [first],
    } = placed([cell])
    expect(
      write(
        axis,
        Float64Array.from(after, (time) => first! + time),
      ),
    ).toEqual(written.map((text) => text.replace(/^Jan/, '18 Jan')))
    // And it is read again, by what the model knows.
    for (const [i, text] of written.entries()) {
      expect(secondsToTime(axis, read([text], { axis }).values[0]!)).toBeCloseTo(first! + after[i]!, 9)
      expect(parseTime(axis, text)).toBeCloseTo(first! + after[i]!, 9)
    }
  })
  test('lengths of time', () => {
    const hours = placed(['01:00', '05:00']).axis
    expect(write(hours, Float64Array.of(1, 1.5))).toEqual(['01:00', '01:30'])
    expect(write(hours, Float64Array.of(1, 1 + 1 / 3600))).toEqual(['01:00:00', '01:00:01'])
    expect(write(placed(['1 week', '2 weeks']).axis, Float64Array.of(1.5))).toEqual(['1.5 weeks'])
  })
  test('digits of a second: as many as tell neighbours apart', () => {
    const axis: TimeAxis = { kind: 'date', unit: 'second', epoch: '2021-08-02T00:00:00Z', dateOnly: false }
    expect(write(axis, Float64Array.of(0, 1 / 3, 2 / 3))).toEqual([
      '2021-08-02T00:00:00Z',
      '2021-08-02T00:00:00.333Z',
      '2021-08-02T00:00:00.667Z',
    ])
    expect(write(axis, Float64Array.of(1e-4 / 3, 2e-4 / 3))).toEqual(['2021-08-02T00:00:00.000033Z', '2021-08-02T00:00:00.000067Z'])
    expect(write(axis, Float64Array.of(1e-7 / 3, 2e-7 / 3))).toEqual(['2021-08-02T00:00:00.000000033Z', '2021-08-02T00:00:00.000000067Z'])
  })
})

describe('a set with microseconds', () => {
  const times = ['2021-08-02T00:00:00.001415Z', '2021-08-02T00:00:00.001650Z', '2021-08-02T00:00:00.003586Z']
  test.each(['csv', 'parquet', 'arrow'])('comes back from .%s', async (ending) => {
    const { set } = await readSeries(file(folder, 'in.csv', `id,time,x\n${times.map((time, i) => `a,${time},${i}`).join('\n')}\n`), {
      id: 'id',
    })
    const frame = frameOfSet(set)
    const pieces = [...(await framesToFile(`out.${ending}`, [frame], frame))]
    const again = await readSeries(file(folder, `out.${ending}`, Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)))), {
      id: 'id',
    })
    const column = frameOfSet(again.set)[1]!
    expect(times.map((_, row) => cellsOf(column)(row))).toEqual(times)
  })
})

test('lengths of time are texts in Parquet and Arrow files', async () => {
  const set: SeriesSet = {
    channels: ['x'],
    time: { kind: 'duration', unit: 'hour', format: 'hh:mm:ss' },
    idColumn: 'id',
    timeColumn: 'time',
    series: [{ id: 'a', times: Float64Array.of(1, 26.5), values: Float64Array.of(1, 2), mask: Uint8Array.of(1, 1) }],
  }
  for (const ending of ['parquet', 'arrow']) {
    const frame = frameOfSet(set)
    const pieces = [...(await framesToFile(`out.${ending}`, [frame], frame))]
    const again = await readSeries(file(folder, `out.${ending}`, Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)))), {
      id: 'id',
    })
    expect([...again.set.series[0]!.times]).toEqual([1, 26.5])
    expect(again.set.time).toEqual(set.time)
  }
})

test('plain numbers are a column of numbers', () =>
  expect(timeColumn('t', { kind: 'number' }, Float64Array.of(1.5))).toEqual({ name: 't', kind: 'number', values: Float64Array.of(1.5) }))

describe('lengths of time as a user names them', () => {
  const days: TimeAxis = { kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true }
  const hours: TimeAxis = { kind: 'duration', unit: 'hour', format: 'hh:mm:ss' }
  test.each<[TimeAxis, string | number, number]>([
    [days, '2 weeks', 14],
    [days, '14d', 14],
    [days, '12h', 0.5],
    [days, '90m', 0.0625],
    [days, 3, 3],
    [days, '3', 3],
    [days, '1 year', 365.2425],
    [hours, '01:30:00', 1.5],
    [hours, '2 weeks', 336],
    [hours, '90 min', 1.5],
    [{ kind: 'number' }, '3', 3],
  ])('%j %s', (axis, text, length) => expect(parseLength(axis, text, '--horizon')).toBeCloseTo(length, 12))
  test.each<[TimeAxis, string | number, string]>([
    [
      { kind: 'number' },
      '2 weeks',
      '--horizon "2 weeks" has a unit, and times here are plain numbers, whose unit is not known. Give a number, like --horizon 12.',
    ],
    [days, 'soon', '--horizon "soon" is no length of time above 0. Write it like --horizon 12 (in days) or --horizon "2 weeks".'],
    [days, -1, '--horizon "-1" is no length of time above 0. Write it like --horizon 12 (in days) or --horizon "2 weeks".'],
    [{ kind: 'number' }, 0, '--horizon "0" is no length of time above 0. Write it like --horizon 12.'],
  ])('%j %s is refused', (axis, text, message) =>
    expect(refused(() => parseLength(axis, text, '--horizon'))).toEqual({ code: 'BadTime', message }),
  )
  test('times of the axis', () => {
    expect(parseTime(hours, '26:30:00')).toBe(26.5)
    expect(parseTime(hours, '26.5')).toBe(26.5)
    expect(refused(() => parseTime(hours, 'soon')).message).toBe(
      'The time "soon" is no length of time. Write it like 00:00:00, or as a number of hours.',
    )
    expect(refused(() => parseTime({ ...days, format: 'dd/MM/yyyy' }, '12')).message).toBe(
      'The time "12" is no date, and times here are dates. Write it like 01/01/2024 or 2024-01-01.',
    )
  })
})
