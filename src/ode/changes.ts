import { SolverError } from './errors.js'
import type { Changes, Keep } from './integrate.js'
import { blocksOf } from './method.js'
import { gatherInputs, type RowInputs } from './rowInputs.js'
import type { Machine } from './run.js'
import type { SolverState } from './solverState.js'
import type { StopTimes } from './stopTimes.js'
import type { StepRecord } from './types.js'

/** What happens to rows by themselves as a solve goes along. */
export interface RowChanges {
  /** The next time at which something happens to a row; ±Infinity if nothing does. */
  next(row: number): number
  /** Lets happen what happens where accepted steps ended. */
  happen(step: StepRecord, accepted: Uint8Array, state: SolverState, keep: Keep): Changes | undefined
}

/** Signals that go on to the next stretch. Nothing happens to rows that are done. */
export function createChanges(
  { engine, stepper }: Machine,
  inputs: RowInputs,
  { done, last }: Pick<StopTimes, 'done' | 'last'>,
): RowChanges | undefined {
  const { timeline } = inputs
  if (!timeline) return undefined
  // A kink makes what a method knows of the steps before wrong; one that knows the field alone need not start anew.
  const startsAnew = blocksOf(stepper.method) > 1
  return {
    next: timeline.next,
    happen(step, accepted, state) {
      const here = new Uint8Array(accepted.length)
      let moved = false
      for (let i = 0; i < accepted.length; i++) {
        if (!accepted[i]) continue
        const row = step.rows[i]!
        const time = timeline.next(row)
        requireStop(row, time, step.end[i]!, step.h[i]!, last[row]!)
        if (time !== step.end[i] || done(row)) continue
        if (timeline.jumps(row) || startsAnew) here[i] = 1
        inputs.segment[row]!++
        moved = true
      }
      return moved ? { here, y: state.y, inputs: gatherInputs(engine, inputs, step.rows)! } : undefined
    },
  }
}

/** Steps stop where something happens; recorded ones of another solve may not. */
function requireStop(row: number, time: number, end: number, h: number, last: number): void {
  if ((time - end) * h < 0 && (time - last) * h < 0)
    throw new SolverError(
      'Replay',
      `The recorded steps go past t = ${time}, where something happens to row ${row}. Replay a solve with the same knots of signals.`,
      row,
    )
}
