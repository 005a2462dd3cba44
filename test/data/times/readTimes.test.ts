import { describe, expect, test } from 'vitest'
import type { TimeAxis } from '../../../src/data/series.js'
import { looksLikeTimes } from '../../../src/data/times/looksLike.js'
import { at, column, read, refused } from './column.js'

describe('dates in the forms people have', () => {
  // Cells, the format by Luxon's tokens, the moments by JavaScript's calendar.
  test.each<[string[], string, string[]]>([
    [['18/01/2021', '01/02/2021'], 'dd/MM/yyyy', ['2021-01-18T00:00Z', '2021-02-01T00:00Z']],
    [['01/18/2021', '02/01/2021'], 'MM/dd/yyyy', ['2021-01-18T00:00Z', '2021-02-01T00:00Z']],
    [['18.01.2021', '1.2.2021'], 'd.M.yyyy', ['2021-01-18T00:00Z', '2021-02-01T00:00Z']],
    [['2021/01/18', '2021/02/01'], 'yyyy/MM/dd', ['2021-01-18T00:00Z', '2021-02-01T00:00Z']],
    [['20210118', '20210201'], 'yyyyMMdd', ['2021-01-18T00:00Z', '2021-02-01T00:00Z']],
    [['2021011823', '2021020100'], 'yyyyMMddHH', ['2021-01-18T23:00Z', '2021-02-01T00:00Z']],
    [['202101182359'], 'yyyyMMddHHmm', ['2021-01-18T23:59Z']],
    [['20210118235958'], 'yyyyMMddHHmmss', ['2021-01-18T23:59:58Z']],
    [['20210118T235958Z'], `yyyyMMdd'T'HHmmss'Z'`, ['2021-01-18T23:59:58Z']],
    [['20210118235958.25'], 'yyyyMMddHHmmss', ['2021-01-18T23:59:58.250Z']],
    [['202101', '202112'], 'yyyyMM', ['2021-01-01T00:00Z', '2021-12-01T00:00Z']],
    [['2021-01', '2021-12'], 'yyyy-MM', ['2021-01-01T00:00Z', '2021-12-01T00:00Z']],
    [['01/2021', '12/2021'], 'MM/yyyy', ['2021-01-01T00:00Z', '2021-12-01T00:00Z']],
    [['01.2021', '12.2021'], 'MM.yyyy', ['2021-01-01T00:00Z', '2021-12-01T00:00Z']],
    [['2021-Q1', '2021-Q4'], `yyyy-'Q'q`, ['2021-01-01T00:00Z', '2021-10-01T00:00Z']],
    // ISO 8601: the first week of 2021 begins on Monday, 4 January.
    [['2021-W01', '2021-W03'], `kkkk-'W'WW`, ['2021-01-04T00:00Z', '2021-01-18T00:00Z']],
    [['2021-018', '2021-365'], 'yyyy-ooo', ['2021-01-18T00:00Z', '2021-12-31T00:00Z']],
    [['18 Jan 2021', '1 Feb 2021'], 'd MMM yyyy', ['2021-01-18T00:00Z', '2021-02-01T00:00Z']],
    [['Jan 18, 2021', 'Sept. 1, 2021'], 'MMM d, yyyy', ['2021-01-18T00:00Z', '2021-09-01T00:00Z']],
    [['18-JAN-2021', '01-feb-2021'], 'dd-MMM-yyyy', ['2021-01-18T00:00Z', '2021-02-01T00:00Z']],
    [['18JAN2021'], 'ddMMMyyyy', ['2021-01-18T00:00Z']],
    [['January 2021', 'May 2021'], 'MMMM yyyy', ['2021-01-01T00:00Z', '2021-05-01T00:00Z']],
    [['18.01.2021 14:05', '01.02.2021 9:05:30.125'], 'dd.MM.yyyy H:mm:ss', ['2021-01-18T14:05Z', '2021-02-01T09:05:30.125Z']],
    [['18.01.2021 14.05'], 'dd.MM.yyyy HH.mm', ['2021-01-18T14:05Z']],
    [['1/18/2021 2:05 PM', '2/1/2021 12:00 am'], 'M/d/yyyy h:mm a', ['2021-01-18T14:05Z', '2021-02-01T00:00Z']],
    [['1/18/2021 12:05:00 p.m.'], 'M/d/yyyy hh:mm:ss a', ['2021-01-18T12:05Z']],
    [['2021-01-18 14:05:00+00:00'], 'yyyy-MM-dd HH:mm:ssZZ', ['2021-01-18T14:05Z']],
    [['2021-01-18T14'], `yyyy-MM-dd'T'HH`, ['2021-01-18T14:00Z']],
    [['18/Jan/2021:14:05:30 +0100'], 'dd/MMM/yyyy:HH:mm:ss ZZZ', ['2021-01-18T13:05:30Z']],
    [['Mon, 18 Jan 2021 14:05:30 GMT'], `EEE, dd MMM yyyy HH:mm:ss 'GMT'`, ['2021-01-18T14:05:30Z']],
    [['Mon Jan 18 14:05:30 2021'], 'EEE MMM d HH:mm:ss yyyy', ['2021-01-18T14:05:30Z']],
    [['2021-01-18 14:05 EST'], 'yyyy-MM-dd HH:mm ZZ', ['2021-01-18T19:05Z']],
    [['1611000000', '1611003600.5'], 'epoch seconds', ['2021-01-18T20:00Z', '2021-01-18T21:00:00.500Z']],
    [['1611000000000'], 'epoch milliseconds', ['2021-01-18T20:00Z']],
    [['1611000000250000'], 'epoch microseconds', ['2021-01-18T20:00:00.250Z']],
    // Two digits: the year is what changes least.
    [['18/01/21', '24/01/21', '01/02/21'], 'dd/MM/yy', ['2021-01-18T00:00Z', '2021-01-24T00:00Z', '2021-02-01T00:00Z']],
  ])('%j', (cells, format, moments) => {
    const { form, values } = read(cells)
    expect(form).toMatchObject({ kind: 'date', format })
    expect([...values]).toEqual(moments.map(at))
    expect(looksLikeTimes(column(cells))).toBe(cells[0]!.startsWith('01.2021') || cells[0]!.endsWith('.25') ? 'number' : 'date')
  })

  test('a missing cell is NaN', () => expect([...read(['18/01/2021', '', 'NA']).values]).toEqual([at('2021-01-18T00:00Z'), NaN, NaN]))

  test('microseconds are kept apart', () => {
    const { values } = read(['2021-08-02T00:00:00.001415Z', '2021-08-02T00:00:00.001650Z'])
    expect(values[1]! - values[0]!).toBeCloseTo(235e-6, 6)
  })
})

