import { differentiable, type Differentiable } from '../engine/autodiff/differentiable.js'
import { compileProgram, type NamedValues, type Program } from '../engine/autodiff/program.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import type { Graph } from '../graph/graph.js'
import { inputsWidth, usesTime } from './callField.js'
import { compiledOnce } from './compiled.js'
import type { Discontinuities } from './discontinuities.js'
import type { HeldTolerance } from './heldTolerance.js'
import { timesOf, type Method } from './method.js'
import type { SolverState } from './solverState.js'
import type { Origin } from './stopTimes.js'
import { clockLayout, restartGraph, selectGraph, startGraph, stepGraph, trialGraph, type StepOutputs } from './step.js'
import type { ErrorNorm } from './tolerance.js'
import type { StepRecord } from './types.js'

/** What a field and a method become on an engine. Everything is compiled when it is first used. */
export interface Stepper {
  readonly engine: Engine
  readonly method: Method
  readonly dim: number
  readonly discontinuities: Discontinuities
  /** What its programs measure errors by. */
  readonly tolerance: HeldTolerance
  /** The step, with the path of the dense output or without. */
  step(path: boolean): StepPrograms
  /** From `t`, `y`, `inputs` to `carried`, `check`. */
  readonly start: () => Program
  /** From `t`, `h`, `y`, `carried`, `inputs` to `norm`. */
  readonly trial: () => Program
  /** From `accepted`, `y1`, `carried1`, `y`, `carried` to `y`, `carried`. */
  readonly select: () => Program
  /** The field anew where a step ended at a discontinuity: from `here`, `t`, `y`, `carried`, `inputs` to `carried1`. */
  readonly restart: () => Program
  /** The `clock` of steps, `[n, width]` row-major; `out` is used again if it has the right length. */
  clock(step: StepRecord, path: boolean, origin: Origin, out?: Float64Array): Float64Array
  /** Whether the field depends on t. */
  readonly timed: boolean
  /** Columns of the field's inputs by row. */
  readonly inputsWidth: number
  /** For rows that are stiff, if methods are switched between. */
  readonly stiff?: Stepper
}

/** What a step gives out, see `stepGraph`; in rows that are rejected, whatever came out. */
export interface Attempt {
  readonly y1: Value
  readonly carried1: Value
  readonly check: Value
  readonly path: Value | undefined
  readonly nodes: Value | undefined
  /** What its derivative needs; if it was asked for. */
  readonly residuals: readonly Value[]
}

/** Where a step starts. */
export type StepStart = Pick<SolverState, 'y' | 'carried' | 'inputs'>

/** The step and its derivative. Arguments go by position: what an object of them costs counts in a step of one row. */
export interface StepPrograms {
  /** What they are compiled of. */
  readonly graph: () => Graph
  /** One step; `clock` as of `Stepper.clock`. With `record`, it is computed by the program that gives out residuals. */
  attempt(params: NamedValues, from: StepStart, clock: Value, rows: number, record: boolean): Attempt
  /**
   * Cotangents of `y`, `carried` and `inputs`, and of `clock` if it is wanted, for those of `y1`, `carried1` and the path; `sums`, in the
   * order of the parameters, are used up. For that of `clock` an explicit step is computed again, whatever residuals there are.
   */
  pull(
    params: NamedValues,
    from: StepStart,
    clock: Value,
    residuals: readonly Value[],
    bars: readonly Value[],
    sums: readonly Value[],
    rows: number,
    wantClock?: boolean,
  ): Pulled
  readonly residualsPerRow: () => number
}

/** Cotangents, and the parameters' sums. */
export interface Pulled {
  readonly y: Value
  readonly carried: Value
  /** Of the inputs by row, if the field has some. */
  readonly inputs?: Value | undefined
  /** Of what the step was told of times, if it was wanted. */
  readonly clock?: Value | undefined
  readonly sums: readonly Value[]
}

/** What a stepper has compiled; runs take the numbers of the tolerance behind their other inputs. */
interface Compiled {
  readonly steps: readonly CompiledStep[]
  readonly start: () => Program
  readonly trial: () => Program
  readonly select: () => Program
  readonly restart: () => Program
}

