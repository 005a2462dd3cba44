import type { NamedValues } from '../engine/autodiff/program.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import type { StepControl } from './control/stepControl.js'
import type { Origin } from './stopTimes.js'
import { solverState, type SolverState } from './solverState.js'
import { stepperOf, type Attempt, type Stepper } from './stepper.js'
import type { StepRecord } from './types.js'

/** What to compute in an iteration beside the step itself. */
export interface Wanted {
  /** The path of the dense output. */
  readonly path: boolean
  /** The residuals that the step's derivative needs; by the program that gives them out, whether they are kept or not. */
  readonly residuals: boolean
}

/** One iteration after it was judged. */
export interface Iteration {
  /** With h = 0 where the attempt was rejected. */
  readonly step: StepRecord
  readonly accepted: Uint8Array
  /** Whether all rows were accepted. */
  readonly whole: boolean
  readonly wanted: Wanted
  /** What it was told of times, see `Stepper.clock`. */
  readonly clock: Value
  /** The states it started from. */
  readonly before: SolverState
  readonly attempt: Attempt
}

/** Rows in which the field starts anew after a step: 1 in `here` `[n]`; it is told `t` `[n]`. */
export interface Restart {
  readonly step: StepRecord
  readonly here: Uint8Array
  readonly t: Float64Array
  /** The states there, and the inputs that hold from there on. */
  readonly y: Value
  readonly inputs?: Value
}

/** What happened to rows by themselves at the end of a step. */
export interface Changes {
  /** 1 for rows in which the field starts anew, `[n]`. */
  readonly here: Uint8Array
  readonly y: Value
  readonly inputs?: Value
}

/** Keeps arrays of an iteration from being freed at its end; whoever keeps them must free them. */
export type Keep = (...values: Value[]) => void

/** What goes along with the steps, in the order in which it is called. */
export interface Companion {
  /** What an iteration should compute. */
  wanted(step: StepRecord): Wanted
  /** Sees each iteration in which a row was accepted: outputs that lie in it, events, the tape. */
  accepted(iteration: Iteration, keep: Keep): void
  /** What happens to rows where their steps ended: new inputs, states that jump. */
  changes?(step: StepRecord, accepted: Uint8Array, state: SolverState, keep: Keep): Changes | undefined
  /** Sees where the field is evaluated anew. */
  restarted?(restart: Restart, keep: Keep): void
  /** Sees the states after every iteration; may return others to go on with. */
  advanced(state: SolverState): SolverState | undefined
}

/**
 * Moves rows along until no step is proposed, one compiled step of all of them at a time. Owns `start`: its arrays are
 * freed, as is everything made on the way that the companion does not keep.
 */
export function integrate(
  stepper: Stepper,
  params: NamedValues,
  start: SolverState,
  control: StepControl,
  origin: Origin,
  companion: Companion,
): void {
  const { engine, discontinuities } = stepper
  const restarting = companion.changes !== undefined || discontinuities.times.length > 0
  let state = start
  let times: Float64Array | undefined
  let check: FloatArray | undefined
  // Inputs that the companion keeps are its own, for as long as the states hold them, too.
  let keptInputs: Value | undefined
  const release = ({ y, carried, inputs }: SolverState, keeping: readonly Value[], next?: SolverState): void => {
    if (inputs && inputs !== next?.inputs && inputs !== keptInputs && !keeping.includes(inputs)) engine.free(inputs)
    if (y !== next?.y && !keeping.includes(y)) engine.free(y)
    if (carried !== next?.carried && !keeping.includes(carried)) engine.free(carried)
  }
  for (;;) {
    // Which rows go on, and how far.
    const proposed = control.propose(state.rows)
    if (proposed === undefined) break
    if (proposed.rows.length < state.rows.length) {
      const all = state
      state = keepRows(engine, all, proposed.rows)
      release(all, none)
    }
    const before = state
    const keeping: Value[] = []
    const keep: Keep = (...values) => {
      keeping.push(...values)
    }
    engine.scope(() => {
      // Attempt the step in all of them.
      const wanted = companion.wanted(proposed)
      const own = stepperOf(stepper, proposed)
      times = own.clock(proposed, wanted.path, origin, times)
      const n = proposed.rows.length
      const clock = engine.write(times, [n, n === 0 ? 0 : times.length / n])
      const attempt = own.step(wanted.path).attempt(params, before, clock, n, wanted.residuals)
      // Judge it, row by row.
      check = engine.read(attempt.check, check)
      const accepted = control.judge(proposed, check)
      const taken = count(accepted)
      if (taken > 0) {
        const whole = taken === n
        const step = whole ? proposed : withoutRejected(proposed, accepted)
        // Outputs in the step, events, the tape.
        companion.accepted({ step, accepted, whole, wanted, clock, before, attempt }, keep)
        // Advance, and start anew where the field or the state jumps.
        state = whole ? solverState(before.rows, attempt.y1, attempt.carried1, before.inputs) : select(stepper, before, attempt, accepted)
        if (restarting) state = restart(stepper, params, state, { proposed, accepted, control, origin, companion, keep })
      }
      state = companion.advanced(state) ?? state
      return [state.y, state.carried, state.inputs, keeping]
    })
    release(before, keeping, state)
    if (state.inputs && keeping.includes(state.inputs)) keptInputs = state.inputs
  }
  release(state, none)
}

