import type { FloatArray } from '../../engine/engine.js'
import { EULER_STEP, stepsOf } from '../gaps.js'
import { rowTimes, type Observations } from '../observations.js'
import type { SolverTotals } from '../sequenceModel.js'
import type { FilterCell } from './cell.js'

/**
 * Numbers of one row's step: how far ahead to predict, the gap to move over, whether something
 * is shown (1 or 0), its values, its mask, the target's values, its mask.
 */
export const entryWidth = (channels: number): number => 3 + 4 * channels

/** Steps of all rows, aligned at their first; a row that is done rests, with gap 0 and nothing shown. */
export interface Walk {
  readonly count: number
  /** Writes a step's entries, `[rows, entryWidth]`. */
  fill(step: number, into: FloatArray): void
  /** Whether a row is shown an observation at the end of a step. */
  shown(step: number, row: number): boolean
  /** Of a row's times asked for, in order, the place of each: step · rows + row; −1 for a time that is none. */
  places(row: number): Int32Array
  readonly totals: SolverTotals
}

/**
 * Plans each row's walk through what is shown and the times asked for; `scored` has the values of the latter, if they are known.
 *
 * @param gaps how gaps are crossed: see `FilterCell`
 */
export function planWalk(gaps: FilterCell['gaps'], shown: Observations, times: readonly Float64Array[], scored?: Observations): Walk {
  const { rows, channels } = shown
  const known = rowTimes(shown)
  const plans = times.map((asked, row) =>
    gaps === 'steps' ? planSteps(known[row]!, asked) : planWhole(known[row]!, indicesOfValues(shown, row), asked),
  )
  const count = plans.reduce((most, { length }) => Math.max(most, length), 0)
  const width = entryWidth(channels)
  const copy = ({ length, values, mask }: Observations, row: number, index: number, numbers: FloatArray, at: number): number => {
    let seen = 0
    for (let c = 0; c < channels; c++) {
      const cell = (row * length + index) * channels + c
      if (mask[cell] === 0) continue
      numbers[at + c] = values[cell]!
      numbers[at + channels + c] = 1
      seen = 1
    }
    return seen
  }
  let [moves, smallest] = [0, Infinity]
  for (const plan of plans) {
    for (const { gap } of plan) if (gap > 0) [moves, smallest] = [moves + 1, Math.min(smallest, gap)]
  }
  return {
    count,
    fill(step, into) {
      into.fill(0)
      plans.forEach((plan, row) => {
        const entry = plan[step]
        if (entry === undefined) return
        const { ahead, gap, read, targets } = entry
        const at = row * width
        into[at] = ahead
        into[at + 1] = gap
        if (read >= 0) into[at + 2] = copy(shown, row, read, into, at + 3)
        if (scored && targets.length > 0) copy(scored, row, targets[0]!, into, at + 3 + 2 * channels)
      })
    },
    shown(step, row) {
      const read = plans[row]![step]?.read ?? -1
      const cell = (row * shown.length + read) * channels
      return read >= 0 && shown.mask.subarray(cell, cell + channels).includes(1)
    },
    places(row) {
      const places = new Int32Array(times[row]!.length).fill(-1)
      plans[row]!.forEach(({ targets }, step) => targets.forEach((target) => (places[target] = step * rows + row)))
      return places
    },
    totals: { evaluations: moves / Math.max(1, rows), accepted: moves, rejected: 0, rows, failed: 0, smallestStep: smallest },
  }
}

interface Step {
  /** How far from the state its targets are. */
  readonly ahead: number
  /** How far the state moves. */
  readonly gap: number
  /** Index of the observation that is read then; −1: none. */
  readonly read: number
  readonly targets: readonly number[]
}

/** A row's steps while they are planned. */
class Steps {
  readonly list: Step[] = []
  #next = 0

  constructor(private readonly asked: Float64Array) {}

  /** The next time asked for; NaN or undefined if that is none. */
  get next(): number | undefined {
    return this.asked[this.#next]
  }

  /** From `now` on over `gap`, past the targets up to `end`, to an observation or none. */
  cross(now: number, gap: number, end: number, read: number): void {
    const { asked } = this
    let [ahead, targets]: [number, number[]] = [gap, []]
    while (this.#next < asked.length && asked[this.#next]! <= end) {
      const time = asked[this.#next]!
      if (targets.length > 0 && time !== asked[targets[0]!]) {
        this.list.push({ ahead, gap: 0, read: -1, targets })
        targets = []
      }
      ahead = time === end ? gap : Math.max(0, Math.min(gap, time - now))
      targets.push(this.#next++)
    }
    this.list.push({ ahead, gap, read, targets })
  }
}

/**
 * One row's steps. Where the state goes is settled by what is shown: each gap in equal parts, after the last
 * observation in parts of the longest step. Targets are looked at from there, so that asking for more of them changes
 * nothing; one at the time of an observation is predicted before that is read.
 */
function planSteps(shown: Float64Array, asked: Float64Array): readonly Step[] {
  const steps = new Steps(asked)
  let now = shown[0] ?? 0
  shown.forEach((time, i) => {
    const parts = stepsOf(time - now, EULER_STEP)
    const gap = (time - now) / parts
    for (let part = 1; part < parts; part++) steps.cross(now + (part - 1) * gap, gap, now + part * gap, -1)
    steps.cross(now + (parts - 1) * gap, gap, time, i)
    now = time
  })
  for (let part = 0; Number.isFinite(steps.next); part++) {
    // How many are left does not matter here, but that they are not too many.
    stepsOf(steps.next! - now, EULER_STEP)
    const from = now + part * EULER_STEP
    steps.cross(from, EULER_STEP, from + EULER_STEP, -1)
  }
  return steps.list
}

/**
 * One row's steps where a gap is crossed at once: one for each observation, and one for each target that is at the time of none, all
 * looked at from the observation before. A row of which no value is known is no observation, and ends no gap.
 */
function planWhole(shown: Float64Array, indices: readonly number[], asked: Float64Array): readonly Step[] {
  const steps = new Steps(asked)
  let now = shown[indices[0] ?? 0] ?? 0
  for (const i of indices) {
    steps.cross(now, shown[i]! - now, shown[i]!, i)
    now = shown[i]!
  }
  while (Number.isFinite(steps.next)) steps.cross(now, Math.max(0, steps.next! - now), steps.next!, -1)
  return steps.list
}

/** Which of a row's times have a value. */
const indicesOfValues = ({ length, lengths, channels, mask }: Observations, row: number): number[] =>
  Array.from({ length: lengths[row]! }, (_, i) => i).filter((i) => {
    const cell = (row * length + i) * channels
    return mask.subarray(cell, cell + channels).includes(1)
  })
