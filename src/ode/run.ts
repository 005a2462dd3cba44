import type { ArrayPool, Loan } from '../arrayPool.js'
import type { Engine, FloatArray, Held, Value } from '../engine/engine.js'
import type { RowInput } from './callField.js'
import type { Counts } from './control/stepControl.js'
import type { Degrees } from './courses.js'
import type { Track } from './dense.js'
import type { EventFinder, FoundEvent } from './events.js'
import type { FixedGrid } from './fixedGrid.js'
import type { Interpolator } from './interpolate.js'
import type { Settings } from './options.js'
import type { RowInputs } from './rowInputs.js'
import type { StateJump } from './stateJump.js'
import type { JumpProgram } from './stateJumps.js'
import type { Stepper } from './stepper.js'
import type { Origin } from './stopTimes.js'
import type { TapeEntry } from './tape.js'
import type { Timetable } from './times.js'
import type { RowStatus, SolverStats, Steps } from './types.js'

/** All that a solver has compiled for going forward. */
export interface Machine {
  readonly engine: Engine
  /** The field's inputs by row, and the degrees in time of those that it was compiled for. */
  readonly inputs: readonly RowInput[]
  readonly degrees: Degrees
  readonly settings: Settings
  readonly dim: number
  readonly stepper: Stepper
  readonly fixedGrid: FixedGrid
  readonly interpolator: Interpolator
  /** Finds events, if there are some to look for. */
  readonly events: EventFinder | undefined
  /** Compiles changes of the state. */
  readonly jumps: (jump: StateJump) => JumpProgram
  readonly pool: ArrayPool
}

/** Fixed steps: of one size from the first time on, or from output to output. */
export interface Grid {
  readonly stepSize: number | undefined
  /** Whether the last one ends at the last time. */
  readonly stopAtEnd: boolean
}

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
  /** How steps lie by the times, if they are fixed ones; undefined if they were chosen, or given. */
  readonly grid: Grid | undefined
  /** What the field's t was counted from. */
  readonly origin: Origin
  /** The field's inputs by row. */
  readonly inputs: RowInputs
  /** All changes of states that were asked for. */
  readonly jumps: readonly StateJump[]
  /** Events by row, in the order of time, and all of them in the order in which they were found: behind the outputs among the points. */
  readonly events: () => readonly (readonly FoundEvent[])[]
  readonly found: readonly FoundEvent[]
  /** For gradients; only if recorded. */
  readonly tape: readonly TapeEntry[] | undefined
  /** What the tape holds in the engine. */
  readonly kept: ReadonlySet<Held>
  /** The field at the start of each row, `[rows, dim]`; if recorded or dense. */
  readonly slope: FloatArray | undefined
  /** If dense, or recorded for the interpolated adjoint. */
  readonly tracks: readonly Track[] | undefined
  /**
   * Paths that outputs lie on, or all of them if there are tracks, `[count, width]`; the first `rows` stand still at y0. Kept if recorded
   * for the discrete or the interpolated adjoint.
   */
  readonly paths: Value
  /** What the places of outputs and events on them come to, see `Interpolator`, `[points + events, 1 + degree]`. Kept for the first. */
  readonly weights: Value
  /** The paths as numbers; if dense. */
  readonly pathNumbers: FloatArray | undefined
  /** For each output: its path, and where on it, `[points]`. Outputs behind an event that stopped a row lie nowhere, and are NaN. */
  readonly path: Int32Array
  readonly theta: Float64Array
  /** Arrays of the solver's pool that are needed until the solution is disposed of. */
  readonly loan: Loan
}

/** What a solve cost, over all rows. */
export function statsOf(counts: Counts, iterations: number, stiff: Int32Array): SolverStats {
  const sum = (list: Int32Array): number => list.reduce((a, b) => a + b, 0)
  return {
    evaluations: sum(counts.evaluations),
    accepted: sum(counts.accepted),
    rejected: sum(counts.rejected),
    smallestStep: counts.smallestStep.reduce((a, b) => Math.min(a, b), Infinity),
    iterations,
    stiff,
    rows: counts,
  }
}
