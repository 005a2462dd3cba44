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
    expect({ ...decodeSafetensors(Buffer.concat([Buffer.from('xyz'), encodeSafetensors(file)]).subarray(3), 'x').tensors }).toEqual(file.tensors)
  })

  test('the layout is the format’s: header length, JSON, data at the offsets it names', () => {
    const bytes = encodeSafetensors(file)
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>
    expect(header.w!.dtype).toBe('F32')
    const [begin, end] = header.w!.data_offsets
    expect(end - begin).toBe(24)
    expect(new DataView(bytes.buffer).getFloat32(8 + length + begin + 4, true)).toBe(2)
    expect((8 + length) % 8).toBe(0)
  })

  test('a file cut anywhere is refused, naming it', () => {
    const bytes = encodeSafetensors(file)
    for (const end of [0, 5, 20, bytes.length - 1]) expect(() => decodeSafetensors(bytes.subarray(0, end), 'm.safetensors')).toThrow(/m\.safetensors is not a usable safetensors file/)
  })

  test('other files are refused', () => {
    expect(() => decodeSafetensors(new TextEncoder().encode('id,time,x\n1,2,3\n'), 'a.csv')).toThrow(/a\.csv/)
    const bad = encodeSafetensors(file)
    bad[8] = 0x5b
    expect(() => decodeSafetensors(bad, 'b')).toThrow(/not JSON/)
  })
})
