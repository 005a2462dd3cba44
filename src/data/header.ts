import { parse } from 'csv-parse/sync'
import { open } from 'node:fs/promises'
import { constants, gunzipSync } from 'node:zlib'
import { sniffDialect } from './dialect.js'

/** How much of a file is looked at: enough for thousands of columns. */
const BYTES = 2 ** 16

/** The column names of a text table (CSV, TSV, `.gz`) from its beginning alone, however long it is; none where it is no such table. */
export async function readHeader(path: string): Promise<string[]> {
  try {
    const text = unpack(await beginning(path)).toString('utf8').replace(/^\ufeff/, '')
    const { delimiter } = sniffDialect(text)
    const [names = []] = parse(text, { delimiter, to: 1, skip_empty_lines: true, relax_column_count: true }) as string[][]
    return names.map((name) => name.trim()).filter((name) => name !== '' && !name.includes('\ufffd'))
  } catch {
    return []
  }
}

async function beginning(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Its end is cut off, which a sync flush puts up with. */
const unpack = (bytes: Buffer): Buffer => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes)
