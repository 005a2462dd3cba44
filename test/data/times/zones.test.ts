import { describe, expect, test } from 'vitest'
import { axisOf, parseTime } from '../../../src/data/dates.js'
import { timeDetail, timeWriter } from '../../../src/data/times/writeTimes.js'
import { at, read, refused } from './column.js'

const timeZone = 'Europe/Berlin'

describe('--time-zone', () => {
  // Central European Time is an hour ahead of UTC, in summer two; in 2021 clocks went from
  // 02:00 to 03:00 on 28 March and from 03:00 to 02:00 on 31 October.
  test('local times, in winter and in summer', () => {
    const { form, values } = read(['18.01.2021 12:00', '18.07.2021 12:00'], { timeZone })
    expect(form).toEqual({ kind: 'date', format: 'dd.MM.yyyy HH:mm', style: 'datetime', zone: timeZone })
    expect([...values]).toEqual([at('2021-01-18T11:00Z'), at('2021-07-18T10:00Z')])
  })
  test('offsets in the file count, the zone is for writing', () =>
    expect(read(['2021-01-18T12:00Z'], { timeZone })).toMatchObject({
      form: { zone: timeZone },
      values: Float64Array.of(at('2021-01-18T12:00Z')),
    }))
  test.each([
    ['UTC+1', 1],
    ['+05:30', 5.5],
    ['UTC', 0],
    ['America/St_Johns', -3.5],
  ])('%s', (zone, hours) =>
    expect([...read(['2021-01-18 12:00'], { timeZone: zone }).values]).toEqual([at('2021-01-18T12:00Z') - hours * 3600]),
  )

  describe('the hour that is repeated in autumn', () => {
    const hour = (...clock: string[]): string[] => clock.map((one) => `2021-10-31 ${one}`)
    const utc = (...clock: string[]): number[] => clock.map((one) => at(`2021-10-31T${one}Z`))
    test('is its first pass, and that is said', () => {
      const { values, notices } = read(hour('01:30', '02:30', '03:30'), { timeZone })
      expect([...values]).toEqual([at('2021-10-30T23:30Z'), ...utc('00:30', '02:30')])
      expect(notices).toEqual([
        '1 time lies in an hour that Europe/Berlin repeats when the clock is put back (line 3: "2021-10-31 02:30"): taken as the ' +
          'first of the two.',
      ])
    })
    test('unless the order of rows shows the second', () => {
      const { values, notices } = read(hour('02:00', '02:30', '02:00', '02:30', '03:00'), { timeZone })
      expect([...values]).toEqual(utc('00:00', '00:30', '01:00', '01:30', '02:00'))
      expect(notices[0]).toMatch(/^4 times lie .*: taken as the first, 2 of them as the second, by the order of rows\.$/)
      expect([...read(hour('01:00', '02:00', '02:00', '03:00'), { timeZone }).values]).toEqual([
        at('2021-10-30T23:00Z'),
        ...utc('00:00', '01:00', '02:00'),
      ])
    })
    test('rows of one time in a row are two series, where they are so elsewhere', () =>
      expect([...read(hour('01:00', '01:00', '02:00', '02:00'), { timeZone }).values].slice(2)).toEqual(utc('00:00', '00:00')))
  })

  test('times left out in spring are refused', () =>
    expect(refused(() => read(['2021-03-28 01:30', '2021-03-28 02:30'], { timeZone }))).toEqual({
      code: 'BadTime',
      message:
        'visits.csv, line 3, column "time": this time does not exist in Europe/Berlin, where the clock was put forward (line 3: ' +
        '"2021-03-28 02:30"). Correct the times, or give the zone that they are in: --time-zone UTC+1, say, for a clock that is ' +
        'never changed.',
    }))
  test('no such zone: the nearest', () => {
    const asked = (zone: string): string => refused(() => read(['1'], { timeZone: zone })).message
    expect(asked('Europe/Berlim')).toBe(
      'There is no time zone "Europe/Berlim". Did you mean "Europe/Berlin"? Give that, like --time-zone Europe/Berlin, or an offset ' +
        'like --time-zone UTC+1.',
    )
    expect(asked('berlin')).toContain('Did you mean "Europe/Berlin"?')
    expect(asked('UTC+99')).toMatch(/^There is no time zone "UTC\+99"\./)
  })
  test('is of no use for days and numbers, which is said', () => {
    for (const cells of [['18/01/2021'], ['1.5'], ['2 weeks']])
      expect(read(cells, { timeZone }).notices).toContain('The column "time" has no times of day, so --time-zone changes nothing.')
  })
})

describe('local times come back as such', () => {
  const { form, values } = read(['31.10.2021 00:00', '31.10.2021 12:00'], { timeZone })
  const axis = axisOf(form, values, Float64Array.of(values[1]! - values[0]!))
  const write = (...times: number[]): string[] => times.map(timeWriter(axis, timeDetail(axis, [Float64Array.from(times)])))
  // 22:00 UTC of the day before is the epoch's 22nd hour.
  test('in winter and summer', () => {
    expect(axis).toEqual({
      kind: 'date',
      unit: 'hour',
      epoch: '2021-10-30T00:00:00Z',
      dateOnly: false,
      format: 'dd.MM.yyyy HH:mm',
      zone: timeZone,
    })
    expect(write(22, 35)).toEqual(['31.10.2021 00:00', '31.10.2021 12:00'])
  })
  test('with their offset where an hour is repeated, which is read again', () => {
    expect(write(24, 25)).toEqual(['31.10.2021 02:00 +02:00', '31.10.2021 02:00 +01:00'])
    expect([...read(write(24, 25)).values]).toEqual([at('2021-10-31T00:00Z'), at('2021-10-31T01:00Z')])
  })
  test('and are named so', () => {
    expect(parseTime(axis, '31.10.2021 12:00')).toBe(35)
    expect(parseTime(axis, '2021-10-31T12:00')).toBe(35)
    expect(parseTime(axis, '2021-10-31T11:00Z')).toBe(35)
  })
  test('the next file is read in the model’s zone', () =>
    expect([...read(['31.10.2021 12:00'], { axis }).values]).toEqual([at('2021-10-31T11:00Z')]))
})
