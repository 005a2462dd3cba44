import { isAscii, isUtf8 } from 'node:buffer'
import { byteOrderMark, encodingNamed, encodingTitle, mayBeWestern, recogniseUtf16 } from './encoding.js'
import { UserError } from '../errors.js'
import { refuseBinaryFormats } from './otherFormats.js'
import { dataError } from './place.js'
import { peek } from './source.js'

export interface TextOptions {
  /** A label of the WHATWG's Encoding Standard. Default: recognised. */
  readonly encoding?: string | undefined
  /** Takes what was recognised, as a sentence. */
  readonly tell?: (notice: string) => void
}

/** How many of the first bytes are looked at to tell what they are. */
const HEAD = 4096
const LONGEST_LINE = 16 * 2 ** 20

/**
 * The text in some bytes as UTF-8, in blocks that end with whole lines; a byte-order mark is removed. Unless the encoding
 * is named, UTF-16 is recognised from the beginning, and Windows-1252 where the first bytes beyond ASCII are no UTF-8.
 *
 * @throws DataError `EmptyFile`, `NotText` (with the line), naming the file; UserError `BadEncoding`
 */
export async function* readText(
  bytes: AsyncIterable<Buffer>,
  file: string,
  { encoding: label, tell = () => {} }: TextOptions = {},
): AsyncGenerator<Buffer> {
  const { head, all } = await peek(bytes, HEAD)
  refuseBinaryFormats(head, file)
  const named = label === undefined ? undefined : encodingNamed(label)
  const mark = byteOrderMark(head)
  if (mark?.encoding === 'utf-32')
    throw dataError('NotText', { file, line: 1 }, 'the text is UTF-32', 'Save it as CSV in UTF-8 (`iconv -f utf-32 -t utf-8` converts it).')
  if (
    named !== undefined &&
    mark !== undefined &&
    named !== mark.encoding &&
    !(/^utf_?-?16$/i.test(label!.trim()) && mark.encoding.startsWith('utf-16'))
  ) {
    throw new UserError(
      'BadEncoding',
      `${file}: the file begins with the byte-order mark of ${encodingTitle(mark.encoding)}, but --encoding says ${label}. Leave out ` +
        '--encoding.',
    )
  }
  const encoding = mark?.encoding ?? named ?? recogniseUtf16(head.subarray(0, HEAD))
  if (named === undefined && encoding?.startsWith('utf-16')) tell(readAs(encoding))
  const unmarked = without(all, mark?.length ?? 0)
  let empty = true
  const blocks =
    encoding === undefined || encoding === 'utf-8'
      ? asUtf8(wholeLines(unmarked, file), file, encoding === undefined ? 'guessed' : mark === undefined ? 'named' : 'marked', tell)
      : checked(wholeLines(transcoded(unmarked, encoding), file), encoding, file)
  for await (const block of blocks) {
    empty = false
    yield block
  }
  if (empty) throw dataError('EmptyFile', { file }, 'the file is empty', 'Give a table with a header line and a row for each observation.')
}

/** How many lines a text ends; blocks of `readText` never cut `\r\n` in two. */
export function countLines(block: Uint8Array, end = block.length): number {
  let count = 0
  for (let i = 0; i < end; i++) if (block[i] === 10 || (block[i] === 13 && block[i + 1] !== 10)) count++
  return count
}

const readAs = (encoding: string): string => `Read as ${encodingTitle(encoding)} (--encoding names another).`

async function* without(blocks: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let left = length
  for await (const block of blocks) {
    if (block.length > left) yield block.subarray(left)
    left = Math.max(0, left - block.length)
  }
}

async function* wholeLines(blocks: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 1
  for await (const next of blocks) {
    const block = rest.length === 0 ? next : Buffer.concat([rest, next])
    // A line may end with \r alone, which the last byte cannot tell.
    const end = Math.max(block.lastIndexOf(10), block.length < 2 ? -1 : block.lastIndexOf(13, block.length - 2)) + 1
    rest = block.subarray(end)
    if (rest.length > LONGEST_LINE)
      throw dataError(
        'NotText',
        { file, line: line + countLines(block, end) },
        `a line is longer than ${LONGEST_LINE / 2 ** 20} MiB`,
        'This is no table with one row a line: give a CSV or TSV file.',
      )
    if (end === 0) continue
    line += countLines(block, end)
    yield block.subarray(0, end)
  }
  if (rest.length > 0) yield rest
}

