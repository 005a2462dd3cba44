import { differentiable, type Differentiable } from '../engine/autodiff/differentiable.js'
import { compileProgram, type NamedValues, type Program } from '../engine/autodiff/program.js'
import type { Engine, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import type { Graph } from '../graph/graph.js'
import type { Jumps } from './jumps.js'
import type { Origin } from './route.js'
import {
  clockWidth,
  restartGraph,
  selectGraph,
  startGraph,
  stepGraph,
  toleranceNumbers,
  trialGraph,
  usesTime,
  type ErrorNorm,
  type StepOutputs,
  type Tolerance,
} from './step.js'
import { denseStagesOf, stagesOf, type Tableau } from './tableau.js'
import type { StepRecord } from './types.js'

/** What a field and a method become on an engine. Everything is compiled when it is first used. */
export interface Stepper {
  readonly engine: Engine
  readonly tableau: Tableau
  readonly dim: number
  readonly jumps: Jumps
  /** The step, with the path of the dense output or without. */
  step(path: boolean): StepPrograms
  /** From `t`, `y` to `k1`, `check`. */
  readonly start: () => Program
  /** From `t`, `h`, `y`, `k1` to `norm`. */
  readonly trial: () => Program
  /** From `accepted`, `y1`, `k`, `y`, `k1` to `y`, `k1`. */
  readonly select: () => Program
  /** The field anew where a step ended at a jump: from `here`, `t`, `y`, `k1` to `k`. */
  readonly restart: () => Program
  /** The `clock` of steps, `[n, width]` row-major; `out` is used again if it has the right length. */
  clock(step: StepRecord, path: boolean, origin: Origin, out?: Float64Array): Float64Array
  /** Whether the field depends on t. */
  readonly timed: boolean
}

/** What a step gives out, see `stepGraph`; in rows that are rejected, whatever came out. */
export interface Attempt {
  readonly y1: Value
  readonly k: Value
  readonly check: Value
  readonly path: Value | undefined
  readonly stages: Value | undefined
  /** What its derivative needs; if it was asked for. */
  readonly residuals: readonly Value[]
}

/** The step and its derivative. */
export interface StepPrograms {
  /** What they are compiled of. */
  readonly graph: () => Graph
  /** One step from `y`, `k1`. With `record`, it is computed by the program that gives out residuals. */
  attempt(params: NamedValues, clock: Value, y: Value, k1: Value, rows: number, record: boolean): Attempt
  /** Cotangents of `y`, `k1` for those of `y1`, `k` and the path; `sums`, in the order of the parameters, are used up. */
  pull(
    params: NamedValues,
    at: { readonly clock: Value; readonly y: Value; readonly k1: Value; readonly residuals: readonly Value[] },
    bars: readonly Value[],
    sums: readonly Value[],
    rows: number,
  ): Pulled
  readonly residualsPerRow: () => number
}

/** Cotangents, and the parameters' sums. */
export interface Pulled {
  readonly y: Value
  readonly k1: Value
  readonly sums: readonly Value[]
}

/** What a stepper has compiled; runs take the numbers of the tolerance behind their other inputs. */
interface Compiled {
  readonly steps: readonly { readonly graph: () => Graph; readonly piece: Differentiable }[]
  readonly start: () => Program
  readonly trial: () => Program
  readonly select: () => Program
  readonly restart: () => Program
}

interface Wanted extends ErrorNorm {
  readonly tableau: Tableau
  readonly dim: number
  readonly stages?: boolean
}

const known = new WeakMap<Engine, WeakMap<Graph, { readonly wanted: Wanted; readonly compiled: Compiled }[]>>()

/** What is compiled of a field on an engine, for all solvers that differ in the numbers of their tolerance only. */
function compiledFor(engine: Engine, field: Graph, wanted: Wanted): Compiled {
  let fields = known.get(engine)
  if (!fields) known.set(engine, (fields = new WeakMap()))
  let entries = fields.get(field)
  if (!entries) fields.set(field, (entries = []))
  const keys = ['tableau', 'dim', 'norm', 'blocks', 'byComponent', 'againstZero', 'stages'] as const
  const found = entries.find((entry) => keys.every((key) => entry.wanted[key] === wanted[key]))
  if (found) return found.compiled
  const compiled = compileStepper(engine, field, wanted)
  entries.push({ wanted, compiled })
  return compiled
}

function compileStepper(engine: Engine, field: Graph, wanted: Wanted): Compiled {
  const { tableau, dim, stages } = wanted
  const compile = (graph: () => Graph, order: readonly string[]): (() => Program) => lazily(() => compileProgram(engine, graph(), order))
  const steps = [false, true].map((path) => {
    const graph = lazily(() => stepGraph(field, tableau, dim, { ...(stages && { stages }), check: wanted, path }))
    const piece: Differentiable = differentiable(engine, graph, {
      inputs: ['clock', 'y', 'k1', 'tolerance'],
      wrt: ['y', 'k1'],
      outputs: ['y1', 'k', ...(path ? ['path'] : [])],
    })
    return { graph, piece }
  })
  return {
    steps,
    start: compile(() => startGraph(field, dim, wanted), ['t', 'y', 'tolerance']),
    trial: compile(() => trialGraph(field, dim, wanted), ['t', 'h', 'y', 'k1', 'tolerance']),
    select: compile(() => selectGraph(dim), ['accepted', 'y1', 'k', 'y', 'k1']),
    restart: compile(() => restartGraph(field, dim), ['here', 't', 'y', 'k1']),
  }
}

/** @param outputs what steps give out beside the new state; `path` is asked for step by step */
export function createStepper(
  engine: Engine,
  field: Graph,
  tableau: Tableau,
  dim: number,
  tolerance: Tolerance,
  jumps: Jumps,
  outputs: Pick<StepOutputs, 'stages'> = {},
): Stepper {
  const { norm, blocks, byComponent, againstZero } = tolerance
  const compiled = compiledFor(engine, field, { tableau, dim, norm, blocks, byComponent, againstZero, stages: outputs.stages })
  const numbers = Float64Array.from(toleranceNumbers(tolerance))
  const shape = [numbers.length]
  function withTolerance<T>(use: (value: Value) => T): T {
    const value = engine.write(numbers, shape)
    try {
      return use(value)
    } finally {
      engine.free(value)
    }
  }
  const tolerating = (program: () => Program): (() => Program) =>
    lazily((): Program => {
      const made = program()
      return { run: (params, rows, inputs) => withTolerance((value) => made.run(params, rows, [...inputs!, value])) }
    })
  function makeStep({ graph, piece }: Compiled['steps'][number]): StepPrograms {
    const place = lazily(() => {
      const names = piece.gives()
      return { check: names.indexOf('check'), path: names.indexOf('path'), stages: names.indexOf('stages') }
    })
    const attempt = (params: NamedValues, inputs: readonly Value[], rows: number, record: boolean): Attempt => {
      const { outputs, residuals } = record
        ? piece.record(params, inputs, rows)
        : { outputs: piece.forward(params, inputs, rows), residuals: [] }
      const { check, path, stages } = place()
      return { y1: outputs[0]!, k: outputs[1]!, check: outputs[check]!, path: outputs[path], stages: outputs[stages], residuals }
    }
    return {
      graph,
      attempt: (params, clock, y, k1, rows, record) =>
        tableau.bError
          ? withTolerance((value) => attempt(params, [clock, y, k1, value], rows, record))
          : attempt(params, [clock, y, k1], rows, record),
      pull(params, { clock, y, k1, residuals }, bars, sums, rows) {
        const { cotangents, sums: added } = piece.pullback(params, [clock, y, k1], bars, sums, rows, residuals)
        return { y: cotangents[0]!, k1: cotangents[1]!, sums: added }
      },
      residualsPerRow: piece.residualsPerRow,
    }
  }
  const [without, withPath] = compiled.steps.map(makeStep) as [StepPrograms, StepPrograms]
  return {
    engine,
    tableau,
    dim,
    jumps,
    timed: usesTime(field),
    step: (path) => (path ? withPath : without),
    start: tolerating(compiled.start),
    trial: tolerating(compiled.trial),
    select: compiled.select,
    restart: compiled.restart,
    clock: createClock(field, tableau, jumps),
  }
}

/** See `clock` of a stepper. */
function createClock(field: Graph, tableau: Tableau, jumps: Jumps): Stepper['clock'] {
  const timed = usesTime(field)
  const times = [...tableau.c, ...(tableau.extra ?? []).map(({ c }) => c)]
  return (step, path, origin, out) => {
    const n = step.h.length
    const width = clockWidth(field, tableau, path)
    const clock = out?.length === n * width ? out : new Float64Array(n * width)
    if (!timed) {
      clock.set(step.h)
      return clock
    }
    const stages = path ? denseStagesOf(tableau) : stagesOf(tableau)
    for (let i = 0; i < n; i++) {
      const [t, h] = [step.t[i]!, step.h[i]!]
      // The field is never asked for its value at a jump itself, but on the near side of it.
      const from = origin(step.rows[i]!)
      const [first, last] = [jumps.after(t, h, from), jumps.before(step.end[i]!, h, from)]
      const told = t - from
      clock[i * width] = h
      for (let j = 0; j < stages; j++) clock[i * width + 1 + j] = times[j] === 0 ? first : times[j] === 1 ? last : told + times[j]! * h
    }
    return clock
  }
}
