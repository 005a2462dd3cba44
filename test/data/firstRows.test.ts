import { describe, expect, it } from 'vitest'
import { lookAtFirstRows } from '../../src/data/firstRows.js'
import { readText, refusal, rowsOf } from './support.js'

/** What a table is sent on as. */
function sent(lines: readonly string[], missing: readonly string[] = []) {
  const got = {
    header: [] as string[],
    units: undefined as string[] | undefined,
    rows: [] as string[][],
    lines: [] as number[],
    notices: [] as string[],
  }
  const rows = lookAtFirstRows(
    {
      header: (cells) => void got.header.push(...cells),
      units: (cells) => void (got.units = [...cells]),
      row: (cells, line) => {
        got.rows.push([...cells])
        got.lines.push(line)
      },
    },
    { file: 'visits.csv', namedRows: false, missing, tell: (notice) => void got.notices.push(notice) },
  )
  const [header = '', ...rest] = lines
  rows.header(header.split(','), 1)
  rest.forEach((line, i) => rows.row(line.split(','), i + 2))
  rows.end()
  return got
}

describe('a row of units', () => {
  it('is told from rows of values, and sent on by column', () => {
    const { units, rows, lines, notices } = sent(['id,time,y', ',h,mg/dL', 'p,0,1', 'p,1,2'])
    expect(units).toEqual(['', 'h', 'mg/dL'])
    expect(rows).toEqual([
      ['p', '0', '1'],
      ['p', '1', '2'],
    ])
    expect(lines).toEqual([3, 4])
    expect(notices).toEqual(['Line 2 is taken as a row of units: "time" in "h", "y" in "mg/dL".'])
  })
  it('may have brackets, numbers within units, gaps, and words under words', () => {
    expect(sent(['id,sex,date,y,z,q', '-,m/f,,[10^9/L],(1/min),', 'p,f,2024-01-01,1,2,3', 'p,f,2024-01-02,2,3,4']).units).toEqual([
      '',
      'm/f',
      '',
      '10^9/L',
      '1/min',
      '',
    ])
  })
  it('may stand below missing values and above many rows', () => {
    const many = Array.from({ length: 200 }, (_, i) => `p,${i},${i < 3 ? 'none' : i}`)
    const { units, rows } = sent(['id,time,y', 'x,h,mg', ...many], ['none'])
    expect(units).toEqual(['x', 'h', 'mg'])
    expect(rows).toHaveLength(200)
    expect(rows[199]).toEqual(['p', '199', '199'])
  })
  const none: Record<string, string[]> = {
    'a value under a column of values': ['id,time,y', 'p,0,low', 'p,1,2', 'p,2,3'],
    'a date under the dates': ['id,date,y', 'q,2024-01-01,high', 'p,2024-01-02,2', 'p,2024-01-03,2'],
    'an id that is there again': ['id,time,y', 'p,,low', 'p,1,2', 'p,2,3'],
    'words further down too': ['id,time,y', ',h,mg', ',h,mg', 'p,2,3'],
    'only missing values': ['id,time,y', 'q,NA,NA', 'p,1,2', 'p,2,3'],
    'the user’s words for them': ['id,time,y', 'q,none,none', 'p,1,2', 'p,2,3'],
    'a lone row': ['id,time,y', ',h,mg/dL'],
  }
  for (const [name, lines] of Object.entries(none)) {
    it(`is none: ${name}`, () => {
      const { units, rows } = sent(lines, name.startsWith('the user') ? ['none'] : [])
      expect(units).toBeUndefined()
      expect(rows).toHaveLength(lines.length - 1)
    })
  }
  it('is no row of the data set', async () => {
    const result = await readText('id;time;y\n;h;mg/dL\np;0;7,5\np;1;4,25\n')
    expect(rowsOf(result)).toEqual([
      ['p', 0, 7.5],
      ['p', 1, 4.25],
    ])
    expect(result.notices).toContain('Line 2 is taken as a row of units: "time" in "h", "y" in "mg/dL".')
  })
  it('further lines of words are refused as before', async () => {
    expect((await refusal(readText('id,time,y\np,0,1\np,soon,2\np,2,3\n'))).message).toMatch(/^visits\.csv, line 3, column "time"/)
  })
})

describe('rows longer than the header', () => {
  it('lose empty cells at their end where all rows have them, and only then', () => {
    expect(
      sent(['id,time,y', 'p,0,1,,', 'p,1,2,,', ...Array.from({ length: 60 }, () => 'p,2,3,,')]).rows.every((row) => row.length === 3),
    ).toBe(true)
    // One row with an empty cell too many may have a decimal comma.
    expect(sent(['id,time,y', 'p,0,1', 'p,0,5,', 'p,1,2']).rows[1]).toEqual(['p', '0', '5', ''])
    expect(sent(['id,time,y', ...Array.from({ length: 60 }, () => 'p,2,3,'), 'p,2,3,4']).rows.at(-1)).toEqual(['p', '2', '3', '4'])
  })
})
