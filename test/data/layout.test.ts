import { describe, expect, it } from 'vitest'
import { readTable } from '../../src/data/read.js'
import { file, readText, refusal, rowsOf, temporaryFolder } from './support.js'

const folder = temporaryFolder()
const ROWS = [
  ['p', 0, 1.5],
  ['p', 1, 2],
  ['q', 0, 3],
  ['q', 1.5, 4],
]
const HEADER = 'id,time,x\n'
const BODY = 'p,0,1.5\np,1,2\nq,0,3\nq,1.5,4\n'
const TABLE = HEADER + BODY

/** The rows as they are read, and the notices but those on roles. */
async function read(text: string, options: Parameters<typeof readText>[1] = {}, chunk = 7) {
  const result = await readText(text, options, chunk)
  return {
    rows: rowsOf(result),
    channels: result.set.channels,
    notices: result.notices.filter((notice) => !/--time names|--id names/.test(notice)),
  }
}

describe('what stands in a file beside its table', () => {
  const written: Record<string, [text: string, notice?: string]> = {
    'sep=, of Excel': [`sep=,\n${TABLE}`],
    'sep=; and decimal commas, Windows line ends': [`sep=;\n${TABLE}`.replaceAll(',', ';').replaceAll('.', ',').replaceAll('\n', '\r\n')],
    'sep=; in quotes, below a blank line': [`\n"sep=;"\n${TABLE.replaceAll(',', ';')}`],
    'sep=\\t': [`sep=\t\n${TABLE.replaceAll(',', '\t')}`],
    'sep=^, which is no usual delimiter': [`sep=^\n${TABLE.replaceAll(',', '^')}`],
    'sep=; above a table of commas': [`sep=;\n${TABLE}`],
    'comments above the header, quotes and commas in them': [
      `# made on "Monday, by x\n#\n${TABLE}`,
      'Left out 2 lines that begin with # (the first is line 1).',
    ],
    'comments between rows and after them': [
      `${TABLE.replace('q,0', '# moved to\nq,0')}   # the end, of it\n`,
      'Left out 2 lines that begin with # (the first is line 4).',
    ],
    'a row that is commented out': [TABLE.replace('q,0', '#q,9,9\nq,0'), 'Left out line 4, which begins with #.'],
    'comments, old Macintosh line ends': [`# by x\n${TABLE}`.replaceAll('\n', '\r'), 'Left out line 1, which begins with #.'],
    'a header that begins with #': [`#${TABLE}`, 'The names of the columns are taken from line 1, which begins with #.'],
    'names and units behind #': [`#${HEADER}#,h,mg\n${BODY}`, 'The names of the columns are taken from line 1, which begins with #.'],
    'title lines': [
      `Report of the clinic\nExported: 2024-05-01\n\n${TABLE}`,
      'Left out what stands above the header on line 4 (--skip-rows 0 reads from the first line).',
    ],
    'title lines with other numbers of cells': [
      `Clinic A, Berlin\nKey,1,2,3,4\n${TABLE}`,
      'Left out what stands above the header on line 3 (--skip-rows 0 reads from the first line).',
    ],
    'title lines that a spreadsheet filled up': [
      `Report of the clinic,,\nDevice,Dexcom,\n,,\n${TABLE}`,
      'Left out what stands above the header on line 4 (--skip-rows 0 reads from the first line).',
    ],
    'a title with a lone quote': [
      `5" probe\n${TABLE}`,
      'Left out what stands above the header on line 2 (--skip-rows 0 reads from the first line).',
    ],
    'a delimiter at the end of every line': [TABLE.replaceAll('\n', ',\n'), 'Left out 1 column without a name (number 4).'],
    'delimiters at the end of the rows': [HEADER + BODY.replaceAll('\n', ',,\n')],
    'a delimiter at the end of the header': [`id,time,x,\n${BODY}`],
    'a header in quotes': [`"id","time","x"\n${BODY}`],
    'one blank between cells': [TABLE.replaceAll(',', ' ')],
    'columns that blanks align': [
      TABLE.split('\n')
        .map((line) =>
          line
            .split(',')
            .map((cell) => cell.padStart(6))
            .join(' '),
        )
        .join('\n'),
    ],
    'runs of blanks and tabs, and cells in quotes': [TABLE.replaceAll(',', '  \t ').replaceAll(/^[pq]/gm, '"$&"').replaceAll('\t', ' ')],
    'blanks and decimal commas': [TABLE.replaceAll(',', '  ').replaceAll('.', ',')],
    'blanks below a title and a comment': [`Report of the clinic\n# by x\n${TABLE.replaceAll(',', '   ')}`],
    'what numpy.savetxt writes': [
      `# ${TABLE.replaceAll(',', ' ')}`,
      'The names of the columns are taken from line 1, which begins with #.',
    ],
    'names of rows as R writes them': [
      `"id" "time" "x"\n${BODY.split('\n')
        .slice(0, -1)
        .map((row, i) => `"${i + 1}" ${row.replaceAll(',', ' ')}\n`)
        .join('')}`,
      'Left out 1 column without a name (number 1).',
    ],
    'names of rows as R writes them, tabs': [
      `id\ttime\tx\n${BODY.split('\n')
        .slice(0, -1)
        .map((row, i) => `${i + 2}\t${row.replaceAll(',', '\t')}\n`)
        .join('')}`,
      'Left out 1 column without a name (number 1).',
    ],
    'words as names of rows': [
      HEADER +
        BODY.split('\n')
          .slice(0, -1)
          .map((row, i) => `visit ${'abcd'[i]},${row}\n`)
          .join(''),
      'Left out 1 column without a name (number 1).',
    ],
  }
  for (const [name, [text, notice]] of Object.entries(written)) {
    for (const chunk of [1, 4096]) {
      it(`${name}, ${chunk} bytes at a time`, async () => {
        const { rows, channels, notices } = await read(text, {}, chunk)
        expect(rows).toEqual(ROWS)
        expect(channels).toEqual(['x'])
        for (const told of notice === undefined ? [] : [notice]) expect(notices).toContain(told)
      })
    }
  }

  it('# in cells is no comment', async () => {
    expect((await read('id,time,x\n"#1",0,1\n#1,1,2\n#2,0,3\n#2,1,4\n')).rows).toEqual([
      ['#1', 0, 1],
      ['#1', 1, 2],
      ['#2', 0, 3],
      ['#2', 1, 4],
    ])
    expect((await readText('x,id,time,note\n1,p,0,"two\n# lines"\n2,p,1,a # b\n')).set.series[0]!.times).toEqual(Float64Array.of(0, 1))
    // What Excel could not work out stands in a cell, not in a comment.
    expect((await read('x,id,time\n#N/A,p,0\n1,p,1\n2,p,2\n', { missing: ['#N/A'] })).rows).toEqual([
      ['p', 1, 1],
      ['p', 2, 2],
    ])
    expect((await readText('#,id,time,x\n1,p,0,1.5\n2,p,1,2\n')).set.series.map(({ id }) => id)).toEqual(['p'])
  })
  it('comments far below are comments too', async () => {
    const many = Array.from({ length: 60_000 }, (_, i) => `p,${i},${i % 7}`).join('\n')
    const { rows, notices } = await read(`${HEADER}${many}\n# moved\np,60000,3\n`, {}, 2 ** 16)
    expect(rows).toHaveLength(60_001)
    expect(notices).toContain('Left out line 60002, which begins with #.')
  })
  it('what is left out counts in the numbers of lines', async () => {
    const places = [
      'sep=,\n# x\nid,time,x\np,0,1\n# y\n\np,1\n',
      'Report\n\nid,time,x\np,0,1\n# y\n\np,1\n',
      'id time x\n# y\n\np 0 1\n\n# y\np 1\n',
    ]
    for (const text of places) expect((await refusal(readText(text))).where).toEqual({ file: 'visits.csv', line: 7 })
  })
  it('--skip-rows says how many lines stand above the header, whatever they are', async () => {
    expect((await read(`a,b,c\n1,2,3\n\n${TABLE}`, { skipRows: 3 })).rows).toEqual(ROWS)
    expect((await read(`a,b,c\r\n"x\r\n${TABLE}`, { skipRows: 2 }, 3)).rows).toEqual(ROWS)
    expect((await refusal(readText(`a\n${HEADER}p,0,1\np,1\n`, { skipRows: 1 }))).where).toEqual({ file: 'visits.csv', line: 4 })
    // With 0 the first line is the header, as it was said.
    expect((await refusal(readText(`Report,A\n${TABLE}`, { skipRows: 0 }))).message).toMatch(
      /^visits\.csv, line 2: the row has 3 cells, the header 2|^visits\.csv, line 1: the header has 2 names/,
    )
    expect((await refusal(readText(TABLE, { skipRows: 50 }))).message).toBe(
      'visits.csv: nothing is left below the first 50 lines. Give --skip-rows a smaller number.',
    )
  })
  it('labels are read alike', async () => {
    const { header, rows, notices } = await readTable(file(folder, 'labels.csv', 'sep=;\n# by x\nid;sex\np;f\n# q is out\n'))
    expect({ header, rows }).toEqual({ header: ['id', 'sex'], rows: [['p', 'f']] })
    expect(notices).toEqual(['Left out 2 lines that begin with # (the first is line 2).'])
  })
})

