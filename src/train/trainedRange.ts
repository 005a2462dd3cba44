import type { Series } from '../data/series.js'
import type { TimeScale } from './selection.js'

/** From when until when a model was trained, on the data's axis. */
export interface TrainedRange {
  readonly from: number
  readonly until: number
}

/**
 * Whether a model goes by time itself rather than by the time since a series began: what it was trained on is then a
 * stretch of the data's axis, the same for all series. False for a model of a file that does not say where it ends.
 */
export const goesByTimeItself = ({ origin, latest }: TimeScale): boolean => origin !== 'first' && latest !== undefined

/** The range for a series that begins at `start`. */
const exactRange = (scale: TimeScale, start: number): TrainedRange =>
  goesByTimeItself(scale) ? { from: scale.earliest, until: scale.latest! } : { from: start, until: start + scale.span }

/**
 * The range for a series that begins at `start`, to be shown: of a model that goes by time itself its end is told to a hundredth of
 * the span, since the time itself is one of a series that a report may not name.
 */
export function trainedRange(scale: TimeScale, start: number): TrainedRange {
  const { from, until } = exactRange(scale, start)
  return goesByTimeItself(scale)
    ? { from, until: from + (Math.ceil((100 * (until - from)) / scale.span) * scale.span) / 100 }
    : { from, until }
}

/** How far some series reach out of the range, and how many of them do; 0 where none does. */
export interface Outside {
  readonly series: number
  readonly past: { readonly series: number; readonly by: number }
  readonly before: { readonly series: number; readonly by: number }
}

/**
 * Where what is asked of a model leaves what it was trained on, by the clock that it lives on. A model that goes by time
 * itself leaves it also where it is shown observations of other times.
 */
export function outsideTrained(
  scale: TimeScale,
  asked: readonly { readonly series: Pick<Series, 'times'>; readonly times: ArrayLike<number> }[],
): Outside {
  // Series of a study do not end at the same moment: what lies a hundredth past the last of those trained on is no news.
  const slack = 0.01 * scale.span
  const past: number[] = []
  const before: number[] = []
  for (const { series, times } of asked) {
    if (times.length === 0 || series.times.length === 0) continue
    const [first, last] = [series.times[0]!, series.times[series.times.length - 1]!]
    const { from, until } = exactRange(scale, first)
    const [low, high] = goesByTimeItself(scale)
      ? [Math.min(times[0]!, first), Math.max(times[times.length - 1]!, last)]
      : [times[0]!, times[times.length - 1]!]
    if (high - until > slack) past.push(high - until)
    if (from - low > slack) before.push(from - low)
  }
  const most = (some: readonly number[]) => ({ series: some.length, by: some.reduce((a, b) => Math.max(a, b), 0) })
  return { series: asked.length, past: most(past), before: most(before) }
}
