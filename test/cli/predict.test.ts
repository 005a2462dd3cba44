import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { run, runJson, useFolder } from './io.js'

const { write } = useFolder()
const model = 'spirals.model.safetensors'
const tiny = '--epochs 1 --latents 2 --encoder-units 4 --encoder-field-units 4 --field-units 4 --decoder-units 4'
const quick = '--samples 1 --validation-samples 1 --batch-size 4 --min-steps 1'

async function good(...words: string[]): Promise<{ out: string; err: string }> {
  const { code, out, err } = await run(...words)
  expect(err).not.toContain('latent-ode:')
  expect(code).toBe(0)
  return { out, err }
}

/** The message and the code of a command that the user has to set right. */
async function refused(...words: string[]): Promise<string> {
  const { code, err } = await run(...words, '--quiet')
  expect(code).toBe(2)
  return err.replace(/^latent-ode: /, '').trim()
}

type Row = Record<string, string>

function table(text: string): Row[] {
  const [header, ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  return rows.map((cells) => Object.fromEntries(header!.map((name, i) => [name, cells[i]!])))
}

const predict = async (...words: string[]): Promise<Row[]> =>
  table((await good('predict', model, 'spirals.csv', ...words, '--out', '-')).out)

beforeAll(async () => {
  await good('simulate', 'spirals', '--series', '12', '--points', '8')
  await good('fit', 'spirals.csv', ...tiny.split(' '), ...quick.split(' '))
}, 60_000)

describe('--quantiles', () => {
  test('are columns in place of the usual ones, in the order given', async () => {
    const usual = await predict('--at', '1,2')
    const own = await predict('--at', '1,2', '--quantiles', '0.95,0.025,0.5')
    expect(Object.keys(own[0]!)).toEqual(['id', 'time', 'channel', 'mean', 'sd', 'q95', 'q02.5', 'q50'])
    expect(own.map(({ id, time, channel, mean, q95, q50 }) => [id, time, channel, mean, q95, q50])).toEqual(
      usual.map(({ id, time, channel, mean, q95, q50 }) => [id, time, channel, mean, q95, q50]),
    )
    expect(own.every((row, i) => Number(row['q02.5']) < Number(usual[i]!['q05']))).toBe(true)
  })

  test('JSON has the same, and so does the preview', async () => {
    const { document } = await runJson<{ rows: Record<string, unknown>[] }>(
      'predict',
      model,
      'spirals.csv',
      '--at',
      '1',
      '--quantiles',
      '0.1',
    )
    expect(Object.keys(document.rows[0]!)).toEqual(['id', 'time', 'channel', 'mean', 'sd', 'q10'])
    const { out } = await good('predict', model, 'spirals.csv', '--at', '1', '--quantiles', '0.1', '--out', 'q.csv')
    expect(out).toMatch(/The first 2 rows, of series "0":\n *channel +time +mean +sd +q10/)
  })

  test.each([
    ['95', '--quantiles holds "95", but a quantile is named by a probability above 0 and below 1: 0.95 for 95 %.'],
    ['0', '--quantiles holds "0", but a quantile is named by a probability above 0 and below 1: 0.1,0.9 for the central 80 %.'],
    [
      '0.5,median',
      '--quantiles holds "median", but a quantile is named by a probability above 0 and below 1: 0.1,0.9 for the central 80 %.',
    ],
    ['0.5,2.5', '--quantiles holds "2.5", but a quantile is named by a probability above 0 and below 1: 0.025 for 2.5 %.'],
  ])('%s is refused', async (quantiles, message) => {
    expect(await refused('predict', model, 'spirals.csv', '--quantiles', quantiles)).toBe(message)
  })
})

describe('--paths', () => {
  test('a row for each series, time, channel and path', async () => {
    const rows = await predict('--at', '1,2', '--paths', '3')
    expect(rows).toHaveLength(12 * 2 * 2 * 3)
    expect(Object.keys(rows[0]!)).toEqual(['id', 'time', 'channel', 'path', 'value'])
    expect(rows.slice(0, 7).map(({ id, time, channel, path }) => [id, time, channel, path].join(' '))).toEqual([
      '0 1 x 1',
      '0 1 x 2',
      '0 1 x 3',
      '0 1 y 1',
      '0 1 y 2',
      '0 1 y 3',
      '0 2 x 1',
    ])
    expect(await predict('--at', '1,2', '--paths', '3')).toEqual(rows)
    expect(await predict('--at', '1,2', '--paths', '3', '--seed', '2')).not.toEqual(rows)
  })

  test('by default go to a file of their own', async () => {
    const { out } = await good('predict', model, 'spirals.csv', '--at', '1', '--paths', '2')
    expect(out).toContain('spirals.paths.csv: 48 rows, 12 series, x, y')
    expect(table(readFileSync('spirals.paths.csv', 'utf8'))).toHaveLength(48)
  })

  test.each([
    [['--paths', '0'], '--paths is 0, but must be a whole number from 1 to 10000.'],
    [['--paths', 'many'], '--paths is "many", but must be a whole number from 1 to 10000.'],
    [
      ['--paths', '5', '--quantiles', '0.1'],
      '--paths writes courses, which have no quantiles. Leave out --quantiles, or call predict twice.',
    ],
    [['--paths', '5', '--samples', '9'], '--paths says how many samples are drawn, one for each path. Leave out --samples.'],
  ])('%j is refused', async (words, message) => {
    expect(await refused('predict', model, 'spirals.csv', ...words)).toBe(message)
  })
})

describe('--at-file', () => {
  test('each series at its own times, ascending, each once; those that are not named are left out', async () => {
    const wanted = write('wanted.csv', 'time,note,id\n2,a,7\n0.5,b,7\n2,c,7\n1,,10\n')
    const { out, err } = await good('predict', model, 'spirals.csv', '--at-file', wanted, '--out', '-')
    const rows = table(out)
    expect(rows.map(({ id, time, channel }) => [id, time, channel].join(' '))).toEqual([
      '7 0.5 x',
      '7 0.5 y',
      '7 2 x',
      '7 2 y',
      '10 1 x',
      '10 1 y',
    ])
    expect(err).toContain('wanted.csv: 1 row with the same id and time as another; each is predicted once.')
    expect(err).toContain('wanted.csv has no times for 10 of the 12 series of the data: they are not predicted.')
    // What is predicted does not depend on how the times are named.
    expect(rows.slice(2, 4)).toEqual((await predict('--at', '0.5,2')).filter(({ id, time }) => id === '7' && time === '2'))
  })

  test('columns may be called otherwise; goes with --quantiles and --paths, and with Parquet', async () => {
    const wanted = write('other.csv', 'when,subject\n1,3\n1,4\n')
    const { out, err } = await good('predict', model, 'spirals.csv', '--at-file', wanted, '--paths', '2', '--out', '-')
    expect(table(out)).toHaveLength(8)
    expect(err).toContain('other.csv: times are taken from the column "when".')
    expect(err).toContain('other.csv: ids are taken from the column "subject".')
    await good('simulate', 'spirals', '--series', '2', '--points', '3', '--out', 'wanted.parquet')
    const own = await predict('--at-file', 'wanted.parquet', '--quantiles', '0.5')
    expect(own).toHaveLength(12)
  })

  test.each([
    [
      'id,time\n7,1\np9,2\n',
      'wanted.csv, line 3, column "id", series "p9": the data have no such series. Did you mean "9"? Correct the ids, or remove the rows.',
    ],
    [
      'id,time\nanna,1\nbert,2\n',
      'wanted.csv, line 2, column "id", series "anna": the data have none of 2 series that are named: "anna", "bert". Remove the rows, or ' +
        'correct the ids: there are "0", "1", "2", "3", "4" and 7 more.',
    ],
    ['id,note\n7,a\n', 'wanted.csv: no column looks like times. Call the column of times "time", as in the data.'],
    [
      'time,note\n1,a\n2,a\n',
      'wanted.csv: no column tells which series the times are for, as "id" does in the data. Add a column "id", or name the same times for ' +
        'all series with --at.',
    ],
    ['id,time\n7,\n', 'wanted.csv, line 2, column "time": the row has no time. Fill in the time, or remove the row.'],
    [
      'id,time\n7,2024-01-05\n',
      'wanted.csv, column "time": times are dates, but the model was fitted to plain numbers. Give times as numbers on the scale that the model was fitted to.',
    ],
    ['id,time\n', 'wanted.csv: there is a header but no row below it. Give at least one row for each observation.'],
  ])('%j is refused', async (text, message) => {
    expect(await refused('predict', model, 'spirals.csv', '--at-file', write('wanted.csv', text))).toBe(message)
  })

  test.each(['--at', '--horizon', '--step'])('%s says when as well: refused', async (option) => {
    expect(await refused('predict', model, 'spirals.csv', '--at-file', 'wanted.csv', option, '1')).toBe(
      `--at-file and ${option} both say when to predict. Leave one of them out.`,
    )
  })

  test('data of a single series need no ids; dates are read as those of data are', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, i) => `2024-${i < 20 ? '01' : '02'}-${String((i % 20) + 1).padStart(2, '0')},${Math.sin(i / 3).toFixed(3)}`,
    )
    write('sales.csv', `day,sold\n${rows.join('\n')}\n`)
    await good('fit', 'sales.csv', '--window', '10', ...tiny.split(' '), ...quick.split(' '))
    const wanted = write('days.csv', 'day,why\n2024-03-02,holiday\n2024-02-25,fair\n')
    const { out } = await good('predict', 'sales.model.safetensors', 'sales.csv', '--at-file', wanted, '--out', '-')
    expect(table(out).map(({ id, time }) => [id, time])).toEqual([
      ['sales', '2024-02-25'],
      ['sales', '2024-03-02'],
    ])
  }, 30_000)
})

