import { checkRows, checkUnpacked } from '../plausible.js'
import { flatBuffer, type FlatBuffer, type FlatTable } from './flatbuffer.js'

/** Numbers that Arrow has for what a message holds, and for types. */
const [SCHEMA, DICTIONARY, RECORDS] = [1, 2, 3]
const [DECIMAL, UNION] = [7, 14]
const DEEPEST = 32
/** Digits of decimals of 256 bits. */
const MOST_DIGITS = 76
/** `ARROW1`, at the end behind the length of the footer. */
const MARK = 6

/**
 * Walks over the messages of an Arrow file or stream before the library does. What they declare (vectors, rows, buffers,
 * bytes when unpacked) lies within the file and is no more than it can hold.
 *
 * @throws Error
 */
export function checkMessages(bytes: Uint8Array): void {
  const check = messageChecker(bytes)
  if (bytes[0] !== 0x41) {
    for (let at = 0; ;) {
      const next = check.message(at)
      if (next === undefined) break
      at = next
    }
  } else {
    const end = bytes.length - MARK - 4
    if (end < MARK || Buffer.from(bytes.subarray(-MARK)).toString('latin1') !== 'ARROW1')
      throw new Error('it does not end as an Arrow file does')
    const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(end, true)
    if (length < 4 || length > end) throw new Error('the description at its end is longer than the file')
    const footer = flatBuffer(bytes.subarray(end - length, end))
    const table = footer.table(0)
    const blocks = [2, 3].flatMap((index) => each(footer, table, index, 24).map((at) => footer.int64(at)))
    const schema = table.field(1)
    if (schema === undefined) throw new Error('it has no schema')
    check.schema(footer, schema)
    for (const block of blocks) {
      if (check.message(block) === undefined) throw new Error('a part of it is missing')
    }
  }
  check.end()
}

/** Elements of the vector in a field that may be missing. */
function each(buffer: FlatBuffer, table: FlatTable, index: number, stride: number): number[] {
  const at = table.field(index)
  return at === undefined ? [] : buffer.vector(at, stride)
}

function messageChecker(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let columns = 0
  let rows = 0

  const schema = (buffer: FlatBuffer, at: number): void => {
    const table = buffer.table(at)
    const fields = each(buffer, table, 1, 4)
    columns = fields.length
    for (const field of fields) checkField(buffer, field, 0)
    pairs(buffer, table, 2)
  }

  const batch = (buffer: FlatBuffer, at: number, old: boolean, body: Uint8Array, isDictionary: boolean): void => {
    const table = buffer.table(at)
    const [lengthAt, compressionAt] = [table.field(0), table.field(3)]
    const length = lengthAt === undefined ? 0 : buffer.int64(lengthAt)
    if (length < 0) throw new Error(`a part of it declares ${length} rows`)
    const compression = compressionAt === undefined ? undefined : buffer.table(compressionAt)
    // Before version 4 a buffer had a page number in front.
    const regions = each(buffer, table, 2, old ? 24 : 16).map((at) => (old ? at + 8 : at))
    const unpacked = checkRegions(buffer, regions, compression, body)
    for (const node of each(buffer, table, 1, 16)) {
      const [cells, nulls] = [buffer.int64(node), buffer.int64(node + 8)]
      if (cells < 0 || nulls < 0 || nulls > cells) throw new Error(`a column declares ${cells} cells, ${nulls} of them missing`)
      if (isDictionary) {
        // A bit at least for each.
        if (cells > 8 * unpacked + 8) throw new Error('a dictionary declares more entries than it has bytes')
      } else checkRows(cells, 1, bytes.length)
    }
    let buffers = 0
    for (const variadic of each(buffer, table, 4, 8)) {
      const count = buffer.int64(variadic)
      if (count < 0 || (buffers += count) > regions.length) throw new Error('texts declare more buffers than there are')
    }
    if (!isDictionary) rows += length
    checkRows(rows, columns, bytes.length)
  }

  /** Checks the message at `at` and returns where it ends; undefined at the end of a stream. */
  const message = (at: number): number | undefined => {
    if (!(at >= 0 && at <= bytes.length)) throw new Error('a part of it lies outside')
    const word = (): number => {
      // A stream may end without saying so.
      if (at + 4 > bytes.length) return 0
      at += 4
      return view.getInt32(at - 4, true)
    }
    let size = word()
    if (size === -1) size = word()
    if (size === 0) return undefined
    if (size < 0 || at + size > bytes.length) throw new Error('a part of it is cut off')
    const buffer = flatBuffer(bytes.subarray(at, at + size))
    at += size
    const table = buffer.table(0)
    const [versionAt, kindAt, header, lengthAt] = [table.field(0), table.field(1), table.field(2), table.field(3)]
    const length = lengthAt === undefined ? 0 : buffer.int64(lengthAt)
    if (length < 0 || length > bytes.length - at) throw new Error('a part of it is cut off')
    const body = bytes.subarray(at, at + length)
    const kind = kindAt === undefined ? 0 : buffer.byte(kindAt)
    const old = (versionAt === undefined ? 0 : buffer.byte(versionAt)) < 3
    at += length
    if (header === undefined) return at
    if (kind === SCHEMA) schema(buffer, header)
    else if (kind === RECORDS) batch(buffer, header, old, body, false)
    else if (kind === DICTIONARY) {
      const data = buffer.table(header).field(1)
      if (data === undefined) throw new Error('a dictionary is missing')
      batch(buffer, data, old, body, true)
    } else throw new Error(`a part of it is of the unknown kind ${kind}`)
    return at
  }
  return { schema, message, end: () => checkRows(rows, columns, bytes.length) }
}