describe('tables that could be read in two ways are refused', () => {
  const cases: [name: string, text: string, code: string, message: string][] = [
    [
      'values above the header in as many cells',
      `Device,Dexcom\nSerial,12345\ntime,glucose\n${'0,5\n1,6\n2,7\n'.repeat(5)}`,
      'WhichHeader',
      'visits.csv, line 3: the line looks like the header ("time", "glucose"), and so does line 1 ("Device", "Dexcom"). If the table ' +
        'begins here, add --skip-rows 2. If not, remove the lines of text that stand below the header.',
    ],
    [
      'a title of as many cells',
      `Device,Dexcom\ntime,glucose\n${'0,5\n1,6\n2,7\n'.repeat(5)}`,
      'WhichHeader',
      'visits.csv, line 2: the line looks like the header ("time", "glucose"), and so does line 1 ("Device", "Dexcom"). If the table ' +
        'begins here, add --skip-rows 1.',
    ],
    [
      'units and more below the header',
      `${HEADER},h,mg\nwho,since,level\n${BODY}`,
      'WhichHeader',
      'add --skip-rows 2. If not, remove the lines of text',
    ],
    [
      'two tables below each other',
      `${TABLE}\n${TABLE}`,
      'WhichHeader',
      'visits.csv, line 7: the header of line 1 stands here again. Remove the line, if the rows below it go on with those above.',
    ],
    [
      'one name too few',
      `id,time\n${BODY}`,
      'RaggedHeader',
      'visits.csv, line 1: the header has 2 names ("id", "time"), but all rows have 3 cells. Give every column a name. If the first ' +
        'column has none, begin the header with a delimiter.',
    ],
    [
      'one name too few, numbers first',
      'time,x\n1,0,5\n2,1,6\n3,2,7\n',
      'RaggedHeader',
      'the header has 2 names ("time", "x"), but all rows have 3 cells.',
    ],
    [
      'nothing between cells that is a delimiter',
      TABLE.replaceAll(',', '^'),
      'NoDelimiter',
      'visits.csv, line 1: nothing is found that separates cells ("id^time^x"). Name it with --delimiter: ",", ";", tab, "|" or space.',
    ],
    [
      'lines in quotes as a whole',
      TABLE.replaceAll(/^.+$/gm, '"$&"'),
      'BadQuotes',
      'visits.csv, line 1: each line stands in quotes as a whole ("\\"id,time,x\\""), which makes it a single cell. Remove the ' +
        'quotes at both ends of the lines.',
    ],
    [
      'a cell that blanks leave empty',
      TABLE.replaceAll(',', '   ').replace('1.5\n', '   \n'),
      'RaggedRow',
      'visits.csv, line 2: the row has 2 cells, the header 3.',
    ],
  ]
  it.each(cases)('%s', async (_, text, code, message) => {
    const error = await refusal(readText(text))
    expect(error.message).toContain(message)
    expect(error.code).toBe(code)
  })
  it('and what the messages advise works', async () => {
    expect((await read('Device,Dexcom\nSerial,12345\ntime,glucose\n0,5\n1,6\n2,7\n', { skipRows: 2 })).rows).toEqual([
      ['series', 0, 5],
      ['series', 1, 6],
      ['series', 2, 7],
    ])
    expect((await read(',time,x\n1,0,5\n2,1,6\n3,2,7\n')).rows).toEqual([
      ['series', 0, 5],
      ['series', 1, 6],
      ['series', 2, 7],
    ])
    expect((await read(TABLE.replaceAll(',', ' '), { delimiter: ' ' })).rows).toEqual(ROWS)
  })
})
