import type { ParameterSpecs } from '../nn/parameters.js'
import { baselineParameters } from './baselines/baselineParameters.js'
import { baselines, type BaselineName } from './baselines/index.js'
import type { ParameterArrays } from './sequenceModel.js'
import { placeAmong } from './shownDistance.js'

/**
 * What a model's forecast is averaged with, and how: weights that sum to 1 for each channel, by the distance from the nearest value of
 * it that is shown (stacking: Wolpert 1992; with weights that are not negative, Breiman 1996).
 */
export interface Stack {
  /** Models that are estimated in one go. */
  readonly members: readonly BaselineName[]
  /** Distances in the model's time, ascending. Between them weights are interpolated. */
  readonly distances: readonly number[]
  /** `[distances, channels, 1 + members]`: of the model itself, then of each member. */
  readonly weights: readonly (readonly (readonly number[])[])[]
  /** How many series and values that were not trained on these are learned from. */
  readonly series: number
  readonly values: number
}

/** What the model and each member count for, mean over channels: at the shortest and at the longest distance. */
export function sharesOf(
  { members, weights }: Stack,
  kind: string,
): { readonly name: string; readonly near: number; readonly far: number }[] {
  const mean = (channels: readonly (readonly number[])[], k: number): number =>
    channels.reduce((sum, some) => sum + some[k]!, 0) / channels.length
  return [kind, ...members].map((name, k) => ({ name, near: mean(weights[0]!, k), far: mean(weights.at(-1)!, k) }))
}

/** Shapes of the members' numbers, called by their names among those of the model. */
export const stackParameters = ({ members }: Pick<Stack, 'members'>, channels: number): ParameterSpecs =>
  Object.fromEntries(
    members.flatMap((kind) =>
      Object.entries(baselineParameters(baselines[kind], channels)).map(([name, spec]) => [`stack.${kind}.${name}`, spec]),
    ),
  )

/** The numbers of the model itself. */
export const ownParameters = (parameters: ParameterArrays): ParameterArrays =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.startsWith('stack.')))

/** The numbers of a member as they stand among those of the model. */
export const asMember = (kind: BaselineName, parameters: ParameterArrays): ParameterArrays =>
  Object.fromEntries(Object.entries(parameters).map(([name, numbers]) => [`stack.${kind}.${name}`, numbers]))

/** The numbers of a member by their own names. */
export const ofMember = (kind: BaselineName, parameters: ParameterArrays): ParameterArrays =>
  Object.fromEntries(Object.keys(baselines[kind].shapes).map((name) => [name, parameters[`stack.${kind}.${name}`]!]))

/** The weights of a channel at a distance from the nearest value that is shown, `[1 + members]`. */
export function weightsAt({ distances, weights }: Pick<Stack, 'distances' | 'weights'>, channel: number, distance: number): number[] {
  const { before, after, share } = placeAmong(distances, distance)
  const later = weights[after]![channel]!
  return weights[before]![channel]!.map((weight, k) => weight + share * (later[k]! - weight))
}
