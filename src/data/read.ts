import { CsvError, parse } from 'csv-parse'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Dialect } from './dialect.js'
import { kindByContent, kindNames, type FileKind } from './fileKind.js'
import { lookAtFirstRows, type Rows } from './firstRows.js'
import { startIngest, type ColumnTable, type Ingest, type IngestOptions } from './ingest.js'
import { findLayout } from './layout.js'
import { refuseOtherText } from './otherFormats.js'
import { dataError, plural } from './place.js'
import { toResult, type ReadResult } from './readResult.js'
import { peek, readBytes, sourceName, sourceStem, type Source } from './source.js'
import { blankFirst, tableLines } from './tableLines.js'
import { readText } from './text.js'
import type { ToSeriesOptions } from './toSeries.js'
import type { TypedTable } from './typedTable.js'

/** How a table is read: which column is what, and how it is written. Everything has a default that is found out from the data. */
export interface ReadOptions extends IngestOptions, ToSeriesOptions {
  /** Default: found out from the first lines. A blank stands for any run of blanks and tabs. */
  readonly delimiter?: Dialect['delimiter']
  /** Decimal mark. Default: found out from the first lines. */
  readonly decimal?: '.' | ','
  /** A label of the WHATWG's Encoding Standard, such as `windows-1252`. Default: UTF-8, UTF-16 and Windows-1252 are recognised. */
  readonly encoding?: string
  /** How many lines stand above the header. Default: titles are told from the table by their number of cells. */
  readonly skipRows?: number
  /**
   * How dates are written: Luxon's tokens (`dd/MM/yyyy`), or `iso`, `epoch`,
   * `excel`, `number`, `mm:ss`. Default: found out from the column.
   */
  readonly dateFormat?: string
  /** IANA zone, or offset such as `UTC+1`, of times that have none of their own. Default: UTC. */
  readonly timeZone?: string
  /** What messages call the source. Default: its path. */
  readonly name?: string
}

/**
 * Reads a data set from a file (CSV, TSV, Parquet, Arrow; `.gz`), standard input (`-`) or a stream. Text is streamed,
 * never held as one; memory grows with the numbers in it.
 *
 * @throws DataError with a code, naming file, line or column, and what to do
 */
export async function readSeries(source: Source, options: ReadOptions = {}): Promise<ReadResult> {
  const columns = await readColumns(source, options)
  return toResult(columns, options)
}

/** Reads the typed columns of a table; see `readSeries`. */
export const readColumns = async (source: Source, options: ReadOptions = {}): Promise<ColumnTable> =>
  (await ingestSource(source, options, (ingest) => ingest.finish())).made

/** How a text table is written; a blank as delimiter stands for any run of blanks and tabs. */
export interface Written extends Pick<Dialect, 'decimal'> {
  readonly delimiter: string
}

/**
 * Sends a table through an ingest.
 *
 * @param finish what to make of it at the end
 * @param also takes the header and the rows as well, as they are written
 */
export async function ingestSource<T extends { readonly notices: readonly string[] }>(
  source: Source,
  options: ReadOptions,
  finish: (ingest: Ingest) => T,
  also?: Rows,
): Promise<{ readonly made: T; readonly kind: FileKind; readonly written: Written }> {
  const { file, kind, bytes } = await openSource(source, options)
  if (kind !== 'text') {
    const { ingestTyped } = await import('./typedTable.js')
    const made = await ingestTyped(await openTyped(kind, bytes, file, options), file, sourceStem(source), options, finish, also)
    return { made, kind, written: { delimiter: ',', decimal: '.' } }
  }
  const { delimiter, decimal, notices, send } = await openText(bytes, file, options)
  const ingest = startIngest(file, sourceStem(source), decimal, 'line', options)
  await send(also === undefined ? ingest : both(ingest, also))
  const made = finish(ingest)
  return { made: { ...made, notices: [...notices, ...made.notices] }, kind, written: { delimiter, decimal } }
}

const both = (one: Rows, other: Rows): Rows => ({
  header(cells, line) {
    one.header(cells, line)
    other.header(cells, line)
  },
  units(cells, line) {
    one.units?.(cells, line)
    other.units?.(cells, line)
  },
  row(cells, line) {
    one.row(cells, line)
    other.row(cells, line)
  },
})

/** A table as text: the header, trimmed, and the rows that hold anything. */
export interface TextTable {
  readonly file: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly decimal: '.' | ',' | 'undecided'
  /** What was recognised or left out, as sentences. */
  readonly notices: readonly string[]
}

/** Reads a small table as text, whole. @throws DataError `EmptyFile`, `BadQuotes`, or what reading the file raises */
export async function readTable(source: Source, options: TextReading = {}): Promise<TextTable> {
  const { file, kind, bytes } = await openSource(source, options)
  let header: readonly string[] = []
  const rows: (readonly string[])[] = []
  if (kind !== 'text') {
    const { columns, blocks } = await openTyped(kind, bytes, file, options)
    const used = columns.flatMap((column, i) => (column.kind === 'other' ? [] : [i]))
    for await (const block of blocks(used)) rows.push(...block)
    return { file, header: used.map((i) => columns[i]!.name.trim()), rows, decimal: '.', notices: [] }
  }
  const { decimal, notices, send } = await openText(bytes, file, options)
  await send({
    header: (cells) => {
      header = cells.map((cell) => cell.trim())
    },
    row: (cells) => {
      if (cells.some((cell) => cell.trim() !== '')) rows.push(cells)
    },
  })
  return { file, header, rows, decimal, notices }
}

