import type { Objective } from '../model/objective.js'
import type { GradientResult, LossResult, ParameterArrays, SequenceModel, SolverTotals } from '../model/sequenceModel.js'
import { computeGradient, computeLoss, type LossTask } from './lossTask.js'

/** Fewest rows worth a shard of their own, and most shards of a batch. */
const FEWEST_ROWS = 16
export const MOST_SHARDS = 8

/**
 * Into how many shards a batch is cut: the largest power of two that leaves each at least 16 rows, at most 8. It
 * follows from the rows alone, so that a result does not depend on how many threads share in it.
 */
export const shardCount = (rows: number): number => {
  let count = 1
  while (2 * count <= Math.min(MOST_SHARDS, rows / FEWEST_ROWS)) count *= 2
  return count
}

/** Where `count` near-equal shards of neighbouring rows begin and end. */
export function shardBounds(rows: number, count: number): { readonly from: number; readonly to: number }[] {
  const start = (shard: number): number => Math.floor((shard * rows) / count)
  return Array.from({ length: count }, (_, shard) => ({ from: start(shard), to: start(shard + 1) }))
}

/** Cuts a batch into shards; objectives that mix the rows of a batch keep it whole. */
export const cutBatch = <T>(rows: readonly T[], objective: Objective): T[][] =>
  shardBounds(rows.length, objective === 'rubanova' ? 1 : shardCount(rows.length)).map(({ from, to }) => rows.slice(from, to))

/** Computes the shards of a batch. Results stand in the order of the shards, and are valid until the next call. */
export interface ShardRunner {
  losses(parameters: ParameterArrays, shards: readonly LossTask[]): Promise<readonly LossResult[]>
  gradients(parameters: ParameterArrays, shards: readonly LossTask[]): Promise<readonly GradientResult[]>
}

/** Computes one shard after another in this thread. */
export function runHere(model: SequenceModel): ShardRunner {
  const slots: ParameterArrays[] = []
  return {
    losses: async (parameters, shards) => shards.map((task) => computeLoss(model, parameters, task)),
    gradients: async (parameters, shards) =>
      shards.map((task, slot) => {
        const result = computeGradient(model, parameters, task, slots[slot])
        slots[slot] = result.gradient
        return result
      }),
  }
}

/** The loss of a batch from those of its shards: a mean over observed values, added in the order of the shards. */
export function combineLosses(shards: readonly LossResult[]): LossResult {
  if (shards.length === 1) return shards[0]!
  const sum = (of: (shard: LossResult) => number): number => shards.reduce((total, shard) => total + of(shard), 0)
  const observed = sum((shard) => shard.observed)
  return {
    loss: sum((shard) => shard.loss * share(shard, observed)),
    logLikelihood: sum((shard) => shard.logLikelihood),
    kl: sum((shard) => shard.kl),
    observed,
    series: sum((shard) => shard.series),
    solver: combineTotals(shards.map(({ solver }) => solver)),
  }
}

/** A shard's weight in a mean over the observed values of a batch, `total` of them; nothing is learned from a batch without any. */
export const share = ({ observed }: LossResult, total: number): number => (total === 0 ? 0 : observed / total)

function combineTotals(shards: readonly SolverTotals[]): SolverTotals {
  const sum = (of: (totals: SolverTotals) => number): number => shards.reduce((total, shard) => total + of(shard), 0)
  const rows = sum((totals) => totals.rows)
  const error = shards.find((totals) => totals.error)?.error
  return {
    evaluations: sum((totals) => totals.evaluations * totals.rows) / Math.max(1, rows),
    accepted: sum((totals) => totals.accepted),
    rejected: sum((totals) => totals.rejected),
    rows,
    failed: sum((totals) => totals.failed),
    smallestStep: Math.min(...shards.map((totals) => totals.smallestStep)),
    ...(error && { error }),
  }
}