describe('what stays a number', () => {
  test.each([
    [['0', '1.5']],
    [['2019', '2020.5']],
    [['0', '1611003600']],
    [['1e12', '2e12', '3e12']],
    [['70', '20210230']],
    // Seconds counted from the start of something go up to twice and more of what they begin with.
    [['1000000000', '2500000000']],
    [['202113', '202114']],
    [['12345678', '12345679']],
  ])('%j', (cells) => {
    expect(read(cells)).toMatchObject({ form: { kind: 'number' }, values: Float64Array.from(cells, Number) })
    expect(looksLikeTimes(column(cells))).toBe('number')
  })
  test('as --date-format number says', () => expect(read(['20210118'], { dateFormat: 'number' }).form).toEqual({ kind: 'number' }))
  test('as the fitted model says', () =>
    expect(read(['20210118'], { axis: { kind: 'number' } })).toMatchObject({ form: { kind: 'number' }, notices: [] }))
  test('digits taken as dates, and counts since 1970, are said', () => {
    expect(read(['20210118']).notices).toEqual([
      'Times like "20210118" are taken as dates, yyyyMMdd (--date-format number takes them as plain numbers).',
    ])
    expect(read(['1611000000']).notices).toEqual([
      'Times are taken as seconds since 1970, as all lie between 2000 and 2100 then (--date-format number takes them as plain numbers).',
    ])
  })
})

