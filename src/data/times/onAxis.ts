import { DataError } from '../../errors.js'
import type { SeriesSet, TimeAxis } from '../series.js'
import { epochSeconds } from './axis.js'
import { secondsOf } from './durations.js'

/**
 * A set with its times counted as on another axis, that of a model: files that were read by themselves count from their own
 * first day, in a unit of their own. How times are written stays that of the set.
 *
 * @throws DataError `TimeKind` where one has dates and the other plain numbers, or lengths of time
 */
export function onAxis(set: SeriesSet, axis: TimeAxis): SeriesSet {
  const { time } = set
  if (time.kind !== axis.kind)
    throw new DataError(
      'TimeKind',
      `The times of the data are ${kindNames[time.kind]}, those that the model was fitted to are ${kindNames[axis.kind]}. Give the ` +
        'column that holds such times, or fit a model to these data.',
      { column: set.timeColumn },
    )
  if (time.kind === 'number' || axis.kind === 'number') return set
  const shift = time.kind === 'date' && axis.kind === 'date' ? epochSeconds(time) - epochSeconds(axis) : 0
  if (shift === 0 && time.unit === axis.unit) return set
  const [from, to] = [secondsOf[time.unit], secondsOf[axis.unit]]
  return {
    ...set,
    time: { ...time, unit: axis.unit, ...(axis.kind === 'date' && { epoch: axis.epoch }) } as TimeAxis,
    series: set.series.map((series) => ({ ...series, times: series.times.map((at) => (at * from + shift) / to) })),
  }
}

const kindNames = { number: 'plain numbers', date: 'dates', duration: 'lengths of time' } as const
