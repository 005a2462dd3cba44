import { gzipSync } from 'node:zlib'
import { basename } from 'node:path'
import { table } from 'arquero'
import { describe, expect, it } from 'vitest'
import { readSeries } from '../../src/data/read.js'
import { fromTable } from '../../src/data/tables.js'
import { file, readText, rowsOf, temporaryFolder } from './support.js'

const folder = temporaryFolder()
const TIDY = 'id,time,a,b\np,0,1,10\np,1.5,2,\nq,0,3,30\n'
const TIDY_ROWS = [
  ['p', 0, 1, 10],
  ['p', 1.5, 2, null],
  ['q', 0, 3, 30],
]

describe('one table in many ways of writing', () => {
  const written: Record<string, string | Uint8Array> = {
    plain: TIDY,
    'no end of line at the end': TIDY.trimEnd(),
    'Windows line ends': TIDY.replaceAll('\n', '\r\n'),
    'old Macintosh line ends': TIDY.replaceAll('\n', '\r'),
    'a byte-order mark': `\ufeff${TIDY}`,
    'blank lines': `\n${TIDY.replace('q,', '\n\nq,')}\n\n`,
    'quoted cells': '"id","time","a","b"\n"p","0","1","10"\np,"1.5",2,""\n"q",0,3,"30"\n',
    tabs: TIDY.replaceAll(',', '\t'),
    bars: TIDY.replaceAll(',', '|'),
    semicolons: TIDY.replaceAll(',', ';'),
    'semicolons and decimal commas': TIDY.replaceAll(',', ';').replaceAll('.', ','),
    'tabs and decimal commas': TIDY.replaceAll(',', '\t').replaceAll('.', ','),
    'blanks around cells': TIDY.replaceAll(',', ' , '),
    'unsorted rows': 'id,time,a,b\nq,0,3,30\np,1.5,2,\np,0,1,10\n',
    'other order of columns': 'b,a,time,id\n10,1,0,p\n,2,1.5,p\n30,3,0,q\n',
    'numbers in exponents': 'id,time,a,b\np,0e0,1E0,+1e1\np,15e-1,.2e1,\nq,-0,3.0,30.\n',
    gzip: gzipSync(TIDY),
    'gzip in two members': Buffer.concat([gzipSync(TIDY.slice(0, 20)), gzipSync(TIDY.slice(20))]),
  }
  for (const [name, text] of Object.entries(written)) {
    for (const chunk of [1, 7, 4096]) {
      it(`${name}, ${chunk} bytes at a time`, async () => {
        const result = await readText(text, { values: ['a', 'b'] }, chunk)
        // −0 and 0 are the same time.
        expect(rowsOf(result).map((row) => row.map((cell) => (cell === 0 ? 0 : cell)))).toEqual(TIDY_ROWS)
        expect(result.set).toMatchObject({ channels: ['a', 'b'], time: { kind: 'number' }, idColumn: 'id', timeColumn: 'time' })
      })
    }
  }

  it('files, plain and gzipped', async () => {
    for (const path of [
      file(folder, 'tidy.csv', TIDY),
      file(folder, 'tidy.tsv', TIDY.replaceAll(',', '\t')),
      file(folder, 'tidy.csv.gz', gzipSync(TIDY)),
    ]) {
      expect(rowsOf(await readSeries(path))).toEqual(TIDY_ROWS)
    }
  })

  it('a large ; file whose decimal commas begin far down', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `s;${i};${i % 7}`)
    const { set } = await readText(`id;time;a\n${lines.join('\n')}\ns;60000,5;2,25\n`, {}, 65536)
    expect(set.series[0]!.times.at(-1)).toBe(60000.5)
    expect(set.series[0]!.values.at(-1)).toBe(2.25)
  })
})

