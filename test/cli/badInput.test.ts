import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type * as Files from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { run, useFolder } from './io.js'

/** What the next written bytes meet; the file system is real otherwise. */
const disk = vi.hoisted(() => ({ full: false }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Files>()
  return {
    ...real,
    async open(...words: Parameters<typeof real.open>) {
      const file = await real.open(...words)
      if (disk.full) {
        file.write = (() =>
          Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))) as typeof file.write
      }
      return file
    },
  }
})

const folder = useFolder()
const good = 'id,time,a,b\nx,0,1.5,10\nx,1,2.5,\nx,2,2,12\ny,0,1,11\ny,1.5,3,13\nz,0,2,14\nz,1,1,9\n'
let before: string[] = []

const tiny = [
  '--epochs',
  '1',
  '--latents',
  '2',
  '--encoder-units',
  '3',
  '--encoder-field-units',
  '3',
  '--field-units',
  '3',
  '--decoder-units',
  '0',
]
const listing = (): string[] => readdirSync(folder.path).sort()

/** Exit code 2, one line that says all that is asked for, nothing on standard output, no file made or left over. */
async function refused(words: readonly string[], ...parts: readonly (string | RegExp)[]): Promise<void> {
  before = listing()
  const { code, out, err } = await run(...words, '--quiet')
  for (const part of parts) expect(err).toMatch(part instanceof RegExp ? part : new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
  expect(err).toMatch(/^latent-ode: [^\n]*\n$/)
  expect([code, out]).toEqual([2, ''])
  expect(listing()).toEqual(before)
}

beforeAll(async () => {
  folder.write('good.csv', good)
  const { code, err } = await run('fit', 'good.csv', ...tiny, '--quiet')
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(listing()).toEqual(['good.csv', 'good.model.safetensors'])
}, 60_000)

describe('files that are no tables', () => {
  test('no such file', () => refused(['fit', 'none.csv'], 'none.csv: there is no such file. Check the name'))
  test('an empty file', async () => {
    folder.write('empty.csv', '')
    await refused(['fit', 'empty.csv'], 'empty.csv: the file is empty. Give a table with a header line')
  })
  test('blank lines only', async () => {
    folder.write('blank.csv', '\n\n')
    await refused(['fit', 'blank.csv'], 'blank.csv: the file holds only blank lines')
  })
  test('a header only', async () => {
    folder.write('header.csv', 'id,time,a\n')
    await refused(['fit', 'header.csv'], 'header.csv: there is a header but no row below it. Give at least one row')
  })
  test('a directory', async () => {
    mkdirSync('folder.csv')
    await refused(['fit', 'folder.csv'], 'folder.csv: this is a directory. Name a file in it.')
  })
  test('binary garbage', async () => {
    folder.write(
      'noise.csv',
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) % 256),
    )
    await refused(['fit', 'noise.csv'], /noise\.csv, line \d+: .*(binary data|no valid UTF-8).*\. /)
  })
  test('a damaged .gz', async () => {
    folder.write('cut.csv.gz', gzipSync(good).subarray(0, 40))
    await refused(['fit', 'cut.csv.gz'], 'cut.csv.gz: the gzip data is damaged or cut off')
  })
})

