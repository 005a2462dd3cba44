import type { FloatArray } from '../../engine/engine.js'
import { arena } from '../arena.js'
import { NOT_SOLVED } from '../method.js'
import { spacingAt } from '../resolution.js'
import type { Failure } from '../status.js'
import type { StopTimes } from '../stopTimes.js'
import type { StepListeners, StepRecord } from '../types.js'
import type { ErrorControl } from './controller.js'
import { leastError } from './formulas.js'

/**
 * Decides the steps of all rows: plain numbers, no arrays of an engine. It proposes an iteration for some of the
 * rows that are there (the others are dropped), and judges the attempt afterwards.
 */
export interface StepControl {
  /** The next iteration, for rows in the order of `rows` with some left out; undefined at the end. */
  propose(rows: Int32Array): StepRecord | undefined
  /** Which attempts of the iteration are accepted (1 or 0); `check` as of `stepGraph`, `[n, 2]`. */
  judge(step: StepRecord, check: FloatArray): Uint8Array
  /** The field is another one from here on in this row: what is known of its steps before says nothing. */
  forget(row: number): void
  /** Rows that failed since the last call. */
  failures(): ReadonlyMap<number, Failure>
}

export interface StepRules {
  /** Whether steps follow from errors; else they are fixed. */
  readonly controlled: boolean
  readonly controller: ErrorControl
  /** Order of the error estimate plus 1. */
  readonly k: number
  readonly maxSteps: number
  readonly minStep: number | undefined
  readonly maxStep: number
  /** Whether a step at `minStep` is taken whatever its error. */
  readonly acceptAtMinStep: boolean
  /** Whether all rows take steps of one size. */
  readonly shared: boolean
  readonly listeners: StepListeners
}

/** What a method costs and needs to know. */
export interface MethodNeeds {
  readonly evaluationsPerStep: number
  /** How many steps before matter to it. */
  readonly historySteps: number
  /** Where methods are switched between: evaluations of the stiff one, and up to which |hλ| the other is stable. */
  readonly stiff?: { readonly evaluationsPerStep: number; readonly stabilityLimit: number }
}

/** Steps at the limit of stability before a row goes on by the stiff method, and well below it before it goes back. */
const patience = { stiff: 10, back: 5 }

/** Which part of the limit counts as at it: steps bounded by stability come and go around it. */
const nearLimit = 0.75

/** Counters by row. */
export interface Counts {
  readonly evaluations: Int32Array
  readonly accepted: Int32Array
  readonly rejected: Int32Array
  readonly smallestStep: Float64Array
  /** Accepted steps of a stiff method that was switched to. */
  readonly stiffSteps?: Int32Array
}

/** @param switching whether steps of a stiff method are counted */
export const newCounts = (rows: number, switching = false): Counts => ({
  evaluations: new Int32Array(rows),
  accepted: new Int32Array(rows),
  rejected: new Int32Array(rows),
  smallestStep: new Float64Array(rows).fill(Infinity),
  ...(switching && { stiffSteps: new Int32Array(rows) }),
})

/** A share of rows at work below which the others are dropped from the batch: copying the states has its price too. */
const crowded = 3 / 4

/** Steps that are nearly as long as what is left are stretched to end there: by 1 % if adaptive (DOPRI5), else by rounding errors only. */
const stretch = { adaptive: 1.01, fixed: 1 + 1e-9 }

/** What a step is multiplied by whose equations were not solved. */
const unsolved = 1 / 4

/**
 * The smallest step of a row at `t` whose end can be told from its beginning, with some to spare. Near t = 0 any can; but a stiff transient
 * may be 10¹⁵ times as short as the span, and hardly 10²³ times.
 */
export const leastStep = (stops: Pick<StopTimes, 'start' | 'last'>, row: number, t: number): number =>
  16 * Number.EPSILON * Math.max(Math.abs(t), Math.sqrt(Number.EPSILON) * Math.abs(stops.last[row]! - stops.start[row]!))

