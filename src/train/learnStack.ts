import type { Series } from '../data/series.js'
import { baselines, type BaselineName } from '../model/baselines/index.js'
import { createBaseline } from '../model/baselines/createBaseline.js'
import { estimateBaseline } from '../model/baselines/estimateBaseline.js'
import type { ParameterArrays } from '../model/sequenceModel.js'
import { asMember, ofMember, type Stack } from '../model/stack.js'
import { binned } from './calibration.js'
import { coursesOf } from './estimate.js'
import { heldOutOfParts, type Contender } from './heldOutValues.js'
import type { TrainingData } from './loop.js'

/** A value that was held out, and how far off each model's mean is. */
export interface StackPoint {
  readonly series: number
  readonly channel: number
  /** From the nearest value shown of the channel, in the model's time; Infinity where none was. */
  readonly distance: number
  /** The model's own, then each member's. */
  readonly errors: readonly number[]
}

/** Series that prior beliefs count as much as: in weights that follow from how each model does by itself; and that channels are alike. */
const [PRIOR_ALONE, PRIOR_CHANNEL] = [3, 30]
/** Weights before any that are learned fall with the squared error to this power. From 0 to 4, cross-validation was best with 4. */
const SHARPNESS = 4

/** A stack, and the members' numbers. */
export interface LearnedStack {
  readonly stack: Stack
  /** Estimated from the training series of all. */
  readonly parameters: ParameterArrays
  /** Estimated from those of each part. */
  readonly ofParts: readonly ParameterArrays[]
}

/** A model with its weights, and the data it was trained on and validated with. */
export interface Part extends Contender {
  readonly data: TrainingData
}

/**
 * Estimates the members from the training series, and learns weights from series that were not trained on; undefined if these are too
 * few to tell, or once the signal says stop.
 *
 * @param parts the model, or one for each fold: each is judged by the validation series of its own data
 * @param data all training series
 */
