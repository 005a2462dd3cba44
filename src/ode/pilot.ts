import type { FloatArray } from '../engine/engine.js'
import { firstStep, growth, leastError, retreat, trialStep } from './control.js'
import type { Failure } from './status.js'
import type { StepRecord, Steps } from './types.js'

/**
 * Decides the steps of all rows: plain numbers, no arrays of an engine. It proposes an iteration for some of the
 * rows that are there (the others are dropped), and judges the attempt afterwards.
 */
export interface Pilot {
  /** The next iteration, for rows in the order of `rows` with some left out; undefined at the end. */
  next(rows: Int32Array): StepRecord | undefined
  /** Which attempts of the iteration are accepted (1 or 0); `check` as of `stepGraph`, `[n, 2]`. */
  judge(step: StepRecord, check: FloatArray): Uint8Array
  /** Rows that failed since the last call. */
  failures(): Map<number, Failure>
}

/** Where rows start and stop; all by row number of the request. */
export interface Route {
  readonly direction: Int8Array
  /** Times at the start. */
  readonly start: Float64Array
  /** The time a row must not step past: the next one to stop at, or ±Infinity. */
  bound(row: number): number
  /** True once a row needs no more steps. */
  done(row: number): boolean
  /** The last time of a row; sets the scale below which steps are too small. */
  readonly last: Float64Array
}

export interface StepRules {
  /** Embedded order plus 1; undefined for fixed steps. */
  readonly k: number | undefined
  readonly maxSteps: number
  readonly minStep: number | undefined
  readonly maxStep: number
}

/** Counters by row. */
export interface Counts {
  readonly evaluations: Int32Array
  readonly accepted: Int32Array
  readonly rejected: Int32Array
  readonly smallestStep: Float64Array
}

export const newCounts = (rows: number): Counts => ({
  evaluations: new Int32Array(rows), accepted: new Int32Array(rows), rejected: new Int32Array(rows),
  smallestStep: new Float64Array(rows).fill(Infinity),
})

/** A share of rows at work below which the others are dropped from the batch: copying the states has its price too. */
const crowded = 3 / 4

/** Steps that are nearly as long as what is left are stretched to end there: by 1 % if adaptive (DOPRI5), else by rounding errors only. */
const stretch = { adaptive: 1.01, fixed: 1 + 1e-9 }

