// @ts-expect-error The package has no types.
import untyped from 'lz4js'
import { checkUnpacked } from './plausible.js'

/** `decompressBlock` unpacks the block of `length` bytes at `from` into `out` at `to`, and returns where it ended there. */
const lz4 = untyped as { decompressBlock(packed: Uint8Array, out: Uint8Array, from: number, length: number, to: number): number }

/**
 * Unpacks an LZ4 frame (frame format 1.6). The library unpacks blocks; its own reading of frames takes checksums of blocks,
 * which pyarrow and Polars write, for a part of what comes next.
 *
 * @param length of what was packed
 * @throws Error
 */
export function unpackLz4Frame(frame: Uint8Array, length: number): Uint8Array {
  checkUnpacked(length, frame.length, 'LZ4')
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== 0x184d2204) throw new Error('this is no LZ4 frame')
  const flags = view.getUint8(4)
  const [blockChecksum, contentSize, dictionary] = [(flags & 0x10) !== 0, (flags & 0x08) !== 0, (flags & 0x01) !== 0]
  const out = new Uint8Array(length)
  let done = 0
  // Magic number, flags, block size, sizes that may be there, checksum of these.
  let at = 7 + (contentSize ? 8 : 0) + (dictionary ? 4 : 0)
  for (;;) {
    const word = view.getUint32(at, true)
    at += 4
    if (word === 0) break
    const size = word & 0x7fffffff
    if (at + size > frame.length) throw new Error('the LZ4 frame is cut off')
    if (word >>> 31 === 1) {
      out.set(frame.subarray(at, at + size), done)
      done += size
    } else {
      // Blocks may look back into those before them.
      done = lz4.decompressBlock(frame, out, at, size, done)
    }
    at += size + (blockChecksum ? 4 : 0)
  }
  if (done !== length) throw new Error(`the LZ4 frame holds ${done} bytes, not ${length}`)
  return out
}
