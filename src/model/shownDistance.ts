import type { Series } from '../data/series.js'

/**
 * How far each time is from the nearest value of a channel that is shown, in the unit of the times; Infinity where none is.
 *
 * @param rows those shown, ascending
 * @param times ascending
 */
export function distancesToShown(
  { times: known, mask }: Series,
  rows: ArrayLike<number>,
  channel: number,
  channels: number,
  times: ArrayLike<number>,
): Float64Array {
  const shown = Array.from(rows)
    .filter((row) => mask[row * channels + channel] === 1)
    .map((row) => known[row]!)
  const distances = new Float64Array(times.length)
  let next = 0
  for (let i = 0; i < times.length; i++) {
    while (next < shown.length && shown[next]! < times[i]!) next++
    distances[i] = Math.min((shown[next] ?? Infinity) - times[i]!, times[i]! - (shown[next - 1] ?? -Infinity))
  }
  return distances
}
