import { accumulating, numbersPerRow } from '../engine/differentiable.js'
import type { Engine } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { splitVjp } from '../graph/residuals.js'
import type { Jumps } from './jumps.js'
import { compileProgram, type Program } from './program.js'
import { clockWidth, restartGraph, selectGraph, startGraph, stepGraph, trialGraph, usesTime, type StepOutputs, type Tolerance } from './step.js'
import { denseStagesOf, stagesOf, type Tableau } from './tableau.js'
import type { StepRecord } from './types.js'

/** What a field and a method become on an engine. Everything is compiled when it is first used. */
export interface Stepper {
  readonly engine: Engine
  readonly tableau: Tableau
  readonly dim: number
  readonly jumps: Jumps
  /** The step, with the path of the dense output or without. */
  step(path: boolean): DifferentiablePrograms
  readonly start: () => Program
  readonly trial: () => Program
  readonly select: () => Program
  /** The field anew where a step ended at a jump. */
  readonly restart: () => Program
  /** The `clock` of steps, `[n, width]` row-major; `out` is used again if it has the right length. */
  clock(step: StepRecord, path: boolean, out?: Float64Array): Float64Array
}

/**
 * A Graph in the parts of its derivative, see `splitVjp`; the backward part adds to `sum.param.<name>`. Residuals come
 * from one Graph, kept or computed again: another one might be compiled to round differently.
 */
export interface DifferentiablePrograms {
  readonly plain: () => Program
  /** Gives out `residual.<i>`, too. */
  readonly recording: () => Program
  readonly backward: () => Program
  readonly residualNames: () => readonly string[]
  readonly residualsPerRow: () => number
}

/** Compiles a Graph with parameters `param.<name>` and its derivative by `wrt` and all of them, for cotangents of `outputs`. */
export function differentiablePrograms(engine: Engine, graph: () => Graph, wrt: readonly string[], outputs: readonly string[]): DifferentiablePrograms {
  const whole = lazily(graph)
  const params = lazily(() => graphInputs(whole()).map(({ name }) => name).filter((name) => name.startsWith('param.')))
  const split = lazily(() => splitVjp(whole(), [...wrt, ...params()], { cotangents: outputs }))
  const compile = (part: () => Graph): (() => Program) => lazily(() => compileProgram(engine, part()))
  return {
    plain: compile(whole),
    recording: compile(() => split().forward),
    backward: compile(() => accumulating(split().backward, wrt, params())),
    residualNames: lazily(() => split().kept.map(({ name }) => name)),
    residualsPerRow: lazily(() => numbersPerRow(split().kept.map(({ shape }) => shape))),
  }
}

/** @param outputs what steps give out beside the new state; `path` is asked for step by step */
export function createStepper(engine: Engine, field: Graph, tableau: Tableau, dim: number, tolerance: Tolerance, jumps: Jumps, outputs: StepOutputs = {}): Stepper {
  const compile = (graph: () => Graph): (() => Program) => lazily(() => compileProgram(engine, graph()))
  const makeStep = (path: boolean): DifferentiablePrograms =>
    differentiablePrograms(engine, () => stepGraph(field, tableau, dim, { ...outputs, check: tolerance, path }), ['y', 'k1'], path ? ['y1', 'k', 'path'] : ['y1', 'k'])
  const [without, withPath] = [makeStep(false), makeStep(true)]
  const timed = usesTime(field)
  const times = [...tableau.c, ...(tableau.extra ?? []).map(({ c }) => c)]
  return {
    engine, tableau, dim, jumps,
    step: (path) => (path ? withPath : without),
    start: compile(() => startGraph(field, dim, tolerance)),
    trial: compile(() => trialGraph(field, dim, tolerance)),
    select: compile(() => selectGraph(dim)),
    restart: compile(() => restartGraph(field, dim)),
    clock(step, path, out) {
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
        const [first, last] = [jumps.after(t, h), jumps.before(step.end[i]!, h)]
        clock[i * width] = h
        for (let j = 0; j < stages; j++) clock[i * width + 1 + j] = times[j] === 0 ? first : times[j] === 1 ? last : t + times[j]! * h
      }
      return clock
    },
  }
}
