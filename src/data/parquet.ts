import { dataError, reasonOf } from './place.js'
import type { TypedTable } from './typedTable.js'
import { timeFor } from './withinTime.js'

/** Rows made into texts at a time. */
const BLOCK = 2 ** 14

/**
 * The table in a Parquet file, its columns read row group by row group. Every codec that Parquet names is unpacked, but
 * LZO. What a file declares is compared with its bytes before anything is set aside for it.
 *
 * @throws DataError `BadParquet`, also while reading
 */
export async function openParquet(bytes: Uint8Array, file: string): Promise<TypedTable> {
  const { readFooter } = await import('./parquet/footer.js')
  const { columnOf } = await import('./parquet/cells.js')
  const { readColumn } = await import('./parquet/columnReader.js')
  const time = timeFor(bytes.length)
  const guarded = <T>(read: () => T, column?: string): T => {
    try {
      return time.run(read)
    } catch (error) {
      throw damaged(file, error, column)
    }
  }
  const { columns, groups } = guarded(() => {
    const footer = readFooter(bytes)
    return {
      groups: footer.groups,
      columns: footer.columns.map((element, i) => ({ element, column: columnOf(element, footer.nested[i]!) })),
    }
  })
  return {
    columns: columns.map(({ column }) => column),
    async *blocks(positions) {
      for (const { rows, chunks } of groups) {
        const readers = positions.map((i) =>
          guarded(() => readColumn(bytes, chunks[i]!, columns[i]!.element, columns[i]!.column, rows), columns[i]!.column.name),
        )
        for (let from = 0; from < rows; from += BLOCK) {
          const count = Math.min(BLOCK, rows - from)
          const cells = readers.map((reader, c) => guarded(() => reader.take(count), columns[positions[c]!]!.column.name))
          yield Array.from({ length: count }, (_, i) => cells.map((column) => column[i]!))
        }
      }
    },
  }
}

function damaged(file: string, error: unknown, column?: string): Error {
  return dataError(
    'BadParquet',
    { file, ...(column && { column }) },
    `the Parquet data is damaged, cut off, or written in a way that is not read (${reasonOf(error)})`,
    'Copy or write the file again, or save the table as CSV.',
  )
}
