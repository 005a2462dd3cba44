import { describe, expect, test } from 'vitest'
import { joinedTimes } from '../../../src/data/times/joinTimes.js'
import { at, column, readJoined, refused } from './column.js'

const columns = (given: Record<string, string[]>) => Object.entries(given).map(([name, cells]) => column(cells, name))

describe('columns that make a date', () => {
  test.each<[string, Record<string, string[]>, number[], string, string[]]>([
    [
      'year, month, day',
      { station: ['A', 'A'], year: ['2019', '2019'], month: ['1', '2'], day: ['30', '2'], temp: ['3.1', '4'] },
      [1, 2, 3],
      'iso',
      ['2019-01-30T00:00Z', '2019-02-02T00:00Z'],
    ],
    ['in any order', { DAY: ['30'], MONTH: ['1'], YEAR: ['2019'] }, [2, 1, 0], 'iso', ['2019-01-30T00:00Z']],
    [
      'with hours and minutes',
      { year: ['2019'], month: ['1'], day: ['30'], hour: ['14'], minute: ['5'] },
      [0, 1, 2, 3, 4],
      'yyyy-MM-dd HH:mm',
      ['2019-01-30T14:05Z'],
    ],
    ['year, month', { year: ['2019', '2020'], month: ['1', '12'] }, [0, 1], 'yyyy-MM', ['2019-01-01T00:00Z', '2020-12-01T00:00Z']],
    ['months by name', { year: ['2019'], month: ['Feb'] }, [0, 1], 'yyyy-MM', ['2019-02-01T00:00Z']],
    ['year and day of the year', { year: ['2020'], doy: ['60'] }, [0, 1], 'iso', ['2020-02-29T00:00Z']],
    ['date, time', { id: ['1'], date: ['18.01.2021'], time: ['14:05'] }, [1, 2], 'dd.MM.yyyy HH:mm', ['2021-01-18T14:05Z']],
    ['ISO date, time with seconds', { date: ['2021-01-18'], clock: ['14:05:30'] }, [0, 1], 'yyyy-MM-dd HH:mm:ss', ['2021-01-18T14:05:30Z']],
    ['date, hour', { date: ['2021-01-18'], hour: ['7'] }, [0, 1], 'yyyy-MM-dd HH:mm', ['2021-01-18T07:00Z']],
    ['digits', { date: ['20210118'], time: ['2:05 PM'] }, [0, 1], `yyyyMMdd h:mm a`, ['2021-01-18T14:05Z']],
  ])('%s', (_, given, positions, format, moments) => {
    const all = columns(given)
    expect(joinedTimes(all)).toEqual(positions)
    const { form, values } = readJoined(positions.map((i) => all[i]!))
    expect(form).toMatchObject({ kind: 'date', format })
    expect([...values]).toEqual(moments.map(at))
  })

  test('are none where there is a date by itself, a year alone, or values that are no months', () => {
    expect(joinedTimes(columns({ date: ['2021-01-18'], value: ['5'] }))).toBeUndefined()
    expect(joinedTimes(columns({ year: ['2019'], value: ['5'] }))).toBeUndefined()
    expect(joinedTimes(columns({ year: ['2019'], month: ['13'], day: ['1'] }))).toBeUndefined()
    expect(joinedTimes(columns({ date: ['2021-01-18 10:00'], time: ['14:05'] }))).toBeUndefined()
    expect(joinedTimes(columns({ date: ['2021-01-18', '2021-01-19'], duration: ['14:05', '26:10'] }))).toBeUndefined()
  })

  test('a time of four digits is hours and minutes', () =>
    expect([...readJoined(columns({ date: ['2021-01-18', '2021-01-18'], time: ['5', '1405'] })).values]).toEqual([
      at('2021-01-18T00:05Z'),
      at('2021-01-18T14:05Z'),
    ]))
  test('a row that lacks a part has no time', () =>
    expect([...readJoined(columns({ year: ['2019', '2019'], month: ['1', ''] })).values]).toEqual([at('2019-01-01T00:00Z'), NaN]))
  test('a day that is not: where, and what to do', () => {
    expect(refused(() => readJoined(columns({ year: ['2019', '2019'], month: ['1', '2'], day: ['30', '30'] })))).toEqual({
      code: 'BadTime',
      message:
        'visits.csv, line 3, column "day": this is no day of 2019-02 (line 3: "30"). Correct the cell, or name other columns with --time.',
    })
    expect(refused(() => readJoined(columns({ year: ['2019'], month: ['14'] }))).message).toContain(
      'column "month": this is no month from 1 to 12 (line 2: "14")',
    )
  })
  test('columns that are no parts', () =>
    expect(refused(() => readJoined(columns({ a: ['1'], b: ['2'], c: ['3'] })))).toEqual({
      code: 'NoJoin',
      message:
        'visits.csv, column "a": 3 columns are named as times, but not as parts of a date. Name a column of days and one of times of ' +
        'day (--time date,time), or columns named year, month, day, hour, minute, second, from year on.',
    }))
})
