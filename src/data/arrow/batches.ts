import { isUtf8 } from 'node:buffer'
import type { Column, DataType, Table, Type as Types } from '@uwdata/flechette'

/** What the library keeps of a column's part; it tells only a few of these in its types. */
interface Batch {
  readonly type: DataType
  readonly length: number
  readonly nullCount: number
  readonly validity?: Uint8Array
  readonly values?: ArrayLike<number | bigint>
  readonly offsets?: ArrayLike<number | bigint>
  readonly children?: readonly Batch[]
  /** Of texts that lie in several buffers. */
  readonly data?: readonly Uint8Array[]
  readonly dictionary?: { readonly length: number; readonly data: readonly Batch[] }
}

/** Texts no longer than this lie in the view itself. */
const SHORT = 12

/**
 * Checks the parts of some columns before their cells are asked for: buffers hold as many cells as are declared, missing
 * cells are as many, texts lie within their buffer and are UTF-8, dictionaries have the entries that are used. The library
 * gives undefined, or something else, where they do not.
 *
 * @throws Error
 */
export function checkColumns(table: Table, positions: readonly number[], Type: typeof Types): void {
  const lengths = (column: Column<unknown>): string => (column.data as unknown as Batch[]).map(({ length }) => length).join()
  for (const position of positions) {
    const column = table.getChildAt(position)
    if (lengths(column) !== lengths(table.getChildAt(0))) throw new Error('its columns have different lengths')
    for (const batch of column.data as unknown as Batch[]) checkBatch(batch, Type)
  }
}

function checkBatch(batch: Batch, Type: typeof Types): void {
  const { type, length, validity } = batch
  if (capacityOf(batch, Type) < length) throw new Error(`a column declares ${length} cells and has fewer`)
  if (type.typeId !== Type.Null && type.typeId !== Type.RunEndEncoded) checkValidity(batch)
  const isMissing = (i: number): boolean => batch.nullCount > 0 && ((validity![i >> 3]! >> (i & 7)) & 1) === 0
  switch (type.typeId) {
    case Type.Utf8:
    case Type.LargeUtf8:
      return checkTexts(batch)
    case Type.Utf8View:
      return checkViews(batch, isMissing)
    case Type.Dictionary: {
      const entries = batch.dictionary?.length ?? 0
      for (let i = 0; i < length; i++) {
        const key = Number(batch.values![i])
        if (!(key >= 0 && key < entries) && !isMissing(i)) throw new Error('a cell refers to a dictionary entry that does not exist')
      }
      for (const part of batch.dictionary?.data ?? []) checkBatch(part, Type)
      return
    }
    case Type.RunEndEncoded:
      return checkRuns(batch, Type)
  }
}

/** How many cells the buffers have room for. */
function capacityOf({ type, values, offsets }: Batch, Type: typeof Types): number {
  const stored = values?.length ?? 0
  switch (type.typeId) {
    case Type.Null:
    case Type.RunEndEncoded:
      return Infinity
    case Type.Bool:
      return 8 * stored
    case Type.Utf8:
    case Type.LargeUtf8:
      return Math.max(0, (offsets?.length ?? 0) - 1)
    case Type.Utf8View:
      return Math.floor(stored / 16)
    case Type.Decimal: {
      const { bitWidth } = type as Extract<DataType, { bitWidth: number }>
      return Math.floor(stored / Math.max(1, bitWidth / 64))
    }
    default:
      return stored
  }
}

function checkValidity({ length, nullCount, validity }: Batch): void {
  if (validity === undefined || validity.length === 0) {
    if (nullCount > 0) throw new Error('missing cells are not marked')
    return
  }
  if (8 * validity.length < length) throw new Error('missing cells are not marked')
  let missing = length
  for (let i = 0; i < length; i++) missing -= (validity[i >> 3]! >> (i & 7)) & 1
  if (missing !== nullCount) throw new Error(`a column declares ${nullCount} missing cells and has ${missing}`)
}

function checkTexts({ length, values, offsets }: Batch): void {
  const bytes = values as Uint8Array
  let last = length === 0 ? 0 : Number(offsets![0])
  const first = last
  if (!(first >= 0)) throw new Error('a text lies outside its buffer')
  for (let i = 1; i <= length; i++) {
    const next = Number(offsets![i])
    if (!(next >= last && next <= bytes.length)) throw new Error('a text lies outside its buffer')
    // A text that begins within a letter is none, though all bytes together may be.
    if (next < bytes.length && next > last && i < length && (bytes[next]! & 0xc0) === 0x80 && Number(offsets![i + 1]) > next)
      throw notUtf8()
    last = next
  }
  if (!isUtf8(bytes.subarray(first, last))) throw notUtf8()
}

function checkViews({ length, values, data = [] }: Batch, isMissing: (i: number) => boolean): void {
  const views = values as Uint8Array
  const numbers = new DataView(views.buffer, views.byteOffset, views.byteLength)
  for (let i = 0; i < length; i++) {
    if (isMissing(i)) continue
    const at = 16 * i
    const size = numbers.getInt32(at, true)
    const [buffer, start] = size <= SHORT ? [views, at + 4] : [data[numbers.getInt32(at + 8, true)], numbers.getInt32(at + 12, true)]
    if (buffer === undefined || size < 0 || start < 0 || start + size > buffer.length) throw new Error('a text lies outside its buffer')
    if (!isUtf8(buffer.subarray(start, start + size))) throw notUtf8()
  }
}

/** Runs of equal cells end one after the other, the last one at the end. */
function checkRuns({ length, children = [] }: Batch, Type: typeof Types): void {
  const [ends, cells] = children
  if (ends === undefined || cells === undefined || ends.length !== cells.length) throw new Error('runs of equal cells do not fit')
  checkBatch(ends, Type)
  checkBatch(cells, Type)
  let last = 0
  for (let i = 0; i < ends.length; i++) {
    const end = Number(ends.values![i])
    if (!(end > last)) throw new Error('runs of equal cells do not fit')
    last = end
  }
  if (last < length) throw new Error('runs of equal cells do not fit')
}

const notUtf8 = (): Error => new Error('a text is not valid UTF-8')
