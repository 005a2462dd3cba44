import type { Engine, FloatArray, Value } from '../engine/engine.js'
import type { Pilot } from './pilot.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import type { Origin } from './route.js'
import type { Attempt, Stepper } from './stepper.js'
import type { StepRecord } from './types.js'

/** The rows at work: which they are, their states and the field there, each `[n, dim]`. */
export interface Front {
  readonly rows: Int32Array
  readonly y: Value
  readonly k1: Value
}

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
  readonly before: Front
  readonly attempt: Attempt
}

/** Rows that stand at a jump after a step: 1 in `here` `[n]`; the field there is evaluated anew, told `t` `[n]`. */
export interface Restart {
  readonly step: StepRecord
  readonly here: Uint8Array
  readonly t: Float64Array
  /** The states there. */
  readonly y: Value
}

export interface Observer {
  /** What an iteration should compute. */
  wanted(step: StepRecord): Wanted
  /**
   * Sees each iteration in which a row was accepted. Arrays made here, and those of `before` and `attempt`, are freed
   * afterwards, unless they are passed to `keep`; then the observer must free them.
   */
  iteration(iteration: Iteration, keep: (...values: Value[]) => void): void
  /** Sees where the field is evaluated anew. `keep` as above; the states are those that the next iteration starts from. */
  restarted?(restart: Restart, keep: (...values: Value[]) => void): void
  /** Sees the states after every iteration; may return others to go on with. */
  arrived(front: Front): Front | undefined
}

/** Where each of `rows` stands in `among`, which has them all in the same order. */
function positionsOf(rows: Int32Array, among: Int32Array): Int32Array {
  let at = 0
  return rows.map((row) => {
    while (among[at] !== row) at++
    return at
  })
}

/**
 * Moves rows along until the pilot is done, one compiled step of all of them at a time. Owns `front`: its arrays are
 * freed, as is everything made on the way that the observer does not keep.
 */
export function march(stepper: Stepper, params: NamedValues, start: Front, pilot: Pilot, origin: Origin, observer: Observer): void {
  const { engine } = stepper
  let front = start
  let scratch: Float64Array | undefined
  let check: FloatArray | undefined
  for (;;) {
    const proposed = pilot.next(front.rows)
    if (proposed === undefined) break
    if (proposed.rows.length < front.rows.length) front = keepRows(engine, front, proposed.rows)
    const before = front
    const kept: Value[] = []
    const keep = (...values: Value[]): void => {
      kept.push(...values)
    }
    engine.scope(() => {
      const wanted = observer.wanted(proposed)
      scratch = stepper.clock(proposed, wanted.path, origin, scratch)
      const n = proposed.rows.length
      const clock = engine.write(scratch, [n, n === 0 ? 0 : scratch.length / n])
      const attempt = stepper.step(wanted.path).attempt(params, clock, before.y, before.k1, n, wanted.residuals)
      check = engine.read(attempt.check, check)
      const accepted = pilot.judge(proposed, check)
      const taken = count(accepted)
      const whole = taken === n
      if (taken > 0) {
        observer.iteration(
          { step: whole ? proposed : withoutRejected(proposed, accepted), accepted, whole, wanted, clock, before, attempt },
          keep,
        )
        front = whole ? { rows: before.rows, y: attempt.y1, k1: attempt.k } : select(stepper, before, attempt, accepted)
        const restart = stepper.jumps.times.length > 0 ? restartOf(stepper, proposed, accepted, front.y, origin) : undefined
        if (restart) {
          observer.restarted?.(restart, keep)
          const { here, t } = restart
          const [k] = stepper.restart().run(params, n, [engine.write(here, [n, 1]), engine.write(t, [n, 1]), front.y, front.k1])
          front = { ...front, k1: k! }
        }
      }
      front = observer.arrived(front) ?? front
      return [front.y, front.k1, ...kept]
    })
    if (front !== before && !kept.includes(before.y)) engine.free(before.y)
    if (front !== before && !kept.includes(before.k1)) engine.free(before.k1)
  }
  engine.free(front.y, front.k1)
}

/** How many are 1. */
function count(flags: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < flags.length; i++) sum += flags[i]!
  return sum
}

function keepRows(engine: Engine, front: Front, rows: Int32Array): Front {
  const index = positionsOf(rows, front.rows)
  const kept = { rows, y: engine.gather(front.y, index), k1: engine.gather(front.k1, index) }
  engine.free(front.y, front.k1)
  return kept
}

function select(stepper: Stepper, before: Front, { y1, k }: Attempt, accepted: Uint8Array): Front {
  const n = accepted.length
  const [y, k1] = stepper.select().run({}, n, [stepper.engine.write(accepted, [n, 1]), y1, k, before.y, before.k1])
  return { rows: before.rows, y: y!, k1: k1! }
}

function restartOf({ jumps }: Stepper, step: StepRecord, accepted: Uint8Array, y: Value, origin: Origin): Restart | undefined {
  const here = accepted.map((yes, i) => (yes && jumps.has(step.end[i]!) ? 1 : 0))
  return count(here) === 0
    ? undefined
    : { step, here, t: step.end.map((time, i) => jumps.after(time, step.h[i]!, origin(step.rows[i]!))), y }
}

function withoutRejected(step: StepRecord, accepted: Uint8Array): StepRecord {
  const [h, end] = [step.h.slice(), step.end.slice()]
  for (let i = 0; i < h.length; i++) {
    if (accepted[i]) continue
    h[i] = 0
    end[i] = step.t[i]!
  }
  return { rows: step.rows, t: step.t, h, end }
}