/** What of the options is about text as text. */
export type TextReading = Pick<ReadOptions, 'delimiter' | 'decimal' | 'encoding' | 'skipRows' | 'missing' | 'name'>

/** Bytes that tell what kind of file it is. */
const HEAD = 8
/** How much of a text is looked at to find out how it is written. */
const SAMPLE = 2 ** 18

async function openSource(source: Source, { name }: TextReading): Promise<{ file: string; kind: FileKind; bytes: AsyncGenerator<Buffer> }> {
  const file = name ?? sourceName(source)
  const { head, all } = await peek(readBytes(source, file), HEAD)
  return { file, kind: kindByContent(head, typeof source === 'string' ? source : '', file), bytes: all }
}

/** Finds out how a table is written; `send` then sends its header and rows on, after which `notices` are complete. */
async function openText(
  bytes: AsyncIterable<Buffer>,
  file: string,
  options: TextReading,
): Promise<Written & { notices: readonly string[]; send: (to: Rows) => Promise<void> }> {
  const { encoding, skipRows, missing = [] } = options
  const notices: string[] = []
  const tell = (notice: string): void => void notices.push(notice)
  const text = readText(bytes, file, { encoding, tell })
  const { head, all } = await peek(skipRows === undefined ? text : blankFirst(text, skipRows), SAMPLE)
  const sample = head.subarray(0, SAMPLE).toString('utf8')
  refuseOtherText(sample, file)
  const layout = findLayout(sample, file, head.length < SAMPLE, options)
  notices.push(...layout.notices)
  const namedRows = layout.quotedRows || layout.delimiter === ' ' || layout.delimiter === '\t'
  let quoted = false
  return {
    delimiter: layout.delimiter,
    decimal: layout.decimal,
    notices,
    send: async (to) => {
      const rows = lookAtFirstRows(to, { file, namedRows, missing, tell })
      await parseRows(
        watchQuotes(tableLines(all, layout, tell), () => (quoted = true)),
        layout.delimiter,
        file,
        rows,
        () => quoted,
        skipRows,
      )
      rows.end()
    },
  }
}

/** Parquet and Arrow files say at their end what is in them, so they are read as a whole. */
async function openTyped(
  kind: 'parquet' | 'arrow',
  bytes: AsyncIterable<Buffer>,
  file: string,
  { delimiter, decimal, encoding, skipRows }: TextReading,
): Promise<TypedTable> {
  const called = `this is ${kind === 'parquet' ? 'a' : 'an'} ${kindNames[kind]} file`
  if (delimiter !== undefined || decimal !== undefined)
    throw dataError(
      'NoDialect',
      { file },
      `${called}, which has neither a delimiter nor a decimal mark`,
      'Leave out --delimiter and --decimal.',
    )
  if (encoding !== undefined || skipRows !== undefined)
    throw dataError('NoDialect', { file }, `${called}, which is no text`, 'Leave out --encoding and --skip-rows.')
  const chunks: Buffer[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  const whole = Buffer.concat(chunks)
  return kind === 'parquet' ? (await import('./parquet.js')).openParquet(whole, file) : (await import('./arrow.js')).openArrow(whole, file)
}

async function* watchQuotes(blocks: AsyncGenerator<Buffer>, seen: () => void): AsyncGenerator<Buffer> {
  for await (const block of blocks) {
    if (block.includes(34)) seen()
    yield block
  }
}

/** Sends the header and each row with its line number to `ingest`. `quoted` tells whether a cell may span lines. */
async function parseRows(
  blocks: AsyncGenerator<Buffer>,
  delimiter: string,
  file: string,
  ingest: Pick<Rows, 'header' | 'row'>,
  quoted: () => boolean,
  skipped = 0,
): Promise<void> {
  const parser = parse({ delimiter, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] })
  let line = 1
  let headed = false
  let failed = false
  parser.on('data', (cells: string[]) => {
    if (failed) return
    try {
      const blank = cells.length === 1 && cells[0]!.trim() === ''
      if (headed) ingest.row(cells, line)
      else if (!blank) {
        ingest.header(cells, line)
        headed = true
      }
      line += 1
      if (quoted()) for (const cell of cells) line += breaksIn(cell)
    } catch (error) {
      failed = true
      parser.destroy(error as Error)
    }
  })
  try {
    await pipeline(Readable.from(blocks), parser)
  } catch (error) {
    throw error instanceof CsvError ? csvError(error, file, parser.info.lines) : error
  }
  if (!headed && skipped > 0)
    throw dataError(
      'EmptyFile',
      { file },
      `nothing is left below the first ${plural(skipped, 'line')}`,
      'Give --skip-rows a smaller number.',
    )
  if (!headed)
    throw dataError(
      'EmptyFile',
      { file },
      'the file holds only blank lines',
      'Give a table with a header line and a row for each observation.',
    )
}

function breaksIn(cell: string): number {
  let count = 0
  for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) count++
  return count
}

function csvError(error: CsvError, file: string, line: number): Error {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return dataError(
      'BadQuotes',
      { file, line },
      'the file ends inside a quoted cell',
      'Close the double quote; a double quote within a quoted cell is written twice.',
    )
  return dataError(
    'BadQuotes',
    { file, line },
    'a double quote stands where none may be',
    'Put the whole cell in double quotes, and write a double quote within it twice.',
  )
}
