import type { ScoredPoint } from '../train/records.js'

type Method = 'model' | 'linear' | 'locf' | 'mean'

export interface ErrorBin {
  readonly from: number
  readonly to: number
  readonly points: number
  /** Mean squared errors on the normalised scale. */
  readonly mse: Readonly<Record<Method, number>>
}

/** Errors by the time since the channel was last given to the model. Values with nothing before them are left out. */
export const errorsByGap = (points: readonly ScoredPoint[], most = 8, fewest = 20): ErrorBin[] =>
  binned(
    points.filter(({ gap }) => gap >= 0),
    ({ gap }) => gap,
    most,
    fewest,
  )

/** Errors by the distance into the future: the time past the last row that the model was given, whichever channels it held. */
export const errorsByHorizon = (points: readonly ScoredPoint[], most = 8, fewest = 20): ErrorBin[] =>
  binned(
    points.filter(({ ahead }) => ahead > 0),
    ({ ahead }) => ahead,
    most,
    fewest,
  )

/** Mean squared errors in bins of about equally many values. Fewer bins, or none, where there are few values. */
function binned(points: readonly ScoredPoint[], distance: (point: ScoredPoint) => number, most: number, fewest: number): ErrorBin[] {
  const known = points
    .filter((point) => Number.isFinite(distance(point)) && Number.isFinite(point.normalisedMean - point.normalisedObserved))
    .sort((a, b) => distance(a) - distance(b))
  const at = (i: number): number => distance(known[i]!)
  const bins = Math.min(most, Math.floor(known.length / fewest))
  const out: ErrorBin[] = []
  let start = 0
  for (let i = 0; i < bins; i++) {
    let end = Math.max(start, Math.round(((i + 1) * known.length) / bins))
    // Equal distances stay together.
    while (end < known.length && end > 0 && at(end) === at(end - 1)) end++
    if (end <= start) continue
    const members = known.slice(start, end)
    out.push({ from: at(start), to: at(end - 1), points: members.length, mse: errorsOf(members) })
    start = end
  }
  return out
}

export interface SeriesErrors {
  readonly series: string
  readonly points: number
  readonly mse: Readonly<Record<Method, number>>
}

/** Mean squared errors of each series, in the order of the points. */
export function errorsBySeries(points: readonly ScoredPoint[]): SeriesErrors[] {
  const members = new Map<string, ScoredPoint[]>()
  for (const point of points) {
    const some = members.get(point.series)
    if (some) some.push(point)
    else members.set(point.series, [point])
  }
  return [...members].map(([series, some]) => ({ series, points: some.length, mse: errorsOf(some) }))
}

/** Mean squared error of each method on the normalised scale. */
function errorsOf(points: readonly ScoredPoint[]): Record<Method, number> {
  const mse = (predicted: (point: ScoredPoint) => number): number =>
    points.reduce((sum, point) => sum + (predicted(point) - point.normalisedObserved) ** 2, 0) / points.length
  return {
    model: mse((point) => point.normalisedMean),
    linear: mse((point) => point.baselines.linear),
    locf: mse((point) => point.baselines.locf),
    mean: mse((point) => point.baselines.mean),
  }
}
