import { allFinite, bytesPerNumber } from '../engine/arrays.js'
import { differentiable } from '../engine/autodiff/differentiable.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import type { ScanRecording } from '../engine/autodiff/scan.js'
import type { Held, Stack, Value } from '../engine/engine.js'
import type { Graph } from '../graph/graph.js'
import { compiledOnce } from './compiled.js'
import { newCounts, stepControl } from './control/stepControl.js'
import type { SolverState } from './solverState.js'
import { timesOf } from './method.js'
import type { Settings } from './options.js'
import { clockLayout } from './step.js'
import type { Pulled, Stepper } from './stepper.js'
import { stopTimesOf, type Origin } from './stopTimes.js'
import { haveSameTimes, type Timetable } from './times.js'
import type { StepRecord } from './types.js'

/**
 * Numbers of all steps that lie in the engine at once, for each thing that steps are told or tell. A solve that has more
 * goes step by step: then its steps take so long that one call for all of them would gain nothing, and memory counts.
 */
const MOST_NUMBERS = 2 ** 20

/** A step's array takes a block of memory at least; as numbers. */
const LEAST_NUMBERS = 16

/**
 * The steps of a solve that are known before it begins: those of a method with fixed steps, for rows that all have the
 * same times. `[steps]`, but for what is said of outputs.
 */
export interface Schedule {
  readonly t: Float64Array
  readonly h: Float64Array
  readonly end: Float64Array
  /** How many of a row's outputs stand at its first time. */
  readonly standing: number
  /** In which step each of the others lies, and where in it. */
  readonly step: Int32Array
  readonly theta: Float64Array
  /** Steps in which an output lies. */
  readonly due: readonly number[]
}

/** The schedule of a solve of `rows` rows, if it has one; undefined too if it would end in a failure, or is long. */
export function scheduleOf(
  { times, offsets, direction }: Timetable,
  rows: number,
  settings: Settings,
  { discontinuities, method, dim, inputsWidth }: Stepper,
): Schedule | undefined {
  const { rules } = settings
  const heard = rules.listeners.onStep ?? rules.listeners.onAccept ?? rules.listeners.onReject
  if (rules.controlled || heard || discontinuities.times.length > 0 || !haveSameTimes({ times, offsets })) return undefined
  // A scan takes steps that are told their times and nothing else, and hand on a state.
  if (method.errorOrder !== undefined || method.denseTimes || method.unknowns || method.history || inputsWidth > 0) return undefined
  const table = { times: times.subarray(0, offsets[1]), offsets: offsets.subarray(0, 2), direction: direction.subarray(0, 1) }
  const points = table.times.length
  let standing = 1
  while (standing < points && times[standing] === times[0]) standing++
  const next = Int32Array.of(standing)
  const stops = stopTimesOf(table, next, settings, discontinuities)
  const control = stepControl(stops, rules, Float64Array.of(settings.stepSize ?? Infinity), newCounts(1), {
    evaluationsPerStep: 0,
    historySteps: 0,
  })
  const [t, h, end, step, theta, due]: number[][] = [[], [], [], [], [], []]
  const row = Int32Array.of(0)
  const good = new Float64Array(2)
  const mostSteps = MOST_NUMBERS / Math.max(LEAST_NUMBERS, rows * Math.max((1 + method.degree) * dim, 1 + timesOf(method, false).length))
  for (let proposed = control.propose(row); proposed !== undefined; proposed = control.propose(row)) {
    if (proposed.h[0] === 0 || t!.length >= mostSteps) return undefined
    control.judge(proposed, good)
    const [from, size, to] = [proposed.t[0]!, proposed.h[0]!, proposed.end[0]!]
    let point = next[0]!
    for (; point < points && (times[point]! - to) * direction[0]! <= 0; point++) {
      step!.push(t!.length)
      theta!.push(times[point] === to ? 1 : (times[point]! - from) / size)
    }
    if (point > next[0]!) due!.push(t!.length)
    next[0] = point
    t!.push(from)
    h!.push(size)
    end!.push(to)
  }
  if (control.failures().size > 0) return undefined
  return {
    t: Float64Array.from(t!),
    h: Float64Array.from(h!),
    end: Float64Array.from(end!),
    standing,
    step: Int32Array.from(step!),
    theta: Float64Array.from(theta!),
    due: due!,
  }
}

