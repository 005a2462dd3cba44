import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { readSeries } from '../../src/data/read.js'
import { readBytes, sourceStem } from '../../src/data/source.js'
import { readText as textOf } from '../../src/data/text.js'
import { random } from '../../src/random.js'
import { readText, refusal, rowsOf } from './support.js'

describe('standard input', () => {
  const real = Object.getOwnPropertyDescriptor(process, 'stdin')!
  afterEach(() => Object.defineProperty(process, 'stdin', real))
  const feed = (text: string): void =>
    void Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from([Buffer.from(text)]) })

  it('is read where the path is -', async () => {
    feed('time,x\n0,1\n1,2\n')
    const { set } = await readSeries('-')
    expect(rowsOf({ set })).toEqual([
      ['series', 0, 1],
      ['series', 1, 2],
    ])
  })
  it('is called so in messages', async () => {
    feed('')
    expect((await refusal(readSeries('-'))).message).toMatch(/^standard input: the file is empty/)
  })
})

it('a lone series is called like its file', () => {
  expect(['some/where/visits.csv', 'visits.TSV.gz', 'visits', '-', '.csv'].map(sourceStem)).toEqual([
    'visits',
    'visits',
    'visits',
    'series',
    'series',
  ])
})

it('blocks end with whole lines, whatever the chunks', async () => {
  const text = 'id,time,x\nJosé,0,1\r\n日本,1,2\nlast,2,3'
  for (let size = 1; size <= 12; size++) {
    const bytes = Buffer.from(text)
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    const seen: string[] = []
    for await (const block of textOf(readBytes(Readable.from(chunks)), 'x')) seen.push(block.toString('utf8'))
    expect(seen.join('')).toBe(text)
    for (const block of seen.slice(0, -1)) expect(block).toMatch(/[\r\n]$/)
  }
})

it('a line without end is refused before it fills the memory', async () => {
  let sent = 0
  const endless = Readable.from(
    (function* () {
      yield 'id,time,x\n'
      for (;;) {
        sent += 2 ** 20
        yield 'x'.repeat(2 ** 20)
      }
    })(),
  )
  const error = await refusal(readSeries(endless, { name: 'noise' }))
  expect(error.message).toBe('noise, line 2: a line is longer than 16 MiB. This is no table with one row a line: give a CSV or TSV file.')
  expect(sent).toBeLessThan(40 * 2 ** 20)
})

describe('any table in any dialect reads back as it was', () => {
  for (let seed = 0; seed < 60; seed++) {
    it(`table ${seed}`, async () => {
      const draw = random(seed, 'table')
      const pick = <T>(items: readonly T[]): T => items[draw.integer(items.length)]!
      const decimal = pick(['.', ','] as const)
      const delimiter = pick(decimal === ',' ? ([';', '\t', '|'] as const) : ([',', ';', '\t', '|'] as const))
      const end = pick(['\n', '\r\n'])
      const width = 2 + draw.integer(4)
      const rows: { id: string; time: number; cells: (number | null)[] }[] = []
      for (let s = 0; s < 2 + draw.integer(5); s++) {
        const times = new Set(Array.from({ length: 2 + draw.integer(8) }, () => Math.round(draw.uniform() * 1000) / 8 - 30.5))
        for (const time of [...times].sort((a, b) => a - b)) {
          const always = draw.integer(width)
          rows.push({
            id: `s ${s}${delimiter}"é"`,
            time,
            cells: Array.from({ length: width }, (_, c) =>
              c === always || draw.uniform() < 0.6 ? draw.normal() * 10 ** draw.integer(12) : null,
            ),
          })
        }
      }
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
      const number = (value: number): string => {
        const text = String(value).replace('.', decimal)
        return draw.uniform() < 0.2 ? quoted(text) : text
      }
      const lines = draw
        .shuffle(rows)
        .map(({ id, time, cells }) =>
          [quoted(id), number(time), ...cells.map((cell) => (cell === null ? pick(['', 'NA', '-', 'null']) : number(cell)))].join(
            delimiter,
          ),
        )
      const header = ['id', 'time', ...Array.from({ length: width }, (_, c) => `c${c}`)].join(delimiter)
      const text = `${pick(['', '\ufeff'])}${[header, ...lines].join(end)}${pick(['', end])}`
      const result = await readText(text, { expected: Array.from({ length: width }, (_, c) => `c${c}`) }, 1 + draw.integer(40))
      expect(rowsOf(result)).toEqual(rows.map(({ id, time, cells }) => [id, time, ...cells]))
    })
  }
})