interface CompiledStep {
  readonly graph: () => Graph
  readonly forward: Differentiable
  /** What is pulled back: the step itself, or, of a method that finds unknowns, the step that is linear around them. */
  readonly backward: Differentiable
  /** Likewise, with the cotangent of what it is told of times behind the others. */
  readonly withClock: Differentiable
}

type StepResults = Pick<ReturnType<Differentiable['record']>, 'outputs'> & { readonly residuals: readonly Value[] }

interface Wanted extends ErrorNorm {
  readonly method: Method
  readonly dim: number
  readonly nodes?: boolean
  readonly stiffness?: boolean
}

function compileStepper(engine: Engine, field: Graph, wanted: Wanted): Compiled {
  const { method, dim, nodes, stiffness } = wanted
  const compile = (graph: () => Graph, order: readonly string[]): (() => Program) => lazily(() => compileProgram(engine, graph(), order))
  const wrt = ['y', 'carried', ...(inputsWidth(field) > 0 ? ['inputs'] : [])]
  const steps = [false, true].map((path) => {
    const piece = (graph: () => Graph, also: readonly string[], more: readonly string[] = []): Differentiable =>
      differentiable(engine, graph, {
        inputs: ['clock', 'y', 'carried', 'inputs', 'tolerance', ...also],
        wrt: [...wrt, ...more],
        outputs: ['y1', 'carried1', ...(path ? ['path'] : [])],
      })
    const outputs: StepOutputs = { ...(nodes && { nodes }), path }
    const graph = lazily(() => stepGraph(field, method, dim, { ...outputs, check: wanted, ...(stiffness && { stiffness }) }))
    const forward = piece(graph, [])
    const [pulled, also] = method.unknowns
      ? [lazily(() => stepGraph(field, method, dim, { ...outputs, found: true })), ['unknowns']]
      : [lazily(() => stepGraph(field, method, dim, outputs)), []]
    return {
      graph,
      forward,
      backward: method.unknowns ? piece(pulled, also) : forward,
      withClock: piece(pulled, also, ['clock']),
    }
  })
  return {
    steps,
    start: compile(() => startGraph(field, method, dim, wanted), ['t', 'y', 'inputs', 'tolerance']),
    trial: compile(() => trialGraph(field, method, dim, wanted), ['t', 'h', 'y', 'carried', 'inputs', 'tolerance']),
    select: compile(() => selectGraph(method, dim), ['accepted', 'y1', 'carried1', 'y', 'carried']),
    restart: compile(() => restartGraph(field, method, dim), ['here', 't', 'y', 'carried', 'inputs']),
  }
}

/** @param outputs what steps give out beside the new state; `path` is asked for step by step */
export function createStepper(
  engine: Engine,
  field: Graph,
  method: Method,
  dim: number,
  tolerance: HeldTolerance,
  discontinuities: Discontinuities,
  outputs: Pick<StepOutputs, 'nodes' | 'stiffness'> = {},
): Stepper {
  const { norm, blocks, byComponent, againstZero } = tolerance.tolerance
  const { nodes, stiffness } = outputs
  // Solvers that differ in the numbers of their tolerance share what is compiled.
  const compiled = compiledOnce(engine, field, ['steps', method, dim, norm, blocks, byComponent, againstZero, nodes, stiffness], () =>
    compileStepper(engine, field, { method, dim, norm, blocks, byComponent, againstZero, ...outputs }),
  )
  const tolerating = (program: () => Program): (() => Program) =>
    lazily((): Program => {
      const made = program()
      return { run: (params, rows, inputs) => tolerance.during((numbers) => made.run(params, rows, [...inputs!, numbers])) }
    })
  const [without, withPath] = compiled.steps.map((made) => stepPrograms(method, dim, tolerance, made)) as [StepPrograms, StepPrograms]
  return {
    engine,
    method,
    dim,
    discontinuities,
    tolerance,
    timed: usesTime(field),
    inputsWidth: inputsWidth(field),
    step: (path) => (path ? withPath : without),
    start: tolerating(compiled.start),
    trial: tolerating(compiled.trial),
    select: compiled.select,
    restart: compiled.restart,
    clock: createClock(field, method, discontinuities),
  }
}

