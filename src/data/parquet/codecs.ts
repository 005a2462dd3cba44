import { brotliDecompressSync, unzipSync } from 'node:zlib'
import { compressors } from 'hyparquet-compressors'
import { checkUnpacked } from '../plausible.js'
import { unpackZstdFrame } from '../zstdFrame.js'

type Unpack = (packed: Uint8Array, length: number) => Uint8Array

/** Those of the library that take the length for granted are told first what can be; zlib stops where it is told to. */
const codecs: Readonly<Record<string, Unpack>> = {
  UNCOMPRESSED: (packed) => packed,
  SNAPPY: checked('SNAPPY', compressors.SNAPPY!),
  LZ4: checked('LZ4', compressors.LZ4!),
  LZ4_RAW: checked('LZ4_RAW', compressors.LZ4_RAW!),
  ZSTD: unpackZstdFrame,
  GZIP: (packed, length) => unzipSync(packed, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (packed, length) => brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
}

function checked(codec: 'SNAPPY' | 'LZ4' | 'LZ4_RAW', unpack: Unpack): Unpack {
  return (packed, length) => {
    checkUnpacked(length, packed.length, codec)
    return unpack(packed, length)
  }
}

/** Whether pages packed so can be read. */
export const isCodec = (codec: string): boolean => Object.hasOwn(codecs, codec)

/** @throws Error if what is packed is not of the length that it declares */
export function unpackPage(packed: Uint8Array, length: number, codec: string): Uint8Array {
  if (length === 0) return new Uint8Array(0)
  const page = codecs[codec]!(packed, length)
  if (page.length !== length) throw new Error(`a page holds ${page.length} bytes, not ${length}`)
  return page
}
