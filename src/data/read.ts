import { CsvError, parse } from 'csv-parse'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sniffDialect, type Dialect } from './dialect.js'
import { kindByContent, kindNames, type FileKind } from './fileKind.js'
import { startIngest, type ColumnTable, type Ingest, type IngestOptions } from './ingest.js'
import { dataError } from './place.js'
import { readBytes, readText, sourceName, sourceStem, type Source } from './source.js'
import { toResult, type ReadResult } from './readResult.js'
import type { ToSeriesOptions } from './toSeries.js'
import type { TypedTable } from './typedTable.js'

/** How a table is read: which column is what, and how it is written. Everything has a default that is found out from the data. */
export interface ReadOptions extends IngestOptions, ToSeriesOptions {
  /** Default: found out from the first lines. */
  readonly delimiter?: Dialect['delimiter']
  /** Decimal mark. Default: found out from the first lines. */
  readonly decimal?: '.' | ','
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
export async function readColumns(source: Source, options: ReadOptions = {}): Promise<ColumnTable> {
  const { file, kind, bytes } = await openSource(source, options)
  if (kind !== 'text') return (await import('./typedTable.js')).ingestTyped(await openTyped(kind, bytes, file, options), file, sourceStem(source), options)
  const { decimal, send } = await openText(bytes, file, options)
  const ingest = startIngest(file, sourceStem(source), decimal, 'line', options)
  await send(ingest)
  return ingest.finish()
}

/** A table as text: the header, trimmed, and the rows that hold anything. */
export interface TextTable {
  readonly file: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly decimal: '.' | ',' | 'undecided'
}

/** Reads a small table as text, whole. @throws DataError `EmptyFile`, `BadQuotes`, or what reading the file raises */
export async function readTable(source: Source, options: Pick<ReadOptions, 'delimiter' | 'decimal' | 'name'> = {}): Promise<TextTable> {
  const { file, kind, bytes } = await openSource(source, options)
  let header: readonly string[] = []
  const rows: (readonly string[])[] = []
  if (kind !== 'text') {
    const { columns, blocks } = await openTyped(kind, bytes, file, options)
    const used = columns.flatMap((column, i) => (column.kind === 'other' ? [] : [i]))
    for await (const block of blocks(used)) rows.push(...block)
    return { file, header: used.map((i) => columns[i]!.name.trim()), rows, decimal: '.' }
  }
  const { decimal, send } = await openText(bytes, file, options)
  await send({
    header: (cells) => { header = cells.map((cell) => cell.trim()) },
    row: (cells) => { if (cells.some((cell) => cell.trim() !== '')) rows.push(cells) },
  })
  return { file, header, rows, decimal }
}

type Rows = Pick<Ingest, 'header' | 'row'>

type Dialected = Pick<ReadOptions, 'delimiter' | 'decimal' | 'name'>

/** Bytes that tell what kind of file it is. */
const HEAD = 8

async function openSource(source: Source, { name }: Dialected): Promise<{ file: string; kind: FileKind; bytes: AsyncGenerator<Buffer> }> {
  const file = name ?? sourceName(source)
  const { head, all } = await peek(readBytes(source, file), HEAD)
  return { file, kind: kindByContent(head, typeof source === 'string' ? source : '', file), bytes: all }
}

/** Finds out how a table is written; `send` then sends its header and rows on. */
async function openText(bytes: AsyncIterable<Buffer>, file: string, options: Dialected): Promise<{ decimal: TextTable['decimal']; send: (to: Rows) => Promise<void> }> {
  const { head, all } = await peek(readText(bytes, file))
  const sniffed = sniffDialect(head.subarray(0, 2 ** 18).toString('utf8'))
  const delimiter = options.delimiter ?? sniffed.delimiter
  let quoted = false
  return {
    decimal: options.decimal ?? (delimiter === sniffed.delimiter ? sniffed.decimal : 'undecided'),
    send: (to) => parseRows(watchQuotes(all, () => (quoted = true)), delimiter, file, to, () => quoted),
  }
}

/** Parquet and Arrow files say at their end what is in them, so they are read as a whole. */
async function openTyped(kind: 'parquet' | 'arrow', bytes: AsyncIterable<Buffer>, file: string, { delimiter, decimal }: Dialected): Promise<TypedTable> {
  if (delimiter !== undefined || decimal !== undefined) {
    throw dataError('NoDialect', { file }, `this is ${kind === 'parquet' ? 'a' : 'an'} ${kindNames[kind]} file, which has neither a delimiter nor a decimal mark`, 'Leave out --delimiter and --decimal.')
  }
  const chunks: Buffer[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  const whole = Buffer.concat(chunks)
  return kind === 'parquet' ? (await import('./parquet.js')).openParquet(whole, file) : (await import('./arrow.js')).openArrow(whole, file)
}

/** The first bytes, `least` of them or more if there are so many, and all bytes, the first ones included. */
async function peek(blocks: AsyncGenerator<Buffer>, least = 1): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < least) {
    const next = await blocks.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return {
    head,
    all: (async function* () {
      if (head.length > 0) yield head
      yield* blocks
    })(),
  }
}

async function* watchQuotes(blocks: AsyncGenerator<Buffer>, seen: () => void): AsyncGenerator<Buffer> {
  for await (const block of blocks) {
    if (block.includes(34)) seen()
    yield block
  }
}

/** Sends the header and each row with its line number to `ingest`. `quoted` tells whether a cell may span lines. */
async function parseRows(blocks: AsyncGenerator<Buffer>, delimiter: string, file: string, ingest: Rows, quoted: () => boolean): Promise<void> {
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
  if (!headed) throw dataError('EmptyFile', { file }, 'the file holds only blank lines', 'Give a table with a header line and a row for each observation.')
}

function breaksIn(cell: string): number {
  let count = 0
  for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) count++
  return count
}

function csvError(error: CsvError, file: string, line: number): Error {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return dataError('BadQuotes', { file, line }, 'the file ends inside a quoted cell', 'Close the double quote; a double quote within a quoted cell is written twice.')
  return dataError('BadQuotes', { file, line }, 'a double quote stands where none may be', 'Put the whole cell in double quotes, and write a double quote within it twice.')
}