const none: readonly Value[] = []

/** How many are 1. */
function count(flags: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < flags.length; i++) sum += flags[i]!
  return sum
}

function keepRows(engine: Engine, state: SolverState, rows: Int32Array): SolverState {
  const index = positionsOf(rows, state.rows)
  const { y, carried, inputs } = state
  return solverState(rows, engine.gather(y, index), engine.gather(carried, index), inputs && engine.gather(inputs, index))
}

/** Where each of `rows` stands in `among`, which has them all in the same order. */
function positionsOf(rows: Int32Array, among: Int32Array): Int32Array {
  let at = 0
  return rows.map((row) => {
    while (among[at] !== row) at++
    return at
  })
}

function select(stepper: Stepper, before: SolverState, { y1, carried1 }: Attempt, accepted: Uint8Array): SolverState {
  const n = accepted.length
  const [y, carried] = stepper.select().run({}, n, [stepper.engine.write(accepted, [n, 1]), y1, carried1, before.y, before.carried])
  return solverState(before.rows, y!, carried!, before.inputs)
}

/** Lets happen what happens at the ends of steps, and evaluates the field anew where it or the state has jumped. */
function restart(
  stepper: Stepper,
  params: NamedValues,
  reached: SolverState,
  {
    proposed: step,
    accepted,
    control,
    origin,
    companion,
    keep,
  }: {
    readonly proposed: StepRecord
    readonly accepted: Uint8Array
    readonly control: StepControl
    readonly origin: Origin
    readonly companion: Companion
    readonly keep: Keep
  },
): SolverState {
  const { discontinuities, engine } = stepper
  const changes = companion.changes?.(step, accepted, reached, keep)
  const state = changes ? solverState(reached.rows, changes.y, reached.carried, changes.inputs ?? reached.inputs) : reached
  if (!changes && discontinuities.times.length === 0) return state
  const here = accepted.map((yes, i) => (yes && (changes?.here[i] === 1 || discontinuities.has(step.end[i]!)) ? 1 : 0))
  if (count(here) === 0) return state
  here.forEach((yes, i) => {
    if (yes) control.forget(step.rows[i]!)
  })
  const t = step.end.map((time, i) => discontinuities.after(time, step.h[i]!, origin(step.rows[i]!)))
  const { y, inputs } = state
  companion.restarted?.({ step, here, t, y, ...(inputs && { inputs }) }, keep)
  const n = here.length
  const [carried] = stepper.restart().run(params, n, [engine.write(here, [n, 1]), engine.write(t, [n, 1]), y, state.carried, inputs ?? y])
  return solverState(state.rows, y, carried!, inputs)
}

function withoutRejected(step: StepRecord, accepted: Uint8Array): StepRecord {
  const [h, end] = [step.h.slice(), step.end.slice()]
  for (let i = 0; i < h.length; i++) {
    if (accepted[i]) continue
    h[i] = 0
    end[i] = step.t[i]!
  }
  return { ...step, h, end }
}
