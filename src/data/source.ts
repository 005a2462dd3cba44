import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { withoutKind } from './fileKind.js'
import { dataError } from './place.js'

/** A path, `-` for standard input, or a stream of bytes. */
export type Source = string | Readable

/** What messages call a source. */
export function sourceName(source: Source): string {
  if (typeof source !== 'string') return 'the stream'
  return source === '-' ? 'standard input' : source
}

/** `visits` for `some/where/visits.csv.gz`: what a lone series is called. */
export function sourceStem(source: Source): string {
  if (typeof source !== 'string' || source === '-') return 'series'
  return withoutKind(basename(source).replace(/\.(gz|gzip)$/i, '').replace(/\.(csv|tsv|txt|tab)$/i, '')) || 'series'
}

/**
 * The bytes of a source as they come, gzip unpacked.
 *
 * @throws DataError `NoSuchFile`, `IsDirectory`, `CannotRead`, `BadGzip`, all naming the file
 */
export async function* readBytes(source: Source, file = sourceName(source)): AsyncGenerator<Buffer> {
  yield* unpacked(await opened(source, file), file)
}

/**
 * The text in some bytes as UTF-8, in blocks that end with whole lines; a byte-order mark is removed.
 *
 * @throws DataError `EmptyFile`, `NotText` (with the line), naming the file
 */
export async function* readText(bytes: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let line = 1
  let rest: Buffer = Buffer.alloc(0)
  let first = true
  for await (const chunk of bytes) {
    let block = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    // Four bytes tell what kind of file it is.
    if (first && block.length < 4) {
      rest = block
      continue
    }
    if (first) {
      refuseOtherFormats(block, file)
      if (block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) block = block.subarray(3)
      first = false
    }
    const end = Math.max(block.lastIndexOf(10), block.lastIndexOf(13)) + 1
    if (end === 0) {
      rest = block
      if (rest.length > LONGEST_LINE) throw dataError('NotText', { file, line }, `a line is longer than ${LONGEST_LINE / 2 ** 20} MiB`, 'This is no table with one row a line: give a CSV or TSV file.')
      continue
    }
    line += checkText(block.subarray(0, end), file, line)
    yield block.subarray(0, end)
    rest = block.subarray(end)
  }
  if (first && rest.length >= 3 && rest[0] === 0xef && rest[1] === 0xbb && rest[2] === 0xbf) rest = rest.subarray(3)
  if (first && rest.length === 0) throw dataError('EmptyFile', { file }, 'the file is empty', 'Give a table with a header line and a row for each observation.')
  if (rest.length > 0) {
    checkText(rest, file, line)
    yield rest
  }
}

const LONGEST_LINE = 16 * 2 ** 20

async function opened(source: Source, file: string): Promise<Readable> {
  if (typeof source !== 'string') return source
  if (source === '-') return process.stdin
  try {
    if ((await stat(source)).isDirectory()) throw dataError('IsDirectory', { file }, 'this is a directory', 'Name a file in it.')
  } catch (error) {
    throw readError(error, file)
  }
  return createReadStream(source, { highWaterMark: 2 ** 18 })
}

/** The chunks of a stream, through gunzip if they begin like gzip. */
async function* unpacked(stream: Readable, file: string): AsyncGenerator<Buffer> {
  const chunks = bytes(stream)
  try {
    let head = Buffer.alloc(0)
    let ended = false
    while (head.length < 2 && !ended) {
      const next = await chunks.next()
      if (next.done === true) ended = true
      else head = Buffer.concat([head, next.value])
    }
    const whole = (async function* () {
      if (head.length > 0) yield head
      if (!ended) for await (const chunk of chunks) yield chunk
    })()
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      yield* whole
      return
    }
    const gunzip = createGunzip({ chunkSize: 2 ** 18 })
    // An error reaches the loop below through gunzip itself.
    pipeline(Readable.from(whole), gunzip, () => {})
    for await (const chunk of gunzip as AsyncIterable<Buffer>) yield chunk
  } catch (error) {
    throw readError(error, file)
  }
}

async function* bytes(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<Buffer | string>) yield typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk
}

function readError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'ENOTDIR') return dataError('NoSuchFile', { file }, 'there is no such file', 'Check the name and the folder you are in.')
  if (code === 'EISDIR') return dataError('IsDirectory', { file }, 'this is a directory', 'Name a file in it.')
  if (code === 'EACCES' || code === 'EPERM') return dataError('CannotRead', { file }, 'the file may not be read', 'Check its permissions.')
  if (code.startsWith('Z_') || code === 'ERR_ZLIB') return dataError('BadGzip', { file }, `the gzip data is damaged or cut off (${error instanceof Error ? error.message : code})`, 'Copy or compress the file again; `gzip -t` checks it.')
  return error
}

function refuseOtherFormats(block: Buffer, file: string): void {
  const starts = (...head: number[]): boolean => head.every((byte, i) => block[i] === byte)
  const save = 'Save it as CSV in UTF-8.'
  if (starts(0x50, 0x4b, 3, 4)) throw dataError('NotText', { file }, 'this is a ZIP archive or an Excel workbook, not text', `Unpack it, or open it in a spreadsheet. ${save}`)
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) throw dataError('NotText', { file, line: 1 }, 'the text is UTF-16', save)
}

/** Raises on bytes that are no text; returns how many lines the block ends. */
function checkText(block: Buffer, file: string, firstLine: number): number {
  if (block.includes(0)) {
    const line = firstLine + countLines(block.subarray(0, block.indexOf(0)))
    throw dataError('NotText', { file, line }, 'there is a NUL byte, so this is binary data and not a text table', 'Give a CSV or TSV file in UTF-8.')
  }
  if (!isUtf8(block)) {
    let line = firstLine
    for (let start = 0; start < block.length; ) {
      const stop = block.indexOf(10, start) === -1 ? block.length : block.indexOf(10, start) + 1
      if (!isUtf8(block.subarray(start, stop))) break
      line += 1
      start = stop
    }
    throw dataError('NotText', { file, line }, 'the bytes are no valid UTF-8 text', 'Save the table in UTF-8 (`iconv -f latin1 -t utf-8` converts from Latin-1).')
  }
  return countLines(block)
}

function countLines(block: Buffer): number {
  let count = 0
  for (let at = block.indexOf(10); at !== -1; at = block.indexOf(10, at + 1)) count++
  return count
}
