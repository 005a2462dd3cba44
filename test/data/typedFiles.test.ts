import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import * as flechette from '@uwdata/flechette'
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { decimalText, dayText, instantText, singleText } from '../../src/data/cellText.js'
import { fingerprint } from '../../src/data/fingerprint.js'
import { unpackLz4Frame } from '../../src/data/lz4Frame.js'
import { readSeries, type ReadOptions } from '../../src/data/read.js'
import { sourceStem } from '../../src/data/source.js'
import { file, refusal, rowsOf, temporaryFolder } from './support.js'

// Files of other writers (DuckDB, Polars) are read by test/slow/tables.test.ts.
const folder = temporaryFolder()
const parquet = (columnData: ColumnSource[], options: object = {}): Buffer => Buffer.from(parquetWriteBuffer({ columnData, ...options }))
const arrow = (columns: Record<string, unknown[]>, types: Record<string, flechette.DataType>, format: 'file' | 'stream' = 'file'): Buffer =>
  Buffer.from(flechette.tableToIPC(flechette.tableFromArrays(columns, { types }), { format })!)

const CSV = 'id,time,a,b\np,0,1,10\np,1.5,2,\nq,0,0.1,30\n'
const PARQUET = parquet([
  { name: 'id', data: ['p', 'p', 'q'], type: 'STRING' },
  { name: 'time', data: [0, 1.5, 0], type: 'DOUBLE' },
  { name: 'a', data: [1, 2, 0.1], type: 'FLOAT' },
  { name: 'b', data: [10n, null, 30n], type: 'INT64' },
])
const COLUMNS = { id: ['p', 'p', 'q'], time: [0, 1.5, 0], a: [1, 2, 0.1], b: [10n, null, 30n] }
const TYPES = { id: flechette.dictionary(flechette.utf8()), time: flechette.float64(), a: flechette.float32(), b: flechette.int64() }

describe('a file and its CSV twin are the same set', () => {
  const written: Record<string, Buffer> = { parquet: PARQUET, arrow: arrow(COLUMNS, TYPES), arrows: arrow(COLUMNS, TYPES, 'stream') }
  for (const [ending, bytes] of Object.entries(written)) {
    it(`.${ending}`, async () => {
      const twin = await readSeries(file(folder, 'twin.csv', CSV))
      const read = await readSeries(file(folder, `twin.${ending}`, bytes))
      expect(fingerprint(read.set)).toBe(fingerprint(twin.set))
      expect(rowsOf(read)).toEqual([
        ['p', 0, 1, 10],
        ['p', 1.5, 2, null],
        ['q', 0, 0.1, 30],
      ])
      // Rows are counted where text has lines.
      expect(read.notices).toEqual(twin.notices)
    })
    it(`.${ending} under any name, gzipped, or as a stream`, async () => {
      for (const source of [
        file(folder, 'twin.csv', bytes),
        file(folder, `twin.${ending}.gz`, gzipSync(bytes)),
        Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]),
      ])
        expect(rowsOf(await readSeries(source))).toHaveLength(3)
    })
  }
  it('a lone series is called like its file', () =>
    expect(['a/visits.parquet', 'visits.PQ', 'visits.feather', 'visits.arrow.gz'].map(sourceStem)).toEqual([
      'visits',
      'visits',
      'visits',
      'visits',
    ]))
})

