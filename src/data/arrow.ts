import type { CompressionType as CompressionTypes, DataType, Table, Type as Types } from '@uwdata/flechette'
import { cellText, dayText, decimalText, instantText, singleText } from './cellText.js'
import { dataError, reasonOf } from './place.js'
import type { TypedColumn, TypedTable } from './typedTable.js'
import { timeFor, type TimeBudget } from './withinTime.js'

/** Rows made into texts at a time. */
const BLOCK = 2 ** 14
const DAY = 86_400_000

/**
 * The table in an Arrow file (which Feather is since its version 2) or in a stream of Arrow messages; buffers may be
 * packed by LZ4 or Zstandard. What a file declares is compared with its bytes before anything is set aside for it.
 *
 * @throws DataError `BadArrow`
 */
export async function openArrow(bytes: Uint8Array, file: string): Promise<TypedTable> {
  const { CompressionType, Type, setCompressionCodec, tableFromIPC } = await import('@uwdata/flechette')
  await setCodecs(CompressionType, setCompressionCodec)
  const { checkMessages } = await import('./arrow/messages.js')
  const { checkColumns } = await import('./arrow/batches.js')
  const time = timeFor(bytes.length)
  try {
    const table = time.run(() => {
      checkMessages(bytes)
      const read = tableFromIPC(bytes, { useBigInt: true, useBigIntTimestamp: true, useDecimalInt: true })
      // A stream that was cut off before its schema gives nothing at all.
      if ((read as Table | undefined)?.schema?.fields === undefined) throw new Error('it has no schema')
      return read
    })
    return fromTable(table, Type, time, (positions) => checkColumns(table, positions, Type), file)
  } catch (error) {
    throw damaged(file, error)
  }
}

function fromTable(
  table: Table,
  Type: typeof Types,
  time: TimeBudget,
  check: (positions: readonly number[]) => void,
  file: string,
): TypedTable {
  const texts = table.schema.fields.map(({ type }) => textOf(type, Type))
  return {
    columns: table.schema.fields.map(({ name, type }, i): TypedColumn => ({
      name: (name as string | null) ?? '',
      type: nameOf(type, Type),
      kind: texts[i] === undefined ? 'other' : valueType(type, Type).typeId === Type.Bool ? 'boolean' : 'plain',
    })),
    async *blocks(positions) {
      const guarded = <T>(read: () => T): T => {
        try {
          return time.run(read)
        } catch (error) {
          throw damaged(file, error)
        }
      }
      const data = guarded(() => {
        check(positions)
        return positions.map((i) => table.getChildAt(i).toArray() as ArrayLike<unknown>)
      })
      for (let from = 0; from < table.numRows; from += BLOCK) {
        const count = Math.min(BLOCK, table.numRows - from)
        yield guarded(() =>
          Array.from({ length: count }, (_, i) =>
            positions.map((position, c) => {
              const cell = data[c]![from + i]
              return cell === null || cell === undefined ? '' : texts[position]!(cell)
            }),
          ),
        )
      }
    },
  }
}

/** How a cell of a type reads, null excepted; undefined for types that hold no numbers, texts or dates. */
function textOf(given: DataType, Type: typeof Types): ((cell: unknown) => string) | undefined {
  const type = valueType(given, Type)
  switch (type.typeId) {
    case Type.Null:
    case Type.Int:
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
    case Type.Bool:
      return cellText
    case Type.Float: {
      const { precision } = type as Extract<DataType, { typeId: 3 }>
      return precision === Precision.DOUBLE ? cellText : (value) => singleText(Number(value))
    }
    case Type.Decimal: {
      const { scale } = type as Extract<DataType, { scale: number }>
      return (cell) => decimalText(BigInt(cell as bigint | number), scale)
    }
    case Type.Date:
      return (cell) => dayText(Math.floor(Number(cell) / DAY))
    case Type.Timestamp: {
      const { unit, timezone } = type as Extract<DataType, { timezone: string | null }>
      return (cell) => instantText(BigInt(cell as bigint), TICKS[unit], timezone !== null && timezone !== '')
    }
    default:
      return undefined
  }
}

/** Numbers that Arrow has for the sizes of floating-point numbers: half, single, double. */
const Precision = { DOUBLE: 2 } as const

/** Ticks a second, by the number that Arrow has for a unit of time. */
const TICKS = [1, 1e3, 1e6, 1e9] as const

/** What is inside a dictionary, or runs of equal values. */
function valueType(type: DataType, Type: typeof Types): DataType {
  if (type.typeId === Type.Dictionary) return valueType((type as Extract<DataType, { dictionary: DataType }>).dictionary, Type)
  return type.typeId === Type.RunEndEncoded ? valueType((type as Extract<DataType, { typeId: 22 }>).children[1].type, Type) : type
}

const nameOf = (type: DataType, Type: typeof Types): string => Object.entries(Type).find(([, id]) => id === type.typeId)?.[0] ?? 'unknown'

async function setCodecs(
  CompressionType: typeof CompressionTypes,
  setCompressionCodec: (
    type: 0 | 1,
    codec: { decode(bytes: Uint8Array, length: number): Uint8Array; encode(bytes: Uint8Array): Uint8Array },
  ) => void,
): Promise<void> {
  const { unpackLz4Frame } = await import('./lz4Frame.js')
  const { unpackZstdFrame } = await import('./zstdFrame.js')
  const encode = (): never => {
    throw new Error('Arrow files are written without compression.')
  }
  setCompressionCodec(CompressionType.LZ4_FRAME, { decode: unpackLz4Frame, encode })
  setCompressionCodec(CompressionType.ZSTD, { decode: unpackZstdFrame, encode })
}

const damaged = (file: string, error: unknown): Error =>
  dataError(
    'BadArrow',
    { file },
    `the Arrow data is damaged, cut off, or written in a way that is not read (${reasonOf(error)})`,
    'Copy or write the file again, or save the table as CSV.',
  )
