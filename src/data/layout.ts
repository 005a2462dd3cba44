import { DELIMITERS, cellsOf, decimalMark, type Delimiter, type Dialect } from './dialect.js'
import { looksEmpty, looksLikeNames, looksLikeValue } from './looks.js'
import { dataError, listNames, quote } from './place.js'
import { sampleLines, withoutHash, type Line } from './sampleLines.js'

/** Where a table stands in a text, and how it is written. */
export interface Layout {
  readonly delimiter: string
  readonly decimal: Dialect['decimal']
  /** Lines above this one are none of the table's: titles, comments, `sep=;`. */
  readonly headerLine: number
  /** The header begins with `#`, which is none of its first name's. */
  readonly hashed: boolean
  /** Lines that begin with `#` are comments; those above the header by their numbers. */
  readonly comments: boolean
  readonly commentsAbove: readonly number[]
  /** All rows begin with a quote, as they do where R writes the names of rows. */
  readonly quotedRows: boolean
  readonly notices: readonly string[]
}

export interface LayoutOptions {
  readonly delimiter?: Delimiter | undefined
  readonly decimal?: '.' | ',' | undefined
  /** Lines above the header, blank in the sample already. Default: found out. */
  readonly skipRows?: number | undefined
}

/** A table as one delimiter cuts it. */
interface Shape {
  readonly delimiter: string
  readonly width: number
  readonly rows: readonly (readonly string[])[]
  /** Which of the rows is the header; -1 where it is a line that begins with `#`. */
  readonly header: number
  readonly hash?: Line
  /** Whether the header has as many cells as it should, and the share of rows that have. */
  readonly fits: boolean
  readonly share: number
}

const TIME_NAME = /(^|[_ .-])(time|date|datetime|timestamp)$|^ds$/i

/** Lines that shapes are made of, and how far down a header is looked for. */
const LOOKED_AT = 240
const TITLES = 40

/**
 * Finds the table in the beginning of a text: the delimiter that cuts most lines into equally many cells, the header, and
 * what stands above it. Lines of another number of cells above a line of names are titles. Where lines of names stand
 * below each other, it cannot be known which is the header, and reading is refused.
 *
 * @param whole false where the last line may be cut off
 * @throws DataError `NoDelimiter`, `WhichHeader`, `BadQuotes`
 */
export function findLayout(sample: string, file: string, whole: boolean, { delimiter, decimal, skipRows }: LayoutOptions = {}): Layout {
  const { separator, plain, hashes } = sampleLines(sample, whole)
  // Where every line begins with #, that is part of the table.
  const allHashed = plain.length === 0
  const lines = allHashed ? hashes : plain
  const looked = lines.slice(0, LOOKED_AT)
  if (lines.length === 0)
    return {
      delimiter: delimiter ?? ',',
      decimal: decimal ?? 'undecided',
      headerLine: 1,
      hashed: false,
      comments: true,
      commentsAbove: [],
      quotedRows: false,
      notices: [],
    }
  const shape = (by: string): Shape | undefined => shapeOf(looked, allHashed ? [] : hashes, by, skipRows === undefined)
  const chosen = delimiter !== undefined ? shape(delimiter) : ((separator === undefined ? undefined : shape(separator)) ?? likeliest(shape))
  // A lone word is a table of one column.
  if (chosen === undefined && delimiter === undefined && !/^"?[\w.-]+"?$/.test(looked[0]!.text.trim())) {
    refuseQuotedLines(looked, file, shapeOf)
    throw dataError(
      'NoDelimiter',
      { file, line: looked[0]!.line },
      `nothing is found that separates cells (${quote(looked[0]!.text)})`,
      'Name it with --delimiter: ",", ";", tab, "|" or space. A table has a column of times and one for each channel.',
    )
  }
  const header = chosen?.hash ?? looked[chosen?.header ?? 0]!
  if (chosen !== undefined && skipRows === undefined) refuseSecondHeader(chosen, looked, file)
  const data = lines.filter(({ line }) => line > header.line)
  const by = chosen?.delimiter ?? delimiter ?? ','
  const full = hashes.filter(({ text, line }) => line > header.line && cellsOf(text, by).length === chosen?.width).length
  const titles = chosen?.header ?? 0
  const hashed = chosen?.hash !== undefined || allHashed
  return {
    delimiter: by,
    decimal:
      decimal ??
      decimalMark(
        data.map(({ text }) => text),
        by,
      ),
    headerLine: header.line,
    hashed,
    comments: !allHashed && full <= data.length,
    commentsAbove: allHashed ? [] : hashes.filter(({ line }) => line < header.line).map(({ line }) => line),
    quotedRows: data.length > 0 && data.slice(0, LOOKED_AT).every(({ text }) => text.startsWith('"')),
    notices: [
      ...(titles > 0 ? [`Left out what stands above the header on line ${header.line} (--skip-rows 0 reads from the first line).`] : []),
      ...(hashed ? [`The names of the columns are taken from line ${header.line}, which begins with #.`] : []),
    ],
  }
}

/** The best of the delimiters; blanks only where no other will do. */
function likeliest(shape: (delimiter: string) => Shape | undefined): Shape | undefined {
  const shapes = DELIMITERS.map(shape).filter((other) => other !== undefined)
  const score = ({ fits, share }: Shape): number => (fits ? 1 : 0) + share
  const best = shapes.reduce<Shape | undefined>(
    (before, other) =>
      before === undefined || score(other) > score(before) || (score(other) === score(before) && other.width > before.width)
        ? other
        : before,
    undefined,
  )
  if (best !== undefined && best.fits && best.share >= 0.5) return best
  const blanks = shape(' ')
  return blanks !== undefined && blanks.fits && blanks.share >= (best === undefined ? 0.5 : 0.98) && blanks.rows.length > 1 ? blanks : best
}

