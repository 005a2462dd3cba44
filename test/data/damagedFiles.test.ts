import { Readable } from 'node:stream'
import * as flechette from '@uwdata/flechette'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { LatentOdeError } from '../../src/errors.js'
import { checkRows } from '../../src/data/plausible.js'
import { readSeries, type ReadOptions } from '../../src/data/read.js'
import { timeFor } from '../../src/data/withinTime.js'
import { unpackZstdFrame } from '../../src/data/zstdFrame.js'
import { columnOf } from '../../src/data/parquet/cells.js'
import { readDeltas } from '../../src/data/parquet/delta.js'
import { listPages } from '../../src/data/parquet/pages.js'
import { readRuns } from '../../src/data/parquet/runs.js'
import { declared } from '../../src/data/parquet/declared.js'
import { structEnd } from '../../src/data/parquet/thrift.js'
import { refusal, rowsOf } from './support.js'

const parquet = (columnData: ColumnSource[], options: object = {}): Buffer => Buffer.from(parquetWriteBuffer({ columnData, ...options }))
const arrow = (columns: Record<string, unknown[]>, types: Record<string, flechette.DataType>, format: 'file' | 'stream' = 'file'): Buffer =>
  Buffer.from(flechette.tableToIPC(flechette.tableFromArrays(columns, { types }), { format })!)
const read = (bytes: Uint8Array, name: string, options: ReadOptions = {}) =>
  readSeries(Readable.from([Buffer.from(bytes)]), { name, ...options })

const ids = ['p', 'p', 'p', 'q', 'q', 'r', 'r', 'r']
const times = [0, 1, 2, 0, 1, 0, 1, 2]
const values = [1.5, null, 3, 4, 5, null, 7, 8]
const FILES = {
  'packed.parquet': parquet([
    { name: 'id', data: ids, type: 'STRING' },
    { name: 'time', data: times, type: 'DOUBLE' },
    { name: 'x', data: values, type: 'DOUBLE' },
    { name: 'n', data: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n], type: 'INT64' },
  ]),
  'plain.parquet': parquet(
    [
      { name: 'id', data: ids, type: 'STRING' },
      { name: 'time', data: times, type: 'DOUBLE' },
      { name: 'x', data: values, type: 'DOUBLE' },
      { name: 'b', data: ids.map((id) => id === 'p'), type: 'BOOLEAN' },
    ],
    { codec: 'UNCOMPRESSED' },
  ),
  'file.arrow': arrow(
    { id: ids, time: times, x: values },
    { id: flechette.dictionary(flechette.utf8()), time: flechette.float64(), x: flechette.float64() },
  ),
  'stream.arrow': arrow(
    { id: ids, time: times, x: values },
    { id: flechette.utf8(), time: flechette.float64(), x: flechette.float64() },
    'stream',
  ),
}

describe('one word changed ends in a result or an error of this package', () => {
  for (const [name, bytes] of Object.entries(FILES)) {
    it(`${name}, every word`, async () => {
      expect(rowsOf(await read(bytes, name))).toHaveLength(name.startsWith('packed') ? 8 : 6)
      let refused = 0
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        for (const word of at % 8 === 0
          ? [[0xffffffff, 0x7fffffff, 0x40000000][(at / 8) % 3]!]
          : [(bytes.readUInt32LE(at) ^ (1 << (at % 31))) >>> 0]) {
          const changed = Buffer.from(bytes)
          changed.writeUInt32LE(word, at)
          const began = performance.now()
          await read(changed, name).catch((error: unknown) => {
            refused++
            if (!(error instanceof LatentOdeError)) throw new Error(`word ${at / 4} as ${word}`, { cause: error })
          })
          expect(performance.now() - began, `word ${at / 4} as ${word}`).toBeLessThan(5000)
        }
      }
      expect(refused).toBeGreaterThan(bytes.length / 20)
    }, 60_000)
  }
})

