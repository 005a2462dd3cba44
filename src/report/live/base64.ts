/** Numbers as base64 of float32, little-endian: what a page holds weights as. */
export function encodeFloats(values: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, i) => bytes.setFloat32(4 * i, value, true))
  return encodeBytes(new Uint8Array(bytes.buffer))
}

export function decodeFloats(text: string): Float32Array {
  const bytes = new DataView(decodeBytes(text).buffer)
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getFloat32(4 * i, true))
}

export function encodeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

export function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
