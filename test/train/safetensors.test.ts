import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js'

const file = {
  tensors: {
    w: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    moment: { shape: [2], data: Float64Array.of(Math.PI, -1e300) },
    empty: { shape: [0, 4], data: new Float32Array(0) },
  },
  metadata: { config: '{"a":"é"}' },
}

describe('safetensors', () => {
  test('what is written is read back', () => {
    const read = decodeSafetensors(encodeSafetensors(file), 'x')
    expect({ ...read.tensors }).toEqual(file.tensors)
    expect(read.metadata).toEqual(file.metadata)
    // A Buffer is what reading a file gives; its slices share memory.
    expect({ ...decodeSafetensors(Buffer.concat([Buffer.from('xyz'), encodeSafetensors(file)]).subarray(3), 'x').tensors }).toEqual(
      file.tensors,
    )
  })

  test('the layout is the format’s: header length, JSON, data at the offsets it names', () => {
    const bytes = encodeSafetensors(file)
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >
    expect(header.w!.dtype).toBe('F32')
    const [begin, end] = header.w!.data_offsets
    expect(end - begin).toBe(24)
    expect(new DataView(bytes.buffer).getFloat32(8 + length + begin + 4, true)).toBe(2)
    expect((8 + length) % 8).toBe(0)
  })

  test('a file cut anywhere is refused, naming it', () => {
    const bytes = encodeSafetensors(file)
    for (const end of [0, 5, 20, bytes.length - 1])
      expect(() => decodeSafetensors(bytes.subarray(0, end), 'm.safetensors')).toThrow(/m\.safetensors is not a usable safetensors file/)
  })

  /** The file with another header over the same data. */
  function withHeader(change: (header: Record<string, unknown>) => unknown, tail = new Uint8Array(0)): Uint8Array {
    const bytes = encodeSafetensors(file)
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const changed = change(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>)
    const text = new TextEncoder().encode(typeof changed === 'string' ? changed : JSON.stringify(changed))
    const start = new Uint8Array(8)
    new DataView(start.buffer).setBigUint64(0, BigInt(text.length), true)
    return Uint8Array.from([...start, ...text, ...bytes.subarray(8 + length), ...tail])
  }
  // The writer puts larger numbers first: moment, 16 bytes of F64, then w, 24 bytes of F32, then nothing of `empty`.
  const w = { dtype: 'F32', shape: [2, 3], data_offsets: [16, 40] }

  test.each([
    ['an entry that is null', { w: null }, /the entry "w" of its header is not understood/],
    ['metadata that are null', { __metadata__: null }, /its metadata are not texts by name/],
    ['metadata that are no texts', { __metadata__: { config: { a: 1 } } }, /its metadata are not texts by name/],
    ['a tensor over another', { w: { ...w, data_offsets: [8, 32] } }, /"w" overlaps "moment"/],
    ['a hole', { moment: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, /the 8 bytes before "(w|empty)" belong to nothing/],
    [
      'a tensor past the end',
      { more: { dtype: 'F32', shape: [1], data_offsets: [40, 44] } },
      /"more" should end at byte \d+, but the file has \d+/,
    ],
    ['a tensor that lies before itself', { w: { ...w, data_offsets: [40, 16] } }, /the size of "w" does not fit its shape/],
    [
      'a type that is not known',
      { w: { ...w, dtype: 'BF16' } },
      /"w" of its header holds numbers of the type "BF16", where F32, F64, I32 are known/,
    ],
    ['a type by the name of a property of all objects', { w: { ...w, dtype: 'constructor' } }, /of the type "constructor"/],
    ['a type in a list', { w: { ...w, dtype: ['F32'] } }, /"w" of its header is not understood/],
    ['a shape past all whole numbers', { w: { ...w, shape: [2 ** 53, 2 ** 53] } }, /"w" of its header is not understood/],
    ['a shape of 16 TiB', { w: { ...w, shape: [2 ** 21, 2 ** 21] } }, /the size of "w" does not fit its shape/],
    ['offsets below zero', { w: { ...w, data_offsets: [-24, 0] } }, /"w" of its header is not understood/],
  ])('%s is refused', (_, change, message) => {
    expect(() =>
      decodeSafetensors(
        withHeader((header) => ({ ...header, ...change })),
        'm',
      ),
    ).toThrow(message)
  })

  test('bytes that no tensor has, and keys that stand twice, are refused', () => {
    expect(() =>
      decodeSafetensors(
        withHeader((header) => header, new Uint8Array(3)),
        'm',
      ),
    ).toThrow(/its last 3 bytes belong to nothing/)
    const doubled = (extra: string) => withHeader((header) => JSON.stringify(header).replace(/}$/, `,${extra}}`))
    expect(() => decodeSafetensors(doubled(`"w":${JSON.stringify(w)}`), 'm')).toThrow(
      /in its header, the key "w" stands twice in one object/,
    )
    // Other escapes, the same key.
    expect(() => decodeSafetensors(doubled(`"\\u0077":${JSON.stringify(w)}`), 'm')).toThrow(/the key "\\u0077" stands twice/)
    expect(() =>
      decodeSafetensors(
        withHeader((header) => JSON.stringify(header).replace('"dtype"', '"shape":[1],"dtype"')),
        'm',
      ),
    ).toThrow(/the key "shape" stands twice/)
    expect(() =>
      decodeSafetensors(
        withHeader((header) => ({ ...header, __metadata__: { a: '{"x":1,"x":2}, "a": [', b: '"' } })),
        'm',
      ),
    ).not.toThrow()
  })

  test('a header longer than the format allows, or than the file, is refused before it is looked for', () => {
    for (const length of [2n ** 63n, 100_000_001n, 10_000n]) {
      const start = encodeSafetensors(file)
      new DataView(start.buffer).setBigUint64(0, length, true)
      expect(() => decodeSafetensors(start, 'm')).toThrow(/does not begin with the length of a header|its header should have 10000 bytes/)
    }
  })

  test('a tensor by the name of __proto__ is a tensor', () => {
    const { tensors } = decodeSafetensors(
      withHeader((header) => JSON.stringify(header).replace('"w"', '"__proto__"')),
      'm',
    )
    expect(Object.keys(tensors).sort()).toEqual(['__proto__', 'empty', 'moment'])
    expect(tensors['__proto__']).toEqual(file.tensors.w)
    expect(({} as { shape?: unknown }).shape).toBeUndefined()
  })

  test('other files are refused', () => {
    expect(() => decodeSafetensors(new TextEncoder().encode('id,time,x\n1,2,3\n'), 'a.csv')).toThrow(/a\.csv/)
    const bad = encodeSafetensors(file)
    bad[8] = 0x5b
    expect(() => decodeSafetensors(bad, 'b')).toThrow(/not JSON/)
  })
})