describe('types', () => {
  const read = async (column: { data: unknown[]; type: flechette.DataType }, options: ReadOptions = {}) =>
    readSeries(
      Readable.from([
        arrow(
          { id: ['p', 'p', 'p'], time: [0, 1, 2], x: column.data, y: [1, 2, 3] },
          { id: flechette.utf8(), time: flechette.float64(), x: column.type, y: flechette.float64() },
        ),
      ]),
      { name: 'visits.arrow', id: 'id', time: 'time', ...options },
    )

  it('times with and without a zone, of every unit', async () => {
    for (const unit of [0, 1, 2, 3] as const) {
      for (const zone of [null, 'Europe/Paris']) {
        const first = unit === 0 ? 1_700_000_001_000 : 1_700_000_000_125
        const { set } = await readSeries(
          Readable.from([
            arrow({ time: [first, first + 86_400_000], x: [1, 2] }, { time: flechette.timestamp(unit, zone), x: flechette.float64() }),
          ]),
        )
        if (set.time.kind !== 'date') throw new Error('times are dates')
        expect(Date.parse(set.time.epoch) + Math.round(set.series[0]!.times[0]! * 86_400_000)).toBe(first)
      }
    }
  })
  it('datetimes that are all midnights are days, as pandas writes them to CSV', async () => {
    const day = 86_400_000
    const { set } = await readSeries(
      Readable.from([arrow({ time: [19_000 * day, 19_007 * day], x: [1, 2] }, { time: flechette.timestamp(1), x: flechette.float64() })]),
    )
    expect(set.time).toEqual({ kind: 'date', unit: 'day', epoch: '2022-01-08T00:00:00Z', dateOnly: true })
    expect([...set.series[0]!.times]).toEqual([0, 7])
  })
  it('decimals are exact', async () => {
    expect(rowsOf(await read({ data: [0.07, 57.57, null], type: flechette.decimal(18, 2, 128) })).map((row) => row[2])).toEqual([
      0.07,
      57.57,
      null,
    ])
  })
  it('booleans are left out like words, and are 1 and 0 where they are named', async () => {
    const flags = { data: [true, null, false], type: flechette.bool() }
    const all = await read(flags)
    expect(all.set.channels).toEqual(['y'])
    expect(all.notices).toContain('Left out the column "x": it holds text (row 1: "true").')
    expect(rowsOf(await read(flags, { values: ['x', 'y'] })).map((row) => row[2])).toEqual([1, null, 0])
  })
  it('lists are left out with their type, and refused where they are named', async () => {
    const lists = { data: [[1], [2], [3]], type: flechette.list(flechette.float64()) }
    expect((await read(lists)).notices).toContain('Left out the column "x": it has the type List.')
    const error = await refusal(read(lists, { values: ['x'] }))
    expect(error).toMatchObject({ code: 'UnsupportedType', where: { file: 'visits.arrow', column: 'x' } })
    expect(error.message).toBe(
      'visits.arrow, column "x": the column has the type List: it holds neither numbers nor texts nor dates. Name another column, or ' +
        'convert this one before writing the file.',
    )
  })
  it('what is wrong is told with row and column', async () => {
    const infinite = await refusal(
      readSeries(
        Readable.from([
          parquet([
            { name: 'time', data: [0, 1], type: 'DOUBLE' },
            { name: 'x', data: [1, Infinity], type: 'DOUBLE' },
          ]),
        ]),
        { name: 'x.parquet' },
      ),
    )
    expect(infinite.message).toMatch(/^x\.parquet, row 2, column "x": values must be finite/)
    const missing = await refusal(
      readSeries(
        Readable.from([
          parquet([
            { name: 'time', data: [0, null], type: 'DOUBLE' },
            { name: 'x', data: [1, 2], type: 'DOUBLE' },
          ]),
        ]),
        { name: 'x.parquet' },
      ),
    )
    expect(missing.message).toMatch(/^x\.parquet, row 2, column "time": the row has no time/)
  })
  it('the index that pandas writes is left out like a column without a name', async () => {
    const bytes = parquet([
      { name: 'time', data: [0, 1], type: 'DOUBLE' },
      { name: 'x', data: [1, 2], type: 'DOUBLE' },
      { name: '__index_level_0__', data: [5n, 7n], type: 'INT64' },
    ])
    const { set, notices } = await readSeries(Readable.from([bytes]))
    expect(set.channels).toEqual(['x'])
    expect(notices).toContain('Left out 1 column without a name (number 3).')
  })
})

describe('files that cannot be read', () => {
  const good = { 'visits.parquet': PARQUET, 'visits.arrow': arrow(COLUMNS, TYPES) }
  for (const [name, bytes] of Object.entries(good)) {
    it(`${name}, cut off anywhere`, async () => {
      const code = name.endsWith('parquet') ? 'BadParquet' : 'BadArrow'
      for (let length = 0; length < bytes.length; length += 11) {
        const error = await refusal(readSeries(file(folder, name, bytes.subarray(0, length))))
        expect(error.code).toBe(length === 0 ? 'EmptyFile' : code)
        expect(error.message).toContain(name)
        if (length > 8) expect(error.message).toMatch(/Copy or write the file again, or save the table as CSV\.$/)
      }
    })
    it(`${name} that is something else`, async () => {
      expect((await refusal(readSeries(file(folder, name, CSV)))).message).toMatch(
        /the name says that this is an? (Parquet|Arrow) file, but it does not begin like one\. Check where it came from; if it is a text table, give it a name that ends in \.csv\.$/,
      )
    })
  }
  it('encrypted Parquet and Feather 1', async () => {
    expect((await refusal(readSeries(file(folder, 'x.parquet', 'PARE12345678')))).message).toMatch(
      /the Parquet file is encrypted\. Write it without encryption\.$/,
    )
    expect((await refusal(readSeries(file(folder, 'x.feather', 'FEA112345678')))).message).toMatch(/this is Feather of version 1/)
  })
  it('options of text are refused', async () => {
    expect((await refusal(readSeries(file(folder, 'x.parquet', PARQUET), { delimiter: ';' }))).message).toMatch(
      /x\.parquet: this is a Parquet file, which has neither a delimiter nor a decimal mark\. Leave out --delimiter and --decimal\.$/,
    )
  })
  it('a table without rows', async () => {
    const bytes = parquet([
      { name: 'time', data: [], type: 'DOUBLE' },
      { name: 'x', data: [], type: 'DOUBLE' },
    ])
    expect((await refusal(readSeries(Readable.from([bytes])))).code).toBe('HeaderOnly')
  })
})

