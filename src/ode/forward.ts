import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { extendTracks, type Track } from './dense.js'
import { SolverError } from './errors.js'
import { gatherNumbers } from './gradient.js'
import { march, type Front, type Iteration, type Stepper } from './march.js'
import type { Settings } from './options.js'
import type { Due, OutputList, Outputs } from './outputs.js'
import { controlPilot, firstSteps, newCounts, replayPilot, trialSteps, type Counts, type Pilot, type Route } from './pilot.js'
import type { Values } from './program.js'
import { failedStatus, largest, type Failure } from './status.js'
import { stagesOf } from './tableau.js'
import { timetable, type Timetable } from './times.js'
import type { RowStatus, SolverStats, SolveRequest, StepRecord, Steps } from './types.js'

/** All that a solver has compiled for going forward. */
export interface Machine {
  readonly engine: Engine
  readonly settings: Settings
  readonly dim: number
  readonly stepper: Stepper
  readonly outputs: Outputs
}

/** An iteration as the discrete adjoint needs it: arrays `y`, `k1` `[n, dim]` of the engine, steps and outputs of the host. */
export interface TapeEntry {
  readonly step: StepRecord
  readonly y: Value
  readonly k1: Value
  readonly outputs: OutputList | undefined
}

/** What a forward solve leaves behind. */
export interface Run {
  readonly rows: number
  readonly table: Timetable
  readonly values: FloatArray
  /** Slopes of the outputs, `[points, dim]`; only if recorded. */
  readonly slopes: FloatArray | undefined
  readonly status: RowStatus[]
  readonly stats: SolverStats
  readonly steps: Steps
  readonly tape: readonly TapeEntry[] | undefined
  readonly tracks: readonly Track[] | undefined
}

