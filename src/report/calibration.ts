import type { ScoredPoint } from '../train/records.js'

/** Share of the values inside the central interval of each nominal probability. */
export interface Reliability {
  readonly nominal: number
  readonly observed: number
}

/**
 * Reliability of the central intervals: for each level, how often the value lay within it. A value lies in the
 * central interval of probability p if its probability integral transform is within p/2 of one half.
 */
export function reliability(points: readonly ScoredPoint[], levels = 20): Reliability[] {
  const distances = points.map((point) => Math.abs(point.pit - 0.5)).filter(Number.isFinite)
  return Array.from({ length: levels + 1 }, (_, i) => {
    const nominal = i / levels
    if (i === 0 || i === levels) return { nominal, observed: nominal }
    // The tolerance keeps values on an interval's very end inside it in spite of rounding.
    const inside = distances.filter((distance) => distance <= nominal / 2 + 1e-12).length
    return { nominal, observed: inside / distances.length }
  })
}

export interface Bin {
  readonly from: number
  readonly to: number
  /** Share of all values that fell into the bin. */
  readonly share: number
}

/** Histogram of the probability integral transform over [0, 1] (Dawid 1984): flat if forecasts are calibrated. */
export function pitHistogram(points: readonly ScoredPoint[], bins = 10): Bin[] {
  const values = points.map((point) => point.pit).filter(Number.isFinite)
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor(value * bins)))]!++
  return counts.map((count, i) => ({ from: i / bins, to: (i + 1) / bins, share: count / values.length }))
}

export interface GapBin {
  readonly from: number
  readonly to: number
  readonly points: number
  /** Mean squared error on the normalised scale. */
  readonly mse: number
}

/**
 * Mean squared error by the time since the channel was last given to the model, in bins of about equally many values.
 * Values with nothing before them are left out. Fewer bins, or none, where there are few values.
 */
export function errorsByGap(points: readonly ScoredPoint[], most = 8, fewest = 20): GapBin[] {
  const known = points
    .map((point) => ({ gap: point.gap, squared: (point.normalisedMean - point.normalisedObserved) ** 2 }))
    .filter(({ gap, squared }) => gap >= 0 && Number.isFinite(gap) && Number.isFinite(squared))
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
    out.push({
      from: members[0]!.gap, to: members[members.length - 1]!.gap, points: members.length,
      mse: members.reduce((sum, member) => sum + member.squared, 0) / members.length,
    })
    start = end
  }
  return out
}
