import { describe, expect, it } from 'vitest'
import { random } from '../../src/random.js'
import { readText, refusal, rowsOf } from './support.js'

/** Ten rows each of some series at times that are all different, as irregular times are. */
function visits(name: string, ids: readonly string[], seed = 1): string[] {
  const draw = random(seed, name)
  return ids.flatMap((id) =>
    Array.from({ length: 10 }, () => `${id},${(draw.uniform() * 100).toFixed(6)},${(50 + 5 * draw.normal()).toFixed(3)}`),
  )
}

const table = (name: string, rows: readonly string[]): string => `${name},day,level\n${rows.join('\n')}\n`

describe('the id is found where times never repeat', () => {
  const names = [
    'mouse',
    'participant',
    'ticker',
    'store',
    'country',
    'tree',
    'name',
    'PatientNr',
    'Subject No.',
    'cowid',
    'ID_Patient',
    'USUBJID',
    'Probanden-Nr.',
    'vehicle',
    'stationName',
  ]
  for (const name of names) {
    for (const ids of [
      ['A', 'B', 'C'],
      ['3', '7', '12'],
    ]) {
      it(`${name}: ${ids.join(', ')}`, async () => {
        const { set } = await readText(table(name, visits(name, ids)), {}, 4096)
        expect(set.idColumn).toBe(name)
        expect(set.series.map(({ id, times }) => [id, times.length])).toEqual(ids.map((id) => [id, 10]))
        expect(set.channels).toEqual(['level'])
      })
    }
  }

  it('by the ids themselves where the name says nothing', async () => {
    expect((await readText(table('zzz', visits('zzz', ['q01', 'q02', 'q03'])), {}, 4096)).set.idColumn).toBe('zzz')
    const many = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(4))
    expect((await readText(table('zzz', visits('zzz', many)), {}, 4096)).set.idColumn).toBe('zzz')
    // Whole numbers without gaps, before the time, as many rows each.
    expect((await readText(table('zzz', visits('zzz', ['1', '2', '3', '4', '5', '6'])), {}, 4096)).set.idColumn).toBe('zzz')
  })
  it('by a property of the series that hangs on it', async () => {
    const rows = visits('zzz', ['left', 'right', 'both']).map((row) => `${row},${row.startsWith('l') ? 30 : row.startsWith('r') ? 40 : 50}`)
    const { set, notices } = await readText(`zzz,day,level,born\n${rows.join('\n')}\n`, {}, 4096)
    expect(set).toMatchObject({ idColumn: 'zzz', channels: ['level'] })
    expect(notices).toContain('Not taken as channels: "born" (the same in all rows of each series).')
  })
  it('by repeated times, wherever it stands', async () => {
    const rows = Array.from({ length: 12 }, (_, day) =>
      ['north', 'south', 'east'].map((where, i) => `${day},${i * 10 + day * day},${where}`),
    ).flat()
    expect((await readText(`day,level,zzz\n${rows.join('\n')}\n`)).set.idColumn).toBe('zzz')
    // Of a hospital and its patients it is the patients that tell equal times apart.
    const nested = Array.from({ length: 12 }, (_, day) =>
      ['a', 'b', 'c', 'd'].map((who, i) => `${who < 'c' ? 'h' : 'k'},${who},${day},${i + day * day}`),
    ).flat()
    expect((await readText(`house,zzz,day,level\n${nested.join('\n')}\n`)).set.idColumn).toBe('zzz')
  })
})

it('the same rows in any order give the same set', async () => {
  const wide = visits('participant', ['A', 'B', 'C'])
  const long = wide.flatMap((row, i) => {
    const [id, day, level] = row.split(',')
    return [`${id},${day},pulse,${level}`, `${id},${day},${i % 2 === 0 ? 'mood' : 'aid'},${i}`]
  })
  for (const [header, rows] of [
    ['participant,day,level', wide],
    ['participant,day,test,value', long],
  ] as const) {
    const sorted = [...rows].sort((a, b) => Number(a.split(',')[1]) - Number(b.split(',')[1]))
    const [first, ...others] = await Promise.all(
      [rows, sorted, random(5, 'order').shuffle([...rows]), [...rows].reverse()].map((some) =>
        readText(`${header}\n${some.join('\n')}\n`, {}, 4096),
      ),
    )
    for (const other of others) expect(other!.set).toEqual(first!.set)
  }
})

