import type { Series } from './series.js'

/** Lag bins between 0 and the longest span. */
const BINS = 50
/** Rows of a series that are paired with each other; longer series are thinned evenly. */
const ROWS = 100

/**
 * How long it takes a series to forget where it was: the lag at which the variogram, half the mean squared difference
 * of two values of a channel, has risen half-way from its value at the shortest lags (noise) to the variance, 1. The
 * values are normalised, so channels are averaged. The longest span if it never rises that far: then series differ
 * more from each other than from themselves.
 *
 * @param span the longest span of a series, in the unit of the times
 */
export function characteristicTime(
  { channels, series }: { readonly channels: readonly string[]; readonly series: Iterable<Series> },
  span: number,
): number {
  const sums = new Float64Array(BINS)
  const counts = new Float64Array(BINS)
  for (const { times, values, mask } of series) {
    const rows = thinned(times.length)
    for (const [position, i] of rows.entries()) {
      for (const j of rows.slice(position + 1)) {
        const bin = Math.min(BINS - 1, Math.floor((BINS * (times[j]! - times[i]!)) / span))
        for (let c = 0; c < channels.length; c++) {
          const [a, b] = [i * channels.length + c, j * channels.length + c]
          if (mask[a] === 0 || mask[b] === 0) continue
          sums[bin]! += (values[a]! - values[b]!) ** 2 / 2
          counts[bin]!++
        }
      }
    }
  }
  const first = counts.findIndex((n) => n > 0)
  if (first < 0) return span
  const shortest = sums[first]! / counts[first]!
  for (let bin = first + 1; bin < BINS; bin++) {
    if (counts[bin]! > 0 && sums[bin]! / counts[bin]! >= (shortest + 1) / 2) return ((bin + 0.5) * span) / BINS
  }
  return span
}

const thinned = (length: number): number[] =>
  Array.from({ length: Math.min(length, ROWS) }, (_, i) => (length <= ROWS ? i : Math.floor((i * length) / ROWS)))
