import { quote } from './place.js'
import type { Series, SeriesSet, TimeAxis } from './series.js'

/** Of fewer series nobody can say which is unlike the others. */
const FEWEST = 5
/** All but this share of the series, and at least all but one, set the scale. */
const TAIL = 0.05
/** A span is outlying past so many times the scale that the others set. */
const FAR = 3

const spanOf = ({ times }: Pick<Series, 'times'>): number => (times.length === 0 ? 0 : times[times.length - 1]! - times[0]!)

/**
 * The longest span (last minus first time) of a series that is no outlier: up to three times the 95 % quantile of the spans,
 * the next lower one where that is between two. One wrong time does not set the scale of all the others. 0 where no series has
 * two rows.
 */
export function robustSpan(series: Iterable<Pick<Series, 'times'>>): number {
  const spans = Float64Array.from(series, spanOf)
    .filter((span) => span > 0)
    .sort()
  const longest = spans.at(-1) ?? 0
  if (spans.length < FEWEST) return longest
  const limit = FAR * spans[Math.floor((1 - TAIL) * (spans.length - 1))]!
  return spans.findLast((span) => span <= limit)!
}

/** The stretch of rows `[from, to)` of at most this span that has most rows, the first of several. */
export function densestStretch(times: ArrayLike<number>, span: number): { readonly from: number; readonly to: number } {
  let best = { from: 0, to: 0 }
  for (let from = 0, to = 0; from < times.length; from++) {
    while (to < times.length && times[to]! - times[from]! <= span) to++
    if (to - from > best.to - best.from) best = { from, to }
  }
  return best
}

/** Whether a series reaches so far that in units of the scale its times are none of a model's. */
const isOutlying = (series: Pick<Series, 'times'>, scale: number): boolean => spanOf(series) > FAR * scale

/** A series that spans more than three times the scale is cut to its densest stretch of that length; others stay as they are. */
export function withinScale(series: Series, scale: number, width: number): Series {
  if (!isOutlying(series, scale)) return series
  const { from, to } = densestStretch(series.times, scale)
  return {
    id: series.id,
    times: series.times.slice(from, to),
    values: series.values.slice(from * width, to * width),
    mask: series.mask.slice(from * width, to * width),
  }
}

/** Which series `withinScale` cuts, as a notice; undefined where it cuts none. */
export function outlyingSpans({ series, time }: Pick<SeriesSet, 'series' | 'time'>, scale: number): string | undefined {
  const found = series.filter((one) => isOutlying(one, scale)).sort((a, b) => spanOf(b) - spanOf(a))
  const [worst] = found
  if (worst === undefined) return undefined
  const unit = unitOf(time)
  const { gap, at } = longestGap(worst.times)
  const others = found.length === 1 ? '' : ` (and ${found.length - 1} more)`
  return (
    `The series ${quote(worst.id)}${others} spans ${round(spanOf(worst))}${unit}, with a gap of ${round(gap)}${unit} after its row ${at + 1}; ` +
    `others span ${round(scale)}${unit} at most. Of such a series only the ${round(scale)}${unit} with most rows are trained on. Look for ` +
    'a wrong time, or give the parts of the series ids of their own.'
  )
}

function longestGap(times: ArrayLike<number>): { readonly gap: number; readonly at: number } {
  let [gap, at] = [0, 0]
  for (let i = 1; i < times.length; i++) {
    if (times[i]! - times[i - 1]! > gap) [gap, at] = [times[i]! - times[i - 1]!, i - 1]
  }
  return { gap, at }
}

const unitOf = (time: TimeAxis): string => (time.kind === 'number' ? '' : ` ${time.unit}s`)
const round = (value: number): string => Number(value.toPrecision(4)).toLocaleString('en-US', { maximumSignificantDigits: 4 })
