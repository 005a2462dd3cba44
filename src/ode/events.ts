import { differentiable } from '../engine/autodiff/differentiable.js'
import { compileProgram, type NamedValues } from '../engine/autodiff/program.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import type { Degrees } from './courses.js'
import { usesInput } from './callField.js'
import { pathAt } from './dense.js'
import { SolverError } from './errors.js'
import type { EventPoint } from './eventPoint.js'
import { eventsGraph, type EventOption } from './eventFunctions.js'
import type { Graph } from '../graph/graph.js'
import type { Iteration } from './integrate.js'
import type { SolverState } from './solverState.js'
import { findRoots } from './roots.js'
import { short } from './status.js'
import type { Origin } from './stopTimes.js'

/** An event as the solve found it. */
export interface FoundEvent extends EventPoint {
  readonly row: number
  /** Position of the row in the iteration, and where in its step the event lies. */
  readonly position: number
  readonly theta: number
  /** What the field is told of the time. */
  readonly told: number
  /** dy/dt on the dense output there, `[dim]`. */
  readonly slope: FloatArray
  /** Whether the row ends there. */
  readonly stops: boolean
  /** The segment of the inputs that the row stood in. */
  readonly segment: number
}

/** Event functions compiled for an engine. */
export interface EventFinder {
  /** Looks for events in one solve of `rows` rows. */
  watch(params: NamedValues, rows: number, origin: Origin): EventWatch
  /**
   * How events move: the gradient of event functions by time and state at events, times `bars` `[n, events]`, and the
   * parameters' gradients added to `sums`, which are used up. Inputs `t` `[n, 1]`, `y` `[n, dim]`, `inputs`.
   */
  pull(
    params: NamedValues,
    at: readonly Value[],
    bars: Value,
    sums: readonly Value[],
    rows: number,
  ): { readonly t: Value; readonly y: Value; readonly inputs?: Value; readonly sums: readonly Value[] }
  readonly count: number
}

/** Looks for events as a solve goes along. */
export interface EventWatch {
  /** Takes the values of event functions where rows start, or start anew: at times as the field is told them. */
  begin(state: Pick<SolverState, 'rows' | 'y' | 'inputs'>, told: ArrayLike<number>, chosen?: Uint8Array): void
  /** Events in the accepted steps of an iteration, by row in the order of time; those behind one that stops a row are none. */
  find(iteration: Iteration, segments: Int32Array | undefined): FoundEvent[]
}

/**
 * @param degrees of the inputs by row in time
 * @param degree of the dense output
 */