/** Buffers of cells, packed ones too, each where its start and size stand; returns how many bytes they are when unpacked. */
function checkRegions(buffer: FlatBuffer, regions: readonly number[], compression: FlatTable | undefined, body: Uint8Array): number {
  const codecAt = compression?.field(0)
  const codec = codecAt !== undefined && buffer.byte(codecAt) !== 0 ? 'ZSTD' : 'LZ4'
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  let unpacked = 0
  for (const region of regions) {
    const start = buffer.int64(region)
    const size = buffer.int64(region + 8)
    if (start < 0 || size < 0 || start + size > body.length) throw new Error('cells lie outside the part that holds them')
    if (compression === undefined || size === 0) unpacked += size
    else {
      if (size < 8) throw new Error('packed cells are cut off')
      const declared = Number(view.getBigInt64(start, true))
      // −1 says that packing would have made it longer.
      if (declared !== -1) checkUnpacked(declared, size - 8, codec)
      unpacked += declared === -1 ? size - 8 : declared
    }
  }
  return unpacked
}

/** A field, its type and those within it. */
function checkField(buffer: FlatBuffer, at: number, depth: number): void {
  if (depth > DEEPEST) throw new Error('types are nested too deeply')
  const table = buffer.table(at)
  const [name, kindAt, typeAt, dictionaryAt] = [table.field(0), table.field(2), table.field(3), table.field(4)]
  if (name !== undefined) buffer.text(name)
  const kind = kindAt === undefined ? 0 : buffer.byte(kindAt)
  if (typeAt !== undefined) checkType(buffer, buffer.table(typeAt), kind)
  if (dictionaryAt !== undefined) {
    const indices = buffer.table(dictionaryAt).field(1)
    if (indices !== undefined) buffer.table(indices)
  }
  for (const child of each(buffer, table, 5, 4)) checkField(buffer, child, depth + 1)
  pairs(buffer, table, 6)
}

function checkType(buffer: FlatBuffer, type: FlatTable, kind: number): void {
  if (kind === UNION) each(buffer, type, 1, 4)
  if (kind !== DECIMAL) return
  const scaleAt = type.field(1)
  const scale = scaleAt === undefined ? 0 : buffer.int32(scaleAt)
  if (Math.abs(scale) > MOST_DIGITS) throw new Error(`decimals have ${scale} digits behind the point`)
}

/** Keys and values that a writer adds. */
function pairs(buffer: FlatBuffer, table: FlatTable, index: number): void {
  for (const pair of each(buffer, table, index, 4)) {
    const entry = buffer.table(pair)
    for (const at of [entry.field(0), entry.field(1)]) if (at !== undefined) buffer.text(at)
  }
}