/** Solves forward: the steps, the outputs, the records asked for. */
export function forward(machine: Machine, params: Values, request: SolveRequest): Run {
  const { engine, dim, settings, stepper } = machine
  const { record = false, dense = false, replay } = request
  const y0 = initialValues(engine, request.y0, dim)
  const rows = y0.length / dim
  const table = timetable(request.times, rows)
  const { times, offsets, direction } = table
  const points = times.length
  const values = newArray(engine, points * dim).fill(Number.NaN)
  const slopes = record ? newArray(engine, points * dim) : undefined
  const counts = newCounts(rows)
  const statuses: (RowStatus | undefined)[] = new Array<undefined>(rows).fill(undefined)
  const next = offsets.slice(0, rows)
  const startTimes = Float64Array.from({ length: rows }, (_, row) => times[offsets[row]!]!)
  const route: Route = {
    direction, start: startTimes,
    last: startTimes.map((_, row) => times[offsets[row + 1]! - 1]!),
    bound: settings.rules.k === undefined && settings.stepSize === undefined
      ? (row) => times[next[row]!]!
      : settings.stopAtEnd ? (row) => route.last[row]! : (row) => direction[row]! * Infinity,
    done: (row) => next[row] === offsets[row + 1],
  }
  const tape: TapeEntry[] = []
  const steps: StepRecord[] = []
  let tracks: Track[] | undefined
  let iterations = 0

  function fail(row: number, failure: Failure, state: ArrayLike<number>): void {
    const status = failedStatus(row, failure, state, settings.rules.k !== undefined)
    if (settings.throw) throw new SolverError(status.status, status.message, row, status)
    statuses[row] = status
  }

  /** The field at the start of every row, the outputs there, and the rows that have a way to go. */
  function depart(): { front: Front; wanted: Float64Array } {
    const y = engine.write(y0, [rows, dim])
    const { k1, check } = stepper.start.run({ ...params, y, t: engine.write(startTimes, [rows, 1]) }, rows) as { k1: Value; check: Value }
    const norms = engine.read(check)
    const slope = record || dense ? engine.read(k1) : undefined
    const present: number[] = []
    for (let row = 0; row < rows; row++) {
      const state = y0.subarray(row * dim, (row + 1) * dim)
      const at = slope?.subarray(row * dim, (row + 1) * dim)
      while (!route.done(row) && times[next[row]!] === startTimes[row]) {
        values.set(state, next[row]! * dim)
        if (at) slopes?.set(at, next[row]! * dim)
        next[row]!++
      }
      if (route.done(row)) continue
      counts.evaluations[row]!++
      if (Number.isFinite(norms[3 * row + 2]!)) present.push(row)
      else fail(row, { status: 'NonFinite', time: startTimes[row]!, step: 0 }, state)
    }
    if (dense) {
      tracks = Array.from(startTimes, (t, row) => ({
        start: { t, y: y0.slice(row * dim, (row + 1) * dim), slope: slope!.slice(row * dim, (row + 1) * dim) }, direction: direction[row]!, steps: [],
      }))
    }
    const chosen = Int32Array.from(present)
    const front = { rows: chosen, y: engine.gather(y, chosen), k1: engine.gather(k1, chosen) }
    return { front, wanted: replay ? new Float64Array(0) : spread(chosen, firstWanted(machine, params, route, front, gatherNumbers(norms, chosen, 3), counts), rows) }
  }

  /** Interpolates the outputs that lie in the steps of an iteration. */
  function collect({ step, accepted, before, stages }: Iteration, isLast: (row: number) => boolean): OutputList | undefined {
    const due: Due[] = []
    step.rows.forEach((row, position) => {
      if (!accepted[position]) return
      const [t, h, end] = [step.t[position]!, step.h[position]!, step.end[position]!]
      const all = isLast(row)
      while (!route.done(row) && (all || (times[next[row]!]! - end) * direction[row]! <= 0)) {
        const point = next[row]!++
        due.push({ point, position, theta: times[point] === end ? 1 : (times[point]! - t) / h })
      }
    })
    if (due.length === 0) return undefined
    const result = machine.outputs.interpolate(due, step.h, before.y, stages, record)
    due.forEach(({ point }, i) => {
      values.set(result.values.subarray(i * dim, (i + 1) * dim), point * dim)
      if (slopes && result.slopes) slopes.set(result.slopes.subarray(i * dim, (i + 1) * dim), point * dim)
    })
    return result.list
  }

  engine.scope((): Value[] => {
    if (rows === 0) return []
    const { front, wanted } = depart()
    const stagesPerStep = stagesOf(stepper.tableau) - 1
    const pilot: Pilot = replay ? replayPilot(checkedReplay(replay, front.rows), counts, stagesPerStep) : controlPilot(route, settings.rules, wanted, counts, stagesPerStep)
    const left = replay && stepsOfRows(replay, rows)
    march(stepper, params, front, pilot, {
      iteration(iteration, keep) {
        const { step, before, stages } = iteration
        const outputs = collect(iteration, (row) => left !== undefined && --left[row]! === 0)
        if (tracks) extendTracks(tracks, iteration, engine.read(before.y), engine.read(stages), dim)
        if (record || dense) steps.push(step)
        if (!record) return
        tape.push({ step, y: before.y, k1: before.k1, outputs })
        keep(before.y, before.k1)
      },
      arrived(after) {
        iterations++
        for (const [row, failure] of pilot.failures()) {
          fail(row, failure, engine.read(engine.gather(after.y, Int32Array.of(after.rows.indexOf(row)))))
        }
        return undefined
      },
    })
    return tape.flatMap(({ y, k1 }) => [y, k1])
  })

  const status = Array.from({ length: rows }, (_, row) => statuses[row] ?? goodStatus(row))
  status.forEach(({ status: name }, row) => {
    if (name !== 'ok') values.fill(Number.NaN, offsets[row]! * dim, offsets[row + 1]! * dim)
  })
  return { rows, table, values, slopes, status, stats: statsOf(counts, iterations), steps, tape: record ? tape : undefined, tracks }

  function goodStatus(row: number): RowStatus {
    const point = offsets[row + 1]! - 1
    const smallest = counts.smallestStep[row]!
    return { status: 'ok', time: times[point]!, step: Number.isFinite(smallest) ? smallest * direction[row]! : 0, ...largest(values.subarray(point * dim, (point + 1) * dim)), message: '' }
  }
}

