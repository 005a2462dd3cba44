import type { Series } from './series.js'

/** Bins of lags, each longer than the one before by the same factor, from the longest span down to a thousandth of it. */
const BINS = 40
const SHORTEST = 1e-3
/** Rows of a series from which pairs begin; of longer series so many, evenly chosen. */
const STARTS = 100
/** Pairs without which a bin says nothing. */
const FEWEST_PAIRS = 20
/** Below this share of the variance within series, what rises with the lag is not told from noise. */
const LEAST_RISE = 0.2

/**
 * How long it takes a series to forget where it was: the lag at which the variogram, half the mean squared difference of
 * two values of a channel, has risen half-way from its value at the shortest lags (noise) to the variance within series
 * (around the mean of each). How far series lie from each other has no part in it. The values are normalised, and channels
 * are averaged. Undefined where the variogram never rises: series are level or noise.
 *
 * @param span the longest span of a series, in the unit of the times
 */
export function characteristicTime(
  { channels, series }: { readonly channels: readonly string[]; readonly series: Iterable<Series> },
  span: number,
): number | undefined {
  const width = channels.length
  const bins = Array.from({ length: BINS }, () => ({ squares: 0, lags: 0, pairs: 0 }))
  const within = { squares: 0, count: 0 }
  for (const { times, values, mask } of series) {
    addWithin(within, values, mask, width)
    const stride = Math.max(1, Math.floor(times.length / STARTS))
    for (let i = 0; i < times.length; i += stride) {
      for (let ahead = 1; i + ahead < times.length; ahead = Math.max(ahead + 1, Math.floor(1.2 * ahead))) {
        const lag = times[i + ahead]! - times[i]!
        if (lag > span) break
        const bin = bins[binOf(lag / span)]!
        for (let c = 0; c < width; c++) {
          const [a, b] = [i * width + c, (i + ahead) * width + c]
          if (mask[a] === 0 || mask[b] === 0) continue
          bin.squares += (values[a]! - values[b]!) ** 2 / 2
          bin.lags += lag
          bin.pairs++
        }
      }
    }
  }
  const points = bins
    .filter(({ pairs }) => pairs >= FEWEST_PAIRS)
    .map(({ squares, lags, pairs }) => ({ lag: lags / pairs, half: squares / pairs }))
  const variance = within.squares / within.count
  const first = points[0]
  if (first === undefined || !(variance - first.half > LEAST_RISE * variance)) return undefined
  return crossing(points, (first.half + variance) / 2)
}

const binOf = (fraction: number): number =>
  Math.max(0, Math.min(BINS - 1, Math.floor(BINS * (1 - Math.log(fraction) / Math.log(SHORTEST)))))

/** Adds the squares of a series around the means of its channels, and their degrees of freedom. */
function addWithin(within: { squares: number; count: number }, values: ArrayLike<number>, mask: ArrayLike<number>, width: number): void {
  for (let c = 0; c < width; c++) {
    let [sum, squares, count] = [0, 0, 0]
    for (let cell = c; cell < mask.length; cell += width) {
      if (mask[cell] === 0) continue
      sum += values[cell]!
      squares += values[cell]! ** 2
      count++
    }
    if (count < 2) continue
    within.squares += squares - sum ** 2 / count
    within.count += count - 1
  }
}

/** Where a line through the points first comes to a height. */
function crossing(points: readonly { readonly lag: number; readonly half: number }[], height: number): number | undefined {
  const at = points.findIndex(({ half }) => half >= height)
  if (at < 0) return undefined
  const [before, after] = [points[at - 1] ?? { lag: 0, half: 0 }, points[at]!]
  return before.lag + ((after.lag - before.lag) * (height - before.half)) / (after.half - before.half)
}

/** The median time from one row of a series to the next; undefined where no series has two. */
export function medianStep(series: Iterable<Pick<Series, 'times'>>): number | undefined {
  const steps: number[] = []
  for (const { times } of series) {
    const stride = Math.max(1, Math.floor(times.length / STARTS))
    for (let i = 1; i < times.length; i += stride) steps.push(times[i]! - times[i - 1]!)
  }
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]
}
