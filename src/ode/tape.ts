import type { ScanRecording } from '../engine/autodiff/scan.js'
import { bytesPerNumber } from '../engine/arrays.js'
import type { Held, Value } from '../engine/engine.js'
import type { Schedule } from './fixedGrid.js'
import type { Iteration, Keep, Restart } from './integrate.js'
import type { JumpProgram } from './stateJumps.js'
import { stepperOf, type Stepper } from './stepper.js'
import type { StepRecord } from './types.js'

/** Outputs and events that lie in some steps: points, and positions of their rows in the iteration. */
export interface Due {
  readonly points: Int32Array
  readonly positions: Int32Array
}

/**
 * An iteration as the discrete adjoint needs it: arrays `clock`, `y`, `carried`, `inputs` `[n, ·]` and residuals of the engine, the rest
 * of the host.
 */
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
  readonly carried: Value
  readonly inputs?: Value
  /** The segments of the inputs that rows stood in. */
  readonly segments?: Int32Array
  readonly residuals: readonly Value[] | undefined
  readonly due: Due | undefined
}

/** All steps of a solve that were known beforehand. */
export interface ScheduleEntry {
  readonly kind: 'schedule'
  readonly schedule: Schedule
  readonly recording: ScanRecording
  /** All outputs but those at the start, and where they lie: step · rows + row. */
  readonly due: Due
}

/** The field was evaluated anew in some rows. */
export interface RestartEntry extends Restart {
  readonly kind: 'restart'
  readonly segments?: Int32Array
}

/** The state of some rows was changed. */
export interface JumpEntry {
  readonly kind: 'jump'
  readonly program: JumpProgram
  /** Rows, and which of all jumps of the request it is in each. */
  readonly rows: Int32Array
  readonly jumps: Int32Array
  /** What is told of the times, `[n]`; states and inputs before it, `[n, ·]`, and what is added if that is it. */
  readonly t: Float64Array
  readonly y: Value
  readonly inputs?: Value
  readonly segments?: Int32Array
  readonly add?: Value
}

export type TapeEntry = StepEntry | ScheduleEntry | RestartEntry | JumpEntry

/** What a solve records for its discrete adjoint, in order. */
export interface SolveTape {
  readonly entries: TapeEntry[]
  /** What it holds in the engine. */
  readonly kept: Held[]
  record(iteration: Iteration, due: Due | undefined, segments: Int32Array | undefined, keep: Keep): void
  recordRestart(restart: Restart, segments: Int32Array | undefined, keep: Keep): void
  recordJump(entry: JumpEntry, keep: Keep): void
}

/** @param residualMemory bytes of residuals to keep; those of later steps are computed again */
export function createTape(stepper: Stepper, residualMemory: number): SolveTape {
  const { engine } = stepper
  const entries: TapeEntry[] = []
  const kept: Held[] = []
  let bytes = 0
  return {
    entries,
    kept,
    record({ step, accepted, whole, wanted: { path }, clock, before, attempt }, due, segments, keep) {
      const more = accepted.length * stepperOf(stepper, step).step(path).residualsPerRow() * bytesPerNumber(engine)
      const fits = bytes + more <= residualMemory
      if (fits) bytes += more
      const { y, carried, inputs } = before
      entries.push({
        kind: 'step',
        step,
        accepted,
        whole,
        path,
        clock,
        y,
        carried,
        ...(inputs && { inputs, segments: segments! }),
        residuals: fits ? attempt.residuals : undefined,
        due,
      })
      const own = [clock, y, carried, ...(inputs ? [inputs] : []), ...(fits ? attempt.residuals : [])]
      keep(...own)
      kept.push(...own)
    },
    recordRestart(restart, segments, keep) {
      // A copy: the states themselves go on, and are freed on the way.
      const y = engine.gather(restart.y, Int32Array.from(restart.here.keys()))
      const { inputs } = restart
      entries.push({ kind: 'restart', ...restart, y, ...(inputs && { segments: segments! }) })
      const own = inputs ? [y, inputs] : [y]
      keep(...own)
      kept.push(...own)
    },
    recordJump(entry, keep) {
      entries.push(entry)
      const own = [entry.y, ...(entry.inputs ? [entry.inputs] : []), ...(entry.add ? [entry.add] : [])]
      keep(...own)
      kept.push(...own)
    },
  }
}
