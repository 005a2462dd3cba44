import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { looksLikeValue } from '../../src/data/looks.js'
import { plainNumber } from '../../src/data/numbers/plainNumber.js'
import { readSeries, type ReadOptions } from '../../src/data/read.js'
import { formatsOf } from '../../src/data/times/guessDates.js'
import { file, readText, refusal, temporaryFolder } from './support.js'

const folder = temporaryFolder()

interface Case {
  readonly name: string
  readonly text: string | Uint8Array
  readonly options?: ReadOptions
  readonly code: string
  /** The message must be exactly this, or match it. */
  readonly message: string | RegExp
  readonly where?: { file: string; line?: number; column?: string; series?: string }
}

const cases: Case[] = [
  {
    name: 'an empty file',
    text: '',
    code: 'EmptyFile',
    message: 'visits.csv: the file is empty. Give a table with a header line and a row for each observation.',
    where: { file: 'visits.csv' },
  },
  { name: 'blank lines only', text: '\n\n', code: 'EmptyFile', message: /blank lines.*Give a table/ },
  { name: 'a byte-order mark only', text: '\ufeff', code: 'EmptyFile', message: /visits\.csv/ },
  {
    name: 'a header only',
    text: 'id,time,x\n',
    code: 'HeaderOnly',
    message: 'visits.csv: there is a header but no row below it. Give at least one row for each observation.',
  },
  { name: 'a header and empty rows', text: 'id,time,x\n,,\n', code: 'HeaderOnly', message: /all rows are empty/ },
  {
    name: 'no header',
    text: '1,0,5\n1,1,6\n',
    code: 'NoHeader',
    message:
      'visits.csv, line 1: the first line holds numbers ("1", "0", "5"), not column names. Add a line with the names of the columns.',
    where: { file: 'visits.csv', line: 1 },
  },
  {
    name: 'NUL bytes',
    text: Buffer.from('id,time,x\np,0,1\np,\0\0,2\n'),
    code: 'NotText',
    message: 'visits.csv, line 3: there is a NUL byte, so this is binary data and not a text table. Give a CSV or TSV file in UTF-8.',
    where: { file: 'visits.csv', line: 3 },
  },
  {
    name: 'bytes that are no UTF-8 below some that are',
    text: Buffer.from([...Buffer.from('id,time,x\nZoë,0,1\nJos'), 0xe9, ...Buffer.from(',0,2\n')]),
    code: 'NotText',
    message: /^visits\.csv, line 3: the bytes are no valid UTF-8 text, as line 2 is\. Correct the line/,
    where: { file: 'visits.csv', line: 3 },
  },
  {
    name: 'a workbook',
    text: Buffer.from('PK\u0003\u0004 and so on'),
    code: 'NotText',
    message:
      'visits.csv: this is a ZIP archive or an Excel workbook, not text. Unpack it, or open it in a spreadsheet. Save it as CSV in UTF-8.',
  },
  {
    name: 'gzip that is cut off',
    text: gzipSync('id,time,x\np,0,1\n'.repeat(50)).subarray(0, 30),
    code: 'BadGzip',
    message: /^visits\.csv: the gzip data is damaged or cut off/,
  },
  {
    name: 'gzip that is damaged',
    text: Buffer.concat([gzipSync('id,time,x\n').subarray(0, 10), Buffer.from('garbage garbage')]),
    code: 'BadGzip',
    message: /gzip -t/,
  },
  {
    name: 'a row with too few cells',
    text: 'id,time,x\np,0,1\np,1\n',
    code: 'RaggedRow',
    message:
      'visits.csv, line 3: the row has 2 cells, the header 3. Correct the row; a cell that holds the delimiter must stand in double ' +
      'quotes.',
    where: { file: 'visits.csv', line: 3 },
  },
  {
    name: 'a row with too many cells, below a blank line and a cell of two lines',
    text: 'id,time,x,note\n\np,0,1,"two\nlines"\np,1,2,a,b\n',
    code: 'RaggedRow',
    message: /^visits\.csv, line 5: the row has 5 cells, the header 4/,
    where: { file: 'visits.csv', line: 5 },
  },
  {
    name: 'a quote that never closes',
    text: 'id,time,x\np,0,"1\np,1,2\n',
    code: 'BadQuotes',
    message: /^visits\.csv, line \d: the file ends inside a quoted cell\. Close the double quote/,
  },
  {
    name: 'a quote in the middle',
    text: 'id,time,x\np,0,1\np,1,5"\n',
    code: 'BadQuotes',
    message: /^visits\.csv, line 3: a double quote stands where none may be/,
    where: { file: 'visits.csv', line: 3 },
  },
  {
    name: 'two columns of one name',
    text: 'id,time,x,x\np,0,1,2\n',
    code: 'DuplicateColumn',
    message: 'visits.csv, line 1, column "x": the header names 2 columns so. Give every column a name of its own.',
    where: { file: 'visits.csv', line: 1, column: 'x' },
  },
  {
    name: 'no such column, near another',
    text: 'patient,day,bili\np,0,1\n',
    options: { id: 'pateint' },
    code: 'NoSuchColumn',
    message:
      'visits.csv, column "pateint": there is no such column (columns: "patient", "day", "bili"). Did you mean "patient"? Correct it ' +
      'with --id.',
    where: { file: 'visits.csv', column: 'pateint' },
  },
  {
    name: 'no such time column',
    text: 'patient,day,bili\np,0,1\n',
    options: { time: 'zzzzzz' },
    code: 'NoSuchColumn',
    message: 'visits.csv, column "zzzzzz": there is no such column (columns: "patient", "day", "bili"). Name one of them with --time.',
  },
  {
    name: 'no such value column',
    text: 'patient,day,bili\np,0,1\n',
    options: { values: ['billi'] },
    code: 'NoSuchColumn',
    message: /Did you mean "bili"\? Correct it with --values\.$/,
  },
  {
    name: 'no such channel of a long table',
    text: 'id,time,channel,value\np,0,hare,1\np,1,lynx,2\n',
    options: { values: ['linx'] },
    code: 'NoSuchColumn',
    message: /Did you mean "lynx"/,
  },
  {
    name: 'no time column',
    text: 'id,a,b\np,x,y\n',
    code: 'NoTimeColumn',
    message: 'visits.csv: no column looks like times (columns: "id", "a", "b"). Name it with --time.',
  },
  {
    name: 'one column for id and time',
    text: 'id,time,x\np,0,1\n',
    options: { id: 'time', time: 'time' },
    code: 'SameColumn',
    message: /named for both id and time/,
  },
  {
    name: 'a channel that is the time',
    text: 'id,time,x\np,0,1\n',
    options: { values: ['time'] },
    code: 'SameColumn',
    message: /^visits\.csv, column "time": the column is named as a channel and is the time column too/,
  },
  {
    name: 'a channel named twice',
    text: 'id,time,x\np,0,1\n',
    options: { values: ['x', 'X'] },
    code: 'NamedTwice',
    message: /column "x".*names the column twice/,
  },
  {
    name: 'nothing beside id and time',
    text: 'id,time\np,0\n',
    code: 'NoChannels',
    message: /^visits\.csv: beside id and time there is no column/,
  },
  {
    name: 'no numeric column',
    text: 'id,time,sex,note\np,0,f,ill\np,1,f,well\n',
    code: 'NoChannels',
    message:
      'visits.csv: no column holds numbers (columns beside id and time: "sex", "note"). Give at least one column of measured ' +
      'numbers, or name another table.',
  },
  {
    name: 'all channels constant',
    text: 'id,time,x\np,0,1\np,1,1\n',
    code: 'NoChannels',
    message: /no channel has two different values \(channels: "x"\)/,
  },
  {
    name: 'text in a mostly numeric column',
    text: 'id,time,x\np,0,1\np,1,high\np,2,2\np,3,<5\np,4,3\np,5,4\np,6,high\np,7,low\np,8,1\n',
    code: 'TextInNumericColumn',
    message:
      'visits.csv, line 3, column "x": there is text among numbers, in 3 lines (line 3: "high"; line 8: "high"; line 9: "low"). ' +
      'Correct the cells, leave the column out with --values, or say that the text means a missing value: --missing high,low.',
    where: { file: 'visits.csv', line: 3, column: 'x' },
  },
  {
    name: 'text as long as a page among numbers',
    text: `id,time,x\np,0,1\np,1,${'x'.repeat(5000)}\np,2,2\np,3,4\n`,
    code: 'TextInNumericColumn',
    message: /^.{0,240}Correct the cells, or leave the column out with --values\.$/,
  },
  {
    name: 'text in a named column, mostly text',
    text: 'id,time,x\np,0,f\np,1,m\np,2,5\n',
    options: { values: ['x'] },
    code: 'TextInNumericColumn',
    message: /^visits\.csv, line 2, column "x"/,
  },
  { name: 'a hexadecimal number', text: 'id,time,x\np,0,0x10\np,1,2\np,2,3\n', code: 'TextInNumericColumn', message: /0x10/ },
  {
    name: 'a decimal point among decimal commas',
    text: 'id;time;x\np;0;1,5\np;1;1.500\np;2;2,5\n',
    options: { decimal: ',' },
    code: 'TextInNumericColumn',
    message: /line 3: "1\.500"/,
  },
  {
    name: 'text in the values of a long table',
    text: 'id,time,channel,value\np,0,a,1\np,1,a,many\n',
    code: 'TextInNumericColumn',
    message: /line 3, column "value"/,
  },
  {
    name: 'infinite values',
    text: 'id,time,x\np,0,1\np,1,inf\np,2,-Infinity\np,3,1e999\n',
    code: 'InfiniteValue',
    message:
      'visits.csv, line 3, column "x": values must be finite, but 3 are not (line 3: "inf"; line 4: "-Infinity"; line 5: "1e999"). ' +
      'Correct the cells, or leave them empty if nothing was measured.',
    where: { file: 'visits.csv', line: 3, column: 'x' },
  },
  {
    name: 'an infinite time',
    text: 'id,time,x\np,inf,1\np,1,2\n',
    code: 'InfiniteValue',
    message: 'visits.csv, line 2, column "time": the time is "inf". Times must be finite: correct or remove the row.',
  },
  {
    name: 'a date that does not parse',
    text: 'id,time,x\np,2024-01-01,1\np,2024-13-01,2\np,soon,2\n',
    code: 'BadTime',
    message:
      'visits.csv, line 3, column "time": this is neither a number nor a date nor a length of time (line 3: "2024-13-01"; line 4: ' +
      '"soon"). Write times as numbers, as dates like 2024-03-01 or 2024-03-01T06:30:00Z, or as lengths like 02:15:00 or 3 days; say ' +
      'how dates are written with --date-format, or name another column with --time.',
    where: { file: 'visits.csv', line: 3, column: 'time' },
  },
  {
    name: 'a day that does not exist',
    text: 'id,time,x\np,2023-02-28,1\np,2023-02-29,2\n',
    code: 'BadTime',
    message: /line 3: "2023-02-29"/,
  },
  {
    name: 'dates with slashes',
    text: 'id,time,x\np,03/04/2024,1\np,03/05/2024,2\n',
    code: 'AmbiguousDates',
    message: /Say which: --date-format dd\/MM\/yyyy or --date-format MM\/dd\/yyyy\.$/,
  },
  {
    name: 'dates and numbers',
    text: 'id,time,x\np,2024-01-01,1\np,5,2\n',
    code: 'MixedTimes',
    message:
      'visits.csv, line 3, column "time": times mix formats: line 2 has "2024-01-01" (dates), but line 3: "5" (numbers). Write all ' +
      'times in one format.',
    where: { file: 'visits.csv', line: 3, column: 'time' },
  },
  {
    name: 'dates and datetimes',
    text: 'id,time,x\np,2024-01-01,1\np,2024-01-02T03:00,2\n',
    code: 'MixedTimes',
    message: /dates\), but line 3: "2024-01-02T03:00" \(datetimes without a zone\)/,
  },
  {
    name: 'datetimes with and without a zone',
    text: 'id,time,x\np,2024-01-01T00:00Z,1\np,2024-01-02T03:00,2\n',
    code: 'MixedTimes',
    message: /with a zone/,
  },
  {
    name: 'mixed formats in the thousandth row and beyond',
    text: `id,time,x\n${Array.from({ length: 1500 }, (_, i) => `p,${i},${i}`).join('\n')}\np,2024-01-01,3\n`,
    code: 'MixedTimes',
    message: /line 1502/,
  },
  {
    name: 'a row without a time',
    text: 'id,time,x\np,0,1\np,,2\n',
    code: 'MissingTime',
    message: 'visits.csv, line 3, column "time": the row has no time. Fill in the time, or remove the row.',
    where: { file: 'visits.csv', line: 3, column: 'time' },
  },
  {
    name: 'a row without an id',
    text: 'id,time,x\np,0,1\n,1,2\n',
    code: 'MissingId',
    message: 'visits.csv, line 3, column "id": the row does not say which series it belongs to. Fill in the id, or remove the row.',
  },
  {
    name: 'a row without a channel',
    text: 'id,time,channel,value\np,0,a,1\np,1,,2\n',
    code: 'MissingChannel',
    message: /line 3, column "channel"/,
  },
  {
    name: 'the same id and time twice',
    text: 'id,time,x\np,0,1\nq,0,1\np,1,1\np,0,5\n',
    code: 'DuplicateRows',
    message:
      'visits.csv, line 5, series "p": the row has the same id and time as line 2 (1 such row). Choose what to do with them: ' +
      '--duplicates mean or --duplicates last.',
    where: { file: 'visits.csv', line: 5, series: 'p' },
  },
  {
    name: 'the same time twice without an id',
    text: 'time,x\n0,1\n1,1\n0,5\n',
    code: 'DuplicateRows',
    message: /name the column that tells series apart with --id\.$/,
  },
  {
    name: 'the same id, time and channel twice',
    text: 'id,time,channel,value\np,0,a,1\np,0,b,1\np,0,a,5\n',
    code: 'DuplicateRows',
    message: /line 4, series "p": the row has the same id, time and channel "a" as line 2/,
  },
  {
    name: 'a named channel without an observation',
    text: 'id,time,x,y\np,0,1,\np,1,2,NA\n',
    options: { values: ['x', 'y'] },
    code: 'EmptyChannel',
    message: 'visits.csv, column "y": the channel has no observation at all. Leave it out of --values.',
    where: { file: 'visits.csv', column: 'y' },
  },
  {
    name: 'a named channel that never changes',
    text: 'id,time,x,y\np,0,1,3\np,1,2,3\n',
    options: { values: ['x', 'y'] },
    code: 'ConstantChannel',
    message: 'visits.csv, column "y": the channel always has the value 3, so there is nothing to learn. Leave it out of --values.',
  },
  {
    name: 'no observed value for a fitted model',
    text: 'id,time,x\np,0,\np,1,\n',
    options: { expected: ['x'] },
    code: 'NoRows',
    message: /no row holds an observed value/,
  },
  {
    name: 'a table without the model’s channels',
    text: 'id,time,Bilirubin,chol\np,0,1,2\n',
    options: { expected: ['bili', 'chol', 'ast'] },
    code: 'MissingChannels',
    message:
      'visits.csv, column "bili": the model was fitted to channels that are not here: "bili", "ast" (found: "id", "time", ' +
      '"Bilirubin", "chol"). Add the columns (empty where nothing was measured) or rename them. Did "Bilirubin" use to be "bili"?',
    where: { file: 'visits.csv', column: 'bili' },
  },
  {
    name: 'a long table with none of the model’s channels',
    text: 'id,time,channel,value\np,0,x,1\n',
    options: { expected: ['a'] },
    code: 'MissingChannels',
    message: /channels that are not here: "a" \(found: "x"\)/,
  },
  {
    name: 'numbers where the model has dates',
    text: 'id,time,x\np,0,1\n',
    options: { expected: ['x'], axis: { kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true } },
    code: 'TimeKind',
    message: 'visits.csv, column "time": times are numbers, but the model was fitted to dates. Give dates like 2024-03-01.',
  },
  {
    name: 'dates where the model has numbers',
    text: 'id,time,x\np,2024-01-01,1\n',
    options: { expected: ['x'], axis: { kind: 'number' } },
    code: 'TimeKind',
    message: /times are dates, but the model was fitted to plain numbers/,
  },
  {
    name: 'a long format that is none',
    text: 'id,time,x,y,z\np,0,1,2,3\n',
    options: { format: 'long' },
    code: 'NotLong',
    message: /--channel and --value, or use --format wide/,
  },
]