export function createEventFinder(
  engine: Engine,
  field: Graph,
  degrees: Degrees,
  dim: number,
  degree: number,
  events: readonly EventOption[],
): EventFinder {
  const graph = lazily(() => eventsGraph(field, degrees, dim, events))
  const program = lazily(() => compileProgram(engine, graph(), ['t', 'y', 'inputs']))
  const piece = lazily(() =>
    differentiable(engine, graph(), {
      inputs: ['t', 'y', 'inputs'],
      wrt: ['t', 'y', ...(usesInput(graph(), 'inputs') ? ['inputs' as const] : [])],
      outputs: ['g'],
    }),
  )
  const count = events.length

  /** `[n, events]` */
  const evaluate = (params: NamedValues, told: ArrayLike<number>, y: Value, inputs: Value | undefined): FloatArray =>
    engine.scope(() => engine.read(program().run(params, told.length, [engine.write(told, [told.length, 1]), y, inputs ?? y])[0]!))

  function watch(params: NamedValues, rows: number, origin: Origin): EventWatch {
    const last = new Float64Array(rows * count)
    const check = (value: number, row: number, time: number, event: number): number => {
      if (Number.isNaN(value))
        throw new SolverError(
          'Event',
          `Row ${row} at t = ${short(time)}: event function ${event} is NaN. It must be a number at every state that the solution takes.`,
          row,
        )
      return value
    }
    return {
      begin(state, told, chosen) {
        const values = evaluate(params, told, state.y, state.inputs)
        state.rows.forEach((row, i) => {
          if (chosen && !chosen[i]) return
          for (let e = 0; e < count; e++) last[row * count + e] = check(values[i * count + e]!, row, told[i]! + origin(row), e)
        })
      },
      find({ step, accepted, attempt, before }, segments) {
        const told = step.end.map((end, i) => end - origin(step.rows[i]!))
        const values = evaluate(params, told, attempt.y1, before.inputs)
        const crossings: Crossing[] = []
        for (let i = 0; i < accepted.length; i++) {
          if (!accepted[i]) continue
          const row = step.rows[i]!
          for (let e = 0; e < count; e++) {
            const [from, to] = [last[row * count + e]!, check(values[i * count + e]!, row, step.end[i]!, e)]
            if (crosses(from, to, events[e]!.direction ?? 'both')) crossings.push({ position: i, row, event: e, from, to })
            last[row * count + e] = to
          }
        }
        return crossings.length === 0 ? [] : locate(params, crossings, { step, attempt, before }, segments, origin)
      },
    }
  }

  /** When and where crossings are, in the order of rows and times. */
  function locate(
    params: NamedValues,
    crossings: readonly Crossing[],
    { step, attempt, before }: Pick<Iteration, 'step' | 'attempt' | 'before'>,
    segments: Int32Array | undefined,
    origin: Origin,
  ): FoundEvent[] {
    return engine.scope(() => {
      const positions = Int32Array.from(crossings, ({ position }) => position)
      const paths = engine.read(engine.gather(attempt.path!, positions))
      const inputs = before.inputs && engine.gather(before.inputs, positions)
      const width = (1 + degree) * dim
      const toldAt = (i: number, theta: number): number => {
        const at = positions[i]!
        return step.t[at]! - origin(step.rows[at]!) + theta * step.h[at]!
      }
      const stateAt = (i: number, theta: number, into: FloatArray, at: number): void => {
        for (let d = 0; d < dim; d++) into[at + d] = pathAt(paths, i * width + d, dim, degree, theta)[0]
      }
      const functions = (thetas: Float64Array): Float64Array => {
        const states = new Float64Array(thetas.length * dim)
        thetas.forEach((theta, i) => stateAt(i, theta, states, i * dim))
        const all = engine.scope(() =>
          evaluate(
            params,
            thetas.map((theta, i) => toldAt(i, theta)),
            engine.write(states, [thetas.length, dim]),
            inputs,
          ),
        )
        return thetas.map((_, i) => all[i * count + crossings[i]!.event]!)
      }
      const thetas = findRoots(
        functions,
        crossings.map(({ from }) => from),
        crossings.map(({ to }) => to),
        engine.dtype === 'float32' ? 2 ** -24 : 2 ** -52,
      )
      const found = crossings.map(({ position, row, event }, i): FoundEvent => {
        const theta = thetas[i]!
        const [state, slope] = [new Float64Array(dim), new Float64Array(dim)]
        for (let d = 0; d < dim; d++) {
          const [value, derivative] = pathAt(paths, i * width + d, dim, degree, theta)
          state[d] = value
          slope[d] = derivative / step.h[position]!
        }
        const time = theta === 1 ? step.end[position]! : step.t[position]! + theta * step.h[position]!
        const stops = events[event]!.stop ?? true
        return { row, position, event, theta, time, told: toldAt(i, theta), state, slope, stops, segment: segments?.[position] ?? 0 }
      })
      return firstOfEach(found)
    })
  }

  return {
    count,
    watch,
    pull(params, at, bars, sums, rows) {
      const { cotangents, sums: added } = piece().pullback(params, at, [bars], sums, rows)
      const [t, y, inputs] = cotangents
      return { t: t!, y: y!, ...(inputs && { inputs }), sums: added }
    },
  }
}

/** An event function that changed its sign in a step: its values at the start and at the end. */
interface Crossing {
  readonly position: number
  readonly row: number
  readonly event: number
  readonly from: number
  readonly to: number
}

/** Whether a function that was `from` and is `to` went through 0 in a direction. What stands at 0 has been there before. */
function crosses(from: number, to: number, direction: 'up' | 'down' | 'both'): boolean {
  const up = from < 0 && to >= 0
  const down = from > 0 && to <= 0
  return direction === 'up' ? up : direction === 'down' ? down : up || down
}

/** In the order of rows, times and list; of each row up to the first that stops it, and those at the same time. */
function firstOfEach(found: readonly FoundEvent[]): FoundEvent[] {
  const sorted = found.toSorted((a, b) => a.position - b.position || a.theta - b.theta || a.event - b.event)
  const end = new Map<number, number>()
  for (const { position, theta, stops } of sorted) if (stops && !end.has(position)) end.set(position, theta)
  return sorted.filter(({ position, theta }) => theta <= (end.get(position) ?? Infinity))
}
