import type { ParameterArrays } from '../model/sequenceModel.js'
import { ensembleSize, type Ensemble, type MemberRecord } from './ensembleRecord.js'
import type { TrainingData } from './loop.js'
import { budgetOf, timeLimit, timeTaken } from './timeLimit.js'

/** A member with its weights. */
export interface Member extends MemberRecord {
  readonly parameters: ParameterArrays
}

/** How members went, as files have it beside their weights. */
export const recordsOf = (members: readonly Member[]): MemberRecord[] => members.map(({ parameters: _, ...record }) => record)

/** What a member trains on and is validated with. */
export function memberData(data: TrainingData, { ensemble }: { readonly ensemble?: Ensemble | undefined }, member: number): TrainingData {
  const fold = ensemble?.folds?.[member]
  if (fold === undefined) return data
  const held = new Set(fold)
  return { ...data, train: data.train.filter(({ id }) => !held.has(id)), valid: data.train.filter(({ id }) => held.has(id)) }
}

/**
 * The options that a member is trained with: the seed is its own, the budget its share of what the members before it left.
 *
 * @param before histories of these
 */
export function memberTraining<Training extends { readonly seed: number; readonly budget: string; readonly ensemble: number }>(
  described: { readonly ensemble?: Ensemble | undefined; readonly training: Training },
  data: TrainingData,
  before: readonly Pick<MemberRecord, 'history'>[],
): Training {
  const { training } = described
  const size = ensembleSize(described)
  if (size === 1) return training
  const seed = (training.seed + before.length) % 2 ** 32
  const total = timeLimit(training.budget, data)
  if (total === Infinity) return { ...training, seed }
  const used = before.reduce((sum, { history }) => sum + timeTaken(history), 0)
  return { ...training, seed, budget: budgetOf(Math.max(0.001, (total - used) / (size - before.length))) }
}