describe('tables that cannot be used', () => {
  const cases: [name: string, text: string, words: string[], parts: (string | RegExp)[]][] = [
    ['ragged rows', 'id,time,a\nx,0,1\nx,1\n', [], ['bad.csv, line 3: the row has 2 cells, the header 3. Correct the row']],
    [
      'no such column, with the nearest',
      good,
      ['--id', 'i'],
      ['bad.csv, column "i": there is no such column (columns: "id", "time", "a", "b"). Did you mean "id"? Correct it with --id.'],
    ],
    ['no such channel', good, ['--values', 'a,c'], ['bad.csv, column "c": there is no such column', 'with --values.']],
    [
      'no numeric channel',
      'id,time,name\nx,0,anna\nx,1,bert\n',
      [],
      ['bad.csv: no column holds numbers (columns beside id and time: "name"). Give at least one column'],
    ],
    [
      'text in a numeric column: the first lines',
      'id,time,a\nx,0,1\nx,1,high\nx,2,2\nx,3,low\nx,4,4\n',
      [],
      [
        'bad.csv, line 3, column "a": there is text among numbers, in 2 lines (line 3: "high"; line 5: "low"). Correct the cells',
        '--missing high,low',
      ],
    ],
    [
      'text in a column that was named',
      'id,time,a,b\nx,0,1,p\nx,1,2,q\n',
      ['--values', 'a,b'],
      ['bad.csv, line 2, column "b": there is text among numbers'],
    ],
    [
      'dates that do not parse',
      'id,date,a\nx,2024-01-01,1\nx,soon,2\n',
      [],
      [
        'bad.csv, line 3, column "date": this is neither a number nor a date nor a length of time (line 3: "soon"). Write times as ' +
          'numbers, as dates like 2024-03-01',
      ],
    ],
    [
      'dates that can be read two ways',
      'id,date,a\nx,03/04/2024,1\nx,05/06/2024,2\n',
      [],
      [
        'bad.csv, line 2, column "date": these dates can be read two ways: "03/04/2024" is 3 April 2024 (dd/MM/yyyy) or 4 March 2024 ' +
          '(MM/dd/yyyy), and no date in the column settles it. Say which: --date-format dd/MM/yyyy or --date-format MM/dd/yyyy.',
      ],
    ],
    [
      'dates that are not in the calendar',
      'id,date,a\nx,2024-01-01,1\nx,2024-02-30,2\n',
      [],
      ['bad.csv, line 3, column "date": this is neither a number nor a date nor a length of time'],
    ],
    [
      'dates of mixed formats',
      'id,date,a\nx,2024-01-01,1\nx,2024-01-02T10:00,2\n',
      [],
      [
        'bad.csv, line 3, column "date": times mix formats: line 2 has "2024-01-01" (dates), but line 3: "2024-01-02T10:00" ' +
          '(datetimes without a zone). Write all times in one format.',
      ],
    ],
    [
      'infinite values',
      'id,time,a\nx,0,1\nx,1,inf\nx,2,3\n',
      [],
      ['bad.csv, line 3, column "a": values must be finite, but 1 is not (line 3: "inf"). Correct the cells'],
    ],
    ['infinite times', 'id,time,a\nx,0,1\nx,1e999,2\n', [], ['bad.csv, line 3, column "time": the time is "1e999". Times must be finite']],
    [
      'two rows with the same id and time',
      'id,time,a\nx,0,1\nx,1,2\nx,1,3\n',
      [],
      [
        'bad.csv, line 4, series "x": the row has the same id and time as line 3 (1 such row). Choose what to do with them: ' +
          '--duplicates mean or --duplicates last.',
      ],
    ],
    [
      'a named channel without any observation',
      'id,time,a,b\nx,0,1,\nx,1,2,NA\n',
      ['--values', 'a,b'],
      ['bad.csv, column "b": the channel has no observation at all. Leave it out of --values.'],
    ],
    [
      'a named channel of zero variance',
      'id,time,a,b\nx,0,1,5\nx,1,2,5\n',
      ['--values', 'a,b'],
      ['bad.csv, column "b": the channel always has the value 5, so there is nothing to learn. Leave it out of --values.'],
    ],
    ['no channel that varies', 'id,time,a\nx,0,5\nx,1,5\n', [], ['bad.csv: no channel has two different values']],
    [
      'series of one observation only',
      'id,time,a\nx,0,1\ny,0,2\nz,3,3\n',
      [],
      [
        'None of the 3 series has two rows, so there is no change over time to learn. Check that the id column names the series, not ' +
          'the rows.',
      ],
    ],
    [
      'a row without a time',
      'id,time,a\nx,0,1\nx,,2\n',
      [],
      ['bad.csv, line 3, column "time": the row has no time. Fill in the time, or remove the row.'],
    ],
  ]
  test.each(cases)('%s', async (_, text, words, parts) => {
    folder.write('bad.csv', text)
    await refused(['fit', 'bad.csv', ...words], ...parts)
    writeFileSync('bad.csv', '')
  })
})

