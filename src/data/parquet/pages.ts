import { crc32 } from 'node:zlib'
import { parquetHeader } from 'hyparquet/src/column.js'
import { declared } from './declared.js'
import type { Chunk } from './footer.js'
import { structEnd } from './thrift.js'

/** A page as its header describes it. */
export interface Page {
  readonly kind: 'dictionary' | 'data' | 'data2'
  readonly values: number
  readonly encoding: string
  /** How the marks of missing cells are written, in pages of the first version. */
  readonly levelEncoding: string | undefined
  /** Bytes of those marks, in pages of the second version. */
  readonly levelBytes: number
  readonly nulls: number | undefined
  readonly packed: boolean
  readonly start: number
  readonly end: number
  /** Bytes when unpacked. */
  readonly length: number
}

/**
 * The pages of a column's part of a row group. Their headers are checked before any page is unpacked: pages lie within the
 * part and hold one cell for each row.
 *
 * @throws Error
 */
export function listPages(bytes: Uint8Array, { start, end }: Chunk, rows: number): Page[] {
  const pages: Page[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = start
  let cells = 0
  while (at < end && cells < rows) {
    const body = structEnd(bytes, at, end)
    const header = parquetHeader({ view, offset: at })
    const {
      type,
      compressed_page_size: size,
      uncompressed_page_size: length,
      data_page_header: first,
      data_page_header_v2: second,
      dictionary_page_header: dictionary,
    } = header
    at = body + declared(size, 'a page', 'bytes')
    if (at > end) throw new Error('a page is longer than its column')
    checkSum(bytes.subarray(body, at), header.crc)
    const place = { start: body, end: at, length: declared(length, 'a page', 'bytes') }
    const none = { levelEncoding: undefined, levelBytes: 0, nulls: undefined, packed: true }
    if (type === 'DICTIONARY_PAGE' && dictionary !== undefined) {
      pages.push({
        ...none,
        ...place,
        kind: 'dictionary',
        values: declared(dictionary.num_values, 'a page', 'values'),
        encoding: dictionary.encoding,
      })
    } else if (type === 'DATA_PAGE' && first !== undefined) {
      const values = declared(first.num_values, 'a page', 'values')
      pages.push({
        ...none,
        ...place,
        kind: 'data',
        values,
        encoding: first.encoding,
        levelEncoding: first.definition_level_encoding,
      })
      cells += values
    } else if (type === 'DATA_PAGE_V2' && second !== undefined) {
      const [values, repetition, definition] = [
        declared(second.num_values, 'a page', 'values'),
        declared(second.repetition_levels_byte_length ?? 0, 'a page', 'bytes'),
        declared(second.definition_levels_byte_length, 'a page', 'bytes'),
      ]
      if (repetition !== 0) throw new Error('a page holds lists where single cells should be')
      if (definition > at - body || definition > place.length) throw new Error('a page is shorter than it declares')
      pages.push({
        ...none,
        ...place,
        kind: 'data2',
        values,
        encoding: second.encoding,
        levelBytes: definition,
        nulls: declared(second.num_nulls, 'a page', 'missing values'),
        packed: second.is_compressed ?? true,
      })
      cells += values
    } else if (type !== 'INDEX_PAGE') throw new Error('a page is of a kind that is not read')
  }
  if (cells !== rows) throw new Error(`a column has ${cells} cells for ${rows} rows`)
  return pages
}

function checkSum(packed: Uint8Array, expected: number | undefined): void {
  if (expected !== undefined && crc32(packed) !== expected >>> 0) throw new Error('the checksum of a page does not match')
}
