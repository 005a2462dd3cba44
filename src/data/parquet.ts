import type { DecodedArray, FileMetaData, ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet'
import { cellText, dayText, decimalText, instantText, singleText } from './cellText.js'
import { dataError } from './place.js'
import type { TypedTable } from './typedTable.js'

/** Rows made into texts at a time. */
const BLOCK = 2 ** 14

/** Dates and times as they are stored: rounding them to what a Date can hold would lose digits. */
const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ticks) => ticks,
  timestampFromMicroseconds: (ticks) => ticks,
  timestampFromNanoseconds: (ticks) => ticks,
  dateFromDays: (days) => days,
}

/**
 * The table in a Parquet file, its columns read row group by row group. Every codec that Parquet names is unpacked.
 *
 * @throws DataError `BadParquet`, also while reading
 */
export async function openParquet(bytes: Uint8Array, file: string): Promise<TypedTable> {
  const { parquetMetadata, parquetScan, parquetSchema } = await import('hyparquet')
  const { compressors } = await import('hyparquet-compressors')
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = guarded(file, () => withConvertedTypes(parquetMetadata(buffer)))
  const columns = guarded(file, () => parquetSchema(metadata).children.map(columnOf))
  return {
    columns,
    async *blocks(positions) {
      try {
        const chosen = positions.map((i) => columns[i]!)
        const scan = await parquetScan({ file: buffer, metadata, compressors, parsers, columns: chosen.map(({ name }) => name) })
        for (const { rowStart, rowEnd } of scan.ranges) {
          const data: DecodedArray[] = []
          for (const { name } of chosen) data.push(await scan.readColumn({ column: name, rowStart, rowEnd }))
          for (let from = 0; from < rowEnd - rowStart; from += BLOCK) {
            const count = Math.min(BLOCK, rowEnd - rowStart - from)
            yield Array.from({ length: count }, (_, i) => chosen.map(({ text }, c) => {
              const cell: unknown = data[c]![from + i]
              return cell === null || cell === undefined ? '' : text(cell)
            }))
          }
        }
      } catch (error) {
        throw damaged(file, error)
      }
    },
  }
}

interface ParquetColumn {
  readonly name: string
  readonly type: string
  readonly kind: 'plain' | 'boolean' | 'other'
  /** A cell that is not null. */
  readonly text: (cell: unknown) => string
}

function columnOf({ element, children }: SchemaTree): ParquetColumn {
  const { name, type = '', logical_type: logical, converted_type: converted } = element
  const kind = logical?.type ?? converted ?? (children.length > 0 ? 'STRUCT' : type)
  const column = (text: (cell: unknown) => string): ParquetColumn => ({ name, type: kind, kind: 'plain', text })
  if (element.repetition_type === 'REPEATED' || children.length > 0) return { name, type: element.repetition_type === 'REPEATED' ? 'LIST' : kind, kind: 'other', text: cellText }
  switch (kind) {
    case 'BOOLEAN':
      return { name, type: kind, kind: 'boolean', text: cellText }
    case 'FLOAT':
    case 'FLOAT16':
      return column((value) => singleText(Number(value)))
    case 'DECIMAL':
      return column(decimalOf(element))
    case 'DATE':
      return column((days) => dayText(Number(days)))
    case 'TIMESTAMP':
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS':
    case 'INT96':
      return column(timestampOf(element))
    case 'TIME':
    case 'TIME_MILLIS':
    case 'TIME_MICROS':
    case 'INTERVAL':
    case 'JSON':
    case 'BSON':
    case 'GEOMETRY':
    case 'GEOGRAPHY':
    case 'VARIANT':
    case 'FIXED_LEN_BYTE_ARRAY':
      return { name, type: kind, kind: 'other', text: cellText }
    default:
      return column(cellText)
  }
}

/** The library divides by a power of ten; as many digits as the type has undo what rounding did. */
const decimalOf = ({ scale = 0 }: SchemaElement) => (cell: unknown): string => (typeof cell === 'bigint' ? decimalText(cell, scale) : scale <= 0 ? String(cell) : Number(cell).toFixed(scale))

const TICKS = { MILLIS: 1e3, MICROS: 1e6, NANOS: 1e9 } as const

function timestampOf({ type, logical_type: logical, converted_type: converted }: SchemaElement): (cell: unknown) => string {
  const unit = logical?.type === 'TIMESTAMP' ? logical.unit : type === 'INT96' ? 'NANOS' : converted === 'TIMESTAMP_MICROS' ? 'MICROS' : 'MILLIS'
  // Times of INT96 are of no stated zone; the old converted types mean UTC.
  const utc = logical?.type === 'TIMESTAMP' ? logical.isAdjustedToUTC : type !== 'INT96'
  return (cell) => instantText(BigInt(cell as bigint), TICKS[unit], utc)
}

/** The library goes by the older of the two ways to say that a column holds decimals. */
function withConvertedTypes(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element): SchemaElement => (element.logical_type?.type === 'DECIMAL' && element.converted_type === undefined
    ? { ...element, converted_type: 'DECIMAL', scale: element.logical_type.scale, precision: element.logical_type.precision }
    : element))
  return { ...metadata, schema }
}

function guarded<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw damaged(file, error)
  }
}

const damaged = (file: string, error: unknown): Error =>
  dataError('BadParquet', { file }, `the Parquet data is damaged, cut off, or written in a way that is not read (${error instanceof Error ? error.message : String(error)})`, 'Copy or write the file again, or save the table as CSV.')
