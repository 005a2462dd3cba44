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
