import type { NamedValues } from '../engine/autodiff/program.js'
import type { Value } from '../engine/engine.js'
import { SolverError } from './errors.js'
import type { Changes, Keep } from './integrate.js'
import { blocksOf } from './method.js'
import { gatherInputs, type RowInputs } from './rowInputs.js'
import type { Machine } from './run.js'
import type { SolverState } from './solverState.js'
import type { JumpProgram, JumpSchedule, ScheduledJump } from './stateJumps.js'
import type { StopTimes } from './stopTimes.js'
import type { JumpEntry, SolveTape } from './tape.js'
import type { StepRecord } from './types.js'

/** What happens to rows by themselves as a solve goes along. */
export interface RowChanges {
  /** The next time at which something happens to a row; ±Infinity if nothing does. */
  next(row: number): number
  /** Lets happen what happens where accepted steps ended. Nothing happens to rows that are done. */
  happen(step: StepRecord, accepted: Uint8Array, state: SolverState, keep: Keep): Changes | undefined
}

/**
 * Signals that go on to the next stretch, and then states that jump: they see the inputs that hold from there on.
 *
 * @param tape takes jumps, if it is to
 */
export function createChanges(
  machine: Machine,
  params: NamedValues,
  inputs: RowInputs,
  jumps: JumpSchedule | undefined,
  { done, last, direction, origin }: StopTimes,
  tape: SolveTape | undefined,
): RowChanges | undefined {
  const { engine, stepper } = machine
  const { timeline } = inputs
  if (!timeline && !jumps) return undefined
  // A kink makes what a method knows of the steps before wrong; one that knows the field alone need not start anew.
  const startsAnew = blocksOf(stepper.method) > 1

  function next(row: number): number {
    const [knot, jump] = [timeline?.next(row), jumps?.next(row)]
    if (knot === undefined || jump === undefined) return knot ?? jump!
    return (knot - jump) * direction[row]! < 0 ? knot : jump
  }

  /** Applies the jumps `due` by position in an iteration: all first ones, then all second ones, … */
  function jump(due: ReadonlyMap<number, readonly ScheduledJump[]>, step: StepRecord, state: SolverState, keep: Keep): Value {
    let { y } = state
    const most = Math.max(...Array.from(due.values(), ({ length }) => length))
    for (let turn = 0; turn < most; turn++) {
      const groups = new Map<JumpProgram, number[]>()
      for (const [position, list] of due) {
        if (turn >= list.length) continue
        const program = machine.jumps(list[turn]!.jump)
        groups.set(program, [...(groups.get(program) ?? []), position])
      }
      for (const [program, positions] of groups) {
        const own = positions.map((position) => due.get(position)![turn]!)
        y = jumpTogether(program, Int32Array.from(positions), own, step, { ...state, y }, keep)
      }
    }
    return y
  }

  /** Applies one jump in some rows; gives the states of all. */
  function jumpTogether(
    program: JumpProgram,
    positions: Int32Array,
    own: readonly ScheduledJump[],
    step: StepRecord,
    state: SolverState,
    keep: Keep,
  ): Value {
    const [n, dim] = [step.rows.length, stepper.dim]
    const rows = positions.map((i) => step.rows[i]!)
    const t = Float64Array.from(positions, (i) =>
      stepper.discontinuities.after(step.end[i]!, direction[step.rows[i]!]!, origin(step.rows[i]!)),
    )
    const amounts = own[0]!.jump.add && own.flatMap(({ jump: { add } }) => Array.from(add!))
    const entry: JumpEntry = {
      kind: 'jump',
      program,
      jumps: Int32Array.from(own, ({ index }) => index),
      rows,
      t,
      y: engine.gather(state.y, positions),
      ...(state.inputs && { inputs: engine.gather(state.inputs, positions), segments: rows.map((row) => inputs.segment[row]!) }),
      ...(amounts && { add: engine.write(amounts, [rows.length, dim]) }),
    }
    tape?.recordJump(entry, keep)
    const after = program.run(params, { ...entry, t: engine.write(t, [rows.length, 1]) }, rows.length)
    const jumping = new Uint8Array(n)
    for (const position of positions) jumping[position] = 1
    const { carried } = state
    const spread = engine.scatterAdd(after, positions, n)
    return stepper.select().run({}, n, [engine.write(jumping, [n, 1]), spread, carried, state.y, carried])[0]!
  }

  return {
    next,
    happen(step, accepted, state, keep) {
      const here = new Uint8Array(accepted.length)
      const due = new Map<number, readonly ScheduledJump[]>()
      let moved = false
      for (let i = 0; i < accepted.length; i++) {
        if (!accepted[i]) continue
        const [row, end] = [step.rows[i]!, step.end[i]!]
        requireStop(row, next(row), end, direction[row]!, last[row]!)
        if (done(row)) continue
        if (timeline?.next(row) === end) {
          if (timeline.jumps(row) || startsAnew) here[i] = 1
          inputs.segment[row]!++
          moved = true
        }
        if (jumps?.next(row) === end) {
          due.set(i, jumps.take(row, end))
          here[i] = 1
        }
      }
      if (!moved && due.size === 0) return undefined
      const given = moved ? gatherInputs(engine, inputs, step.rows) : state.inputs
      const after = { ...state, ...(given && { inputs: given }) }
      return { here, y: due.size > 0 ? jump(due, step, after, keep) : state.y, ...(given && { inputs: given }) }
    },
  }
}

/** Steps stop where something happens; recorded ones of another solve may not. */
function requireStop(row: number, time: number, end: number, direction: number, last: number): void {
  if ((time - end) * direction < 0 && (time - last) * direction < 0)
    throw new SolverError(
      'Replay',
      `The recorded steps go past t = ${time}, where something happens to row ${row}. Replay a solve with the same knots and jumps.`,
      row,
    )
}
