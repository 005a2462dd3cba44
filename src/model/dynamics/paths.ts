import { differentiable } from '../../engine/autodiff/differentiable.js'
import type { Tape } from '../../engine/autodiff/tape.js'
import type { Engine, Value } from '../../engine/engine.js'
import type { Graph } from '../../graph/graph.js'
import { solveOnTape } from '../../ode/solveOnTape.js'
import type { Solution } from '../../ode/types.js'
import type { Graphs } from '../graphs.js'
import type { PartConfig } from '../partConfig.js'
import type { SolverTotals } from '../sequenceModel.js'
import { dynamicsSolver } from './solver.js'

/** Latent paths of some rows. */
export interface LatentPaths {
  /** z of each row at each of its times, row after row, `[points, latents]`; zeros in rows that failed. */
  readonly outputs: Value
  /** Rows that the solver failed for. */
  readonly failed: Int32Array
  readonly totals: SolverTotals
}

/**
 * Follows the dynamics from z0 `[rows, latents]` to each row's own times, of which the first is that of z0.
 * It is on the tape, and lasts as long.
 */
export type FollowDynamics = (tape: Tape, z0: Value, times: readonly Float64Array[]) => LatentPaths

/** Dynamics that can be followed: in closed form where there is one, else by an ODE solver. */
export const followDynamics = (engine: Engine, config: PartConfig, { field, flow }: Graphs): FollowDynamics =>
  flow ? inClosedForm(engine, flow) : bySolver(engine, config, field!)

function bySolver(engine: Engine, config: PartConfig, field: Graph): FollowDynamics {
  const solver = dynamicsSolver(engine, config, field)
  return (tape, z0, times) => {
    const { solution, outputs } = solveOnTape(tape, solver, z0, times)
    tape.atEnd(solution.dispose)
    return { outputs, failed: solution.failed, totals: totalsOf(solution) }
  }
}

function totalsOf({ stats, failed, rows, status }: Solution): SolverTotals {
  return {
    evaluations: stats.evaluations / Math.max(1, rows),
    accepted: stats.accepted,
    rejected: stats.rejected,
    rows,
    failed: failed.length,
    smallestStep: stats.smallestStep,
    ...(failed.length > 0 && { error: new Error(status[failed[0]!]!.message) }),
  }
}

function inClosedForm(engine: Engine, flow: Graph): FollowDynamics {
  const piece = differentiable(engine, flow, { inputs: ['z', 't'], wrt: ['z'] })
  return (tape, z0, times) => {
    const points = times.reduce((sum, { length }) => sum + length, 0)
    const row = tape.loan.take('int32', points)
    const passed = tape.loan.take('float64', points)
    let point = 0
    times.forEach((own, r) =>
      own.forEach((time) => {
        row[point] = r
        passed[point++] = time - own[0]!
      }),
    )
    const [outputs] = Object.values(tape.call(piece, { z: tape.gather(z0, row), t: engine.write(passed, [points, 1]) }, points))
    const totals = { evaluations: 0, accepted: 0, rejected: 0, rows: times.length, failed: 0, smallestStep: Infinity }
    return { outputs: outputs!, failed: new Int32Array(0), totals }
  }
}
