import { quote } from '../data/place.js'
import { UserError } from '../errors.js'
import { parseStrictJson, RepeatedKey } from './json.js'

/** Arrays of a file by name. */
export type TensorFile = {
  readonly tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array | Float64Array | Int32Array }>>
  readonly metadata: Readonly<Record<string, string>>
}

const dtypes = { F32: Float32Array, F64: Float64Array, I32: Int32Array } as const
type DtypeName = keyof typeof dtypes
/** The format's own limit on the header. */
const LONGEST_HEADER = 100_000_000

/**
 * The bytes of a safetensors file: 8 bytes with the length of a JSON header (little endian), the header, the data.
 * The header is padded with spaces so that the data begins at a multiple of 8 bytes.
 */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  // Larger scalars first keeps every array aligned to its own scalar, as the format asks.
  const ordered = Object.entries(tensors).sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)
  for (const [name, { shape, data }] of ordered) {
    const dtype = data instanceof Float64Array ? 'F64' : data instanceof Int32Array ? 'I32' : 'F32'
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, 8)
  let position = 8 + length
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position)
    position += data.byteLength
  }
  return bytes
}

/**
 * Reads a safetensors file; `file` is named in errors. What the header says must agree with the bytes there: tensors
 * fill the data from its first byte to its last, none overlaps another.
 *
 * @throws UserError `ModelFile`
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const length = headerLength(bytes, bytes.length, file)
  const header = readHeader(bytes.subarray(8, 8 + length), file)
  const { __metadata__: metadata = {}, ...rest } = header
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw broken(file, 'its metadata are not texts by name')
  const data = bytes.subarray(8 + length)
  const entries = Object.entries(rest).map(([name, entry]) => readEntry(name, entry, file))
  checkLayout(entries, 8 + length, bytes.length, file)
  const tensors = Object.create(null) as Record<string, TensorFile['tensors'][string]>
  for (const { name, dtype, shape, begin, end } of entries) {
    // A copy is aligned whatever the file's header length was; a Buffer's own slice would be no copy.
    tensors[name] = { shape, data: new dtypes[dtype](new Uint8Array(data.subarray(begin, end)).buffer) }
  }
  return { tensors, metadata: metadata as Record<string, string> }
}

/**
 * Length in bytes of the header, from the first bytes of a file of the size given.
 *
 * @throws UserError `ModelFile` for what does not begin as such a file does
 */
export function headerLength(start: Uint8Array, size: number, file: string): number {
  if (start.length < 8) throw broken(file, `it has only ${start.length} bytes`)
  const length = new DataView(start.buffer, start.byteOffset, start.byteLength).getBigUint64(0, true)
  if (length > LONGEST_HEADER) throw broken(file, 'it does not begin with the length of a header')
  if (8 + Number(length) > size) throw broken(file, `its header should have ${length} bytes, but the file ends before that`)
  return Number(length)
}

const broken = (file: string, what: string): UserError =>
  new UserError(
    'ModelFile',
    `${file} is not a usable safetensors file: ${what}. Was it copied completely? Fit the model again if there is no other copy.`,
  )

function readHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  let header: unknown
  try {
    header = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw broken(file, error instanceof RepeatedKey ? `in its header, ${error.message}` : 'its header is not JSON')
  }
  if (!isObject(header)) throw broken(file, 'its header is not a JSON object')
  return header
}

interface Entry {
  readonly name: string
  readonly dtype: DtypeName
  readonly shape: readonly number[]
  /** Where its bytes lie in the data. */
  readonly begin: number
  readonly end: number
}

function readEntry(name: string, entry: unknown, file: string): Entry {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {}
  if (typeof dtype !== 'string' || !areSizes(shape) || !areSizes(offsets) || offsets.length !== 2)
    throw broken(file, `the entry ${quote(name)} of its header is not understood`)
  if (!Object.hasOwn(dtypes, dtype))
    throw broken(
      file,
      `the entry ${quote(name)} of its header holds numbers of the type ${quote(dtype)}, where ${Object.keys(dtypes).join(', ')} are known`,
    )
  const [begin, end] = offsets as [number, number]
  if (end - begin !== shape.reduce((a, b) => a * b, 1) * dtypes[dtype as DtypeName].BYTES_PER_ELEMENT)
    throw broken(file, `the size of ${quote(name)} does not fit its shape`)
  return { name, dtype: dtype as DtypeName, shape, begin, end }
}

/** The format asks that tensors lie end to end. */
function checkLayout(entries: readonly Entry[], start: number, size: number, file: string): void {
  let [at, before] = [0, '']
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (start + end > size) throw broken(file, `${quote(name)} should end at byte ${start + end}, but the file has ${size}`)
    if (begin < at) throw broken(file, `${quote(name)} overlaps ${quote(before)}`)
    if (begin > at) throw broken(file, `the ${begin - at} bytes before ${quote(name)} belong to nothing`)
    ;[at, before] = [end, name]
  }
  if (start + at < size) throw broken(file, `its last ${size - start - at} bytes belong to nothing`)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const areSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && (x as number) >= 0)
