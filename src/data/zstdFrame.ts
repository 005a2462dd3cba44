import { decompress } from 'fzstd'
import { checkUnpacked } from './plausible.js'

/** Windows larger than this are set aside by nobody who packs tables. */
const LARGEST_WINDOW = 2 ** 27

/**
 * Unpacks a Zstandard frame (RFC 8878). The library sets aside what a frame declares, so that is compared first.
 *
 * @param length of what was packed
 * @throws Error
 */
export function unpackZstdFrame(frame: Uint8Array, length: number): Uint8Array {
  checkUnpacked(length, frame.length, 'ZSTD')
  const { content, window } = frameHeader(frame)
  if (content === undefined) {
    if (window > LARGEST_WINDOW) throw new Error('a Zstandard frame declares a window of an unlikely size')
    const out = decompress(frame)
    if (out.length !== length) throw new Error(`a Zstandard frame holds ${out.length} bytes, not ${length}`)
    return out
  }
  if (content !== length) throw new Error(`a Zstandard frame holds ${content} bytes, not ${length}`)
  return decompress(frame, new Uint8Array(length))
}

/** How long the content is, where the frame says so, and how far back it may look. */
function frameHeader(frame: Uint8Array): { content: number | undefined; window: number } {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (frame.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) throw new Error('this is no Zstandard frame')
  const flags = frame[4]!
  const [sizeCode, single, dictionaryCode] = [flags >> 6, (flags & 0x20) !== 0, flags & 3]
  const exponent = frame[5]! >> 3
  const window = single ? 0 : 2 ** (10 + exponent) * (1 + (frame[5]! & 7) / 8)
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][dictionaryCode]!
  if (sizeCode === 0) return { content: single ? view.getUint8(at) : undefined, window }
  if (sizeCode === 1) return { content: view.getUint16(at, true) + 256, window }
  return { content: sizeCode === 2 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true)), window }
}
