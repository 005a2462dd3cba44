import type { Engine, Value } from '../engine/engine.js'
import type { Graph } from '../graph/graph.js'
import { simplify } from '../graph/simplify.js'
import type { Pilot } from './pilot.js'
import { compileProgram, lazily, type Program, type Values } from './program.js'
import { selectGraph, startGraph, stepGraph, trialGraph, type Tolerance } from './step.js'
import { stagesOf, type Tableau } from './tableau.js'
import type { StepRecord } from './types.js'

/** What a field and a method become on an engine. */
export interface Stepper {
  readonly engine: Engine
  readonly tableau: Tableau
  readonly dim: number
  readonly step: Program
  readonly start: Program
  readonly trial: () => Program
  readonly select: () => Program
}

export function createStepper(engine: Engine, field: Graph, tableau: Tableau, dim: number, tolerance: Tolerance): Stepper {
  const compile = (graph: Graph): Program => compileProgram(engine, simplify(graph, { fuse: true }))
  return {
    engine, tableau, dim,
    step: compile(stepGraph(field, tableau, dim, tolerance)),
    start: compile(startGraph(field, dim, tolerance)),
    trial: lazily(() => compile(trialGraph(field, dim, tolerance))),
    select: lazily(() => compile(selectGraph(dim))),
  }
}

/** The rows at work: which they are, their states and the field there, each `[n, dim]`. */
export interface Front {
  readonly rows: Int32Array
  readonly y: Value
  readonly k1: Value
}

/** One iteration after it was judged. */
export interface Iteration {
  /** With h = 0 where the attempt was rejected. */
  readonly step: StepRecord
  readonly accepted: Uint8Array
  /** The states it started from. */
  readonly before: Front
  /** `[n, stages·dim]`; of rejected rows, whatever came out. */
  readonly stages: Value
}

export interface Observer {
  /**
   * Sees each iteration in which a row was accepted. Arrays made here, and those of `before`, are freed afterwards,
   * unless they are passed to `keep`; then the observer must free them.
   */
  iteration(iteration: Iteration, keep: (...values: Value[]) => void): void
  /** Sees the states after every iteration; may return others to go on with. */
  arrived(front: Front): Front | undefined
}

/** Times of the stages, `[n, stages]`. */
export function stageTimes(step: StepRecord, tableau: Tableau): Float64Array {
  const stages = stagesOf(tableau)
  const out = new Float64Array(step.t.length * stages)
  step.t.forEach((t, i) => {
    for (let j = 0; j < stages; j++) out[i * stages + j] = tableau.c[j] === 1 ? step.end[i]! : t + tableau.c[j]! * step.h[i]!
  })
  return out
}

/** Where each of `rows` stands in `among`, which has them all in the same order. */
export function positionsOf(rows: Int32Array, among: Int32Array): Int32Array {
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
export function march(stepper: Stepper, params: Values, start: Front, pilot: Pilot, observer: Observer): void {
  const { engine, tableau } = stepper
  let front = start
  for (;;) {
    const proposed = pilot.next(front.rows)
    if (proposed === undefined) break
    if (proposed.rows.length < front.rows.length) front = keepRows(engine, front, proposed.rows)
    const n = proposed.rows.length
    const before = front
    const kept: Value[] = []
    engine.scope(() => {
      const attempt = stepper.step.run({
        ...params, y: before.y, k1: before.k1,
        t: engine.write(stageTimes(proposed, tableau), [n, stagesOf(tableau)]),
        h: engine.write(proposed.h, [n, 1]),
      }, n)
      const accepted = pilot.judge(proposed, engine.read(attempt['check']!))
      if (accepted.some((yes) => yes === 1)) {
        const step = withoutRejected(proposed, accepted)
        observer.iteration({ step, accepted, before, stages: attempt['stages']! }, (...values) => kept.push(...values))
        front = accepted.every((yes) => yes === 1)
          ? { rows: before.rows, y: attempt['y1']!, k1: attempt['k']! }
          : select(stepper, before, attempt, accepted)
      }
      front = observer.arrived(front) ?? front
      return [front.y, front.k1, ...kept]
    })
    if (front !== before && !kept.includes(before.y)) release(engine, before)
  }
  release(engine, front)
}

/** Frees the arrays of a front. */
export function release(engine: Engine, front: Front): void {
  engine.free(front.y, front.k1)
}

function keepRows(engine: Engine, front: Front, rows: Int32Array): Front {
  const index = positionsOf(rows, front.rows)
  const kept = { rows, y: engine.gather(front.y, index), k1: engine.gather(front.k1, index) }
  release(engine, front)
  return kept
}

function select(stepper: Stepper, before: Front, attempt: Values, accepted: Uint8Array): Front {
  const n = accepted.length
  const chosen = stepper.select().run({
    accepted: stepper.engine.write(accepted, [n, 1]), y1: attempt['y1']!, k: attempt['k']!, y: before.y, k1: before.k1,
  }, n)
  return { rows: before.rows, y: chosen['y']!, k1: chosen['k1']! }
}

function withoutRejected(step: StepRecord, accepted: Uint8Array): StepRecord {
  if (step.h.every((h, i) => h === 0 || accepted[i] === 1)) return step
  return {
    rows: step.rows, t: step.t,
    h: step.h.map((h, i) => (accepted[i] ? h : 0)),
    end: step.end.map((end, i) => (accepted[i] ? end : step.t[i]!)),
  }
}
