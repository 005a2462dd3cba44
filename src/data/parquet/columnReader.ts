import type { SchemaElement } from 'hyparquet'
import type { ParquetColumn } from './cells.js'
import { unpackPage } from './codecs.js'
import type { Chunk } from './footer.js'
import { listPages, type Page } from './pages.js'
import { readRuns, type Numbers } from './runs.js'
import { readValues, type Values } from './values.js'

/** Takes the cells of a column's part of a row group from first to last; holds one page at a time. */
export interface ColumnReader {
  /** The next `count` cells as texts, empty where there is nothing. */
  take(count: number): string[]
}

interface DecodedPage {
  readonly rows: number
  /** 1 where there is a cell, 0 where there is none; undefined where there are all. */
  readonly present: Numbers | undefined
  readonly values: ArrayLike<unknown>
  readonly text: (value: number) => string
}

/** @throws Error, also while taking */
export function readColumn(bytes: Uint8Array, chunk: Chunk, element: SchemaElement, { text }: ParquetColumn, rows: number): ColumnReader {
  const pages = listPages(bytes, chunk, rows)
  const optional = element.repetition_type === 'OPTIONAL'
  let dictionary: readonly string[] | undefined
  let nextPage = 0
  let page: DecodedPage = { rows: 0, present: undefined, values: [], text: () => '' }
  let row = 0
  let value = 0

  const open = (): void => {
    const header = pages[nextPage++]!
    const packed = bytes.subarray(header.start, header.end)
    if (header.kind === 'dictionary') {
      const values = readValues(
        unpackPage(packed, header.length, chunk.codec),
        0,
        'PLAIN',
        element.type!,
        element.type_length,
        header.values,
      )
      dictionary = Array.from(values, text)
      return
    }
    page = header.kind === 'data' ? first(header, packed) : second(header, packed)
    row = 0
    value = 0
  }
  /** Marks of missing cells and values are packed together. */
  const first = (header: Page, packed: Uint8Array): DecodedPage => {
    const unpacked = unpackPage(packed, header.length, chunk.codec)
    if (!optional) return decoded(header, unpacked, 0, undefined)
    if (header.levelEncoding !== 'RLE') throw new Error(`missing cells are marked in a way that is not read (${header.levelEncoding})`)
    if (unpacked.length < 4) throw new Error('a page is shorter than it declares')
    const end = 4 + new DataView(unpacked.buffer, unpacked.byteOffset).getUint32(0, true)
    if (end > unpacked.length) throw new Error('a page is shorter than it declares')
    return decoded(header, unpacked, end, readRuns(unpacked, 4, end, 1, header.values))
  }
  /** Marks stand in front, not packed. */
  const second = (header: Page, stored: Uint8Array): DecodedPage => {
    const present = optional ? readRuns(stored, 0, header.levelBytes, 1, header.values) : undefined
    const rest = stored.subarray(header.levelBytes)
    return decoded(header, header.packed ? unpackPage(rest, header.length - header.levelBytes, chunk.codec) : rest, 0, present)
  }
  const decoded = (
    { values: count, encoding, nulls }: Page,
    bytes: Uint8Array,
    from: number,
    present: Numbers | undefined,
  ): DecodedPage => {
    const there = present === undefined ? count : countMarks(present)
    if (nulls !== undefined && nulls !== count - there) throw new Error(`a page declares ${nulls} missing cells and has ${count - there}`)
    const values = readValues(bytes, from, encoding, element.type!, element.type_length, there)
    return {
      rows: count,
      present: there === count ? undefined : present,
      values,
      text: encoding.endsWith('_DICTIONARY') ? inDictionary(values, dictionary) : (i) => text(values[i]!),
    }
  }

  return {
    take(count) {
      const cells = new Array<string>(count)
      for (let i = 0; i < count; i++) {
        while (row === page.rows) open()
        cells[i] = page.present === undefined || page.present[row] === 1 ? page.text(value++) : ''
        row++
      }
      return cells
    },
  }
}

function countMarks(present: Numbers): number {
  let sum = 0
  for (const mark of present) sum += mark
  return sum
}

function inDictionary(positions: Values, dictionary: readonly string[] | undefined): (value: number) => string {
  return (i) => {
    const text = dictionary?.[positions[i] as number]
    if (text === undefined) throw new Error('a cell refers to a dictionary entry that does not exist')
    return text
  }
}
