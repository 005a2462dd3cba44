import { bytesPerNumber } from '../engine/arrays.js'
import { differentiableScan, type DifferentiableScan, type ScanRecording } from '../engine/differentiableScan.js'
import type { Held, Stack, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import type { Front } from './march.js'
import type { Settings } from './options.js'
import { controlPilot, newCounts } from './pilot.js'
import type { Values } from './program.js'
import { routeOf } from './route.js'
import { clockWidth, stepGraph } from './step.js'
import type { Stepper } from './stepper.js'
import { degreeOf } from './tableau.js'
import type { Timetable } from './times.js'
import type { StepRecord } from './types.js'

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

/** The schedule of a solve, if it has one; undefined too if it would end in a failure. */
export function scheduleOf({ times, offsets, direction, shared }: Timetable, settings: Settings, { jumps, tableau }: Stepper): Schedule | undefined {
  const { rules } = settings
  const heard = rules.listeners.onStep ?? rules.listeners.onAccept ?? rules.listeners.onReject
  if (!shared || rules.k !== undefined || heard || jumps.times.length > 0 || tableau.extra) return undefined
  const table = { times: times.subarray(0, offsets[1]), offsets: offsets.subarray(0, 2), direction: direction.subarray(0, 1) }
  const points = table.times.length
  let standing = 1
  while (standing < points && times[standing] === times[0]) standing++
  const next = Int32Array.of(standing)
  const pilot = controlPilot(routeOf(table, next, settings, jumps), rules, Float64Array.of(settings.stepSize ?? Infinity), newCounts(1), 0)
  const [t, h, end, step, theta, due]: number[][] = [[], [], [], [], [], []]
  const rows = Int32Array.of(0)
  const good = new Float64Array(2)
  for (let proposed = pilot.next(rows); proposed !== undefined; proposed = pilot.next(rows)) {
    if (proposed.h[0] === 0) return undefined
    pilot.judge(proposed, good)
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
  if (pilot.failures().size > 0) return undefined
  return { t: Float64Array.from(t!), h: Float64Array.from(h!), end: Float64Array.from(end!), standing, step: Int32Array.from(step!), theta: Float64Array.from(theta!), due: due! }
}

/** Its steps as those of any solve, of `rows` rows. */
export function stepsOfSchedule({ t, h, end }: Schedule, rows: number): StepRecord[] {
  const all = Int32Array.from({ length: rows }, (_, row) => row)
  const repeat = (number: number): Float64Array => new Float64Array(rows).fill(number)
  return Array.from(h, (size, i) => ({ rows: all, t: repeat(t[i]!), h: repeat(size), end: repeat(end[i]!) }))
}

/** What a scheduled solve gives. */
export interface ScheduledRun {
  /** The paths of all rows in the steps wanted, one step after the other, `[rows, width]` each. */
  readonly paths: readonly Value[]
  /** If recorded, and what it holds. */
  readonly recording: ScanRecording | undefined
  readonly held: readonly Held[]
}

/** Numbers in the paths that a solve without recording works on at a time: memory does not grow with its steps. */
const PATH_NUMBERS = 2 ** 19

/** Takes all steps of a schedule in one call of the engine, or in a few. */
export interface FixedSteps {
  /** @param wanted steps whose paths are wanted, in order. Undefined if a value was not finite: then nothing was done. */
  run(params: Values, front: Front, schedule: Schedule, wanted: readonly number[], record: boolean): ScheduledRun | undefined
  /** Cotangents of the first states, and the parameters' sums, from those of the last ones and of all paths, `[steps·rows, width]`. The recording is kept. */
  pull(recording: ScanRecording, bars: { readonly y: Value; readonly k1: Value; readonly sums: readonly Value[] }, paths: Value, steps: number): { y: Value; k1: Value; sums: Value[] }
}

export function createFixedSteps(stepper: Stepper, field: Graph, settings: Settings): FixedSteps {
  const { engine, tableau, dim } = stepper
  // The very Graph that steps are made of one by one, so that a row is the same whatever the times of those beside it.
  const graph = lazily(() => stepGraph(field, tableau, dim, { check: settings.tolerance, path: true }))
  const parameters = lazily(() => graphInputs(graph()).map(({ name }) => name).filter((name) => name.startsWith('param.')))
  const scan = lazily((): DifferentiableScan => differentiableScan(engine, graph(), {
    carried: { y: 'y1', k1: 'k' }, stepped: ['clock'], parameters: parameters(), steppedOutputs: ['path'],
    residualNumbers: settings.residualMemory / bytesPerNumber(engine),
  }))
  const width = clockWidth(field, tableau, true)

  /** What steps `from` to `to` are told of times; all rows the same. */
  function clockOf({ t, h, end }: Schedule, rows: number, from: number, to: number): Stack {
    let one: Float64Array = new Float64Array(width)
    const row = Int32Array.of(0)
    return engine.writeStack((i, into) => {
      const at = from + i
      one = stepper.clock({ rows: row, t: t.subarray(at, at + 1), h: h.subarray(at, at + 1), end: end.subarray(at, at + 1) }, true, one)
      if (width === 1) into.fill(one[0]!)
      else for (let start = 0; start < into.length; start += width) into.set(one, start)
    }, to - from, [rows, width])
  }

  /** Whether all of what steps say of themselves is: see `stepGraph`. */
  function isFinite(check: Stack): boolean {
    const numbers = engine.readStack(check)
    for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i]!)) return false
    return true
  }

  /** The paths of those of `wanted` that lie in steps `from` to `to`, which `stack` holds. */
  function pathsOf(stack: Stack, wanted: readonly number[], from: number, to: number): Value[] {
    const inside = wanted.filter((step) => step >= from && step < to)
    if (inside.length === 0) return []
    return [engine.concat(inside.length === to - from ? [stack] : inside.map((step) => stack.part(step - from, step - from + 1)))]
  }

  function recorded(params: Values, { rows: { length: rows }, y, k1 }: Front, schedule: Schedule, wanted: readonly number[]): ScheduledRun | undefined {
    const steps = schedule.h.length
    const clock = clockOf(schedule, rows, 0, steps)
    const recording = scan().record({ start: { y, k1 }, stacks: { clock }, parameters: params, rows, steps })
    let from = 0
    const paths: Value[] = []
    for (const { outputs: { check, path } } of recording.parts) {
      if (!isFinite(check!)) return undefined
      paths.push(...pathsOf(path!, wanted, from, from + path!.steps))
      from += path!.steps
      engine.free(check!, path!)
    }
    return { paths, recording, held: [clock, ...recording.held] }
  }

  return {
    run(params, front, schedule, wanted, record) {
      if (record) return recorded(params, front, schedule, wanted)
      const { length: rows } = front.rows
      const steps = schedule.h.length
      const paths: Value[] = []
      let state: Pick<Front, 'y' | 'k1'> = front
      const atOnce = Math.max(1, Math.floor(PATH_NUMBERS / (rows * (1 + degreeOf(tableau)) * dim)))
      for (let from = 0; from < steps; from += atOnce) {
        const to = Math.min(steps, from + atOnce)
        const clock = clockOf(schedule, rows, from, to)
        const { end, outputs: { check, path } } = scan().forward({ start: { y: state.y, k1: state.k1 }, stacks: { clock }, parameters: params, rows, steps: to - from })
        if (!isFinite(check!)) return undefined
        paths.push(...pathsOf(path!, wanted, from, to))
        engine.free(clock, check!, path!, ...(from > 0 ? [state.y, state.k1] : []))
        state = { y: end.y!, k1: end.k1! }
      }
      return { paths, recording: undefined, held: [] }
    },
    pull(recording, { y, k1, sums }, paths, steps) {
      const names = parameters()
      const named = Object.fromEntries(names.map((name, i) => [name, sums[i]!]))
      const { start, accumulators } = recording.pullback({ end: { y, k1 }, stacks: { path: engine.cut(paths, steps) } }, named, true)
      return { y: start.y!, k1: start.k1!, sums: names.map((name) => accumulators[name]!) }
    },
  }
}
