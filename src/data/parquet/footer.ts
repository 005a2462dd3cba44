import { parquetMetadata, parquetSchema, type FileMetaData, type SchemaElement, type SchemaTree } from 'hyparquet'
import { checkRows } from '../plausible.js'
import { isCodec } from './codecs.js'
import { declared } from './declared.js'
import { structEnd } from './thrift.js'

/** A column's part of a row group: where its pages lie. */
export interface Chunk {
  readonly start: number
  readonly end: number
  readonly codec: string
}

export interface RowGroup {
  readonly rows: number
  /** By position of the column; undefined for lists and structures. */
  readonly chunks: readonly (Chunk | undefined)[]
}

export interface Footer {
  readonly columns: readonly SchemaElement[]
  readonly nested: readonly boolean[]
  readonly groups: readonly RowGroup[]
}

/** The marks at both ends and the length of the footer. */
const FRAME = 12

/**
 * What a Parquet file says of itself, checked against its bytes: counts are those of the parts, parts lie within the file.
 *
 * @throws Error
 */
export function readFooter(bytes: Uint8Array): Footer {
  const end = bytes.length - 8
  if (bytes.length < FRAME || Buffer.from(bytes.subarray(-4)).toString('latin1') !== 'PAR1')
    throw new Error('it does not end as a Parquet file does')
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true)
  if (length > bytes.length - FRAME) throw new Error('the description at its end is longer than the file')
  structEnd(bytes, end - length, end)
  const metadata = parquetMetadata(bytes, { geoparquet: false })
  const { children } = parquetSchema(metadata)
  const nested = children.map(isNested)
  const leaves = leafPositions(children)
  const groups = metadata.row_groups.map((group): RowGroup => {
    const rows = declared(group.num_rows, 'it', 'rows')
    return {
      rows,
      chunks: children.map(({ element }, i) => (nested[i] ? undefined : chunkOf(group.columns[leaves[i]!], element, rows, bytes.length))),
    }
  })
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  if (rows !== declared(metadata.num_rows, 'it', 'rows')) throw new Error(`it declares ${metadata.num_rows} rows and holds ${rows}`)
  checkRows(rows, children.length, bytes.length)
  return { columns: children.map(({ element }) => element), nested, groups }
}

const isNested = ({ element, children }: SchemaTree): boolean =>
  element.repetition_type === 'REPEATED' || children.length > 0 || (element.num_children ?? 0) > 0

/** Where the parts of each top-level column begin among all parts of a row group. */
function leafPositions(children: readonly SchemaTree[]): number[] {
  const leaves = (tree: SchemaTree): number =>
    tree.children.length === 0 ? 1 : tree.children.reduce((sum, child) => sum + leaves(child), 0)
  let next = 0
  return children.map((child) => {
    const position = next
    next += leaves(child)
    return position
  })
}

function chunkOf(
  column: FileMetaData['row_groups'][number]['columns'][number] | undefined,
  element: SchemaElement,
  rows: number,
  size: number,
): Chunk {
  if (column?.file_path) throw new Error('its columns lie in other files')
  const data = column?.meta_data
  if (data === undefined) throw new Error('a column is missing or encrypted')
  const path = data.path_in_schema.map((part: string | undefined) => part ?? '')
  if (data.type !== element.type || path.length !== 1 || path[0] !== (element.name ?? ''))
    throw new Error(`the column ${JSON.stringify(element.name ?? '')} is not where it should be`)
  if (declared(data.num_values, 'it', 'values') !== rows) throw new Error(`a column has ${data.num_values} cells for ${rows} rows`)
  if (!isCodec(data.codec))
    throw new Error(`a column is packed by a method that is not read${typeof data.codec === 'string' ? ` (${data.codec})` : ''}`)
  const [first, dictionary, length] = [
    declared(data.data_page_offset, 'it', 'bytes'),
    declared(data.dictionary_page_offset ?? 0n, 'it', 'bytes'),
    declared(data.total_compressed_size, 'it', 'bytes'),
  ]
  const start = dictionary === 0 ? first : Math.min(first, dictionary)
  if (start + length > size - 8) throw new Error('a column lies outside the file')
  return { start, end: start + length, codec: data.codec }
}
