import { describe, expect, it } from 'vitest'
import type { ReadOptions } from '../../src/data/read.js'
import { readText, refusal, rowsOf } from './support.js'

/** A column of cells, each row at a time of its own. */
const column = (cells: readonly string[], delimiter = ','): string =>
  ['id', 'time', 'x'].join(delimiter) +
  '\n' +
  cells.map((cell, i) => ['p', i, cell.includes(delimiter) ? `"${cell}"` : cell].join(delimiter)).join('\n') +
  '\n'
const valuesOf = async (text: string, options: ReadOptions = {}): Promise<unknown[]> =>
  rowsOf(await readText(text, options, 4096)).map((row) => row[2])

describe('separators of thousands are read right', () => {
  const cases: [name: string, cells: string[], values: number[], delimiter?: string, options?: ReadOptions][] = [
    ['commas, quoted', ['1,606', '2,310', '990'], [1606, 2310, 990]],
    ['commas beside decimal points', ['1,606.5', '990.25', '12,000'], [1606.5, 990.25, 12000]],
    ['blanks', ['1 606', '12 345 678', '17'], [1606, 12345678, 17]],
    ['blanks that do not break', ['1\u00a0606', '2\u202f310', '17'], [1606, 2310, 17]],
    ['apostrophes', ["1'606", '2’310.5', '17'], [1606, 2310.5, 17]],
    ['points, where decimals are commas', ['1.920', '850,5', '990,25'], [1920, 850.5, 990.25], ';'],
    ['points, twice in one number', ['1.234.567', '1.920', '17'], [1234567, 1920, 17], ';'],
    ['points and a decimal comma', ['1.920,5', '2.000', '850'], [1920.5, 2000, 850], ';'],
    ['points, said', ['1.920', '2.310', '850'], [1920, 2310, 850], ',', { thousands: '.' }],
    ['lakhs', ['1,23,456', '12,34,567', '850'], [123456, 1234567, 850]],
    ['decimals of three digits are none', ['1.606', '0.250', '17.125'], [1.606, 0.25, 17.125]],
    ['decimal commas of three digits are none', ['7,614', '4,673', '2,297'], [7.614, 4.673, 2.297], ';'],
    ['decimals where whole numbers reach the thousands', ['1.606', '850', '2500'], [1.606, 850, 2500]],
    ['minus signs of print', ['−5.5', '3', '-2'], [-5.5, 3, -2]],
  ]
  for (const [name, cells, values, delimiter, options] of cases)
    it(name, async () => expect(await valuesOf(column(cells, delimiter), options)).toEqual(values))

  it('one file mark serves the columns that cannot tell', async () => {
    // In y decimals are commas, so the points of x are thousands.
    const { set } = await readText('id;time;x;y\np;0;1.920;0,5\np;1;2.310;1,5\np;2;4.500;2,5\n', {}, 4096)
    expect([...set.series[0]!.values]).toEqual([1920, 0.5, 2310, 1.5, 4500, 2.5])
  })
  it('says so, with the line', async () => {
    const { notices } = await readText(column(['17', '1,606', '2,310']), {}, 4096)
    expect(notices).toContain('Numbers of "x" have separators of thousands: "1,606" is read as 1606 (line 3).')
  })
})

describe('what could be two numbers is refused', () => {
  it('thousands that may begin where hundreds end', async () => {
    const text = column(['850', '990', '1.020', '1.150'])
    const error = await refusal(readText(text, {}, 4096))
    expect(error.code).toBe('AmbiguousNumbers')
    expect(error.message).toBe(
      'visits.csv, line 4, column "x": "1.020" could be 1.02 or 1020: other cells are whole numbers below a thousand, so that ' +
        'thousands may begin here. Say which: --decimal . or --thousands ..',
    )
    expect(await valuesOf(text, { decimal: '.' })).toEqual([850, 990, 1.02, 1.15])
    expect(await valuesOf(text, { thousands: '.' })).toEqual([850, 990, 1020, 1150])
  })
  it('both marks as decimals', async () => {
    expect((await refusal(readText(column(['1.5', '2,5', '3.5'], ';'), {}, 4096))).message).toMatch(
      /some cells have decimal points and some decimal commas \(line 2: "1\.5"; line 3: "2,5"\)/,
    )
  })
  it('a separator where nothing is near a thousand', async () => {
    expect((await refusal(readText(column(['1,5', '1.500', '2,5'], ';'), {}, 4096))).message).toMatch(/line 3: "1\.500"/)
  })
})