describe('bad input is refused, saying what, where and what to do', () => {
  for (const { name, text, options, code, message, where } of cases) {
    for (const chunk of [3, 65536]) {
      it(`${name}, ${chunk} bytes at a time`, async () => {
        const error = await refusal(readText(text, options, chunk))
        expect(error.code).toBe(code)
        if (typeof message === 'string') expect(error.message).toBe(message)
        else expect(error.message).toMatch(message)
        expect(error.message.startsWith('visits.csv')).toBe(true)
        if (where !== undefined) expect(error.where).toEqual(where)
      })
    }
  }
})

describe('paths that cannot be read', () => {
  it('no such file', async () => {
    const path = join(folder, 'nowhere.csv')
    const error = await refusal(readSeries(path))
    expect(error.code).toBe('NoSuchFile')
    expect(error.message).toBe(`${path}: there is no such file. Check the name and the folder you are in.`)
    expect(error.where).toEqual({ file: path })
  })
  it('a file used as a folder', async () => {
    expect((await refusal(readSeries(join(file(folder, 'a.csv', 'x'), 'b.csv')))).code).toBe('NoSuchFile')
  })
  it('a directory', async () => {
    const error = await refusal(readSeries(folder))
    expect(error.message).toBe(`${folder}: this is a directory. Name a file in it.`)
  })
  it('an empty file', async () => {
    const path = file(folder, 'empty.csv', '')
    expect((await refusal(readSeries(path))).message).toContain(`${path}: the file is empty`)
  })
  it.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    const path = file(folder, 'secret.csv', 'id,time,x\n')
    chmodSync(path, 0)
    expect((await refusal(readSeries(path))).code).toBe('CannotRead')
  })
})

describe('a cell that has no end', () => {
  const digits = '9'.repeat(100_000)
  const rows = (time: string, value: string): string =>
    ['id,time,x', ...Array.from({ length: 12 }, (_, i) => (i === 7 ? `p1,${time},${value}` : `p${i % 3},${i},${i * 1.5}`))].join('\n') +
    '\n'

  // Patterns that try each place anew took half a minute for one such cell.
  it('is read or refused by what it says, not by patience', async () => {
    expect(plainNumber(digits, '.')).toBe(Infinity)
    expect(plainNumber(`${digits}x`, '.')).toBeNaN()
    expect(formatsOf(`${digits} PM`)).toEqual([])
    expect(looksLikeValue(`${digits}-`)).toBe(false)
    expect(await refusal(readText(rows(digits, '1'), {}))).toMatchObject({ where: { line: 9, column: 'time' } })
  })
})
