import type { RandomStream } from '../../../src/random.js'
import { mutateBytes } from './bytes.js'

const VALUES: readonly string[] = [
  'null',
  'true',
  '""',
  '-1',
  '0',
  '1',
  '2',
  '0.5',
  '-1000',
  '1e308',
  '1e999',
  '9007199254740993',
  '5000000000',
  '[]',
  '{}',
  '[[]]',
  '"NaN"',
  '"F32"',
  '"__proto__"',
]

/** A model file or a checkpoint, damaged: values of its header, the length of that, or the bytes of tensors. */
export function mutateSafetensors(bytes: Uint8Array, random: RandomStream): Buffer {
  const whole = Buffer.from(bytes)
  const size = Number(whole.readBigUInt64LE(0))
  const header = whole.subarray(8, 8 + size).toString('utf8')
  const withHeader = (text: string): Buffer => {
    const length = Buffer.alloc(8)
    const encoded = Buffer.from(text)
    length.writeBigUInt64LE(BigInt(encoded.length))
    return Buffer.concat([length, encoded, whole.subarray(8 + size)])
  }
  switch (random.integer(6)) {
    case 0:
      return mutateBytes(whole, random)
    case 1:
      return Buffer.concat([whole.subarray(0, 8 + size), mutateBytes(whole.subarray(8 + size), random)])
    case 2:
      return withHeader(mutateBytes(Buffer.from(header), random).toString('latin1'))
    default:
      return withHeader(withOtherValue(header, random))
  }
}

/** JSON text with a number, a text or a truth value in it replaced; also in the JSON that its metadata hold as texts. */
function withOtherValue(header: string, random: RandomStream): string {
  // A quote within a text of JSON stands behind a backslash.
  const places = [...header.matchAll(/(?<=\\?":\s*|[[,]\s*)(-?\d[\d.e+-]*|true|false|null|\\"[^"\\]*\\"|"[^"\\]*")(?=\s*[,\]}])/g)]
  if (places.length === 0) return header
  const place = places[random.integer(places.length)]!
  const value = VALUES[random.integer(VALUES.length)]!
  const within = place[0].startsWith('\\"') || insideText(header, place.index)
  return `${header.slice(0, place.index)}${within ? value.replaceAll('"', '\\"') : value}${header.slice(place.index + place[0].length)}`
}

const insideText = (text: string, at: number): boolean => (text.slice(0, at).match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1