describe('texts of cells', () => {
  it('decimals', () =>
    expect([
      decimalText(7n, 2),
      decimalText(-7n, 2),
      decimalText(12345n, 2),
      decimalText(5n, 0),
      decimalText(5n, -3),
      decimalText(9_007_199_254_740_993n, 3),
    ]).toEqual(['0.07', '-0.07', '123.45', '5', '5000', '9007199254740.993']))
  it('days', () => expect([dayText(0), dayText(-1), dayText(19_782)]).toEqual(['1970-01-01', '1969-12-31', '2024-02-29']))
  it('instants', () =>
    expect([
      instantText(0n, 1, true),
      instantText(1_500n, 1e3, false),
      instantText(-1n, 1e6, false),
      instantText(1_709_164_800_123_456_700n, 1e9, true),
    ]).toEqual(['1970-01-01T00:00:00Z', '1970-01-01T00:00:01.5', '1969-12-31T23:59:59.999999', '2024-02-29T00:00:00.1234567Z']))
  it('numbers of 32 bits read as what was meant, and mean the same', () => {
    expect([0.1, -2.5, 16777216, 1e-45, 3.4e38, 0.3333333].map((value) => singleText(Math.fround(value)))).toEqual([
      '0.1',
      '-2.5',
      '16777216',
      '1.4013e-45',
      '3.3999999521443642e+38',
      '0.3333333',
    ])
    for (let i = 0; i < 500; i++) {
      const value = Math.fround(Math.sin(i) * 10 ** ((i % 60) - 30))
      expect(Math.fround(Number(singleText(value)))).toBe(value)
    }
  })
})

describe('LZ4 frames', () => {
  // Written by hand after the format's description: literals "abcd", then 8 bytes from 4 back, then literals "xyz01".
  const block = [0x44, 0x61, 0x62, 0x63, 0x64, 0x04, 0x00, 0x50, 0x78, 0x79, 0x7a, 0x30, 0x31]
  const frame = (flags: number, ...parts: number[]): Uint8Array => Uint8Array.from([0x04, 0x22, 0x4d, 0x18, flags, 0x40, 0x00, ...parts])
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
  it('with and without checksums of blocks, packed and stored blocks, blocks that look back', () => {
    const end = [0, 0, 0, 0]
    expect(text(unpackLz4Frame(frame(0x60, block.length, 0, 0, 0, ...block, ...end), 17))).toBe('abcdabcdabcdxyz01')
    expect(text(unpackLz4Frame(frame(0x70, block.length, 0, 0, 0, ...block, 1, 2, 3, 4, ...end), 17))).toBe('abcdabcdabcdxyz01')
    expect(text(unpackLz4Frame(frame(0x60, 3, 0, 0, 0x80, 0x61, 0x62, 0x63, ...end), 3))).toBe('abc')
    // The second block copies 4 bytes from 3 back, which lie in the first, and ends with "defgh".
    expect(
      text(
        unpackLz4Frame(
          frame(0x40, 3, 0, 0, 0x80, 0x61, 0x62, 0x63, 9, 0, 0, 0, 0x00, 0x03, 0x00, 0x50, 0x64, 0x65, 0x66, 0x67, 0x68, ...end),
          12,
        ),
      ),
    ).toBe('abcabcadefgh')
  })
  it('that are none, cut off, or of another length', () => {
    expect(() => unpackLz4Frame(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), 3)).toThrow('this is no LZ4 frame')
    expect(() => unpackLz4Frame(frame(0x60, 9, 0, 0, 0x80, 0x61), 9)).toThrow('the LZ4 frame is cut off')
    expect(() => unpackLz4Frame(frame(0x60, 1, 0, 0, 0x80, 0x61, 0, 0, 0, 0), 2)).toThrow('the LZ4 frame holds 1 bytes, not 2')
  })
})

it('the file on disk is not changed by reading it', async () => {
  const path = join(folder, 'same.parquet')
  writeFileSync(path, PARQUET)
  await readSeries(path)
  expect(readFileSync(path).equals(PARQUET)).toBe(true)
})
