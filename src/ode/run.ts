import type { ArrayPool, Loan } from '../arrayPool.js'
import type { ScanRecording } from '../engine/autodiff/scan.js'
import type { Engine, FloatArray, Held, Value } from '../engine/engine.js'
import type { Track } from './dense.js'
import type { FixedSteps, Schedule } from './fixedSteps.js'
import type { Restart } from './march.js'
import type { Settings } from './options.js'
import type { Interpolator } from './paths.js'
import type { Counts } from './pilot.js'
import type { Origin } from './route.js'
import type { Stepper } from './stepper.js'
import type { Timetable } from './times.js'
import type { RowStatus, SolverStats, StepRecord, Steps } from './types.js'

/** All that a solver has compiled for going forward. */
export interface Machine {
  readonly engine: Engine
  readonly settings: Settings
  readonly dim: number
  readonly stepper: Stepper
  readonly fixedSteps: FixedSteps
  readonly interpolator: Interpolator
  readonly pool: ArrayPool
}

/** An iteration as the discrete adjoint needs it: arrays `clock`, `y`, `k1` `[n, ·]` and residuals of the engine, the rest of the host. */
export interface StepEntry {
  readonly kind: 'step'
  readonly step: StepRecord
  readonly accepted: Uint8Array
  /** Whether all rows were accepted. */
  readonly whole: boolean
  /** Whether the step gave out its path. */
  readonly path: boolean
  /** As the step was given it: of rejected rows, what was tried. */
  readonly clock: Value
  readonly y: Value
  readonly k1: Value
  readonly residuals: readonly Value[] | undefined
  /** Outputs that lie in these steps: points, and positions of their rows in the iteration. */
  readonly due: { readonly points: Int32Array; readonly positions: Int32Array } | undefined
}

/** All steps of a solve that were known beforehand. */
export interface ScheduleEntry {
  readonly kind: 'schedule'
  readonly schedule: Schedule
  readonly recording: ScanRecording
  /** All outputs but those at the start, and where they lie: step · rows + row. */
  readonly due: { readonly points: Int32Array; readonly positions: Int32Array }
}
export type TapeEntry = StepEntry | ScheduleEntry | ({ readonly kind: 'restart' } & Restart)

/** What a forward solve leaves behind. */
export interface Run {
  readonly rows: number
  /** `[rows, dim]` */
  readonly y0: FloatArray
  readonly table: Timetable
  readonly values: FloatArray
  readonly outputs: Value | undefined
  /** Rows that failed, in order. */
  readonly failed: Int32Array
  /** How each row ended; said when it is first asked for. */
  readonly status: () => readonly RowStatus[]
  readonly stats: SolverStats
  readonly steps: () => Steps
  /** What the field's t was counted from. */
  readonly origin: Origin
  /** For gradients; only if recorded. */
  readonly tape: readonly TapeEntry[] | undefined
  /** What the tape holds in the engine. */
  readonly kept: ReadonlySet<Held>
  /** The field at the start of each row, `[rows, dim]`; if recorded or dense. */
  readonly slope: FloatArray | undefined
  readonly tracks: readonly Track[] | undefined
  /** Paths that outputs lie on, `[count, width]`; the first `rows` stand still at y0. Kept if recorded for the discrete adjoint. */
  readonly paths: Value
  /** What the outputs' places on them come to, see `Interpolator`, `[points, 1 + degree]`. Kept likewise. */
  readonly weights: Value
  /** The paths as numbers; if dense. */
  readonly pathNumbers: FloatArray | undefined
  /** For each output: its path, and where on it, `[points]`. */
  readonly path: Int32Array
  readonly theta: Float64Array
  /** Arrays of the solver's pool that are needed until the solution is disposed of. */
  readonly loan: Loan
}

/** What a solve cost, over all rows. */
export function statsOf(counts: Counts, iterations: number): SolverStats {
  const sum = (list: Int32Array): number => list.reduce((a, b) => a + b, 0)
  return {
    evaluations: sum(counts.evaluations),
    accepted: sum(counts.accepted),
    rejected: sum(counts.rejected),
    smallestStep: counts.smallestStep.reduce((a, b) => Math.min(a, b), Infinity),
    iterations,
    rows: counts,
  }
}