/** Its steps as those of any solve, of `rows` rows. */
export function stepsOfSchedule({ t, h, end }: Schedule, rows: number): StepRecord[] {
  const all = Int32Array.from({ length: rows }, (_, row) => row)
  const repeat = (number: number): Float64Array => new Float64Array(rows).fill(number)
  return Array.from(h, (size, i) => ({ rows: all, t: repeat(t[i]!), h: repeat(size), end: repeat(end[i]!) }))
}

/** What a scheduled solve gives. */
export interface ScheduledRun {
  /** The paths of all rows in the steps wanted, one step after the other. */
  readonly paths: Value
  /** If recorded, and what it holds. */
  readonly recording: ScanRecording | undefined
  readonly held: readonly Held[]
}

/** Takes all steps of a schedule in one call of the engine. */
export interface FixedGrid {
  /** @param wanted steps whose paths are wanted, in order, at least one. Undefined if a value was not finite. */
  run(
    params: NamedValues,
    state: SolverState,
    schedule: Schedule,
    origin: Origin,
    wanted: readonly number[],
    record: boolean,
  ): ScheduledRun | undefined
  /**
   * Cotangents of the first states, and the parameters' sums, from those of the last ones
   * and of all paths, `[steps·rows, width]`. The recording is kept.
   */
  pull(recording: ScanRecording, bars: Pulled, paths: Value, steps: number): Pulled
}

export function createFixedGrid(stepper: Stepper, field: Graph, settings: Settings): FixedGrid {
  const { engine } = stepper
  // The very Graph that steps are made of one by one, so that a row is the same whatever the times of those beside it.
  const { graph } = stepper.step(true)
  const residualNumbers = settings.residualMemory / bytesPerNumber(engine)
  const scan = compiledOnce(engine, graph, ['scan', residualNumbers], () =>
    differentiable(engine, graph, {
      carried: { y: 'y1', carried: 'carried1' },
      stepped: ['clock'],
      steppedOutputs: ['path'],
      residualNumbers,
    }),
  )
  const { width } = clockLayout(field, stepper.method, true)

  /** What steps are told of times; all rows the same. */
  function clockOf({ t, h, end }: Schedule, origin: Origin, rows: number): Stack {
    let one: Float64Array = new Float64Array(width)
    const row = Int32Array.of(0)
    return engine.writeStack(
      (at, into) => {
        one = stepper.clock(
          { rows: row, t: t.subarray(at, at + 1), h: h.subarray(at, at + 1), end: end.subarray(at, at + 1) },
          true,
          origin,
          one,
        )
        if (width === 1) into.fill(one[0]!)
        else for (let start = 0; start < into.length; start += width) into.set(one, start)
      },
      h.length,
      [rows, width],
    )
  }

  function attempt(
    params: NamedValues,
    { rows: { length: rows }, y, carried }: SolverState,
    schedule: Schedule,
    origin: Origin,
    wanted: readonly number[],
    record: boolean,
  ): ScheduledRun | undefined {
    const clock = clockOf(schedule, origin, rows)
    const request = { start: { y, carried }, stacks: { clock }, parameters: params, rows, steps: schedule.h.length }
    const recording = record ? scan.record(request) : undefined
    const parts = recording?.parts ?? [scan.forward(request)]
    // What steps say of themselves: see `stepGraph`.
    if (!parts.every(({ outputs }) => allFinite(engine.readStack(outputs['check']!)))) return undefined
    const paths = parts.map(({ outputs }) => outputs['path']!)
    const all =
      wanted.length === schedule.h.length
        ? paths
        : paths.flatMap((stack) => Array.from({ length: stack.steps }, (_, i) => stack.part(i, i + 1)))
    return {
      paths: engine.concat(all === paths ? paths : wanted.map((step) => all[step]!)),
      recording,
      held: recording ? [clock, ...recording.held] : [],
    }
  }

  return {
    run(params, state, schedule, origin, wanted, record) {
      return engine.scope(() => attempt(params, state, schedule, origin, wanted, record))
    },
    pull(recording, { y, carried, sums }, paths, steps) {
      const { start, sums: added } = recording.pullback({ end: { y, carried }, stacks: { path: engine.cut(paths, steps) } }, sums, true)
      return { y: start.y!, carried: start.carried!, sums: added }
    },
  }
}