/** Blocks of UTF-8 as they are; what turns out to be Windows-1252 is made UTF-8. */
async function* asUtf8(
  blocks: AsyncIterable<Buffer>,
  file: string,
  sure: 'guessed' | 'named' | 'marked',
  tell: (notice: string) => void,
): AsyncGenerator<Buffer> {
  let line = 1
  /** Lines at which text beyond ASCII was first met. */
  let utf8: number | undefined
  let western: number | undefined
  for await (const block of blocks) {
    refuseNul(block, file, line)
    if (isAscii(block)) yield block
    else if (western === undefined && isUtf8(block)) {
      utf8 ??= line + countLines(block, firstBeyondAscii(block))
      yield block
    } else {
      for (const { text, offset } of linesIn(block)) {
        if (isAscii(text)) continue
        const here = line + offset
        if (isUtf8(text)) utf8 ??= here
        else if (western === undefined && (sure !== 'guessed' || utf8 !== undefined)) throw damaged(file, here, utf8, sure === 'marked')
        else {
          if (western === undefined) tell(readAs('windows-1252'))
          western ??= here
          if (!mayBeWestern(text)) throw unknownEncoding(file, here)
        }
        if (western !== undefined && utf8 !== undefined) throw mixed(file, here, western, utf8)
      }
      // Only as a stream does Node decode the bytes 80 to 9f.
      yield Buffer.from(new TextDecoder('windows-1252').decode(block, { stream: true }), 'utf8')
    }
    line += countLines(block)
  }
}

const firstBeyondAscii = (block: Buffer): number => block.findIndex((byte) => byte > 127)

function* linesIn(block: Buffer): Generator<{ text: Buffer; offset: number }> {
  let offset = 0
  for (let start = 0, i = 0; i < block.length; i++) {
    const ends = block[i] === 10 || (block[i] === 13 && block[i + 1] !== 10)
    if (!ends && i + 1 < block.length) continue
    yield { text: block.subarray(start, i + 1), offset: offset++ }
    start = i + 1
  }
}

/** Text of another encoding as UTF-8. */
async function* transcoded(blocks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  for await (const block of blocks) {
    const text = decoder.decode(block, { stream: true })
    if (text !== '') yield Buffer.from(text, 'utf8')
  }
  const last = decoder.decode()
  if (last !== '') yield Buffer.from(last, 'utf8')
}

async function* checked(blocks: AsyncIterable<Buffer>, encoding: string, file: string): AsyncGenerator<Buffer> {
  let line = 1
  for await (const block of blocks) {
    refuseNul(block, file, line)
    // What cannot be decoded comes out as this character.
    const at = block.indexOf('\ufffd')
    if (at !== -1)
      throw dataError(
        'NotText',
        { file, line: line + countLines(block, at) },
        `the bytes are no valid ${encodingTitle(encoding)} text`,
        'Name the encoding that the file is in with --encoding, or save it in UTF-8.',
      )
    line += countLines(block)
    yield block
  }
}

function refuseNul(block: Buffer, file: string, firstLine: number): void {
  const at = block.indexOf(0)
  if (at !== -1)
    throw dataError(
      'NotText',
      { file, line: firstLine + countLines(block, at) },
      'there is a NUL byte, so this is binary data and not a text table',
      'Give a CSV or TSV file in UTF-8.',
    )
}

const ANY = 'or name the encoding: --encoding windows-1252 reads any bytes'

const damaged = (file: string, line: number, before: number | undefined, marked: boolean): Error =>
  dataError(
    'NotText',
    { file, line },
    `the bytes are no valid UTF-8 text${before === undefined ? '' : `, as line ${before} is`}`,
    marked ? 'Correct the line, or save the table in UTF-8 anew.' : `Correct the line, ${ANY}.`,
  )

const mixed = (file: string, line: number, western: number, utf8: number): Error =>
  dataError(
    'NotText',
    { file, line },
    `line ${western} is no valid UTF-8 text, but line ${utf8} is: there are two encodings in one file`,
    `Save it in UTF-8 throughout, ${ANY}.`,
  )

const unknownEncoding = (file: string, line: number): Error =>
  dataError(
    'NotText',
    { file, line },
    'the bytes are no valid UTF-8 text, and no Western text in Windows-1252 either',
    'Name the encoding, like --encoding windows-1251 (Cyrillic), windows-1250 (Central European), gb18030 (Chinese), shift_jis ' +
      '(Japanese), euc-kr (Korean), macintosh or windows-1252, or save the table in UTF-8.',
  )