/** Chooses steps by error control, or fixed ones of size `wanted`. `wanted` holds each row's first step, unsigned, `[rows]`. */
export function controlPilot(route: Route, rules: StepRules, wanted: Float64Array, counts: Counts, stagesPerStep: number): Pilot {
  const rows = wanted.length
  const t = route.start.slice()
  const previous = new Float64Array(rows).fill(leastError)
  const retrying = new Uint8Array(rows)
  const failed = new Uint8Array(rows)
  let fresh = new Map<number, Failure>()

  const working = (row: number): boolean => failed[row] === 0 && !route.done(row)
  const fail = (row: number, failure: Failure): void => {
    failed[row] = 1
    fresh.set(row, failure)
  }
  const leastStep = (row: number): number =>
    rules.minStep ?? 16 * Number.EPSILON * Math.max(Math.abs(t[row]!), Math.abs(route.last[row]! - route.start[row]!))

  /** Sets h and end of a row that is at work, or fails it. */
  function propose(row: number, step: StepRecord, i: number): void {
    const left = Math.abs(route.bound(row) - t[row]!)
    const size = wanted[row]!
    const limit = rules.k === undefined ? size * stretch.fixed : Math.min(size * stretch.adaptive, Math.max(size, rules.maxStep))
    const whole = left <= limit
    step.h[i] = whole ? route.bound(row) - t[row]! : size * route.direction[row]!
    step.end[i] = whole ? route.bound(row) : t[row]! + step.h[i]!
    const taken = counts.accepted[row]! + counts.rejected[row]!
    if (taken >= rules.maxSteps) fail(row, { status: 'MaxSteps', time: t[row]!, step: step.h[i]!, limit: rules.maxSteps })
    else if (step.end[i] === t[row]) fail(row, { status: 'StepTooSmall', time: t[row]!, step: step.h[i]!, limit: Math.abs(step.h[i]!) })
  }

  function accept(row: number, h: number, end: number, error: number): void {
    const size = Math.abs(h)
    t[row] = end
    counts.accepted[row]!++
    counts.smallestStep[row] = Math.min(counts.smallestStep[row]!, size)
    if (rules.k === undefined) return
    const past = Math.max(error, leastError)
    const factor = growth(rules.k, past, previous[row]!)
    // A step cut short by its bound leaves the size that was wanted as it was, unless it may grow beyond that.
    const proposal = retrying[row] ? size * Math.min(1, factor) : size < wanted[row]! ? Math.max(size * factor, wanted[row]!) : size * factor
    wanted[row] = Math.min(rules.maxStep, Math.max(proposal, rules.minStep ?? 0))
    previous[row] = past
    retrying[row] = 0
  }

  function reject(row: number, h: number, error: number, finite: boolean): void {
    counts.rejected[row]!++
    const size = Math.abs(h)
    const least = leastStep(row)
    if (rules.k === undefined || size <= least) {
      fail(row, { status: finite ? 'StepTooSmall' : 'NonFinite', time: t[row]!, step: h, limit: least })
      return
    }
    wanted[row] = Math.max(least, size * retreat(rules.k, finite ? error : Number.NaN))
    retrying[row] = 1
  }

  return {
    next(present) {
      const count = present.reduce((sum, row) => sum + (working(row) ? 1 : 0), 0)
      if (count === 0) return undefined
      const chosen = count < crowded * present.length ? present.filter(working) : present
      const n = chosen.length
      const step: StepRecord = { rows: chosen, t: new Float64Array(n), h: new Float64Array(n), end: new Float64Array(n) }
      chosen.forEach((row, i) => {
        step.t[i] = step.end[i] = t[row]!
        if (!working(row)) return
        propose(row, step, i)
        if (failed[row]) {
          step.h[i] = 0
          step.end[i] = t[row]!
        }
      })
      return step
    },
    judge(step, check) {
      const accepted = new Uint8Array(step.rows.length)
      step.rows.forEach((row, i) => {
        const h = step.h[i]!
        if (h === 0) return
        counts.evaluations[row]! += stagesPerStep
        const error = check[2 * i]!
        const finite = Number.isFinite(error) && Number.isFinite(check[2 * i + 1]!)
        if (finite && error <= 1) {
          accepted[i] = 1
          accept(row, h, step.end[i]!, error)
        } else reject(row, h, error, finite)
      })
      return accepted
    },
    failures() {
      const result = fresh
      fresh = new Map()
      return result
    },
  }
}

/** Takes recorded steps again, whatever their error. */
export function replayPilot(steps: Steps, counts: Counts, stagesPerStep: number): Pilot {
  let position = 0
  return {
    next: () => steps[position++],
    judge(step) {
      return Uint8Array.from(step.h, (h, i) => {
        if (h === 0) return 0
        const row = step.rows[i]!
        counts.evaluations[row]! += stagesPerStep
        counts.accepted[row]!++
        counts.smallestStep[row] = Math.min(counts.smallestStep[row]!, Math.abs(h))
        return 1
      })
    },
    failures: () => new Map(),
  }
}

/** First steps by Hairer, Nørsett and Wanner's algorithm: the trial step of each row, capped by `limit`, `[n]`. */
export const trialSteps = (norms: FloatArray, limit: (i: number) => number): Float64Array =>
  Float64Array.from({ length: norms.length / 3 }, (_, i) => Math.min(trialStep(norms[3 * i]!, norms[3 * i + 1]!), limit(i)))

/** And what follows from the change of the field over it, `change` `[n]`. */
export const firstSteps = (trial: Float64Array, norms: FloatArray, change: FloatArray, k: number, limit: (i: number) => number): Float64Array =>
  trial.map((h, i) => Math.min(firstStep(h, norms[3 * i + 1]!, change[i]! , k), limit(i)))
