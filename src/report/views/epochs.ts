import type { EpochRecord } from '../../train/records.js'
import type { Json } from '../specification.js'

/** The horizontal channel of a figure over the epochs. */
export function epochAxis(history: readonly EpochRecord[], title: string | null = 'epoch'): Json {
  const epochs = history.map((record) => record.epoch)
  return {
    field: 'epoch',
    type: 'quantitative',
    title,
    scale: { zero: false, nice: false, domain: [Math.min(...epochs), Math.max(...epochs)] },
    axis: { tickMinStep: 1, tickCount: { expr: 'max(2, floor(width / 70))' }, format: 'd' },
  }
}

/**
 * All values, unless the first few tower over the rest (an untrained model's loss can be thousands): then up to a
 * few times the spread of the lower nine tenths, and the curve comes in from above.
 */
export function robustDomain(values: readonly number[]): [number, number] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return [0, 1]
  const low = sorted[0]!
  const most = sorted[Math.floor(0.9 * (sorted.length - 1))]!
  const high = Math.min(sorted[sorted.length - 1]!, most + 1.5 * (most - low || Infinity))
  const margin = 0.05 * (high - low) || Math.abs(low) * 0.1 || 1
  return [Number((low - margin).toPrecision(5)), Number((high + margin).toPrecision(5))]
}