describe('tables that are odd but can be used', () => {
  const works = async (text: string, ...words: string[]): Promise<string> => {
    folder.write('odd.csv', text)
    const { code, err } = await run('fit', 'odd.csv', ...tiny, ...words)
    expect(err).not.toContain('latent-ode:')
    expect(code).toBe(0)
    const predicted = await run(
      'predict',
      'odd.model.safetensors',
      'odd.csv',
      '--samples',
      '4',
      '--out',
      '-',
      '--quiet',
      ...words.filter((_, i) => words[i - 1] === '--duplicates' || words[i] === '--duplicates'),
    )
    expect(predicted.code).toBe(0)
    const numbers = predicted.out
      .trim()
      .split('\n')
      .slice(1)
      .flatMap((line) => line.split(',').slice(3).map(Number))
    expect(numbers.length).toBeGreaterThan(0)
    expect(numbers.every(Number.isFinite)).toBe(true)
    return err
  }

  test('duplicates, where --duplicates says what to do', async () => {
    expect(await works(`${good}x,1,5,5\n`, '--duplicates', 'mean')).toContain(
      'Merged 1 row with the same id and time as another (--duplicates mean).',
    )
  })
  test('channels without values, or without variance, that nobody named: left out with a notice', async () => {
    const err = await works('id,time,a,b,c\nx,0,1,,7\nx,1,2,,7\ny,0,3,,7\ny,2,1,,7\n')
    expect(err).toContain('Left out the channel "b": it has no observation.')
    expect(err).toContain('Left out the channel "c": it always has the value 7.')
  })
  test('some series of one observation: a notice', async () => {
    expect(await works(`${good}w,0,1,1\n`)).toContain('1 series of 4 has a single row.')
  })
  test('one series only', async () => {
    const err = await works('time,a\n0,1\n1,2\n2,1\n3,2\n4,1\n')
    expect(err).toContain('all rows are one series')
  })
  test.each([1e12, 1e-12])('times of %d', async (scale) => {
    const scaled = good.replace(/^(\w),([\d.]+)/gm, (_, id: string, time: string) => `${id},${Number(time) * scale}`)
    await works(scaled)
  })
  test('times near 1e12 that are one apart', async () => {
    await works(good.replace(/^(\w),([\d.]+)/gm, (_, id: string, time: string) => `${id},${1e12 + Number(time)}`))
  })
})