describe('lengths of time', () => {
  const [minute, hour, day, week] = [60, 3600, 86_400, 604_800]
  test.each<[string[], string, number[]]>([
    [['03:17:00', '26:38:00'], 'hh:mm:ss', [3 * hour + 17 * minute, 26 * hour + 38 * minute]],
    [['00:00:00.25', '-00:00:01'], 'hh:mm:ss', [0.25, -1]],
    [['9:05', '14:30'], 'h:mm', [9 * hour + 5 * minute, 14 * hour + 30 * minute]],
    [['1 days 02:15', '0 days 00:30'], `d 'days' hh:mm`, [day + 2 * hour + 15 * minute, 30 * minute]],
    [['1 day, 2:15:00', '2 days, 0:00:00', '3:00:00'], `d 'day(s)', h:mm:ss`, [day + 2 * hour + 15 * minute, 2 * day, 3 * hour]],
    [['1 week', '2 weeks'], `w 'week(s)'`, [week, 2 * week]],
    [['3 d', '1.5 d'], `d 'd'`, [3 * day, 1.5 * day]],
    [['90 min'], `m 'min'`, [90 * minute]],
    [['1h 30m', '45m'], `h'h' m'm'`, [90 * minute, 45 * minute]],
    [['1h30m'], `h'h'm'm'`, [90 * minute]],
    [['PT1H30M', 'P2DT3H'], 'iso', [90 * minute, 2 * day + 3 * hour]],
    // A year has 365.2425 days on the calendar's average, a month a twelfth.
    [['6 months', '1 month'], `M 'month(s)'`, [(365.2425 * day) / 2, (365.2425 * day) / 12]],
  ])('%j', (cells, format, seconds) => {
    const { form, values } = read(cells)
    expect(form).toEqual({ kind: 'duration', format })
    expect([...values]).toEqual(seconds)
    expect(looksLikeTimes(column(cells))).toBe('duration')
  })
  test('minutes and seconds where it is said', () => {
    expect(read(['26:38', '01:00'], { dateFormat: 'mm:ss' })).toMatchObject({
      form: { format: 'mm:ss' },
      values: Float64Array.of(26 * 60 + 38, 60),
    })
    expect(read(['26:38'], { axis: { kind: 'duration', unit: 'minute', format: 'mm:ss' } }).values).toEqual(Float64Array.of(1598))
  })
  test('hours and minutes of a day are said to be', () =>
    expect(read(['14:05', '15:30']).notices).toEqual([
      'Times like "14:05" are taken as hours and minutes from 0:00 (--date-format mm:ss takes them as minutes and seconds; a column ' +
        'of days is joined by --time date,time).',
    ]))
  test('times of day without a day are said to be', () =>
    expect(read(['14:05:00', '15:30:00']).notices).toEqual([
      'Times of day without a day are taken as lengths of time from 0:00: a series that goes on past midnight needs a column of days ' +
        'beside (--time date,time).',
    ]))
})

