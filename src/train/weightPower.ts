import type { Series } from '../data/series.js'
import type { Predictive } from '../distribution/predictive.js'
import { weightsToPower } from '../model/tempered.js'
import { heldOutOfParts, type Contender } from './heldOutValues.js'

/** What the weights of samples of z0 may be raised to, 1 first: see `tempered`. */
export const weightPowers = [1, 0.6, 0.3, 0.1] as const
/** Series below which a standard error over them says little. */
const LEAST_SERIES = 5
/** Standard errors, over series, by which a power has to do better than 1. */
const STANDARD_ERRORS = 2

/** A value that was held out, and how likely it was with each power, in the order of `weightPowers`. */
export interface PowerPoint {
  readonly series: number
  readonly task: number
  readonly logDensities: readonly number[]
}

/**
 * The power that the weights of samples of z0 are raised to, by how likely held-out values of series are that the model was not trained on.
 *
 * @param parts the model or all of its members, of which a forecast is the mixture; with folds one part for each
 */
export function chooseWeightPower(
  parts: readonly { readonly contenders: readonly Contender[]; readonly valid: readonly Series[] }[],
  seed: number,
): number {
  // All values of a series have the same weights.
  const known = new WeakMap<Float64Array, readonly Float64Array[]>()
  const powersOf = (weights: Float64Array): readonly Float64Array[] => {
    const powers = known.get(weights) ?? weightPowers.map((power) => weightsToPower(weights, power))
    known.set(weights, powers)
    return powers
  }
  const points: PowerPoint[] = []
  for (const { said, value, series, task } of heldOutOfParts(parts, seed)) {
    const weights = said.flatMap((one) => one.weights ?? [])
    // Weights are of a model with z0 and a residual process: of another there is nothing to choose.
    if (weights.length < said.length) return 1
    points.push({ series, task, logDensities: logDensitiesOf(said, weights.map(powersOf), value) })
  }
  return bestPower(points)
}

/** With each power, of the mixture of what the members say. */
function logDensitiesOf(said: readonly Predictive[], powers: readonly (readonly Float64Array[])[], value: number): number[] {
  const logs = said.map(({ given }) => given.map((one) => one.logDensity(value)))
  const top = Math.max(...logs.flat())
  const relative = logs.map((some) => some.map((log) => Math.exp(log - top)))
  return weightPowers.map((_, p) => {
    const density = relative.reduce((sum, some, m) => sum + some.reduce((own, one, k) => own + powers[m]![p]![k]! * one, 0), 0)
    return top + Math.log(density / said.length)
  })
}

/**
 * The power that surely does most better than 1: by its gain less two standard errors of that, over series. 1 where none gains more than
 * that. Filling gaps and looking ahead count the same, and so do half of a series shown and less. 1 where series are too few to tell.
 */
export function bestPower(points: readonly PowerPoint[]): number {
  const usable = points.filter(({ logDensities }) => logDensities.every(Number.isFinite))
  const counts = new Map<number, number>()
  for (const { task } of usable) counts.set(task, (counts.get(task) ?? 0) + 1)
  const bySeries = new Map<number, number[]>()
  for (const { series, task, logDensities } of usable) {
    const sums = bySeries.get(series) ?? weightPowers.map(() => 0)
    logDensities.forEach((log, p) => (sums[p]! += log / counts.get(task)!))
    bySeries.set(series, sums)
  }
  const scores = [...bySeries.values()]
  if (scores.length < LEAST_SERIES) return 1
  const sureGains = weightPowers.map((_, p) => {
    const gains = scores.map((some) => some[p]! - some[0]!)
    const mean = gains.reduce((a, b) => a + b, 0) / scores.length
    const variance = gains.reduce((a, b) => a + (b - mean) ** 2, 0) / (scores.length - 1)
    return mean - STANDARD_ERRORS * Math.sqrt(variance / scores.length)
  })
  return weightPowers[sureGains.indexOf(Math.max(...sureGains))]!
}