/** Each row's first step, unsigned, `[n]`: by its field (see `control.ts`), as asked for, or without limit but the next output. */
export function firstWanted({ engine, settings, stepper }: Pick<Machine, 'engine' | 'settings' | 'stepper'>, params: Values, route: Route, front: Front, norms: FloatArray, counts: Counts): Float64Array {
  const { rules, firstStep, stepSize } = settings
  const n = front.rows.length
  if (rules.k === undefined) return new Float64Array(n).fill(stepSize ?? Infinity)
  const least = rules.minStep ?? 0
  if (firstStep !== undefined) return new Float64Array(n).fill(Math.max(least, Math.min(firstStep, rules.maxStep)))
  if (n === 0) return new Float64Array(0)
  const rowOf = (i: number): number => front.rows[i]!
  const limit = (i: number): number => Math.min(rules.maxStep, Math.abs(route.last[rowOf(i)]! - route.start[rowOf(i)]!))
  const trial = trialSteps(norms, limit)
  const signed = trial.map((h, i) => h * route.direction[rowOf(i)]!)
  const change: { read?: FloatArray } = {}
  engine.scope(() => {
    const after = signed.map((h, i) => route.start[rowOf(i)]! + h)
    const { norm } = stepper.trial().run({ ...params, t: engine.write(after, [n, 1]), h: engine.write(signed, [n, 1]), y: front.y, k1: front.k1 }, n) as { norm: Value }
    change.read = engine.read(norm)
  })
  front.rows.forEach((row) => counts.evaluations[row]!++)
  return firstSteps(trial, norms, change.read!, rules.k, limit).map((h) => Math.max(least, h))
}

/** An array of the engine's kind of number. */
export const newArray = (engine: Engine, length: number): FloatArray =>
  engine.dtype === 'float32' ? new Float32Array(length) : new Float64Array(length)

/** `[rows]` with `values[i]` at `chosen[i]`. */
function spread(chosen: Int32Array, values: Float64Array, rows: number): Float64Array {
  const out = new Float64Array(rows)
  chosen.forEach((row, i) => (out[row] = values[i]!))
  return out
}

function initialValues(engine: Engine, y0: Value | ArrayLike<number>, dim: number): FloatArray {
  if ('shape' in y0) {
    if (y0.shape.length !== 2 || y0.shape[1] !== dim) throw new SolverError('Shape', `y0 has shape [${y0.shape.join(', ')}]; the field takes [rows, ${dim}].`)
    return engine.read(y0)
  }
  if (y0.length % dim !== 0) throw new SolverError('Shape', `y0 has ${y0.length} numbers, which do not fill rows of ${dim} components.`)
  const copy = newArray(engine, y0.length)
  copy.set(y0)
  return copy
}

/** How many steps of each row a recording has. */
function stepsOfRows(steps: Steps, rows: number): Int32Array {
  const count = new Int32Array(rows)
  for (const { rows: present, h } of steps) present.forEach((row, i) => (count[row]! += h[i] === 0 ? 0 : 1))
  return count
}

function checkedReplay(steps: Steps, rows: Int32Array): Steps {
  const present = new Set(steps.flatMap(({ rows: recorded }) => [...recorded]))
  const missing = rows.find((row) => !present.has(row))
  const foreign = [...present].find((row) => !rows.includes(row))
  if (missing !== undefined) throw new SolverError('Replay', `The recorded steps have none for row ${missing}. Replay a solve of the same rows and spans.`, missing)
  if (foreign !== undefined) throw new SolverError('Replay', `The recorded steps have some for row ${foreign}, which has no way to go here. Replay a solve of the same rows and spans.`, foreign)
  return steps
}

export function statsOf(counts: Counts, iterations: number): SolverStats {
  const sum = (list: Int32Array): number => list.reduce((a, b) => a + b, 0)
  return {
    evaluations: sum(counts.evaluations), accepted: sum(counts.accepted), rejected: sum(counts.rejected),
    smallestStep: counts.smallestStep.reduce((a, b) => Math.min(a, b), Infinity), iterations, rows: counts,
  }
}