describe('--date-format', () => {
  test('settles what could be read two ways', () => {
    expect([...read(['03/04/2024'], { dateFormat: 'dd/MM/yyyy' }).values]).toEqual([at('2024-04-03T00:00Z')])
    expect([...read(['03/04/2024'], { dateFormat: 'MM/dd/yyyy' }).values]).toEqual([at('2024-03-04T00:00Z')])
  })
  test('takes any of Luxon’s tokens', () => {
    expect([...read(['14:05 18|01|2021'], { dateFormat: 'HH:mm dd|MM|yyyy' }).values]).toEqual([at('2021-01-18T14:05Z')])
    expect([...read(['2019'], { dateFormat: 'yyyy' }).values]).toEqual([at('2019-01-01T00:00Z')])
  })
  test('reads the days of spreadsheets: 44214 is 18 January 2021', () => {
    const { form, values } = read(['44214', '44214.75'], { dateFormat: 'excel' })
    expect(form).toMatchObject({ kind: 'date', format: 'excel' })
    expect([...values]).toEqual([at('2021-01-18T00:00Z'), at('2021-01-18T18:00Z')])
  })
  test('reads counts since 1970 of any year', () => expect([...read(['86400', '0'], { dateFormat: 'epoch' }).values]).toEqual([86_400, 0]))
  test('that does not fit: the first lines, how a date would be written, what fits', () => {
    expect(refused(() => read(['18/01/2021', '2021-01-19'], { dateFormat: 'dd/MM/yyyy' }))).toEqual({
      code: 'BadTime',
      message:
        'visits.csv, line 3, column "time": this does not fit the format dd/MM/yyyy, in which 18 January 2021, 14:05:30, is written ' +
        '"18/01/2021" (line 3: "2021-01-19"). Correct the cells, or the format: dd is the day, MM the month, yyyy the year, HH the ' +
        'hour, mm the minute, ss the second.',
    })
    expect(refused(() => read(['18.01.2021', '19.01.2021'], { dateFormat: 'dd/MM/yyyy' })).message).toMatch(
      /The column fits --date-format dd\.MM\.yyyy\.$/,
    )
  })
  test.each([
    ['%d/%m/%Y', 'dd/MM/yyyy'],
    ['DD/MM/YYYY', 'dd/MM/yyyy'],
    ['dd/mm/yyyy', 'dd/MM/yyyy'],
    ['%Y-%m-%d %H:%M:%S', '"yyyy-MM-dd HH:mm:ss"'],
  ])('%s is of another library: %s', (dateFormat, meant) => {
    const { code, message } = refused(() => read(['18/01/2021'], { dateFormat }))
    expect(code).toBe('BadDateFormat')
    expect(message).toContain(`Did you mean --date-format ${meant}?`)
  })
})

describe('what a fitted model knows settles the rest', () => {
  const axis = (format: string): TimeAxis => ({ kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true, format })
  test('day or month first', () => {
    expect([...read(['03/04/2024'], { axis: axis('dd/MM/yyyy') }).values]).toEqual([at('2024-04-03T00:00Z')])
    expect([...read(['03/04/2024'], { axis: axis('MM/dd/yyyy') }).values]).toEqual([at('2024-03-04T00:00Z')])
    expect([...read(['3/4/2024 12:30'], { axis: axis('MM/dd/yyyy') }).values]).toEqual([at('2024-03-04T12:30Z')])
    expect([...read(['03/04/2024'], { axis: axis('MM/yyyy') }).values]).toEqual([at('2024-04-03T00:00Z')])
  })
  test('but not what is written otherwise', () =>
    expect([...read(['2024-04-03'], { axis: axis('dd/MM/yyyy') }).values]).toEqual([at('2024-04-03T00:00Z')]))
  test('days of spreadsheets', () => expect([...read(['44214'], { axis: axis('excel') }).values]).toEqual([at('2021-01-18T00:00Z')]))
})

