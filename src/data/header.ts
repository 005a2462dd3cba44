import { parse } from 'csv-parse/sync'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { constants, gunzipSync } from 'node:zlib'
import { findLayout, type LayoutOptions } from './layout.js'
import { refuseOtherText } from './otherFormats.js'
import { blankFirst, tableLines } from './tableLines.js'
import { readText } from './text.js'

/** How much of a file is looked at: enough for thousands of columns. */
const BYTES = 2 ** 16

export type HeaderOptions = LayoutOptions & { readonly encoding?: string | undefined }

/** The column names of a text table (CSV, TSV, `.gz`) from its beginning alone, however long it is; none where it is no such table. */
export async function readHeader(path: string, options: HeaderOptions = {}): Promise<string[]> {
  try {
    const { start, complete } = await beginning(path)
    const lines = await whole(readText(Readable.from([complete ? start : cutOff(start)]), path, options))
    const blank = await whole(blankFirst(Readable.from([lines]), options.skipRows ?? 0))
    refuseOtherText(blank.toString('utf8'), path)
    const layout = findLayout(blank.toString('utf8'), path, complete, options)
    const text = await whole(tableLines(Readable.from([blank]), layout))
    const [names = []] = parse(text, { delimiter: layout.delimiter, to: 1, skip_empty_lines: true, relax_column_count: true }) as string[][]
    return names.map((name) => name.trim()).filter((name) => name !== '')
  } catch {
    return []
  }
}

async function whole(blocks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const block of blocks) all.push(block)
  return Buffer.concat(all)
}

async function beginning(path: string): Promise<{ start: Buffer; complete: boolean }> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, 0)
    return { start: unpack(buffer.subarray(0, bytesRead)), complete: bytesRead < BYTES }
  } finally {
    await file.close()
  }
}

/** Without the last line, in which a character may be cut in two; a NUL byte says that characters have two bytes. */
function cutOff(bytes: Buffer): Buffer {
  const end = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13))
  return bytes.subarray(0, end === -1 ? bytes.length : bytes.includes(0) ? end - (end % 2) : end)
}

/** Its end is cut off, which a sync flush puts up with. */
const unpack = (bytes: Buffer): Buffer =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes
