import { UserError } from '../errors.js'

/** Arrays of a file by name. */
export type TensorFile = { readonly tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array | Float64Array | Int32Array }>>; readonly metadata: Readonly<Record<string, string>> }

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

/** Reads a safetensors file; `file` is named in errors. */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const broken = (what: string): UserError => new UserError('ModelFile', `${file} is not a usable safetensors file: ${what}. Was it copied completely? Fit the model again if there is no other copy.`)
  if (bytes.length < 8) throw broken(`it has only ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = Number(view.getBigUint64(0, true))
  if (length > LONGEST_HEADER) throw broken('it does not begin with the length of a header')
  if (8 + length > bytes.length) throw broken(`its header should have ${length} bytes, but the file ends before that`)
  let header: Record<string, unknown>
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>
  } catch {
    throw broken('its header is not JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw broken('its header is not a JSON object')
  const tensors: Record<string, TensorFile['tensors'][string]> = Object.create(null) as Record<string, TensorFile['tensors'][string]>
  let metadata: Record<string, string> = {}
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as Record<string, string>
      continue
    }
    const { dtype, shape, data_offsets: offsets } = entry as { dtype?: string; shape?: number[]; data_offsets?: [number, number] }
    const whole = (x: unknown): x is number => Number.isInteger(x) && (x as number) >= 0
    if (!dtype || !(dtype in dtypes) || !Array.isArray(shape) || !shape.every(whole) || !Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole)) {
      throw broken(`the entry "${name}" of its header is not understood`)
    }
    const Scalar = dtypes[dtype as DtypeName]
    const [begin, end] = offsets
    if (end - begin !== shape.reduce((a, b) => a * b, 1) * Scalar.BYTES_PER_ELEMENT) throw broken(`the size of "${name}" does not fit its shape`)
    if (8 + length + end > bytes.length) throw broken(`"${name}" should end at byte ${8 + length + end}, but the file has ${bytes.length}`)
    // A copy is aligned whatever the file's header length was; a Buffer's own slice would be no copy.
    tensors[name] = { shape, data: new Scalar(new Uint8Array(bytes.subarray(8 + length + begin, 8 + length + end)).buffer) }
  }
  return { tensors, metadata }
}