function stepPrograms(
  method: Method,
  dim: number,
  tolerance: HeldTolerance,
  { graph, forward, backward, withClock }: CompiledStep,
): StepPrograms {
  const place = lazily(() => {
    const names = forward.gives()
    return {
      check: names.indexOf('check'),
      path: names.indexOf('path'),
      nodes: names.indexOf('nodes'),
      unknowns: names.indexOf('unknowns'),
    }
  })
  const implicit = method.unknowns !== undefined
  const measured = implicit || method.errorOrder !== undefined
  return {
    graph,
    attempt(params, { y, carried, inputs = y }, clock, rows, record) {
      // A Graph without inputs by row, or without a tolerance, passes what stands in their places over.
      const run = (numbers: Value): StepResults => {
        const given = [clock, y, carried, inputs, numbers]
        return record && !implicit
          ? forward.record(params, given, rows)
          : { outputs: forward.forward(params, given, rows), residuals: none }
      }
      const { outputs, residuals } = measured ? tolerance.during(run) : run(y)
      const { check, path, nodes, unknowns } = place()
      return {
        y1: outputs[0]!,
        carried1: outputs[1]!,
        check: outputs[check]!,
        path: outputs[path],
        nodes: outputs[nodes],
        residuals: record && implicit ? [outputs[unknowns]!] : residuals,
      }
    },
    pull(params, { y, carried, inputs = y }, clock, residuals, bars, sums, rows, wantClock = false) {
      const given = [clock, y, carried, inputs, y]
      if (implicit) given.push(...residuals)
      const piece = wantClock ? withClock : backward
      const { cotangents, sums: added } = piece.pullback(params, given, bars, sums, rows, implicit || wantClock ? undefined : residuals)
      return {
        y: cotangents[0]!,
        carried: cotangents[1]!,
        inputs: cotangents[piece.wrt.indexOf('inputs')],
        clock: wantClock ? cotangents[piece.wrt.indexOf('clock')] : undefined,
        sums: added,
      }
    },
    residualsPerRow: implicit ? () => method.unknowns! * dim : forward.residualsPerRow,
  }
}

const none: readonly Value[] = []

/** What takes a step: methods may change from one to the next. */
export const stepperOf = (stepper: Stepper, { stiff }: Pick<StepRecord, 'stiff'>): Stepper => (stiff ? stepper.stiff! : stepper)

/** See `clock` of a stepper. */
function createClock(field: Graph, method: Method, discontinuities: Discontinuities): Stepper['clock'] {
  const [without, withPath] = [clockLayout(field, method, false), clockLayout(field, method, true)]
  const { history } = method
  return (step, path, origin, out) => {
    const n = step.h.length
    const layout = path ? withPath : without
    const { width, timed } = layout
    const clock = out?.length === n * width ? out : new Float64Array(n * width)
    if (width === 1) {
      clock.set(step.h)
      return clock
    }
    const times = timesOf(method, path)
    for (let i = 0; i < n; i++) {
      const [t, h] = [step.t[i]!, step.h[i]!]
      clock[i * width] = h
      if (history) {
        const { steps } = history
        history.write(step.before!.subarray(i * steps, (i + 1) * steps), h, clock, i * width + layout.history)
      }
      if (!timed) continue
      // The field is never asked for its value at a discontinuity itself, but on the near side of it.
      const from = origin(step.rows[i]!)
      const [first, last] = [discontinuities.after(t, h, from), discontinuities.before(step.end[i]!, h, from)]
      const told = t - from
      for (let j = 0; j < times.length; j++)
        clock[i * width + layout.times + j] = times[j] === 0 ? first : times[j] === 1 ? last : told + times[j]! * h
    }
    return clock
  }
}

/** The field: the first block of what is carried, `[rows, dim]`. */
export function slopesOf(carried: FloatArray, rows: number, dim: number): FloatArray {
  const width = carried.length / rows
  if (width === dim) return carried
  const slopes = carried.slice(0, rows * dim)
  for (let row = 0; row < rows; row++) slopes.set(carried.subarray(row * width, row * width + dim), row * dim)
  return slopes
}
