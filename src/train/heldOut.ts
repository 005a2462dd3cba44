import type { Series } from '../data/series.js'
import type { Query } from './forecastTypes.js'

/** Rows of a series that the model is shown, and those that it is scored on. */
export interface HeldOut extends Query {
  readonly rows: Int32Array
  readonly targets: Int32Array
}

/**
 * A query of what is not among the rows that are shown.
 *
 * @param whole whether those shown are scored, too; default false
 */
export function heldOut(series: Series, rows: Int32Array, whole = false): HeldOut {
  const shown = new Set(rows)
  const targets = Int32Array.from(series.times.keys()).filter((row) => whole || !shown.has(row))
  return { series, rows, targets, times: Float64Array.from(targets, (row) => series.times[row]!) }
}