export async function learnStack(
  parts: readonly Part[],
  kinds: readonly BaselineName[],
  data: TrainingData,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<LearnedStack | undefined> {
  const validOf = (some: TrainingData): Series[] => some.valid.filter(({ times }) => times.length >= 2)
  if (kinds.length === 0 || parts.reduce((sum, part) => sum + validOf(part.data).length, 0) < 2) return undefined
  const ofParts: ParameterArrays[] = []
  for (const part of parts) {
    const estimated = await estimateMembers(kinds, part.data, seed, signal)
    if (estimated === undefined) return undefined
    ofParts.push(estimated)
  }
  const parameters = parts.length === 1 ? ofParts[0] : await estimateMembers(kinds, data, seed, signal)
  if (parameters === undefined) return undefined
  const { channels } = data
  const judged = parts.map(({ model, fitted: { calibration: _, ...own }, data: of }, i) => ({
    contenders: [
      { model, fitted: own },
      ...kinds.map((kind) => ({
        model: createBaseline(kind, baselines[kind], channels),
        fitted: { ...own, parameters: ofMember(kind, ofParts[i]!) },
      })),
    ],
    valid: validOf(of),
  }))
  const apart = new Set<number>()
  const points: StackPoint[] = []
  for (const { said, value, ...point } of heldOutOfParts(judged, seed)) {
    if (said[0]!.mass) apart.add(point.channel)
    else points.push({ ...point, errors: said.map(({ normalised }) => value - normalised.mean) })
  }
  const learned = stackWeights(points, channels, 1 + kinds.length, apart)
  return learned && { stack: { members: [...kinds], ...learned }, parameters, ofParts }
}

/** The members' numbers, estimated from the training series and chosen by those to validate; undefined once the signal says stop. */
async function estimateMembers(
  kinds: readonly BaselineName[],
  data: TrainingData,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<ParameterArrays | undefined> {
  const [train, judging] = [coursesOf(data.train, data), coursesOf(data.valid, data)]
  const courses = train.map((some, c) => ({ train: some, valid: judging[c]! }))
  const members: ParameterArrays[] = []
  for (const kind of kinds) {
    const estimated = await estimateBaseline(baselines[kind], courses, seed, signal)
    if (estimated === undefined) return undefined
    members.push(asMember(kind, estimated.parameters))
  }
  return Object.assign({}, ...members) as ParameterArrays
}

/**
 * Weights with the least squared error, at least 0 and summing to 1: by distance, and for each channel, where few series say little
 * drawn to what is known with less.
 *
 * @param models how many, the model itself among them
 * @param apart channels whose forecasts are the model's own, as they give single values a probability
 */
export function stackWeights(
  points: readonly StackPoint[],
  channels: number,
  models: number,
  apart: ReadonlySet<number> = new Set(),
): Omit<Stack, 'members'> | undefined {
  const used = points.filter(({ errors }) => errors.every(Number.isFinite))
  const series = countSeries(used)
  if (series < 2) return undefined
  const farthest = used.reduce((most, { distance }) => (Number.isFinite(distance) ? Math.max(most, distance) : most), 0)
  const bins = binned(used.map((point) => ({ ...point, distance: Math.min(point.distance, farthest) })))
  return {
    distances: bins.map(({ distance }) => distance),
    weights: bins.map(({ members }) => {
      const common = leastSquares(members, byThemselves(members, models), PRIOR_ALONE)
      return Array.from({ length: channels }, (_, channel) => {
        if (apart.has(channel)) return common.map((__, k) => (k === 0 ? 1 : 0))
        const own = members.filter((point) => point.channel === channel)
        return channels === 1 ? common : leastSquares(own, common, PRIOR_CHANNEL)
      })
    }),
    series,
    values: used.length,
  }
}

/** Weights by how well each model does alone. */
function byThemselves(points: readonly StackPoint[], models: number): number[] {
  const squares = Array.from({ length: models }, (_, k) => points.reduce((sum, { errors }) => sum + errors[k]! ** 2, 0))
  const least = Math.min(...squares)
  const powers = squares.map((square) => (square === 0 ? 1 : (least / square) ** SHARPNESS))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

const countSeries = (points: readonly Pick<StackPoint, 'series'>[]): number => new Set(points.map((point) => point.series)).size

/**
 * The weights w ≥ 0 with sum 1 that minimise `series · mean((w · errors)²) + prior · e · |w − before|²`, where e is the mean squared
 * error with the weights before: by exponentiated gradients (Kivinen and Warmuth 1997).
 */
export function leastSquares(
  points: readonly Pick<StackPoint, 'series' | 'errors'>[],
  before: readonly number[],
  prior: number,
): readonly number[] {
  if (points.length === 0) return before
  const scale = countSeries(points) / points.length
  const products = before.map((_, a) => before.map((__, b) => scale * points.reduce((sum, { errors }) => sum + errors[a]! * errors[b]!, 0)))
  const times = (w: readonly number[]): number[] => products.map((row) => row.reduce((sum, one, k) => sum + one * w[k]!, 0))
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, one, k) => sum + one * b[k]!, 0)
  const pull = (prior * dot(times(before), before)) / (scale * points.length)
  const steepest = Math.max(...products.map((row) => row.reduce((sum, one) => sum + Math.abs(one), 0))) + pull
  if (!(steepest > 0)) return before
  // From the middle of the simplex: a weight of 0 would stay 0.
  let weights: readonly number[] = before.map(() => 1 / before.length)
  for (let step = 0; step < STEPS; step++) {
    const slope = times(weights).map((one, k) => one + pull * (weights[k]! - before[k]!))
    const middle = dot(slope, weights)
    const raw = weights.map((weight, k) => weight * Math.exp(-(slope[k]! - middle) / steepest))
    const sum = raw.reduce((a, b) => a + b, 0)
    weights = raw.map((weight) => weight / sum)
  }
  return weights
}
const STEPS = 3000
