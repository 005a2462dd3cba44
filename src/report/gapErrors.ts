import type { ScoredPoint } from '../train/records.js'

type Method = 'model' | 'linear' | 'locf' | 'mean'

export interface GapBin {
  readonly from: number
  readonly to: number
  readonly points: number
  /** Mean squared errors on the normalised scale. */
  readonly mse: Readonly<Record<Method, number>>
}

/**
 * Mean squared errors by the time since the channel was last given to the model, in bins of about equally many
 * values. Values with nothing before them are left out. Fewer bins, or none, where there are few values.
 */
export function errorsByGap(points: readonly ScoredPoint[], most = 8, fewest = 20): GapBin[] {
  const known = points
    .filter(({ gap, normalisedMean, normalisedObserved }) => gap >= 0 && Number.isFinite(gap) && Number.isFinite(normalisedMean - normalisedObserved))
    .sort((a, b) => a.gap - b.gap)
  const bins = Math.min(most, Math.floor(known.length / fewest))
  const out: GapBin[] = []
  let start = 0
  for (let i = 0; i < bins; i++) {
    let end = Math.max(start, Math.round(((i + 1) * known.length) / bins))
    // Equal gaps stay together.
    while (end < known.length && end > 0 && known[end]!.gap === known[end - 1]!.gap) end++
    if (end <= start) continue
    const members = known.slice(start, end)
    const mse = (predicted: (point: ScoredPoint) => number): number =>
      members.reduce((sum, point) => sum + (predicted(point) - point.normalisedObserved) ** 2, 0) / members.length
    out.push({
      from: members[0]!.gap, to: members[members.length - 1]!.gap, points: members.length,
      mse: {
        model: mse((point) => point.normalisedMean), linear: mse((point) => point.baselines.linear),
        locf: mse((point) => point.baselines.locf), mean: mse((point) => point.baselines.mean),
      },
    })
    start = end
  }
  return out
}
