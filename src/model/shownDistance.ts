import type { Observations } from './observations.js'

/** Times, ascending, and which channels have a value at each, `[times, channels]`. */
interface Marked {
  readonly times: ArrayLike<number>
  readonly mask: ArrayLike<number>
}

/** Where times lie among the values of a channel that are shown. */
export interface Nearness {
  /** How far each is from the nearest one, in the unit of the times; Infinity where none is shown. */
  readonly distances: Float64Array
  /** 1 where it lies between two that are shown, or at one; 0 before the first, after the last, and where none is shown. */
  readonly between: Uint8Array
}

/** The distances only. */
export const distancesToShown = (...where: Parameters<typeof nearestShown>): Float64Array => nearestShown(...where).distances

/**
 * Where each time lies among the values of a channel that are shown.
 *
 * @param rows those shown, ascending
 * @param times ascending
 */
export function nearestShown(
  { times: known, mask }: Marked,
  rows: ArrayLike<number>,
  channel: number,
  channels: number,
  times: ArrayLike<number>,
): Nearness {
  const shown = Array.from(rows)
    .filter((row) => mask[row * channels + channel] === 1)
    .map((row) => known[row]!)
  const [distances, between] = [new Float64Array(times.length), new Uint8Array(times.length)]
  let next = 0
  for (let i = 0; i < times.length; i++) {
    while (next < shown.length && shown[next]! < times[i]!) next++
    distances[i] = Math.min((shown[next] ?? Infinity) - times[i]!, times[i]! - (shown[next - 1] ?? -Infinity))
    between[i] = distances[i] === 0 || (next > 0 && next < shown.length) ? 1 : 0
  }
  return { distances, between }
}

/** Where a distance lies among some, which ascend: between which two, and how far from the first to the second. Beyond them, at the end. */
export function placeAmong(distances: readonly number[], distance: number): { before: number; after: number; share: number } {
  const next = distances.findIndex((one) => one > distance)
  const last = distances.length - 1
  if (next === -1) return { before: last, after: last, share: 0 }
  if (next === 0) return { before: 0, after: 0, share: 0 }
  const from = distances[next - 1]!
  return { before: next - 1, after: next, share: (distance - from) / (distances[next]! - from) }
}

/** The same as `distancesToShown` for a row of what is shown to a model, in the model's time. */
export function distancesToObserved(
  { length, channels, lengths, times, mask }: Observations,
  row: number,
  channel: number,
  asked: ArrayLike<number>,
): Float64Array {
  const [from, count] = [row * length, lengths[row]!]
  const own = { times: times.subarray(from, from + count), mask: mask.subarray(from * channels, (from + count) * channels) }
  return distancesToShown(
    own,
    Array.from({ length: count }, (_, i) => i),
    channel,
    channels,
    asked,
  )
}