describe('what a Parquet file says is what is read', () => {
  const twin = { name: 'time', data: times, type: 'DOUBLE' } as const
  const column = async (source: ColumnSource): Promise<unknown[]> =>
    rowsOf(
      await read(
        parquet([{ name: 'id', data: ids, type: 'STRING' }, twin, source, { name: 'y', data: times, type: 'DOUBLE' }]),
        'x.parquet',
        { id: 'id', time: 'time' },
      ),
    ).map((row) => row[2])
  const whole = [3n, 1n, 4n, -1n, 5n, 9_007_199_254_740_991n, -9_007_199_254_740_991n, 6n]
  it('in every encoding of numbers', async () => {
    for (const encoding of ['PLAIN', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT', 'RLE_DICTIONARY'] as const)
      expect(await column({ name: 'x', data: whole, type: 'INT64', encoding }), encoding).toEqual(whole.map(Number))
    for (const encoding of ['PLAIN', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'] as const)
      expect(await column({ name: 'x', data: [1, -2, 2 ** 31 - 1, -(2 ** 31), 0, 7, 7, 7], type: 'INT32', encoding }), encoding).toEqual([
        1,
        -2,
        2 ** 31 - 1,
        -(2 ** 31),
        0,
        7,
        7,
        7,
      ])
    for (const encoding of ['PLAIN', 'BYTE_STREAM_SPLIT'] as const)
      expect(await column({ name: 'x', data: values, type: 'DOUBLE', encoding }), encoding).toEqual(values)
  })
  it('in every encoding of texts', async () => {
    const names = ['anna', 'anna', 'annabel', 'bo', 'bo', 'zoë', 'zoë', 'z'.repeat(300)]
    for (const encoding of ['PLAIN', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY', 'RLE_DICTIONARY'] as const) {
      const { set } = await read(
        parquet([
          { name: 'id', data: names, type: 'STRING', encoding },
          { name: 'time', data: [0, 1, 0, 0, 1, 0, 1, 0], type: 'DOUBLE' },
          { name: 'x', data: times, type: 'DOUBLE' },
        ]),
        'x.parquet',
        { id: 'id', time: 'time' },
      )
      expect(
        set.series.map(({ id }) => id),
        encoding,
      ).toEqual(['anna', 'annabel', 'bo', 'zoë', 'z'.repeat(300)])
    }
  })
  it('ids beyond 2^53 stay apart', async () => {
    const { set } = await read(
      parquet([
        { name: 'id', data: [9_007_199_254_740_992n, 9_007_199_254_740_993n], type: 'INT64' },
        { name: 'time', data: [0, 0], type: 'DOUBLE' },
        { name: 'x', data: [1, 2], type: 'DOUBLE' },
      ]),
      'x.parquet',
      { id: 'id', time: 'time' },
    )
    expect(set.series.map(({ id }) => id)).toEqual(['9007199254740992', '9007199254740993'])
  })
  it('decimals are exact, whatever their number of digits', async () => {
    const element = (converted: object) => ({ name: 'id', repetition_type: 'REQUIRED', ...converted }) as SchemaElement
    const bytes = (digits: bigint) => new Uint8Array(Buffer.from(BigInt.asUintN(72, digits).toString(16).padStart(18, '0'), 'hex'))
    const long = columnOf(
      element({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 9, converted_type: 'DECIMAL', scale: 2, precision: 20 }),
      false,
    )
    expect([12345678901234567890n, 12345678901234567891n, -7n].map((digits) => long.text(bytes(digits)))).toEqual([
      '123456789012345678.90',
      '123456789012345678.91',
      '-0.07',
    ])
    expect(
      columnOf(element({ type: 'INT64', logical_type: { type: 'DECIMAL', scale: 3, precision: 18 } }), false).text(9_007_199_254_740_993n),
    ).toBe('9007199254740.993')
    expect(() => columnOf(element({ type: 'INT32', converted_type: 'DECIMAL', scale: 2 ** 30, precision: 9 }), false)).toThrow(
      'has decimals of 9 digits, 1073741824 of them behind the point',
    )
  })
  it('times of 96 bits, numbers of 16, whole numbers without a sign, UUIDs', () => {
    const text = (cell: Uint8Array | number | bigint, element: object) =>
      columnOf({ name: 'x', repetition_type: 'REQUIRED', ...element } as SchemaElement, false).text(cell)
    // Noon of Julian day 2440589, which is 1970-01-02: 43,200 s in nanoseconds, then the day.
    const noon = Buffer.alloc(12)
    noon.writeBigInt64LE(43_200_000_000_000n, 0)
    noon.writeInt32LE(2_440_589, 8)
    expect(text(noon, { type: 'INT96' })).toBe('1970-01-02T12:00:00')
    // IEEE 754 binary16: 1.5, the least above 0, −infinity.
    expect(
      [
        [0x00, 0x3e],
        [0x01, 0x00],
        [0x00, 0xfc],
      ]
        .map((bytes) =>
          Number(text(Uint8Array.from(bytes), { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } })),
        )
        .map(Math.fround),
    ).toEqual([1.5, 2 ** -24, -Infinity])
    expect(text(-1, { type: 'INT32', converted_type: 'UINT_32' })).toBe('4294967295')
    expect(text(-1n, { type: 'INT64', logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } })).toBe('18446744073709551615')
    expect(
      text(
        Uint8Array.from({ length: 16 }, (_, i) => i),
        { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } },
      ),
    ).toBe('00010203-0405-0607-0809-0a0b0c0d0e0f')
    // Bytes that are no text stay apart.
    expect([[0xe9], [0xe8], [0x61]].map((bytes) => text(Uint8Array.from(bytes), { type: 'BYTE_ARRAY' }))).toEqual(['0xe9', '0xe8', 'a'])
    expect(() => text(1, { type: 'INT32', repetition_type: undefined })).toThrow('the column "x" does not say whether cells may be missing')
    expect(() => text(1, { type: 'INT32', converted_type: 'UTF8' })).toThrow('the column "x" cannot hold UTF8 as INT32')
  })
  it('a text that is not UTF-8 is told, not replaced', async () => {
    const bytes = parquet(
      [
        { name: 'id', data: ['Jos_', 'José'], type: 'STRING' },
        { name: 'time', data: [0, 0], type: 'DOUBLE' },
        { name: 'x', data: [1, 2], type: 'DOUBLE' },
      ],
      { codec: 'UNCOMPRESSED' },
    )
    bytes[bytes.indexOf('Jos_') + 3] = 0xe9
    const error = await refusal(read(bytes, 'x.parquet'))
    expect(error).toMatchObject({ code: 'BadParquet', where: { file: 'x.parquet', column: 'id' } })
    expect(error.message).toContain(
      'x.parquet, column "id": the Parquet data is damaged, cut off, or written in a way that is not read (the text "Jos�" is not ' +
        'valid UTF-8).',
    )
  })
  it('columns without a name are left out; two of one name are refused; none at all is told', async () => {
    const nameless = await read(
      parquet([twin, { name: 'x', data: times, type: 'DOUBLE' }, { name: '', data: times, type: 'DOUBLE' }]),
      'x.parquet',
      { duplicates: 'last', time: 'time' },
    )
    expect(nameless.notices).toContain('Left out 1 column without a name (number 3).')
    // A name whose field number is damaged: none is there.
    const damaged = parquet([
      { name: 'tt', data: times, type: 'DOUBLE' },
      { name: 'xx', data: times, type: 'DOUBLE' },
    ])
    damaged[damaged.lastIndexOf(Buffer.from([0x18, 2, 0x78, 0x78]), damaged.lastIndexOf(Buffer.from([0x18, 2, 0x78, 0x78])) - 1)] = 0x68
    expect((await refusal(read(damaged, 'x.parquet'))).code).toBe('BadParquet')
    // The name `b` written over as `x`, in the schema and in the row group.
    const twice = parquet([twin, { name: 'xx', data: times, type: 'DOUBLE' }, { name: 'xy', data: times, type: 'DOUBLE' }])
    for (let at = twice.indexOf('xy'); at !== -1; at = twice.indexOf('xy')) twice.write('xx', at)
    expect(await refusal(read(twice, 'x.parquet'))).toMatchObject({ code: 'DuplicateColumn', where: { column: 'xx' } })
    expect((await refusal(read(parquet([]), 'x.parquet'))).code).toMatch(/^(NoHeader|BadParquet)$/)
  })
  it('a page that has a checksum must match it', () => {
    // A header by hand: kind 0, 9 bytes, 9 when packed, the checksum, then 1 value, written plainly.
    const header = (checksum: number): Buffer => {
      const word = Buffer.alloc(5)
      let zigzag = ((checksum << 1) ^ (checksum >> 31)) >>> 0
      for (let i = 0; i < 5; i++, zigzag = Math.floor(zigzag / 128)) word[i] = (zigzag % 128) + (i < 4 ? 128 : 0)
      return Buffer.concat([
        Buffer.from([0x15, 0, 0x15, 18, 0x15, 18, 0x15]),
        word,
        Buffer.from([0x1c, 0x15, 2, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]),
      ])
    }
    const pages = (checksum: number) => {
      // The text whose CRC-32 every description of it gives: 0xcbf43926.
      const bytes = Buffer.concat([header(checksum), Buffer.from('123456789')])
      return listPages(bytes, { start: 0, end: bytes.length, codec: 'UNCOMPRESSED' }, 1)
    }
    expect(pages(0xcbf43926 | 0)).toMatchObject([{ kind: 'data', values: 1, length: 9 }])
    expect(() => pages(0xcbf43927 | 0)).toThrow('the checksum of a page does not match')
  })
})

describe('what an Arrow file says is what is read', () => {
  const options = { id: 'id', time: 'time' } as const
  const good = arrow(
    { id: ['ab', 'cd'], time: [0, 0], x: [1, 2] },
    { id: flechette.utf8(), time: flechette.float64(), x: flechette.float64() },
  )
  it('a text that is not UTF-8 is told', async () => {
    const bytes = Buffer.from(good)
    bytes[bytes.indexOf('abcd') + 1] = 0xe9
    expect((await refusal(read(bytes, 'x.arrow', options))).message).toContain('(a text is not valid UTF-8)')
  })
  it('a letter that is cut between two texts is told', async () => {
    const bytes = Buffer.from(good)
    bytes.set([0x61, 0xc3, 0xa9, 0x64], bytes.indexOf('abcd'))
    expect((await refusal(read(bytes, 'x.arrow', options))).message).toContain('(a text is not valid UTF-8)')
  })
  it('missing cells are as many as are declared: a count in error would make zeros of them', async () => {
    const bytes = arrow(
      { id: ['a', 'a'], time: [0, 1], x: [5, null] },
      { id: flechette.utf8(), time: flechette.float64(), x: flechette.float64() },
    )
    // The nodes of three columns: 2 cells, 0 missing; twice; 2 cells, 1 missing.
    const node = Buffer.alloc(16)
    node.writeBigInt64LE(2n, 0)
    node.writeBigInt64LE(1n, 8)
    bytes.writeBigInt64LE(0n, bytes.indexOf(node) + 8)
    expect((await refusal(read(bytes, 'x.arrow', options))).message).toContain('(a column declares 0 missing cells and has 1)')
  })
  it('a dictionary has the entries that are used', async () => {
    const bytes = arrow(
      { id: ['ab', 'cd'], time: [0, 0], x: [1, 2] },
      { id: flechette.dictionary(flechette.utf8(), flechette.int32()), time: flechette.float64(), x: flechette.float64() },
    )
    const keys = Buffer.from(Int32Array.of(0, 1).buffer)
    bytes.writeInt32LE(7, bytes.lastIndexOf(keys) + 4)
    expect((await refusal(read(bytes, 'x.arrow', options))).message).toMatch(
      /a cell refers to a dictionary entry that does not exist|damaged/,
    )
  })
  it('columns without a name, or of the same name', async () => {
    const table = (names: string[]) =>
      Buffer.from(
        flechette.tableToIPC(
          new flechette.Table(
            {
              ...flechette.tableFromArrays({ a: [0, 1], b: [1, 2], c: [3, 4] }).schema,
              fields: names.map((name, i) => ({
                ...flechette.tableFromArrays({ a: [0, 1], b: [1, 2], c: [3, 4] }).schema.fields[i]!,
                name,
              })),
            },
            ['a', 'b', 'c'].map((name) => flechette.tableFromArrays({ a: [0, 1], b: [1, 2], c: [3, 4] }).getChild(name)),
          ),
          { format: 'file' },
        )!,
      )
    expect((await read(table(['time', 'x', '']), 'x.arrow')).notices).toContain('Left out 1 column without a name (number 3).')
    expect(await refusal(read(table(['time', 'x', 'x']), 'x.arrow'))).toMatchObject({ code: 'DuplicateColumn', where: { column: 'x' } })
  })
})

describe('limits', () => {
  it('rows and cells are bounded by bytes', () => {
    expect(() => checkRows(1e6, 20, 100)).not.toThrow()
    expect(() => checkRows(2e6, 1, 100)).toThrow('it declares 2000000 rows of 1 columns, which its 100 bytes cannot hold')
    expect(() => checkRows(1e6, 21, 100)).toThrow('cannot hold')
  })
  it('what a file declares is said as far as it is a number', () => {
    expect(declared(7n, 'it', 'rows')).toBe(7)
    expect(declared(7, 'a page', 'bytes')).toBe(7)
    expect(() => declared(-1n, 'it', 'rows')).toThrow('it declares -1 rows')
    expect(() => declared(2n ** 60n, 'it', 'rows')).toThrow('it declares 1152921504606846976 rows')
    expect(() => declared(0.5, 'a page', 'bytes')).toThrow('a page declares 0.5 bytes')
    for (const damaged of [{ field_1: 3n }, [3n], undefined, 'x'])
      expect(() => declared(damaged, 'it', 'bytes')).toThrow(/^it declares no number of bytes$/)
  })
  it('what never ends is stopped', () => {
    const began = performance.now()
    expect(() =>
      timeFor(-900_000).run(() => {
        for (;;);
      }),
    ).toThrow('reading it did not end within 1 seconds')
    expect(performance.now() - began).toBeLessThan(4000)
    expect(timeFor(0).run(() => 7)).toBe(7)
    expect(() =>
      timeFor(0).run(() => {
        throw new RangeError('own')
      }),
    ).toThrow(new RangeError('own'))
  })
  it('numbers without end, lists longer than their bytes, types that are none', () => {
    const bytes = (...of: number[]) => Uint8Array.from(of)
    expect(() => structEnd(bytes(0x15, ...new Array<number>(12).fill(0xff), 0), 0, 14)).toThrow('a number without end')
    expect(() => structEnd(bytes(0x19, 0xf5, 0xff, 0xff, 0xff, 0x07, 0), 0, 7)).toThrow('declares more than there is')
    expect(() => structEnd(bytes(0x1b, 0), 0, 2)).toThrow('unknown type 11')
    expect(() => structEnd(bytes(...new Array<number>(100).fill(0x1c)), 0, 100)).toThrow('nested too deeply')
  })
  it('runs of numbers, by hand after the description of the format', () => {
    // A run of 5 threes; a group of eight numbers 0 to 7 of 3 bits, lowest first.
    expect([...readRuns(Uint8Array.of(0x0a, 3, 0x03, 0x88, 0xc6, 0xfa), 0, 6, 3, 13)]).toEqual([3, 3, 3, 3, 3, 0, 1, 2, 3, 4, 5, 6, 7])
    expect(() => readRuns(Uint8Array.of(0x0a, 3), 0, 2, 3, 6)).toThrow('cut off')
    // A run of 2^27 numbers where 4 are wanted.
    expect([...readRuns(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x01, 9), 0, 6, 8, 4)]).toEqual([9, 9, 9, 9])
    expect(() => readRuns(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 9), 0, 6, 1, 100)).toThrow('cut off')
  })
  it('differences, by hand after the description of the format: 7, 5, 3, 1, 2, 3, 4, 5 with blocks of 128 in 4', () => {
    // Block size 128, 4 miniblocks, 8 values, first 7 as zigzag 14; least −2 as zigzag 3, widths 2 0 0 0, residuals 0 0 0 3 3 3 3.
    const bytes = Uint8Array.of(0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0)
    expect([...readDeltas(bytes, 0, bytes.length, 8, 32).values]).toEqual([7, 5, 3, 1, 2, 3, 4, 5])
    expect([...readDeltas(bytes, 0, bytes.length, 8, 64).values]).toEqual([7n, 5n, 3n, 1n, 2n, 3n, 4n, 5n])
    expect(() => readDeltas(bytes, 0, bytes.length, 9, 32)).toThrow('declares 9 numbers and holds 8')
    expect(() => readDeltas(Uint8Array.of(0x80, 0x01, 0, 8, 14), 0, 5, 8, 32)).toThrow('of a wrong size')
    expect(() => readDeltas(bytes, 0, 10, 8, 32)).toThrow('cut off')
  })
  it('a Zstandard frame is of the length that is asked for', () => {
    // RFC 8878 by hand: magic number, one segment with one byte of length, one raw block of 3 bytes that is the last.
    const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 0x61, 0x62, 0x63)
    expect(Buffer.from(unpackZstdFrame(frame, 3)).toString()).toBe('abc')
    expect(() => unpackZstdFrame(frame, 4)).toThrow('a Zstandard frame holds 3 bytes, not 4')
    expect(() => unpackZstdFrame(frame, 2 ** 31)).toThrow('12 packed bytes declare that they hold 2147483648')
  })
})
