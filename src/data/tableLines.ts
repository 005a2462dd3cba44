import type { Layout } from './layout.js'
import { plural } from './place.js'
import { beginsWithHash, withoutHash } from './sampleLines.js'
import { countLines } from './text.js'

/** Blocks of whole lines in which the first `count` lines are blank. */
export async function* blankFirst(blocks: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count
  for await (const block of blocks) {
    let end = 0
    for (; left > 0 && end < block.length; end++) if (block[end] === 10 || (block[end] === 13 && block[end + 1] !== 10)) left--
    yield end === 0 ? block : Buffer.concat([Buffer.alloc(countLines(block, end), '\n'), block.subarray(end)])
  }
}

/**
 * Blocks of whole lines in which only the table is left. Lines that are none of it become blank, so that all others keep
 * their numbers; blanks that separate cells become single ones.
 *
 * @param tell takes what was left out, as a sentence, once all is read
 */
export async function* tableLines(
  blocks: AsyncIterable<Buffer>,
  layout: Pick<Layout, 'delimiter' | 'headerLine' | 'hashed' | 'comments' | 'commentsAbove'>,
  tell: (notice: string) => void = () => {},
): AsyncGenerator<Buffer> {
  const table = blankFirst(blocks, layout.headerLine - 1)
  const bare = layout.hashed || layout.comments ? withoutComments(table, layout, tell) : table
  yield* layout.delimiter === ' ' ? singleBlanks(bare) : bare
}

async function* withoutComments(
  blocks: AsyncIterable<Buffer>,
  { headerLine, hashed, comments, commentsAbove }: Pick<Layout, 'headerLine' | 'hashed' | 'comments' | 'commentsAbove'>,
  tell: (notice: string) => void,
): AsyncGenerator<Buffer> {
  let line = 1
  let inQuotes = false
  let count = commentsAbove.length
  let first = commentsAbove[0]
  for await (const block of blocks) {
    const text = block.includes(35) ? block.toString('latin1') : ''
    let kept = ''
    let at = 0
    for (const match of text.matchAll(/(?<=^|[\r\n])[ \t]*#[^\r\n]*/g)) {
      inQuotes = closes(text.slice(at, match.index), inQuotes)
      const here = line + countLines(block, match.index)
      const isHeader = hashed && here === headerLine
      // Within quotes it is part of a cell.
      const stays = inQuotes || (!isHeader && (!comments || !beginsWithHash(match[0])))
      kept += text.slice(at, match.index) + (stays ? match[0] : isHeader ? withoutHash(match[0]) : '')
      at = match.index + match[0].length
      if (stays || isHeader) inQuotes = closes(match[0], inQuotes)
      else {
        first ??= here
        count++
      }
    }
    if (at === 0) {
      if (block.includes(34)) inQuotes = closes(block.toString('latin1'), inQuotes)
      yield block
    } else {
      inQuotes = closes(text.slice(at), inQuotes)
      yield Buffer.from(kept + text.slice(at), 'latin1')
    }
    line += countLines(block)
  }
  if (count > 0)
    tell(
      count === 1
        ? `Left out line ${first}, which begins with #.`
        : `Left out ${plural(count, 'line')} that begin with # (the first is line ${first}).`,
    )
}

/** Whether a quote is open at the end of a text. */
function closes(text: string, open: boolean): boolean {
  let now = open
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) now = !now
  return now
}

async function* singleBlanks(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const block of blocks) {
    yield Buffer.from(
      block.toString('latin1').replace(/"(?:[^"\r\n]|"")*"|[ \t]+/g, (part, offset: number, all: string) => {
        if (part.startsWith('"')) return part
        const starts = offset === 0 || /[\r\n]/.test(all[offset - 1]!)
        const end = offset + part.length
        return starts || end === all.length || /[\r\n]/.test(all[end]!) ? '' : ' '
      }),
      'latin1',
    )
  }
}