describe('model files that cannot be used', () => {
  const model = 'good.model.safetensors'
  const remade = (change: (header: { __metadata__: Record<string, string> }) => void): Uint8Array => {
    const bytes = readFileSync(model)
    const length = Number(bytes.readBigUInt64LE(0))
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as { __metadata__: Record<string, string> }
    change(header)
    const text = Buffer.from(JSON.stringify(header))
    const size = Buffer.alloc(8)
    size.writeBigUInt64LE(BigInt(text.length))
    return Buffer.concat([size, text, bytes.subarray(8 + length)])
  }
  const commands = [['predict'], ['evaluate'], ['report']] as const

  test.each(commands)('%s: no such model', (command) => refused([command, 'none.safetensors', 'good.csv'], 'none.safetensors'))
  test.each([0, 5, 100, 3000])('truncated to %d bytes', async (length) => {
    folder.write('cut.model.safetensors', readFileSync(model).subarray(0, length))
    await refused(
      ['predict', 'cut.model.safetensors', 'good.csv'],
      'cut.model.safetensors is not a usable safetensors file',
      'Was it copied completely?',
    )
    await refused(['inspect', 'cut.model.safetensors'], 'cut.model.safetensors is not a usable safetensors file')
  })
  test('truncated at the last byte', async () => {
    folder.write('cut.model.safetensors', readFileSync(model).subarray(0, -1))
    await refused(['evaluate', 'cut.model.safetensors', 'good.csv'], 'cut.model.safetensors', 'the file has')
  })
  test('not one of ours: text, and safetensors of something else', async () => {
    await refused(['predict', 'good.csv', 'good.csv'], 'good.csv is not a usable safetensors file')
    folder.write(
      'other.safetensors',
      remade((header) => (header.__metadata__ = { format: 'pt' })),
    )
    await refused(['predict', 'other.safetensors', 'good.csv'], 'other.safetensors is a safetensors file, but not a model of latent-ode')
  })
  test('from a newer version', async () => {
    folder.write(
      'newer.safetensors',
      remade((header) => {
        header.__metadata__['latent-ode'] = JSON.stringify({
          ...(JSON.parse(header.__metadata__['latent-ode']!) as object),
          schema: 99,
          version: '9.0.0',
        })
      }),
    )
    await refused(
      ['report', 'newer.safetensors', 'good.csv'],
      'newer.safetensors was written by a newer version of latent-ode (9.0.0; file schema 99',
      'Update latent-ode',
    )
  })
  test.each(commands)('%s: data that lack the channels of the model', async (command) => {
    folder.write('lacking.csv', 'id,time,a\nx,0,1\nx,1,2\n')
    await refused(
      [command, model, 'lacking.csv'],
      'lacking.csv, column "b": the model was fitted to channels that are not here: "b" (found: "id", "time", "a")',
      'Add the columns',
    )
  })
  test('data with dates, for a model of numbers', async () => {
    folder.write('dates.csv', 'id,time,a,b\nx,2024-01-01,1,1\nx,2024-01-02,2,2\n')
    await refused(['predict', model, 'dates.csv'], 'dates.csv, column "time": times are dates, but the model was fitted to plain numbers')
  })
})

describe('outputs that cannot be written', () => {
  const model = 'good.model.safetensors'
  const outputs: [string, string[]][] = [
    ['fit', ['fit', 'good.csv', ...tiny]],
    ['predict', ['predict', model, 'good.csv', '--samples', '2']],
    ['report', ['report', model, 'good.csv', '--samples', '2']],
    ['simulate', ['simulate', 'spirals', '--series', '2']],
  ]
  test.each(outputs)('%s: no such folder', (_, words) =>
    refused(
      [...words, '--out', 'nowhere/file'],
      'nowhere/file: there is no folder "nowhere". Make it, or write to another place with --out. Nothing was written.',
    ),
  )
  test.each(outputs)('%s: a directory', async (_, words) => {
    mkdirSync('taken', { recursive: true })
    await refused([...words, '--out', 'taken'], 'taken: this is a directory. Name a file in it with --out.')
  })
  test('fit finds out before it reads or trains', async () => {
    await refused(['fit', 'none.csv', '--out', 'nowhere/file'], 'nowhere/file: there is no folder')
    await refused(['fit', 'none.csv', '--checkpoint', 'nowhere/file'], 'nowhere/file: there is no folder')
  })
  test('an input is never written over', async () => {
    await refused(
      ['fit', 'good.csv', ...tiny, '--out', './good.csv'],
      './good.csv: this file is read by the same command, and would be written over. Name another with --out.',
    )
    await refused(['predict', model, 'good.csv', '--out', model], `${model}: this file is read by the same command`)
    await refused(['fit', 'good.csv', ...tiny, '--checkpoint', 'good.model.safetensors'], 'this file is read by the same command')
    expect(readFileSync('good.csv', 'utf8')).toBe(good)
  })

  describe('a full disk', () => {
    beforeEach(() => void (disk.full = true))
    afterEach(() => void (disk.full = false))
    test.each(outputs)('%s', async (_, words) => {
      const old = readFileSync(model)
      await refused(
        [...words, '--out', model === words[1] ? 'new.html' : 'good.model.safetensors'],
        'the disk is full. Make room, or write to another place with --out. Nothing was written.',
      )
      // What stood there before stands there still.
      expect(readFileSync(model).equals(old)).toBe(true)
    })
  })
})
