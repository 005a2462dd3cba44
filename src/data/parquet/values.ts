import type { ParquetType } from 'hyparquet'
import { readDeltas } from './delta.js'
import { readRuns } from './runs.js'

/** Cells as they are stored: numbers, whole numbers of 64 bits and more, truth values, bytes. */
export type Values = ArrayLike<number | bigint | boolean | Uint8Array>

/** Bytes that the values of one page may have together when they are built from one another. */
const MOST_BYTES = 2 ** 28

/**
 * Decodes the `count` values in bytes `from` to the end of a page; those that refer to a dictionary are positions in it.
 *
 * @param length of values of fixed length
 * @throws Error if they do not lie there
 */
export function readValues(
  page: Uint8Array,
  from: number,
  encoding: string,
  type: ParquetType,
  length: number | undefined,
  count: number,
): Values {
  const to = page.length
  switch (encoding) {
    case 'PLAIN':
      return readPlain(page, from, type, length, count)
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      if (count === 0) return []
      return readRuns(page, from + 1, to, byteAt(page, from), count)
    case 'RLE': {
      if (type !== 'BOOLEAN') break
      if (count === 0) return []
      return Array.from(readRuns(page, from + 4, to, 1, count), (bit) => bit === 1)
    }
    case 'BYTE_STREAM_SPLIT':
      return readPlain(unsplit(page, from, widthOf(type, length), count), 0, type, length, count)
    case 'DELTA_BINARY_PACKED':
      if (type !== 'INT32' && type !== 'INT64') break
      return count === 0 ? [] : readDeltas(page, from, to, count, type === 'INT32' ? 32 : 64).values
    case 'DELTA_LENGTH_BYTE_ARRAY': {
      if (type !== 'BYTE_ARRAY') break
      if (count === 0) return []
      const { values, end } = readDeltas(page, from, to, count, 32)
      return cut(page, end, values as Int32Array)
    }
    case 'DELTA_BYTE_ARRAY': {
      if (type !== 'BYTE_ARRAY' && type !== 'FIXED_LEN_BYTE_ARRAY') break
      if (count === 0) return []
      const prefixes = readDeltas(page, from, to, count, 32)
      const suffixes = readDeltas(page, prefixes.end, to, count, 32)
      return withPrefixes(prefixes.values as Int32Array, cut(page, suffixes.end, suffixes.values as Int32Array))
    }
  }
  throw new Error(`cells of the type ${type} are written in a way that is not read (${encoding})`)
}

function readPlain(page: Uint8Array, from: number, type: ParquetType, length: number | undefined, count: number): Values {
  if (type === 'BYTE_ARRAY') return readTexts(page, from, count)
  if (type === 'BOOLEAN') {
    if (from + Math.ceil(count / 8) > page.length) throw cutOff()
    return Array.from({ length: count }, (_, i) => ((page[from + (i >> 3)]! >> (i & 7)) & 1) === 1)
  }
  const width = widthOf(type, length)
  if (from + count * width > page.length) throw cutOff()
  // Numbers of several bytes must begin at a multiple of their size: a copy does. A Buffer's own slice is none.
  const copy = new Uint8Array(page.subarray(from, from + count * width))
  switch (type) {
    case 'INT32':
      return new Int32Array(copy.buffer, 0, count)
    case 'INT64':
      return new BigInt64Array(copy.buffer, 0, count)
    case 'FLOAT':
      return new Float32Array(copy.buffer, 0, count)
    case 'DOUBLE':
      return new Float64Array(copy.buffer, 0, count)
    default:
      return Array.from({ length: count }, (_, i) => copy.subarray(i * width, (i + 1) * width))
  }
}

function readTexts(page: Uint8Array, from: number, count: number): Uint8Array[] {
  if (from + 4 * count > page.length) throw cutOff()
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  let at = from
  return Array.from({ length: count }, () => {
    if (at + 4 > page.length) throw cutOff()
    const start = at + 4
    at = start + view.getUint32(at, true)
    if (at > page.length) throw cutOff()
    return page.subarray(start, at)
  })
}

function cut(page: Uint8Array, from: number, lengths: Int32Array): Uint8Array[] {
  let at = from
  return Array.from(lengths, (length) => {
    const start = at
    at += length
    if (length < 0 || at > page.length) throw cutOff()
    return page.subarray(start, at)
  })
}

/** Each value begins as the one before it does. */
function withPrefixes(prefixes: Int32Array, suffixes: readonly Uint8Array[]): Uint8Array[] {
  let before: Uint8Array = new Uint8Array(0)
  let made = 0
  return suffixes.map((suffix, i) => {
    const prefix = prefixes[i]!
    if (prefix < 0 || prefix > before.length) throw cutOff()
    if (prefix === 0) return (before = suffix)
    if (prefix === before.length && suffix.length === 0) return before
    made += prefix + suffix.length
    if (made > MOST_BYTES) throw new Error('the texts of a page are longer than it can hold')
    const whole = new Uint8Array(prefix + suffix.length)
    whole.set(before.subarray(0, prefix))
    whole.set(suffix, prefix)
    return (before = whole)
  })
}

/** Puts together values whose first bytes come first, then their second bytes, and so on. */
function unsplit(page: Uint8Array, from: number, width: number, count: number): Uint8Array {
  if (from + count * width > page.length) throw cutOff()
  const out = new Uint8Array(count * width)
  for (let b = 0; b < width; b++) for (let i = 0; i < count; i++) out[i * width + b] = page[from + b * count + i]!
  return out
}

function widthOf(type: ParquetType, length: number | undefined): number {
  const width = {
    INT32: 4,
    FLOAT: 4,
    INT64: 8,
    DOUBLE: 8,
    INT96: 12,
    FIXED_LEN_BYTE_ARRAY: length,
    BOOLEAN: undefined,
    BYTE_ARRAY: undefined,
  }[type]
  if (width === undefined || !(width > 0)) throw new Error(`cells of the type ${type} have no length`)
  return width
}

function byteAt(page: Uint8Array, at: number): number {
  if (at >= page.length) throw cutOff()
  return page[at]!
}

const cutOff = (): Error => new Error('a page is shorter than it declares')