it('a listed name wins though no id repeats among the first thousand rows', async () => {
  const rows = Array.from({ length: 2400 }, (_, i) => `${i % 1200},${i},${(i * 7) % 31}`)
  const { set } = await readText(`patient,day,level\n${rows.join('\n')}\n`, {}, 65536)
  expect(set.idColumn).toBe('patient')
  expect(set.series.length).toBe(1200)
})

describe('where nothing proves a candidate', () => {
  const doubtful = table('zzz', visits('zzz', ['calm', 'rough', 'fair']))
  it('it is refused, naming it, with advice that works', async () => {
    const error = await refusal(readText(doubtful, {}, 4096))
    expect(error.code).toBe('AmbiguousId')
    expect(error.message).toBe(
      'visits.csv, column "zzz": the column "zzz" (3 different entries, 10 rows each) may tell series apart, but nothing in the file ' +
        'proves it. Say so with --id zzz, or with --id none if all rows are one series.',
    )
    expect((await readText(doubtful, { id: 'zzz' }, 4096)).set.series.length).toBe(3)
    const { set } = await readText(doubtful, { id: 'none' }, 4096)
    expect(set).toMatchObject({ idColumn: '', channels: ['level'] })
    expect(set.series.length).toBe(1)
  })
  it('a column that is called none is one', async () => {
    expect((await readText(doubtful.replace('zzz', 'none'), { id: 'none' }, 4096)).set.series.length).toBe(3)
  })
  it('numbers before the time, too', async () => {
    const numbers = visits('zzz', ['1012', '2044', '3090'])
    expect((await refusal(readText(table('zzz', numbers), {}, 4096))).code).toBe('AmbiguousId')
  })
  it('states, notes and measurements are no candidates', async () => {
    for (const name of ['weather', 'phase', 'comment', 'sex'])
      expect((await readText(doubtful.replace('zzz', name), {}, 4096)).set.idColumn).toBe('')
    // Counts of things repeat, too.
    const counts = Array.from({ length: 40 }, (_, i) => `${i},${[3, 0, 1, 0, 2, 1, 0, 5][i % 8]},${i * i}`)
    expect((await readText(`day,customers,level\n${counts.join('\n')}\n`)).set).toMatchObject({
      idColumn: '',
      channels: ['customers', 'level'],
    })
  })
  it('amounts and dates are none, though they are words that repeat', async () => {
    const rows = Array.from({ length: 24 }, (_, i) => `${95 + (i % 4)}%,<${4 + (i % 3)}.0,19${50 + (i % 5)}-01-01,${i},${(i * 7) % 11}`)
    expect((await readText(`zzz,yyy,born,hour,level\n${rows.join('\n')}\n`, { time: 'hour', values: ['level'] }, 4096)).set.idColumn).toBe(
      '',
    )
  })
  it('what is in stock is no id, and no record', async () => {
    const rows = Array.from({ length: 24 }, (_, i) => `${'ABC'[i % 3]},${i * 1.7},${(i * 7) % 5}`)
    expect((await readText(`store,day,stock\n${rows.join('\n')}\n`, {}, 4096)).set).toMatchObject({
      idColumn: 'store',
      channels: ['stock'],
    })
  })
  it('a column that numbers all rows of the file is none', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},${i * 2},${(i * 7) % 11}`)
    expect((await readText(`id,day,level\n${rows.join('\n')}\n`)).set).toMatchObject({ idColumn: '', channels: ['level'] })
  })
})

it('ids are kept as they are written', async () => {
  const { set } = await readText('subject,day,x\n007,0,1\n007,1,2\n1.0,0,3\n1.0,1,5\n1,0,3\n1,1,4\n')
  expect(rowsOf({ set }).map(([id]) => id)).toEqual(['1', '1', '1.0', '1.0', '007', '007'])
})
