import { isUtf8 } from 'node:buffer'
import type { ParquetType, SchemaElement } from 'hyparquet'
import { cellText, dayText, decimalText, instantText, singleText } from '../cellText.js'
import { quote } from '../place.js'
import type { TypedColumn } from '../typedTable.js'

type Stored = number | bigint | boolean | Uint8Array

/** A column, and how a cell of it that is not missing reads. */
export interface ParquetColumn extends TypedColumn {
  readonly text: (cell: Stored) => string
}

/** Digits of the largest decimal numbers that are in use, those of 256 bits. */
const MOST_DIGITS = 76

/** Types that cells are stored as, for what they may mean. */
const STORED: Readonly<Record<string, readonly ParquetType[]>> = {
  STRING: ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  UTF8: ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  ENUM: ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  DECIMAL: ['INT32', 'INT64', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  DATE: ['INT32'],
  UUID: ['FIXED_LEN_BYTE_ARRAY'],
  FLOAT16: ['FIXED_LEN_BYTE_ARRAY'],
  TIMESTAMP: ['INT64'],
  TIMESTAMP_MILLIS: ['INT64'],
  TIMESTAMP_MICROS: ['INT64'],
  INTEGER: ['INT32', 'INT64'],
  INT_8: ['INT32'],
  INT_16: ['INT32'],
  INT_32: ['INT32'],
  INT_64: ['INT64'],
  UINT_8: ['INT32'],
  UINT_16: ['INT32'],
  UINT_32: ['INT32'],
  UINT_64: ['INT64'],
}

/**
 * What a column of the schema holds.
 *
 * @throws Error if its type is not stored so
 */
export function columnOf(element: SchemaElement, nested: boolean): ParquetColumn {
  const { type, logical_type: logical, converted_type: converted } = element
  const name = (element.name as string | undefined) ?? ''
  const meaning = logical?.type ?? converted
  const kind = meaning ?? type ?? 'STRUCT'
  const other = (what: string): ParquetColumn => ({ name, type: what, kind: 'other', text: cellText })
  const column = (text: (cell: Stored) => string): ParquetColumn => ({ name, type: kind, kind: 'plain', text })
  if (nested) return other(element.repetition_type === 'REPEATED' ? 'LIST' : (meaning ?? 'STRUCT'))
  if (element.repetition_type !== 'REQUIRED' && element.repetition_type !== 'OPTIONAL')
    throw new Error(`the column ${quote(name)} does not say whether cells may be missing`)
  if (type === undefined) throw new Error(`the column ${quote(name)} has no type`)
  const stored = STORED[kind]
  if (stored !== undefined && !stored.includes(type)) throw new Error(`the column ${quote(name)} cannot hold ${kind} as ${type}`)
  switch (kind) {
    case 'BOOLEAN':
      return { name, type: kind, kind: 'boolean', text: cellText }
    case 'FLOAT':
      return column((value) => singleText(Number(value)))
    case 'FLOAT16':
      return column((value) => singleText(halfOf(value as Uint8Array)))
    case 'DECIMAL':
      return column(decimalOf(element))
    case 'DATE':
      return column((days) => dayText(Number(days)))
    case 'TIMESTAMP':
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS':
      return column(timestampOf(element))
    case 'INT96':
      // Times of no stated zone.
      return column((cell) => instantText(int96Of(cell as Uint8Array), 1e9, false))
    case 'UUID':
      return column((cell) => uuidOf(cell as Uint8Array))
    case 'STRING':
    case 'UTF8':
    case 'ENUM':
      return column((cell) => utf8Of(cell as Uint8Array))
    case 'BYTE_ARRAY':
      return column((cell) => bytesText(cell as Uint8Array))
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
      return other(kind)
    default:
      if (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY' || type === 'INT96') return other(kind)
      return column(isUnsigned(element) ? unsignedText : cellText)
  }
}

const isUnsigned = ({ logical_type: logical, converted_type: converted }: SchemaElement): boolean =>
  logical?.type === 'INTEGER' ? !logical.isSigned : (converted ?? '').startsWith('UINT_')

const unsignedText = (cell: Stored): string => (typeof cell === 'bigint' ? String(BigInt.asUintN(64, cell)) : String(Number(cell) >>> 0))

/** Digits are whole numbers, or bytes with the highest first: exact, whatever their number. */
function decimalOf({ name, logical_type: logical, scale: old, precision: oldPrecision }: SchemaElement): (cell: Stored) => string {
  const { scale, precision } = logical?.type === 'DECIMAL' ? logical : { scale: old ?? 0, precision: oldPrecision ?? MOST_DIGITS }
  if (!(scale >= 0 && scale <= precision && precision <= MOST_DIGITS))
    throw new Error(`the column ${quote(name ?? '')} has decimals of ${precision} digits, ${scale} of them behind the point`)
  return (cell) => decimalText(cell instanceof Uint8Array ? signedOf(cell) : BigInt(cell), scale)
}

function signedOf(bytes: Uint8Array): bigint {
  if (bytes.length > 32) throw new Error('a decimal number is too long')
  return bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

const TICKS = { MILLIS: 1e3, MICROS: 1e6, NANOS: 1e9 } as const

function timestampOf({ logical_type: logical, converted_type: converted }: SchemaElement): (cell: Stored) => string {
  const unit = logical?.type === 'TIMESTAMP' ? logical.unit : converted === 'TIMESTAMP_MICROS' ? 'MICROS' : 'MILLIS'
  // The old converted types mean UTC.
  const utc = logical?.type === 'TIMESTAMP' ? logical.isAdjustedToUTC : true
  return (cell) => instantText(BigInt(cell as bigint), TICKS[unit], utc)
}

/** Nanoseconds since 1970 from those of the day and the number of the Julian day. */
function int96Of(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return (BigInt(view.getInt32(8, true)) - 2_440_588n) * 86_400_000_000_000n + view.getBigInt64(0, true)
}

function halfOf(bytes: Uint8Array): number {
  if (bytes.length !== 2) throw new Error('a number of 16 bits has another length')
  const bits = bytes[0]! | (bytes[1]! << 8)
  const [sign, exponent, fraction] = [bits >> 15 === 1 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff]
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}

function uuidOf(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new Error('a UUID has another length')
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const asText = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

/** Two names must not become one because what is no text in them was replaced. */
function utf8Of(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Error(`the text ${quote(asText(bytes))} is not valid UTF-8`)
  return asText(bytes)
}

/** Bytes of which nothing is known are mostly texts; else they are shown as bytes, so that others look otherwise. */
const bytesText = (bytes: Uint8Array): string =>
  isUtf8(bytes) ? asText(bytes) : `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