describe('missing values', () => {
  it('are empty, NA, NaN, null and -, in any case, with blanks around', async () => {
    const cells = ['', '  ', 'NA', 'na', 'NaN', 'nan', 'NAN', 'null', 'NULL', '-', ' NA ']
    const result = await readText(`id,time,a,b\n${cells.map((cell, i) => `p,${i},${cell},${i}`).join('\n')}\np,99,5,5\np,100,6,6\n`)
    expect(rowsOf(result).map((row) => row[2])).toEqual([...cells.map(() => null), 5, 6])
  })
  it('are further words where the user says so, numbers among them', async () => {
    const result = await readText('id,time,a\np,0,-999\np,1,none\np,2,5\np,3,6\n', { missing: ['-999', 'None'] })
    expect(rowsOf(result)).toEqual([
      ['p', 2, 5],
      ['p', 3, 6],
    ])
    expect(result.notices).toContain('Left out 2 rows at which no channel was observed.')
  })
  it('where all cells of a row are missing the row is left out, with a notice', async () => {
    const result = await readText('id,time,a\np,0,1\n,,\nNA,NA,-\np,1,2\n')
    expect(rowsOf(result)).toEqual([
      ['p', 0, 1],
      ['p', 1, 2],
    ])
    expect(result.notices).toContain('Left out 2 empty rows.')
  })
  it('leave out a series without any, with a notice', async () => {
    const result = await readText('id,time,a\np,0,1\np,1,2\nq,0,\n')
    expect(result.set.series.map(({ id }) => id)).toEqual(['p'])
    expect(result.notices).toContain('Left out 1 series without any observation: "q".')
  })
})