const [noNumbers, noFlags] = [new Float64Array(0), new Uint8Array(0)]

/** How many of a row's latest steps make up their average. */
const latest = 8

/** What there is to say of failures, mostly. */
export const noFailures: ReadonlyMap<number, Failure> = new Map()

/** Chooses steps by error control, or fixed ones of size `wanted`. `wanted` holds each row's first step, unsigned, `[rows]`. */
export function stepControl(
  stops: StopTimes,
  rules: StepRules,
  wanted: Float64Array,
  counts: Counts,
  { evaluationsPerStep, historySteps, stiff: switching }: MethodNeeds,
): StepControl {
  const rows = wanted.length
  const { controlled, controller, k } = rules
  const t = stops.start.slice()
  /** Errors of the latest accepted step, and, behind them, of the one before it. */
  const errors = new Float64Array(2 * rows).fill(leastError)
  const retrying = new Uint8Array(rows)
  const failed = new Uint8Array(rows)
  /** Rows whose field is no number beyond their last time: no more steps go there. */
  const edged = new Uint8Array(rows)
  /** Size of the latest steps. */
  const usual = new Float64Array(rows)
  /** Their signed sizes, the latest first, as far as the method needs them. */
  const before = historySteps > 0 ? new Float64Array(rows * historySteps) : noNumbers
  /** Rows that go on by the stiff method, and how many steps in a row said that they had better change. */
  const stiff = switching ? new Uint8Array(rows) : noFlags
  const streak = switching ? new Uint8Array(rows) : noFlags
  /** Whether the latest iteration was one of the stiff method. */
  let turn = false
  const columns = switching ? 3 : 2
  const jumping = stops.discontinuities.times.length > 0
  const { onStep, onAccept, onReject } = rules.listeners
  let fresh: Map<number, Failure> | undefined

  const numbers = arena((length) => new Float64Array(length))
  const flags = arena((length) => new Uint8Array(length))

  const working = (row: number): boolean => failed[row] === 0 && !stops.done(row)
  const fail = (row: number, failure: Pick<Failure, 'status' | 'step' | 'limit' | 'spacing'>): void => {
    failed[row] = 1
    const way = { start: stops.start[row]!, last: stops.last[row]!, attempts: counts.accepted[row]! + counts.rejected[row]! }
    fresh = (fresh ?? new Map<number, Failure>()).set(row, { ...failure, time: t[row]!, way, usual: usual[row]! })
  }

  /** The time a row must not step past. */
  function boundOf(row: number): number {
    const direction = stops.direction[row]!
    let bound = edged[row] ? stops.last[row]! : stops.bound(row)
    if (jumping) bound = nearer(stops.discontinuities.beyond(t[row]!, direction), bound, direction)
    return stops.change ? nearer(stops.change(row), bound, direction) : bound
  }

  function newStep(chosen: Int32Array): StepRecord {
    const n = chosen.length
    const step = { rows: chosen, t: numbers.take(n), h: numbers.take(n), end: numbers.take(n) }
    if (!turn && historySteps === 0) return step
    return { ...step, ...(turn && { stiff: true }), ...(historySteps > 0 && { before: numbers.take(n * historySteps) }) }
  }

  /** Sets h and end of a row that is at work, or fails it. */
  function proposeRow(row: number, size: number, step: StepRecord, i: number): void {
    const bound = boundOf(row)
    const limit = controlled ? Math.min(size * stretch.adaptive, Math.max(size, rules.maxStep)) : size * stretch.fixed
    const free = size * stops.direction[row]!
    const beside = !controlled && Math.abs(stops.output(row) - t[row]! - free) <= (stretch.fixed - 1) * size
    const stop = Math.abs(bound - t[row]!) <= limit ? bound : beside ? stops.output(row) : undefined
    const h = stop === undefined ? free : stop - t[row]!
    const end = stop ?? t[row]! + h
    if (counts.accepted[row]! + counts.rejected[row]! >= rules.maxSteps) fail(row, { status: 'MaxSteps', step: h, limit: rules.maxSteps })
    else if (end === t[row]) fail(row, { status: 'StepTooSmall', step: h, limit: Math.abs(h), spacing: spacingAt(t[row]!, 'float64') })
    else {
      step.h[i] = h
      step.end[i] = end
      onStep?.({ row, t: t[row]!, h })
    }
  }

  /** The step that no row's wish or bound forbids, for all of them. */
  function sharedSize(chosen: Int32Array): number {
    let size = Infinity
    for (const row of chosen) {
      if (!working(row)) continue
      const left = Math.abs(boundOf(row) - t[row]!)
      size = Math.min(size, left <= Math.min(wanted[row]! * stretch.adaptive, Math.max(wanted[row]!, rules.maxStep)) ? left : wanted[row]!)
    }
    return size
  }

  function accept(row: number, h: number, end: number, error: number): void {
    const size = Math.abs(h)
    onAccept?.({ row, t: t[row]!, h })
    t[row] = end
    counts.accepted[row]!++
    if (size < counts.smallestStep[row]!) counts.smallestStep[row] = size
    if (historySteps > 0) remember(row, h)
    if (!controlled) return
    usual[row] = usual[row] === 0 ? size : usual[row]! + (size - usual[row]!) / latest
    const factor = controller.grow(k, error, errors[row]!, errors[rows + row]!)
    // A step cut short by its bound leaves the size that was wanted as it was, unless it may grow beyond that.
    const proposal = retrying[row]
      ? size * Math.min(1, factor)
      : size < wanted[row]!
        ? Math.max(size * factor, wanted[row]!)
        : size * factor
    wanted[row] = Math.min(rules.maxStep, Math.max(proposal, rules.minStep ?? 0))
    errors[rows + row] = errors[row]!
    errors[row] = Math.max(error, leastError)
    retrying[row] = 0
  }

  /** Counts what a step says of stiffness, and changes the method where it keeps saying so. */
  function reconsider(row: number, stiffness: number): void {
    const at = stiffness >= nearLimit * switching!.stabilityLimit
    if (stiff[row]) counts.stiffSteps![row]!++
    streak[row] = stiff[row] ? (at ? 0 : streak[row]! + 1) : at ? streak[row]! + 1 : Math.max(0, streak[row]! - 1)
    if (streak[row] !== (stiff[row] ? patience.back : patience.stiff)) return
    stiff[row] = 1 - stiff[row]!
    streak[row] = 0
    errors[row] = errors[rows + row] = leastError
  }

  function remember(row: number, h: number): void {
    const at = row * historySteps
    before.copyWithin(at + 1, at, at + historySteps - 1)
    before[at] = h
  }

  /** `blamed`: whether it is this row that the step is rejected for. */
  function reject(row: number, h: number, end: number, error: number, finite: boolean, blamed: boolean): void {
    onReject?.({ row, t: t[row]!, h })
    counts.rejected[row]!++
    const size = Math.abs(h)
    if (!finite && blamed && (end - stops.last[row]!) * stops.direction[row]! > 0) {
      edged[row] = retrying[row] = 1
      wanted[row] = Math.abs(stops.last[row]! - t[row]!)
      return
    }
    const least = rules.minStep ?? leastStep(stops, row, t[row]!)
    if (blamed && (!controlled || size <= least)) {
      fail(row, { status: !finite ? 'NonFinite' : error === NOT_SOLVED ? 'NotConverged' : 'StepTooSmall', step: h, limit: least })
      return
    }
    const factor = error === NOT_SOLVED ? unsolved : controller.shrink(k, finite ? error : Number.NaN)
    wanted[row] = Math.max(least, size * factor)
    retrying[row] = 1
  }

  const good = (error: number, finite: boolean, size: number): boolean =>
    finite && error !== NOT_SOLVED && (!controlled || error <= 1 || (rules.acceptAtMinStep && size <= (rules.minStep ?? 0)))

  function judgeShared(step: StepRecord, check: FloatArray): Uint8Array {
    let [squares, taking, finite, solved, size] = [0, 0, true, true, Infinity]
    for (let i = 0; i < step.h.length; i++) {
      if (step.h[i] === 0) continue
      squares += check[columns * i]! ** 2
      taking++
      size = Math.min(size, Math.abs(step.h[i]!))
      finite &&= Number.isFinite(check[columns * i]!) && Number.isFinite(check[columns * i + 1]!)
      solved &&= check[columns * i] !== NOT_SOLVED
    }
    const error = solved ? Math.sqrt(squares / taking) : NOT_SOLVED
    const all = good(error, finite, size)
    return judgeEach(
      step,
      check,
      (row, i) => {
        if (all) return true
        const own = Number.isFinite(check[columns * i]!) && Number.isFinite(check[columns * i + 1]!)
        const blamed = !finite ? !own : solved ? check[columns * i]! > 1 : check[columns * i] === NOT_SOLVED
        reject(row, step.h[i]!, step.end[i]!, error, finite, blamed)
        return false
      },
      () => error,
    )
  }

  function judgeEach(
    step: StepRecord,
    check: FloatArray,
    decide: (row: number, i: number) => boolean,
    errorOf: (i: number) => number,
  ): Uint8Array {
    const n = step.rows.length
    const accepted = flags.take(n)
    for (let i = 0; i < n; i++) {
      const h = step.h[i]!
      if (h === 0) continue
      const row = step.rows[i]!
      counts.evaluations[row]! += step.stiff ? switching!.evaluationsPerStep : evaluationsPerStep
      if (!decide(row, i)) continue
      accepted[i] = 1
      accept(row, h, step.end[i]!, errorOf(i))
      if (switching) reconsider(row, check[3 * i + 2]!)
    }
    return accepted
  }

  return {
    propose(present) {
      let count = 0
      let stiffCount = 0
      for (let i = 0; i < present.length; i++) {
        if (!working(present[i]!)) continue
        count++
        if (switching && stiff[present[i]!]) stiffCount++
      }
      if (count === 0) return undefined
      // Where rows need both methods, they take turns; a row that waits has h = 0.
      const mixed = stiffCount > 0 && stiffCount < count
      turn = mixed ? !turn : stiffCount > 0
      const chosen = count < crowded * present.length ? present.filter(working) : present
      const n = chosen.length
      const step = newStep(chosen)
      const shared = rules.shared ? sharedSize(chosen) : 0
      for (let i = 0; i < n; i++) {
        const row = chosen[i]!
        step.t[i] = step.end[i] = t[row]!
        if (historySteps > 0) step.before!.set(before.subarray(row * historySteps, (row + 1) * historySteps), i * historySteps)
        if ((count === n || working(row)) && !(mixed && (stiff[row] === 1) !== turn))
          proposeRow(row, rules.shared ? shared : wanted[row]!, step, i)
      }
      return step
    },
    judge(step, check) {
      if (rules.shared) return judgeShared(step, check)
      return judgeEach(
        step,
        check,
        (row, i) => {
          const error = check[columns * i]!
          const finite = Number.isFinite(error) && Number.isFinite(check[columns * i + 1]!)
          if (good(error, finite, Math.abs(step.h[i]!))) return true
          reject(row, step.h[i]!, step.end[i]!, error, finite, true)
          return false
        },
        (i) => check[columns * i]!,
      )
    },
    forget(row) {
      before.fill(0, row * historySteps, (row + 1) * historySteps)
    },
    failures() {
      const result = fresh ?? noFailures
      fresh = undefined
      return result
    },
  }
}

/** The one of two times that comes first in a direction. */
const nearer = (a: number, b: number, direction: number): number => ((a - b) * direction < 0 ? a : b)
