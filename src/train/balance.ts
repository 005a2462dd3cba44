import type { Series } from '../data/series.js'

/** What counts alike in the likelihood that is trained on: each value, each channel, or something between (root). */
export const balances = ['values', 'root', 'channels'] as const
export type Balance = (typeof balances)[number]

/** Weights go with the number of a channel's values to the power of minus this. */
const powers: Readonly<Record<Exclude<Balance, 'values'>, number>> = { root: 0.5, channels: 1 }

/** Most that a value counts, and least, before all are rescaled: one value in ten thousand is not to lead the training. */
const [MOST, LEAST] = [10, 0.1]

/**
 * Weight w of each channel's values in the likelihood that is trained on, of channels with n values each; undefined where all are 1.
 * It is in proportion to 1/n, so that channels count about alike, or to its root; but no value counts more than ten times as much as
 * without a weight, or less than a tenth. Weights are scaled, also then, to sum w n = sum n: the likelihood stays in proportion to the
 * KL term.
 *
 * @param counts observed training values of each channel, at least one
 */
export function channelWeights(counts: readonly number[], balance: Balance): readonly number[] | undefined {
  if (balance === 'values') return undefined
  const total = sum(counts)
  const scaled = (weights: readonly number[]): number[] => {
    const scale = total / sum(counts.map((count, c) => count * weights[c]!))
    return weights.map((weight) => weight * scale)
  }
  const weights = scaled(scaled(counts.map((count) => count ** -powers[balance])).map((weight) => Math.min(MOST, Math.max(LEAST, weight))))
  return weights.every((weight) => Math.abs(weight - 1) < 1e-9) ? undefined : weights
}

/** Observed values of each channel. */
export function countByChannel(series: readonly Series[], channels: number): number[] {
  const counts = new Array<number>(channels).fill(0)
  for (const { mask } of series) for (let cell = 0; cell < mask.length; cell++) counts[cell % channels]! += mask[cell]!
  return counts
}

/** What a fit says of weights: the channels at both ends. */
export function describeWeights(channels: readonly string[], weights: readonly number[]): string {
  const at = (weight: number): string => `"${channels[weights.indexOf(weight)]!}" counts ${Number(weight.toPrecision(2))}`
  return (
    `Channels have weights in training (--balance): a value of ${at(Math.max(...weights))} times as much as without, one of ` +
    `${at(Math.min(...weights))} times. evaluate counts all values alike.`
  )
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