describe('--fill', () => {
  /** The data with some cells emptied: of every fifth row x, of every seventh y. */
  const holes = (): { text: string; emptied: number } => {
    const [header, ...rows] = readFileSync('spirals.csv', 'utf8').trim().split('\n')
    let emptied = 0
    const lines = rows.map((line, i) => {
      const [id, time, x, y] = line.split(',') as [string, string, string, string]
      const gaps = [i % 5 === 2 && x !== '', i % 7 === 3 && y !== '']
      emptied += gaps.filter(Boolean).length
      return [id, time, gaps[0] ? '' : x, gaps[1] ? '' : y].join(',')
    })
    return { text: `${header}\n${lines.join('\n')}\n`, emptied }
  }
  const fill = async (file: string, ...words: string[]): Promise<string> =>
    (await good('predict', model, file, '--fill', ...words, '--out', '-')).out

  test('writes the table back as it is, but for its empty cells: there stand medians, given all that was observed', async () => {
    const { text, emptied } = holes()
    const file = write('holes.csv', text)
    const [before, after] = [table(text), table(await fill(file))]
    expect(Object.keys(after[0]!)).toEqual(['id', 'time', 'x', 'y', 'filled'])
    expect(after).toHaveLength(before.length)
    let filled = 0
    for (const [i, row] of after.entries()) {
      const named = row['filled'] === '' ? [] : row['filled']!.split('; ')
      expect(named).toEqual(['x', 'y'].filter((channel) => before[i]![channel] === ''))
      filled += named.length
      for (const name of ['id', 'time', 'x', 'y']) if (!named.includes(name)) expect(row[name]).toBe(before[i]![name])
    }
    expect(filled).toBe(emptied)
    const gap = before.find(({ x }) => x === '')!
    const said = table((await good('predict', model, file, '--at', gap['time']!, '--out', '-')).out)
    expect(after[before.indexOf(gap)]!['x']).toBe(said.find(({ id, channel }) => id === gap['id'] && channel === 'x')!['q50'])
  })

  test('by default a file of its own, of the same kind; what is filled has no gap left, which is said', async () => {
    const file = write('holes.csv', holes().text)
    const { out } = await good('predict', model, file, '--fill')
    expect(out).toMatch(/^holes\.filled\.csv: 96 rows, \d+ cells filled \(x \d+, y \d+\)\. The column filled says which\.\n$/)
    const again = await good('predict', model, 'holes.filled.csv', '--fill')
    expect(again.out).toBe('holes.filled.filled.csv: 96 rows, 0 cells filled\n')
    expect(again.err).toContain('holes.filled.csv has no empty cell in a channel of the model: the table is written as it is.')
    const lines = readFileSync('holes.filled.csv', 'utf8').trim().split('\n')
    expect(readFileSync('holes.filled.filled.csv', 'utf8').trim().split('\n')).toEqual([
      `${lines[0]},filled2`,
      ...lines.slice(1).map((line) => `${line},`),
    ])
  })

  test('cells are written as those around them; limits are no gaps; a series of which nothing is known is filled too', async () => {
    const file = write('odd.csv', 'id;time;x;y;note\na;0;"1,5 mg";2;"one; two"\na;1;;<4;\na;2;"2,5 mg";1;\nb;0;NA;;\n')
    const { out, err } = await good('predict', model, file, '--fill', '--out', '-')
    const number = String.raw`-?\d+,?\d*`
    expect(out.split('\n')).toEqual([
      'id;time;x;y;note;filled',
      'a;0;1,5 mg;2;"one; two";',
      expect.stringMatching(new RegExp(`^a;1;${number} mg;<4;;x$`)),
      'a;2;2,5 mg;1;;',
      expect.stringMatching(new RegExp(`^b;0;${number} mg;${number};;"x; y"$`)),
      '',
    ])
    expect(err).toContain('1 series without any observation: filled with what the model expects of a series of which nothing is known.')
    expect(err).not.toContain('Left out')
  })

  test('long tables: cells of values', async () => {
    const file = write('long.csv', 'id,time,channel,value\na,0,x,1.5\na,1,x,\na,1,y,NA\na,2,z,\n')
    const rows = table(await fill(file))
    expect(rows.map(({ filled }) => filled)).toEqual(['', 'x', 'y', ''])
    expect(rows.map(({ value }) => value === '')).toEqual([false, false, false, true])
  })

  test('Parquet and Arrow, in and out: the same values as CSV', async () => {
    const { holes: file, rows } = { holes: write('holes.csv', holes().text), rows: table(await fill(write('holes.csv', holes().text))) }
    for (const kind of ['parquet', 'arrow']) {
      await good('predict', model, file, '--fill', '--out', `filled.${kind}`)
      const back = table(await fill(`filled.${kind}`))
      expect(back.map(({ id, x, y, filled }) => [id, Number(x), Number(y), filled])).toEqual(
        rows.map(({ id, x, y, filled }) => [id, Number(x), Number(y), filled]),
      )
    }
  })

  test('JSON has the rows and how many cells were filled', async () => {
    const { document } = await runJson<{ filled: Record<string, number>; rows: Row[] }>(
      'predict',
      model,
      write('holes.csv', holes().text),
      '--fill',
    )
    expect(document.filled['x']! + document.filled['y']!).toBe(holes().emptied)
    expect(document.rows.filter(({ filled }) => filled !== '').length).toBeGreaterThan(0)
  })

  test.each(['--at', '--at-file', '--horizon', '--step', '--quantiles', '--paths'])('%s does not go with it', async (option) => {
    expect(await refused('predict', model, 'spirals.csv', '--fill', option, '1')).toBe(
      `--fill writes medians at the times of the data's empty cells. Leave out ${option}, or --fill.`,
    )
  })

  test('never over the data', async () => {
    const file = write('holes.csv', holes().text)
    expect(await refused('predict', model, file, '--fill', '--out', file)).toMatch(/^holes\.csv: this file is read by the same command/)
  })
})
