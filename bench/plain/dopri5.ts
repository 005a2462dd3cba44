import { firstStep, growth, leastError, retreat, trialStep } from '../../src/ode/control/formulas.js'
import { dopri5 } from '../../src/ode/methods/dopri5.js'
import type { Floats } from '../contest.js'
import type { Zeros } from './net.js'

export const stageCount = dopri5.c.length

/** What each stage adds to the state to make the output at the fraction `theta` of a step of size h. */
export const outputWeights = (theta: number, h: number): Float64Array =>
  Float64Array.from(dopri5.interpolant, (polynomial) => h * polynomial.reduceRight((sum, coefficient) => (sum + coefficient) * theta, 0))

/** dy/dt = f(y) for one state of `size` numbers with one step size; `stage` says for which stage f is evaluated. */
export interface System {
  readonly size: number
  /** Size of one row of several that share their steps: the first step is the least of theirs. Default `size`. */
  readonly rowSize?: number
  field(y: Floats, out: Floats, stage: number): void
}

/** An adaptive Dormand–Prince walk in plain loops. */
export interface Walk {
  readonly y: Floats
  readonly stages: readonly Floats[]
  /** Time reached. */
  t: number
  evaluations: number
  /** Starts at t in a direction; `span` limits the first step. */
  start(t: number, direction: number, span: number): void
  /** Evaluates the field at y anew: y was changed from outside. */
  refresh(): void
  /** Tries a step, not beyond `bound`; true if it was accepted. Then `advance` must be called. */
  attempt(bound: number): boolean
  /** The step just accepted: its start, size and end. */
  readonly step: { t: number; h: number; end: number }
  /** Makes the new state the state. */
  advance(): void
}

const k = dopri5.embeddedOrder! + 1
const weights = dopri5.a
const errorWeights = dopri5.bError!

/** The step control is the solver's own (src/ode/control/formulas.ts): the same steps up to rounding, so that results can be compared closely. */
export function createWalk({ size, rowSize = size, field }: System, { rtol, atol }: { rtol: number; atol: number }, zeros: Zeros): Walk {
  const y = zeros(size)
  const next = zeros(size)
  const trial = zeros(size)
  const stages = Array.from({ length: stageCount }, () => zeros(size))
  const step = { t: 0, h: 0, end: 0 }
  let [direction, wanted, previous, retrying] = [1, 0, leastError, false]

  /** Root mean square of x, or of its difference from another, over the tolerance, of the row that begins at `first`. */
  function norm(first: number, x: Floats, other: Floats | undefined): number {
    let sum = 0
    for (let i = first; i < first + rowSize; i++) {
      const difference = other ? x[i]! - other[i]! : x[i]!
      const ratio = difference / (atol + rtol * Math.abs(y[i]!))
      sum += ratio * ratio
    }
    return Math.sqrt(sum / rowSize)
  }

  function combineStages(count: number, h: number, out: Floats): void {
    const a = weights[count]!
    for (let i = 0; i < size; i++) {
      let sum = 0
      for (let j = 0; j < count; j++) sum += a[j]! * stages[j]![i]!
      out[i] = y[i]! + h * sum
    }
  }

  function errorNorm(h: number): number {
    let sum = 0
    for (let i = 0; i < size; i++) {
      let error = 0
      for (let j = 0; j < stageCount; j++) error += errorWeights[j]! * stages[j]![i]!
      const ratio = (h * error) / (atol + rtol * Math.max(Math.abs(y[i]!), Math.abs(next[i]!)))
      sum += ratio * ratio
    }
    return Math.sqrt(sum / size)
  }

  const walk: Walk = {
    y,
    stages,
    step,
    t: 0,
    evaluations: 0,
    start(t, sign, span) {
      walk.t = t
      direction = sign
      previous = leastError
      retrying = false
      walk.refresh()
      const rows = Array.from({ length: size / rowSize }, (_, row) => {
        const first = row * rowSize
        const slope = norm(first, stages[0]!, undefined)
        const h = Math.min(trialStep(norm(first, y, undefined), slope), span)
        for (let i = first; i < first + rowSize; i++) trial[i] = y[i]! + h * direction * stages[0]![i]!
        return { first, slope, h }
      })
      field(trial, stages[1]!, 1)
      walk.evaluations++
      wanted = span
      for (const { first, slope, h } of rows) wanted = Math.min(wanted, firstStep(h, slope, norm(first, stages[1]!, stages[0]!), k))
    },
    refresh() {
      field(y, stages[0]!, 0)
      walk.evaluations++
    },
    attempt(bound) {
      const left = Math.abs(bound - walk.t)
      const whole = left <= wanted * 1.01
      const h = whole ? bound - walk.t : wanted * direction
      step.t = walk.t
      step.h = h
      step.end = whole ? bound : walk.t + h
      for (let stage = 1; stage < stageCount; stage++) {
        const argument = stage + 1 === stageCount ? next : trial
        combineStages(stage, h, argument)
        field(argument, stages[stage]!, stage)
      }
      walk.evaluations += stageCount - 1
      const error = errorNorm(h)
      if (error > 1 || !Number.isFinite(error)) {
        wanted = Math.abs(h) * retreat(k, error)
        retrying = true
        return false
      }
      const factor = growth(k, error, previous)
      const taken = Math.abs(h)
      wanted = retrying ? taken * Math.min(1, factor) : taken < wanted ? Math.max(taken * factor, wanted) : taken * factor
      previous = Math.max(error, leastError)
      retrying = false
      return true
    },
    advance() {
      walk.t = step.end
      y.set(next)
      stages[0]!.set(stages[stageCount - 1]!)
    },
  }
  return walk
}
