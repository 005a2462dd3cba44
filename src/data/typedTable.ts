import type { Rows } from './firstRows.js'
import { startIngest, type Ingest, type IngestOptions } from './ingest.js'
import { dataError, quote } from './place.js'

/** A column whose cells have a type, as in Parquet and Arrow files. */
export interface TypedColumn {
  readonly name: string
  /** The format's own word for the type, for messages: `INT64`, `List`. */
  readonly type: string
  /** `other`: lists, structures, bytes, times of day: nothing that a series is made of. */
  readonly kind: 'plain' | 'boolean' | 'other'
}

/** A table of such columns. */
export interface TypedTable {
  readonly columns: readonly TypedColumn[]
  /** The rows of some columns, by position, in blocks. Cells are texts as a CSV file would have them, empty where null. */
  blocks(columns: readonly number[]): AsyncIterable<readonly (readonly string[])[]>
}

/**
 * Reads a typed table as if it were its CSV twin, so that both give the same set. Where a type says more than a text
 * would, it is used: a boolean column that the user names becomes 1 and 0; columns that hold no numbers, texts or dates
 * are left out with a notice.
 *
 * @param finish what to make of it at the end
 * @param also takes the header and the rows as well
 * @throws DataError `UnsupportedType` for such a column that the user named, and what `Ingest` raises
 */
export async function ingestTyped<T extends { readonly notices: readonly string[] }>(
  table: TypedTable,
  file: string,
  stem: string,
  options: IngestOptions,
  finish: (ingest: Ingest) => T,
  also?: Rows,
): Promise<T> {
  const isWanted = wantedColumns(options)
  const notices: string[] = []
  const used = table.columns.flatMap((column, position) => {
    if (column.kind !== 'other') return [{ ...column, position }]
    if (column.name.trim() !== '' && isWanted(column.name))
      throw dataError(
        'UnsupportedType',
        { file, column: column.name },
        `the column has the type ${column.type}: it holds neither numbers nor texts nor dates`,
        'Name another column, or convert this one before writing the file.',
      )
    notices.push(
      `Left out the column ${column.name.trim() === '' ? `number ${position + 1}, without a name` : quote(column.name)}: it has the ` +
        `type ${column.type}.`,
    )
    return []
  })
  if (used.length === 0)
    throw dataError(
      'NoHeader',
      { file },
      'the table has no columns of numbers, texts or dates',
      'Give a table with a column for each measured quantity.',
    )
  const ingest = startIngest(file, stem, '.', 'row', options)
  const header = used.map((column) => headerOf(column.name, isWanted(column.name)))
  ingest.header(header, 1)
  also?.header(header, 1)
  const asNumbers = used.flatMap((column, i) => (column.kind === 'boolean' && isWanted(column.name) ? [i] : []))
  let row = 0
  for await (const block of table.blocks(used.map(({ position }) => position))) {
    for (const cells of block) {
      row++
      ingest.row(asNumbers.length === 0 ? cells : withNumbers(cells, asNumbers), row)
      also?.row(cells, row)
    }
  }
  const finished = finish(ingest)
  return { ...finished, notices: [...notices, ...finished.notices] }
}

/** Tells the columns that the user, or the fitted model, names. */
export function wantedColumns({ id, time, channel, value, values = [], expected = [] }: IngestOptions): (name: string) => boolean {
  const plain = (name: string): string => name.trim().toLowerCase()
  const wanted = new Set([id, time, channel, value, ...values, ...expected].flatMap((name) => (name === undefined ? [] : [plain(name)])))
  return (name) => wanted.has(plain(name))
}

/** pandas writes the index of a frame as a column that had no name, as it has none in CSV. */
const headerOf = (name: string, wanted: boolean): string => (!wanted && /^__index_level_\d+__$/.test(name) ? '' : name)

const withNumbers = (cells: readonly string[], booleans: readonly number[]): string[] =>
  cells.map((cell, i) => (booleans.includes(i) && cell !== '' ? (cell === 'true' ? '1' : '0') : cell))
