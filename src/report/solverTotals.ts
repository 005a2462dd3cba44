import { dynamics, type DynamicsName } from '../model/dynamics/index.js'
import type { Dynamics } from '../model/dynamics/dynamics.js'
import type { SolverTotals } from '../model/sequenceModel.js'
import type { FittedModel } from '../train/modelFile.js'
import type { SolverSummary } from './contents.js'

type Totals = { -readonly [K in Exclude<keyof SolverTotals, 'error'>]: number }

export const emptyTotals = (): Totals => ({ evaluations: 0, accepted: 0, rejected: 0, rows: 0, failed: 0, smallestStep: Infinity })

/** Adds a batch; evaluations are per row there and in all here. */
export function addTotals(totals: Totals, batch: SolverTotals): void {
  totals.evaluations += batch.evaluations * batch.rows
  totals.accepted += batch.accepted
  totals.rejected += batch.rejected
  totals.rows += batch.rows
  totals.failed += batch.failed
  totals.smallestStep = Math.min(totals.smallestStep, batch.smallestStep)
}

/** Whether the model is solved step by step: not where its latent paths are known in closed form. */
export function hasSolver({ model }: Pick<FittedModel, 'model'>): boolean {
  const chosen: Dynamics | undefined = 'dynamics' in model ? dynamics[model.dynamics as DynamicsName] : undefined
  return chosen?.exact !== true
}

/** What the solver did, and how it was set where the model says. */
export const solverSummary = ({ model }: FittedModel, totals: Totals): Omit<SolverSummary, 'scope'> => ({
  ...('method' in model && { method: model.method, rtol: model.rtol, atol: model.atol }),
  solves: totals.rows,
  evaluations: Math.round(totals.evaluations),
  accepted: totals.accepted,
  rejected: totals.rejected,
  smallestStep: totals.smallestStep,
  failed: totals.failed,
})
