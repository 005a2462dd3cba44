import type { DataType } from '@uwdata/flechette'
import { millisecondsIn, plainCells, type Frame, type FrameColumn } from './frame.js'

/** A frame as an Arrow file (Feather 2), not packed, so that everything that reads Arrow reads it. */
export async function arrowBytes(frame: Frame): Promise<Uint8Array> {
  const { dateDay, float64, tableFromArrays, tableToIPC, timestamp, TimeUnit, utf8 } = await import('@uwdata/flechette')
  const typeOf = (column: FrameColumn): DataType => {
    switch (column.kind) {
      case 'text':
      case 'duration':
        return utf8()
      case 'number':
        return float64()
      case 'day':
        return dateDay()
      case 'instant':
        return timestamp(column.detail.digits > 3 ? TimeUnit.MICROSECOND : TimeUnit.MILLISECOND, 'UTC')
    }
  }
  const table = tableFromArrays(
    frame.map((column): [string, unknown[]] => [column.name, dataOf(column)]),
    {
      types: Object.fromEntries(frame.map((column) => [column.name, typeOf(column)])),
    },
  )
  const bytes = tableToIPC(table, { format: 'file' })
  if (bytes === null) throw new Error('The Arrow library wrote no bytes.')
  return bytes
}

function dataOf(column: FrameColumn): unknown[] {
  switch (column.kind) {
    case 'day':
    case 'instant':
      return Array.from(column.values, (_, row) => row).map(millisecondsIn(column))
    default:
      return plainCells(column)
  }
}