describe('units in cells', () => {
  it('one unit in all of them is read, and said', async () => {
    for (const [cells, unit] of [
      [['95%', '97.5%', '91 %'], '%'],
      [['72 kg', '71.5 kg', '70kg'], 'kg'],
      [['$1,200', '$950.50', '$3'], '$'],
    ] as const) {
      const { set, notices } = await readText(column(cells), {}, 4096)
      expect([...set.series[0]!.values]).toEqual(unit === '%' ? [95, 97.5, 91] : unit === 'kg' ? [72, 71.5, 70] : [1200, 950.5, 3])
      expect(notices).toContain(`The cells of "x" are read without their unit "${unit}".`)
    }
  })
  it('two units, or some cells without, are refused', async () => {
    const two = await refusal(readText(column(['72 kg', '160 lb', '70 kg']), {}, 4096))
    expect([two.code, two.message]).toEqual([
      'MixedUnits',
      'visits.csv, line 2, column "x": the cells have different units (line 2: "72 kg"; line 3: "160 lb"). Write all values in one ' +
        'unit, without it in the cells.',
    ])
    expect((await refusal(readText(column(['95%', '97', '91']), {}, 4096))).message).toMatch(
      /some cells have a unit and 2 have none \(line 2: "95%"\)/,
    )
  })
  it('names such as 12A are text, and left out where nobody asked for them', async () => {
    const { set } = await readText('id,time,room,x\np,0,12A,1\np,1,14B,2\nq,0,12A,4\n')
    expect(set.channels).toEqual(['x'])
  })
  const LONG = 'patient,day,test,value,unit\np,0,glucose,90,mg/dL\np,1,glucose,5.1,mmol/L\np,0,pulse,70,bpm\np,1,pulse,72,bpm\n'
  it('different ones for one test of a long table are refused, showing both', async () => {
    const error = await refusal(readText(LONG))
    expect([error.code, error.message]).toEqual([
      'MixedUnits',
      'visits.csv, line 3, column "unit": values of "glucose" have different units: "mg/dL" (line 2) and "mmol/L" (line 3). Convert ' +
        'them to one unit, or give each unit a channel of its own ("glucose mg/dL", "glucose mmol/L").',
    ])
  })
  it('the same one in other letters is the same', async () => {
    expect((await readText(LONG.replace('5.1,mmol/L', '95,MG/DL'))).set.channels).toEqual(['glucose', 'pulse'])
  })
  it('different ones beside a column of a wide table are refused', async () => {
    expect((await refusal(readText('id,time,weight,weight_unit\np,0,72,kg\np,1,160,lb\n'))).message).toMatch(
      /values of "weight" have different units: "kg" \(line 2\) and "lb" \(line 3\)/,
    )
  })
})

describe('missing values', () => {
  it('numbers stand for all ways to write them', async () => {
    expect(await valuesOf('id,time,y\na,0,5.1\na,1,-999.0\na,2,5.3\nb,0,4.9\nb,1,5.0\nb,2,-999.00\n', { missing: ['-999'] })).toEqual([
      5.1, 5.3, 4.9, 5,
    ])
    expect(await valuesOf(column(['5,1', '-999,00', '4,25'], ';'), { missing: ['-999'] })).toEqual([5.1, 4.25])
    expect(await valuesOf(column(['5,1', '-99,5', '4,25'], ';'), { missing: ['-99,5'] })).toEqual([5.1, 4.25])
    expect(await valuesOf(column(['5.1', '-9.99e2', '4.25']), { missing: ['-999'] })).toEqual([5.1, 4.25])
  })
  it('have usual words', async () => {
    const words = ['n/a', 'N/A', 'None', '.', '?', '#N/A', '-', 'NULL', '<NA>', 'nil', '--']
    expect(await valuesOf(column(['1', ...words, '2']))).toEqual([1, 2])
  })
  it('a word that no cell holds is said', async () => {
    expect(
      (await readText(column(['1', '2', '-999']), { missing: ['-9999', '-999'] })).notices.filter((notice) => notice.startsWith('No cell')),
    ).toEqual(['No cell holds "-9999" (--missing=-9999).'])
  })
  it('what looks like a sign for them is said, with what would drop it', async () => {
    const { notices } = await readText('id,time,y\na,0,5.1\na,1,-999.0\na,2,5.3\nb,0,4.9\nb,1,5.0\nb,2,-999.00\n')
    expect(notices).toContain(
      '2 values of "y" are -999, far from all others (4.9 to 5.3; line 3). If that stands for a missing value, add --missing=-999.',
    )
  })
  it('what another channel may well hold is not to be dropped for all', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `p,${i},${i === 3 ? 99 : 7 + i / 100},${90 + i}`)
    expect((await readText(`id,time,pH,pulse\n${rows.join('\n')}\n`)).notices).toContain(
      '1 value of "pH" is 99, far from all others (7 to 7.11; line 5). If that stands for a missing value, leave the cells empty.',
    )
  })
  it('a slip is said, long tails are not', async () => {
    const weights = ['82.1', '79.9', '80.4', '83.0', '81.2', '78.8', '822', '80.9', '82.6', '79.1']
    expect((await readText(column(weights))).notices).toContain(
      '1 value of "x" lies far from all others: 822 in line 8. If that is a slip, correct it or leave the cell empty.',
    )
    const tail = Array.from({ length: 200 }, (_, i) => String(Math.exp(3 * Math.sin(i * 12.9898) + 2 * Math.sin(i * 78.233))))
    expect((await readText(column(tail), {}, 4096)).notices.filter((notice) => notice.includes('far from'))).toEqual([])
  })
})