describe('columns', () => {
  it('are guessed by name, and the guess is told', async () => {
    const { set, notices } = await readText('value,patient_id,visit_date\n1,p,2024-01-01\n2,p,2024-01-03\n')
    expect(set).toMatchObject({ idColumn: 'patient_id', timeColumn: 'visit_date', channels: ['value'] })
    expect(notices).toContain('Times are taken from the column "visit_date" (--time names another).')
    expect(notices).toContain('Series are told apart by the column "patient_id" (--id names another).')
  })
  it('are guessed by content where names say nothing', async () => {
    const { set } = await readText('who,sex,when_seen,x\nAnn,f,2024-01-01,1\nAnn,f,2024-01-02,2\nBea,f,2024-01-01,3\n')
    expect(set).toMatchObject({ idColumn: 'who', timeColumn: 'when_seen', channels: ['x'] })
  })
  it('whole numbers before the time, many rows each, may be ids', async () => {
    const { set } = await readText('mouse,hour,weight\n1,0,20\n1,1,21\n2,0,22\n2,1,23\n')
    expect(set).toMatchObject({ idColumn: 'mouse', timeColumn: 'hour', channels: ['weight'] })
    // What is counted is a measurement.
    expect((await readText('count,hour,weight\n1,0,20\n1,1,21\n2,2,22\n2,3,23\n')).set).toMatchObject({
      idColumn: '',
      channels: ['count', 'weight'],
    })
  })
  it('a column that numbers the rows is not taken for the id', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 2 === 0 ? 'p' : 'q'},${Math.floor(i / 2)},${i}`)
    const { set } = await readText(`id,patient,time,x\n${rows.join('\n')}\n`)
    expect(set.idColumn).toBe('patient')
  })
  it('are those the user names, and then nothing is guessed or told', async () => {
    const { set, notices } = await readText('id,time,code,day,x\n1,5,p,0,1\n2,6,p,1,2\n', { id: 'code', time: 'Day', values: ['x'] })
    expect(rowsOf({ set })).toEqual([
      ['p', 0, 1],
      ['p', 1, 2],
    ])
    expect(notices).toEqual([])
  })
  it('without an id there is one series, named after the file', async () => {
    const path = file(folder, 'lynx.csv.gz', gzipSync('year,lynx\n1900,1\n1901,2\n'))
    const { set, notices } = await readSeries(path)
    expect(set.series.map(({ id }) => id)).toEqual([basename(path, '.csv.gz')])
    expect(set.idColumn).toBe('')
    expect(notices).toContain('No column tells series apart: all rows are one series (--id names a column).')
    const again = await readSeries(path, { id: set.idColumn, time: set.timeColumn, expected: set.channels, axis: set.time })
    expect(again.set).toEqual(set)
  })
  it('ids keep their zeros, and come in the order people expect', async () => {
    const { set } = await readText('id,time,x\n10,0,1\n007,0,2\n7,0,3\nb,0,4\na,0,5\n')
    expect(set.series.map(({ id }) => id)).toEqual(['007', '7', '10', 'a', 'b'])
  })
  it('of text that nobody named are left out with a notice; dates too', async () => {
    const { set, notices } = await readText('id,time,sex,born,x\np,0,f,1970-01-01,1\np,1,m,1970-01-01,2\n')
    expect(set.channels).toEqual(['x'])
    expect(notices).toContain('Left out the column "sex": it holds text (line 2: "f").')
    expect(notices.some((notice) => notice.includes('"born"'))).toBe(true)
  })
  it('without a name are left out with a notice', async () => {
    const { set, notices } = await readText(',id,time,x,\n1,p,0,1,\n2,p,1,2,\n')
    expect(set.channels).toEqual(['x'])
    expect(notices).toContain('Left out 2 columns without a name (number 1, 5).')
  })
  it('without an observation or always the same are left out with a notice where nobody named them', async () => {
    const { set, notices } = await readText('id,time,x,never,same\np,0,1,,4\np,1,2,NA,4\nq,0,2,,\n')
    expect(set.channels).toEqual(['x'])
    expect(Array.from(set.series[0]!.values)).toEqual([1, 2])
    expect(notices).toContain('Left out the channel "never": it has no observation.')
    expect(notices).toContain('Left out the channel "same": it always has the value 4.')
  })
  it('keep the order in which --values names them', async () => {
    expect(rowsOf(await readText(TIDY, { values: ['b', 'a'] }))).toEqual([
      ['p', 0, 10, 1],
      ['p', 1.5, null, 2],
      ['q', 0, 30, 3],
    ])
  })
})

describe('long tables', () => {
  const LONG = 'id,time,channel,value\np,0,a,1\np,0,b,10\nq,0,b,30\np,1.5,a,2\nq,0,a,3\np,3,a,\n'
  it('become one row a time', async () => {
    const result = await readText(LONG)
    expect(result.set.channels).toEqual(['a', 'b'])
    expect(rowsOf(result)).toEqual(TIDY_ROWS)
    expect(result.notices.some((notice) => notice.startsWith('This is read as a long table'))).toBe(true)
  })
  it('with other names, named', async () => {
    const result = await readText(LONG.replace('id,time,channel,value', 'who,at,lab,reading_x'), {
      id: 'who',
      time: 'at',
      channel: 'lab',
      value: 'reading_x',
    })
    expect(rowsOf(result)).toEqual(TIDY_ROWS)
    expect(rowsOf(await readText(LONG.replace('channel,value', 'lab,number'), { format: 'long' }))).toEqual(TIDY_ROWS)
  })
  it('of the channels that --values names, in its order', async () => {
    expect(rowsOf(await readText(LONG, { values: ['b'] }))).toEqual([
      ['p', 0, 10],
      ['q', 0, 30],
    ])
    expect((await readText(LONG, { values: ['b', 'a'] })).set.channels).toEqual(['b', 'a'])
  })
  it('may be wide ones all the same', async () => {
    const { set } = await readText('id,time,channel,value\np,0,1,5\np,1,2,6\n', { format: 'wide' })
    expect(set.channels).toEqual(['channel', 'value'])
  })
  it('of a fitted model may lack a channel that was not measured', async () => {
    const { set, notices } = await readText('id,time,channel,value\np,0,a,1\n', { expected: ['b', 'a'] })
    expect(rowsOf({ set })).toEqual([['p', 0, null, 1]])
    expect(notices).toContain('No row of the table measures "b"; the model takes them as missing.')
  })
})

describe('rows with the same id and time', () => {
  const TWICE = 'id,time,a,b\np,0,1,\np,0,3,7\np,0,8,\np,1,5,6\n'
  it('mean averages each channel over what was observed', async () => {
    const result = await readText(TWICE, { duplicates: 'mean' })
    expect(rowsOf(result)).toEqual([
      ['p', 0, 4, 7],
      ['p', 1, 5, 6],
    ])
    expect(result.notices).toContain('Merged 2 rows with the same id and time as another (--duplicates mean).')
  })
  it('last takes the last observed', async () => {
    expect(rowsOf(await readText(TWICE, { duplicates: 'last' }))).toEqual([
      ['p', 0, 8, 7],
      ['p', 1, 5, 6],
    ])
  })
  it('in long tables it is the channel too that must be the same', async () => {
    const text = 'id,time,channel,value\np,0,a,1\np,0,b,5\np,0,a,4\np,1,b,6\np,2,a,9\n'
    expect(rowsOf(await readText(text, { duplicates: 'mean' }))).toEqual([
      ['p', 0, 2.5, 5],
      ['p', 1, null, 6],
      ['p', 2, 9, null],
    ])
    expect(rowsOf(await readText(text, { duplicates: 'last' }))).toEqual([
      ['p', 0, 4, 5],
      ['p', 1, null, 6],
      ['p', 2, 9, null],
    ])
  })
})

describe('times', () => {
  it('of 1e12 and 1e-12 keep every bit', async () => {
    const { set } = await readText('id,time,x\np,1000000000000.25,1\np,1000000000000.5,2\nq,1e-12,3\nq,1.0000000000000002e-12,4\n')
    expect(set.series.map(({ times }) => [...times])).toEqual([
      [1000000000000.25, 1000000000000.5],
      [1e-12, 1.0000000000000002e-12],
    ])
  })
  it('may be dates; the unit is inferred and told', async () => {
    const { set, notices } = await readText('id,time,x\np,2024-02-28,1\np,2024-03-01,2\nq,2024-02-29,3\n')
    expect(set.time).toEqual({ kind: 'date', unit: 'day', epoch: '2024-02-28T00:00:00Z', dateOnly: true })
    expect(set.series.map(({ times }) => [...times])).toEqual([[0, 2], [1]])
    expect(notices).toContain('Times are dates: counted in days since 2024-02-28T00:00:00Z.')
  })
  it('without a zone are UTC, and that is told', async () => {
    const { set, notices } = await readText('id,time,x\np,2024-02-28 06:00,1\np,2024-02-28T07:30:00,2\n')
    expect(set.time).toMatchObject({ unit: 'hour' })
    expect([...set.series[0]!.times]).toEqual([6, 7.5])
    expect(notices.some((notice) => notice.endsWith('datetimes without a zone are taken as UTC.'))).toBe(true)
  })
  it('on the axis of a fitted model are counted as there', async () => {
    const axis = { kind: 'date', unit: 'hour', epoch: '2024-01-01T00:00:00Z', dateOnly: false } as const
    const { set } = await readText('id,time,x\np,2024-01-03T12:00:00+02:00,1\n', { expected: ['x'], axis })
    expect(set.time).toEqual(axis)
    expect([...set.series[0]!.times]).toEqual([58])
  })
})

describe('a fitted model', () => {
  it('gets its channels in its order, constant and empty ones too, without its notices', async () => {
    const { set } = await readText('id,time,other,b,a\np,0,9,,4\np,1,9,,4\n', { expected: ['a', 'b'] })
    expect(rowsOf({ set })).toEqual([
      ['p', 0, 4, null],
      ['p', 1, 4, null],
    ])
  })
})

describe('the table', () => {
  it('is an arquero table of the columns used, in file order', async () => {
    const { table: read } = await readText('id,time,sex,a\nq,1,f,\np,0,f,2\np,5,f,3\n')
    expect(read.columnNames()).toEqual(['id', 'time', 'a'])
    expect(read.objects()).toEqual([
      { id: 'q', time: 1, a: NaN },
      { id: 'p', time: 0, a: 2 },
      { id: 'p', time: 5, a: 3 },
    ])
    expect(
      read
        .filter((row: { time: number }) => row.time > 0)
        .orderby('time')
        .array('a'),
    ).toEqual([NaN, 3])
  })
  it('and any arquero table can be read, with numbers, texts, dates and null', () => {
    const day = (n: number): Date => new Date(Date.UTC(2024, 0, n))
    const { set } = fromTable(
      table({ who: ['p', 'p', 'q'], time: [day(1), day(3), day(2)], a: [1, null, 3], b: ['10', '20', undefined] }),
      { id: 'who' },
    )
    expect(rowsOf({ set })).toEqual([
      ['p', 0, 1, 10],
      ['p', 2, null, 20],
      ['q', 1, 3, null],
    ])
    expect(() => fromTable(table({ id: ['p', 'p'], time: [0, 0], a: [1, 2] }), { name: 'frame' })).toThrow(
      'frame, row 2, series "p": the row has the same id and time as row 1 (1 such row). Choose what to do with them: --duplicates ' +
        'mean or --duplicates last.',
    )
  })
})
