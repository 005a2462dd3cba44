import type { SchemaElement } from 'hyparquet'
import { version } from '../version.js'
import { millisecondsIn, plainCells, rowsOf, stackFrames, type Frame, type FrameColumn } from './frame.js'

/** Rows of a row group, about. */
const GROUP = 2 ** 16

/**
 * Frames of the same columns as one Parquet file, packed by Snappy, in pieces that are made as they are asked for: memory
 * holds one row group.
 */
export async function parquetPieces(frames: Iterable<Frame>, like: Frame): Promise<Iterable<Uint8Array>> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer')
  return (function* () {
    const bytes = new ByteWriter()
    const writer = new ParquetWriter({
      writer: bytes,
      schema: [{ name: 'schema', num_children: like.length }, ...like.map(elementOf)],
      createdBy: `latent-ode ${version}`,
    })
    for (const frame of groupsOf(frames)) {
      void writer.write({ columnData: frame.map((column) => ({ name: column.name, data: dataOf(column) })), rowGroupSize: rowsOf(frame) })
      yield bytes.getBytes().slice()
      // Offsets go on counting; the bytes that are out may be written over.
      bytes.index = 0
    }
    void writer.finish()
    yield bytes.getBytes().slice()
  })()
}

/** Frames put together until they are worth a row group. */
function* groupsOf(frames: Iterable<Frame>): Generator<Frame> {
  let gathered: Frame[] = []
  let rows = 0
  for (const frame of frames) {
    gathered.push(frame)
    rows += rowsOf(frame)
    if (rows < GROUP) continue
    yield stackFrames(gathered)
    gathered = []
    rows = 0
  }
  if (rows > 0) yield stackFrames(gathered)
}

function elementOf(column: FrameColumn): SchemaElement {
  const { name } = column
  switch (column.kind) {
    case 'text':
    case 'duration':
      return { name, repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }
    case 'number':
      return { name, repetition_type: 'OPTIONAL', type: 'DOUBLE' }
    case 'day':
      return { name, repetition_type: 'REQUIRED', type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } }
    case 'instant':
      return column.detail.digits > 3
        ? {
            name,
            repetition_type: 'REQUIRED',
            type: 'INT64',
            converted_type: 'TIMESTAMP_MICROS',
            logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
          }
        : {
            name,
            repetition_type: 'REQUIRED',
            type: 'INT64',
            converted_type: 'TIMESTAMP_MILLIS',
            logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
          }
  }
}

function dataOf(column: FrameColumn): unknown[] {
  switch (column.kind) {
    case 'day':
    case 'instant': {
      const milliseconds = Array.from(column.values, (_, row) => row).map(millisecondsIn(column))
      return column.kind === 'instant' && column.detail.digits > 3
        ? milliseconds.map((value) => BigInt(Math.round(value * 1000)))
        : milliseconds.map((value) => new Date(value))
    }
    default:
      return plainCells(column)
  }
}