describe('limits of detection', () => {
  it('are kept beside the set, with what is lost', async () => {
    const result = await readText(column(['5', '<4.0', '7', '> 100', '9', '<4.0']), {}, 4096)
    expect(rowsOf(result).map((row) => row[2])).toEqual([5, 7, 9])
    expect(result.censored).toEqual([
      { id: 'p', time: 1, channel: 'x', side: 'below', limit: 4 },
      { id: 'p', time: 3, channel: 'x', side: 'above', limit: 100 },
      { id: 'p', time: 5, channel: 'x', side: 'below', limit: 4 },
    ])
    // (5 + 7 + 9) / 3 and (5 + 7 + 9 + 4 + 100 + 4) / 6.
    expect(result.notices).toContain(
      '3 values of "x" are only known to be beyond a limit, such as "<4" in line 3. They are taken as missing, which makes what is ' +
        'learnt too high: the mean of the others is 7, with the limits in their places 21.5.',
    )
  })
})

describe('columns that are no channels', () => {
  const read = async (header: string, row: (i: number) => string, options: ReadOptions = {}) =>
    readText(`${header}\n${Array.from({ length: 24 }, (_, i) => `${'pqr'[i % 3]},${i},${row(i)}`).join('\n')}\n`, options, 4096)
  it('the same in all rows of each series', async () => {
    const { set, notices } = await read('id,time,x,age,dosed', (i) => `${i * i},${40 + (i % 3)},${i % 3 === 0 ? 1 : 0}`)
    expect(set.channels).toEqual(['x'])
    expect(notices).toContain('Not taken as channels: "age", "dosed" (the same in all rows of each series).')
  })
  it('named all the same they are refused', async () => {
    const error = await refusal(read('id,time,x,age', (i) => `${i * i},${40 + (i % 3)}`, { values: ['x', 'age'] }))
    expect(error.message).toBe(
      'visits.csv, column "age": the channel has one value in each series, so it has no course to learn. Leave it out of --values.',
    )
  })
  it('row numbers, record ids, classes, calendars, doses', async () => {
    const { set, notices } = await read(
      'id,time,row,visit_id,label,month,dose,x',
      (i) => `${i + 1},${900 + i * i},${i % 4},${1 + (i % 12)},${(i % 5) * 10},${i * i}`,
    )
    expect(set.channels).toEqual(['x'])
    expect(notices).toContain(
      'Not taken as channels: "row" (numbers the rows), "visit_id" (an id), "label" (a class or a group), "month" (a second clock or ' +
        'calendar), "dose" (given, not measured) (--values names the channels).',
    )
    expect((await read('id,time,label,x', (i) => `${i % 4},${i * i}`, { values: ['label', 'x'] })).set.channels).toEqual(['label', 'x'])
  })
  it('amounts and events of NONMEM', async () => {
    const { set } = await readText('ID,TIME,AMT,DV,EVID\n1,0,100,,1\n1,1,,6.1,0\n1,2,,3.2,0\n2,0,50,,1\n2,1,,3.3,0\n2,2,,1.9,0\n')
    expect(set.channels).toEqual(['DV'])
    expect(set.series.map(({ times }) => [...times])).toEqual([
      [1, 2],
      [1, 2],
    ])
  })
  it('a table of nothing but a class is about it', async () => {
    expect((await read('id,time,on', (i) => String(i % 2))).set.channels).toEqual(['on'])
    expect((await read('id,time,label', (i) => String(((i * 5) % 7) % 2))).set.channels).toEqual(['label'])
  })
})

it('a column name with a comma can be named', async () => {
  const text = 'id,time,"a, b",c\np,0,1,5\np,1,2,7\n'
  expect((await readText(text, { values: ['a', 'b'] })).set.channels).toEqual(['a, b'])
  expect((await readText(text, { values: ['a, b', 'c'] })).set.channels).toEqual(['a, b', 'c'])
})

it('days of a spreadsheet in a column of dates are said, and read where they are said to be', async () => {
  const text = 'id,date,x\np,44197,1\np,44200,3\np,44205,2\n'
  const { set, notices } = await readText(text)
  expect(set.time).toEqual({ kind: 'number' })
  expect(notices).toContain('Times of "date" are read as numbers. If they count the days of a spreadsheet, add --date-format excel.')
  // 44197 is the first of January 2021.
  expect((await readText(text, { dateFormat: 'excel' })).set.time).toMatchObject({ kind: 'date', epoch: '2021-01-01T00:00:00Z' })
})
