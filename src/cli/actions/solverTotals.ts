import type { SolverTotals } from '../../model/sequenceModel.js'
import type { Teller } from '../command.js'
import { formatCount, formatNumber } from '../terminal/layout.js'

/** Adds up what the solver did in batches, and tells it with `--verbose`. */
export function sumSolver() {
  let [rows, failed, evaluations, accepted, rejected] = [0, 0, 0, 0, 0]
  let smallestStep = Infinity
  return {
    add(totals: SolverTotals): void {
      // Evaluations are means over rows, steps are sums.
      rows += totals.rows
      failed += totals.failed
      evaluations += totals.evaluations * totals.rows
      accepted += totals.accepted
      rejected += totals.rejected
      smallestStep = Math.min(smallestStep, totals.smallestStep)
    },
    tell({ detail }: Pick<Teller, 'detail'>): void {
      if (rows === 0) return
      if (evaluations === 0 && failed === 0) return detail(`${formatCount(rows)} trajectories, none of which took a solver.`)
      detail(
        `Solver: ${formatCount(rows)} trajectories, ${formatNumber(evaluations / rows, 3)} evaluations of the vector field each; ` +
          `${formatCount(accepted)} steps accepted, ${formatCount(rejected)} rejected, the smallest ${formatNumber(smallestStep, 3)}; ` +
          `${formatCount(failed)} failed.`,
      )
    },
  }
}
