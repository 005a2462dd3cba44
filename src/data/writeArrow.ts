import type { DataType } from '@uwdata/flechette'
import type { Frame, FrameColumn } from './frame.js'

/** A frame as an Arrow file (Feather 2), not packed, so that everything that reads Arrow reads it. */
export async function arrowBytes(frame: Frame): Promise<Uint8Array> {
  const { dateDay, float64, tableFromArrays, tableToIPC, timestamp, TimeUnit, utf8 } = await import('@uwdata/flechette')
  const types: Record<FrameColumn['kind'], () => DataType> = {
    text: utf8, number: float64, day: dateDay, instant: () => timestamp(TimeUnit.MILLISECOND, 'UTC'),
  }
  const table = tableFromArrays(frame.map(({ name, ...column }): [string, unknown[]] => [name, dataOf(column as FrameColumn)]), {
    types: Object.fromEntries(frame.map(({ name, kind }) => [name, types[kind]()])),
  })
  const bytes = tableToIPC(table, { format: 'file' })
  if (bytes === null) throw new Error('The Arrow library wrote no bytes.')
  return bytes
}

const dataOf = (column: FrameColumn): unknown[] =>
  column.kind === 'text' ? [...column.values] : Array.from(column.values, (value) => (Number.isNaN(value) ? null : value))