describe('what cannot be told is refused', () => {
  test('day or month first: both readings, and what to type', () => {
    expect(refused(() => read(['05/05/2024', '03/04/2024']))).toEqual({
      code: 'AmbiguousDates',
      message:
        'visits.csv, line 3, column "time": these dates can be read two ways: "03/04/2024" is 3 April 2024 (dd/MM/yyyy) or 4 March ' +
        '2024 (MM/dd/yyyy), and no date in the column settles it. Say which: --date-format dd/MM/yyyy or --date-format MM/dd/yyyy.',
    })
    expect(refused(() => read(['03.04.2024 10:00', '05.06.2024 11:30'])).message).toMatch(
      /Say which: --date-format "dd\.MM\.yyyy HH:mm" or --date-format "MM\.dd\.yyyy HH:mm"\.$/,
    )
  })
  test('what it says to type is read', () => {
    for (const dateFormat of ['dd.MM.yyyy HH:mm', 'MM.dd.yyyy HH:mm'])
      expect(read(['03.04.2024 10:00', '05.06.2024 11:30'], { dateFormat }).form.kind).toBe('date')
  })
  test('hours or minutes first', () =>
    expect(refused(() => read(['26:38', '01:00']))).toEqual({
      code: 'AmbiguousTimes',
      message:
        'visits.csv, line 2, column "time": times like "26:38" can be read two ways: 26 hours and 38 minutes (hh:mm), or 26 minutes ' +
        'and 38 seconds (mm:ss). Say which: --date-format hh:mm or --date-format mm:ss.',
    }))
  test.each([
    [
      'day first and month first',
      ['13/04/2024', '05/16/2024'],
      'MixedTimes',
      'line 2 has "13/04/2024" (dates like dd/MM/yyyy), but line 3: "05/16/2024" (dates like MM/dd/yyyy)',
    ],
    [
      'two forms',
      ['2024-01-01', '18.01.2021'],
      'MixedTimes',
      'line 2 has "2024-01-01" (dates), but line 3: "18.01.2021" (dates like dd.MM.yyyy)',
    ],
    ['dates and numbers', ['18.01.2021', '5'], 'MixedTimes', 'line 2 has "18.01.2021" (dates like dd.MM.yyyy), but line 3: "5" (numbers)'],
    [
      'lengths and dates',
      ['2 weeks', '2024-01-01'],
      'MixedTimes',
      'line 2 has "2 weeks" (lengths of time), but line 3: "2024-01-01" (dates)',
    ],
    [
      'with and without offset',
      ['2024-01-01 10:00+0100', '2024-01-01 11:00'],
      'MixedTimes',
      'line 2 has "2024-01-01 10:00+0100" (datetimes with a zone), but line 3: "2024-01-01 11:00" (datetimes without a zone)',
    ],
    [
      'days that are not',
      ['30/01/2021', '30/02/2021'],
      'BadTime',
      'this is neither a number nor a date nor a length of time (line 3: "30/02/2021")',
    ],
    [
      'a day that is not, in digits',
      ['20210130', '20210131', '20210228', '20210301', '20210302', '20210230'],
      'BadTime',
      'this is no date, while times here are dates like "20210130" (yyyyMMdd) (line 7: "20210230")',
    ],
    ['words', ['18.01.2021', 'soon'], 'BadTime', '(line 3: "soon")'],
    ['infinities', ['2021-01-01', '-inf'], 'InfiniteValue', 'line 3, column "time": the time is "-inf"'],
    ['letters for zones that mean several', ['2021-01-18 14:05 IST'], 'BadTime', '(line 2: "2021-01-18 14:05 IST")'],
    ['a lone m', ['5m', '10m'], 'BadTime', '(line 2: "5m"; line 3: "10m")'],
  ])('%s', (_, cells, code, message) => {
    const error = refused(() => read(cells))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
  })
  test('moments that 64 bits do not tell apart', () => {
    expect(refused(() => read(['2021-01-01T00:00:00.000000010Z', '2021-01-01T00:00:00.000000050Z'])).code).toBe('TimesTooFine')
    expect(read(['2021-01-01T00:00:00.000000010Z', '2021-01-01T00:00:01.000000050Z']).notices[0]).toContain('what is finer is rounded')
  })
})

describe('dates far from all others are said', () => {
  const usual = Array.from({ length: 20 }, (_, i) => `2021-01-${String(i + 1).padStart(2, '0')}`)
  test.each([
    ['9999-12-31', 7978],
    ['1900-01-01', 121],
    ['0202-03-01', 1818],
    ['1970-01-01', 51],
  ])('%s', (date, years) => {
    expect(read([...usual, date]).notices).toEqual([
      `1 time is ${years} years from the nearest other (line 22: "${date}"): correct or remove the row if this stands for a date ` +
        'that is not known.',
    ])
  })
  test('but neither a long record nor a few years', () => {
    expect(read(['1900-01-01', '1905-01-01', '1910-01-01', '1990-01-01', '2020-01-01']).notices).toEqual([])
    expect(read([...usual, '2035-06-01']).notices).toEqual([])
  })
  test('several are counted', () => expect(read([...usual, '9999-12-31', '9999-12-31']).notices[0]).toMatch(/^2 times are 7978 years/))
})
