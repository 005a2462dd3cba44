import type { Observations } from '../../../src/model/observations.js'
import type { Row } from './cells.js'

/** Series of two channels, of different lengths; a cell is missing where its value is NaN. */
export function batch(rows: readonly (readonly Row[])[]): Observations {
  const length = Math.max(1, ...rows.map((row) => row.length))
  const padded = rows.flatMap((row) => Array.from({ length }, (_, i): Row => row[i] ?? [0, NaN, NaN]))
  const cells = padded.flatMap(([, ...values]) => values)
  return {
    rows: rows.length,
    length,
    channels: 2,
    lengths: Int32Array.from(rows, (row) => row.length),
    times: Float64Array.from(padded, ([time]) => time),
    values: Float64Array.from(cells, (value) => (Number.isNaN(value) ? 0 : value)),
    mask: Uint8Array.from(cells, (value) => Number(!Number.isNaN(value))),
  }
}
