/** The plain baselines that a model is scored next to. */
export type PlainBaseline = 'mean' | 'locf' | 'linear'

/**
 * The baselines of a task, those first that know most. Past all that is shown there is nothing to interpolate to: a line would be
 * the last value, which is there already.
 */
export const baselinesOf = (task: 'interpolation' | 'extrapolation'): readonly PlainBaseline[] =>
  task === 'interpolation' ? ['linear', 'locf', 'mean'] : ['locf', 'mean']

/** Observations of one channel: ascending times and the values there. */
export interface ChannelObservations {
  readonly times: ArrayLike<number>
  readonly values: ArrayLike<number>
}

/** The last value observed at or before `time`; `mean` before the first. */
export function lastObserved({ times, values }: ChannelObservations, time: number, mean: number): number {
  const after = firstAfter(times, time)
  return after === 0 ? mean : values[after - 1]!
}

/** Linear between neighbouring observations, constant outside; `mean` where nothing was observed. */
export function linearInterpolation({ times, values }: ChannelObservations, time: number, mean: number): number {
  const count = times.length
  if (count === 0) return mean
  const after = firstAfter(times, time)
  if (after === 0) return values[0]!
  if (after === count) return values[count - 1]!
  const [t0, t1] = [times[after - 1]!, times[after]!]
  return values[after - 1]! + ((values[after]! - values[after - 1]!) * (time - t0)) / (t1 - t0)
}

/** Index of the first time after `time`. */
export function firstAfter(times: ArrayLike<number>, time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low
}
