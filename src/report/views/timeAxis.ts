import type { TimeAxis } from '../../data/series.js'
import type { Json } from '../specification.js'

/** Type and axis of a horizontal channel that shows times: few enough labels that they do not touch. */
export function timeAxis(axis: TimeAxis): { type: Json; axis: Json } {
  return axis.kind === 'date'
    ? { type: 'temporal', axis: { tickCount: { expr: 'max(2, floor(width / 90))' }, labelOverlap: 'greedy' } }
    : { type: 'quantitative', axis: { tickCount: { expr: 'max(2, floor(width / 70))' }, labelOverlap: 'greedy' } }
}
