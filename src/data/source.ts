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
  return (
    withoutKind(
      basename(source)
        .replace(/\.(gz|gzip)$/i, '')
        .replace(/\.(csv|tsv|txt|tab)$/i, ''),
    ) || 'series'
  )
}

/**
 * The bytes of a source as they come, gzip unpacked.
 *
 * @throws DataError `NoSuchFile`, `IsDirectory`, `CannotRead`, `BadGzip`, all naming the file
 */
export async function* readBytes(source: Source, file = sourceName(source)): AsyncGenerator<Buffer> {
  yield* unpacked(await opened(source, file), file)
}

/** The first bytes, `least` of them or more if there are so many, and all bytes, the first ones included. */
export async function peek(blocks: AsyncIterable<Buffer>, least: number): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const iterator = blocks[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let length = 0
  while (length < least) {
    const next = await iterator.next()
    if (next.done === true) break
    first.push(next.value)
    length += next.value.length
  }
  const head = first.length === 1 ? first[0]! : Buffer.concat(first)
  return {
    head,
    all: (async function* () {
      if (head.length > 0) yield head
      yield* { [Symbol.asyncIterator]: () => iterator }
    })(),
  }
}

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
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return dataError('NoSuchFile', { file }, 'there is no such file', 'Check the name and the folder you are in.')
  if (code === 'EISDIR') return dataError('IsDirectory', { file }, 'this is a directory', 'Name a file in it.')
  if (code === 'EACCES' || code === 'EPERM') return dataError('CannotRead', { file }, 'the file may not be read', 'Check its permissions.')
  if (code.startsWith('Z_') || code === 'ERR_ZLIB')
    return dataError(
      'BadGzip',
      { file },
      `the gzip data is damaged or cut off (${error instanceof Error ? error.message : code})`,
      'Copy or compress the file again; `gzip -t` checks it.',
    )
  return error
}