function shapeOf(lines: readonly Line[], hashes: readonly Line[], delimiter: string, mayHaveTitles: boolean): Shape | undefined {
  const rows = lines.map(({ text }) => cellsOf(text, delimiter))
  const width = commonest(rows.map(({ length }) => length).filter((length) => length > 1))
  if (width === undefined) return undefined
  const share = (from: number): number =>
    from >= rows.length ? 1 : rows.slice(from).filter(({ length }) => length === width).length / (rows.length - from)
  const first = rows[0]!
  const named = hashes.filter(
    ({ text, line }) =>
      line < lines[0]!.line &&
      cellsOf(withoutHash(text), delimiter).length === width &&
      looksLikeNames(cellsOf(withoutHash(text), delimiter)),
  )
  // The line below the names may give their units.
  const hash = named.find(({ text }) => cellsOf(withoutHash(text), delimiter).some((name) => TIME_NAME.test(name.trim()))) ?? named.at(-1)
  if (hash !== undefined && first.length === width && first.some(looksLikeValue))
    return { delimiter, width, rows, header: -1, hash, fits: true, share: share(0) }
  const below = mayHaveTitles ? belowTitles(rows, width) : 0
  if (below > 0) return { delimiter, width, rows, header: below, fits: true, share: share(below) }
  // One cell less: the names of rows have none; one more: a delimiter at the end.
  const fits =
    first.length === width ||
    (first.length === width - 1 && first.length > 1) ||
    (first.length === width + 1 && first.at(-1)!.trim() === '')
  return { delimiter, width, rows, header: 0, fits, share: share(1) }
}

/** The row of names that the table begins with, where all above it has another number of cells, or empty ones at the end; else 0. */
function belowTitles(rows: readonly (readonly string[])[], width: number): number {
  let header = 0
  let most = 0
  for (let i = 0; i < Math.min(TITLES, rows.length - 1); i++) {
    const row = rows[i]!
    const filled = row.length === width ? row.findLastIndex((cell) => cell.trim() !== '') + 1 : 0
    if (filled > most && (i > 0 || filled === width) && looksLikeNames(row) && isAboveValues(rows, i, width)) {
      const below = rows.slice(i + 1)
      const ragged = below.filter(({ length }) => length !== width).length
      if (ragged <= Math.max(1, 0.1 * below.length)) header = i
    }
    if (filled === width) break
    most = Math.max(most, filled)
  }
  return header
}

/** Whether a row has words where the rows below it have values; the first below may be a row of units. */
function isAboveValues(rows: readonly (readonly string[])[], at: number, width: number): boolean {
  const below = rows.slice(at + 1).filter(({ length }) => length === width)
  const sure = below.length > 1 ? below.slice(1) : below
  return rows[at]!.some((cell, c) => {
    if (looksEmpty(cell) || looksLikeValue(cell)) return false
    const cells = sure.map((row) => row[c]!).filter((other) => !looksEmpty(other))
    return cells.length > 0 && cells.filter(looksLikeValue).length >= 0.9 * cells.length
  })
}

/** Refuses a table in which a later line looks like the header as much as the first one does. */
function refuseSecondHeader({ rows, width, header, hash }: Shape, lines: readonly Line[], file: string): void {
  const isNames = (row: readonly string[], at: number): boolean =>
    row.length === width &&
    row.every((cell) => !looksEmpty(cell) && !/\d/.test(cell)) &&
    looksLikeNames(row) &&
    isAboveValues(rows, at, width) &&
    // What is said again further down is said of a row, not of a column.
    row.every((cell, c) => !rows.some((other, i) => i > at && other[c] === cell))
  const last = rows.slice(0, header + TITLES).findLastIndex((row, at) => at > header && isNames(row, at))
  if (last === -1 || hash !== undefined) return
  const [above, row] = [rows[header]!, rows[last]!]
  // One line of words below the header gives the units.
  if (last === header + 1 && (above.some((name) => TIME_NAME.test(name)) || !row.some((name) => TIME_NAME.test(name)))) return
  const line = lines[last]!.line
  if (row.every((cell, c) => cell.trim() === above[c]!.trim()))
    throw dataError(
      'WhichHeader',
      { file, line },
      `the header of line ${lines[header]!.line} stands here again`,
      'Remove the line, if the rows below it go on with those above.',
    )
  throw dataError(
    'WhichHeader',
    { file, line },
    `the line looks like the header (${listNames(
      row.map((cell) => cell.trim()),
      4,
    )}), and so does line ${lines[header]!.line} (${listNames(
      above.map((cell) => cell.trim()),
      4,
    )})`,
    `If the table begins here, add --skip-rows ${line - 1}. If not, remove the lines of text that stand below the header.`,
  )
}

/** Refuses a table whose lines stand in quotes as a whole. */
function refuseQuotedLines(lines: readonly Line[], file: string, shape: typeof shapeOf): void {
  if (!lines.every(({ text }) => /^"(?:[^"]|"")*"$/.test(text.trim()))) return
  const inner = lines.map(({ text, line }) => ({ text: text.trim().slice(1, -1).replaceAll('""', '"'), line }))
  if (!DELIMITERS.some((delimiter) => shape(inner, [], delimiter, false)?.share === 1)) return
  throw dataError(
    'BadQuotes',
    { file, line: lines[0]!.line },
    `each line stands in quotes as a whole (${quote(lines[0]!.text.trim())}), which makes it a single cell`,
    'Remove the quotes at both ends of the lines.',
  )
}

function commonest(numbers: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  return [...counts].reduce<readonly [number, number] | undefined>(
    (best, entry) => (best === undefined || entry[1] > best[1] ? entry : best),
    undefined,
  )?.[0]
}
