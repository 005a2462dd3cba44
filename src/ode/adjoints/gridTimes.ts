import type { FloatArray } from '../../engine/engine.js'
import type { Method } from '../method.js'
import { timesOf } from '../method.js'
import type { Grid, Run } from '../run.js'
import type { StepEntry } from '../tape.js'

/** Gathers, from the last step to the first, what gradients of times come to where steps move with the times. */
export interface GridTimes {
  /** Steps of the rows at `index` of an iteration; `clock` `[index, width]` is the cotangent of what they were told of times. */
  pullStep(entry: StepEntry, index: ArrayLike<number>, clock: FloatArray): void
  /** Rows whose step before ended where something happens: that time stays where it is. */
  anchor(rows: ArrayLike<number>): void
  /** dL/dt0 of a row, as far as its steps moved with it. */
  start(row: number): number
}

/**
 * Fixed steps lie by the times: free ones begin where that before ended, the first at the first time, and have one size; those that end at
 * an output (each without a size, or the last of `stopAtEnd`) end where it goes; those that end where something happens stay. With
 * dL/dt, dL/dh of a step, told by its evaluations at t + c h, and of its outputs at θ = (time − t)/h, that comes to gradients of times.
 *
 * @param gradient of the times, `[points]`: holds cotangent · slope of the dense output, and gets what steps moved
 * @param timed whether steps are told times
 */
export function createGridTimes(
  { table: { times, offsets, direction }, theta, rows, inputs: { timeline } }: Run,
  { stepSize, stopAtEnd }: Grid,
  method: Method,
  timed: boolean,
  gradient: Float64Array,
): GridTimes {
  /** dL by the time at which a row's steps that were pulled back begin. */
  const moving = new Float64Array(rows)
  const anchored = new Uint8Array(rows)
  /** The last output of a row that was not passed yet. */
  const reached = Int32Array.from({ length: rows }, (_, row) => offsets[row + 1]! - 1)

  /** The output that a step which ends at `end` ends at, whatever its time; the first of several. Undefined if there is none. */
  function pointAt(row: number, end: number): number | undefined {
    const first = offsets[row]!
    if (stepSize !== undefined && !(stopAtEnd && end === times[offsets[row + 1]! - 1])) return undefined
    let point = reached[row]!
    while (point > first && (times[point]! - end) * direction[row]! > 0) point--
    if (times[point] !== end) return undefined
    while (times[point - 1] === end) point--
    reached[row] = point
    return point
  }

  return {
    pullStep({ step, path, due }, index, clock) {
      const evaluations = timed ? timesOf(method, path) : []
      const width = clock.length / index.length
      const byStart = new Float64Array(step.rows.length)
      const bySize = new Float64Array(step.rows.length)
      for (let i = 0; i < index.length; i++) {
        const at = index[i]!
        bySize[at] = clock[i * width]!
        evaluations.forEach((c, j) => {
          const bar = clock[i * width + 1 + j]!
          byStart[at]! += bar
          bySize[at]! += c * bar
        })
      }
      due?.points.forEach((point, i) => {
        if (point >= times.length) return
        const at = due.positions[i]!
        byStart[at]! -= gradient[point]!
        bySize[at]! -= theta[point]! * gradient[point]!
      })
      for (let i = 0; i < index.length; i++) {
        const at = index[i]!
        const row = step.rows[at]!
        const end = step.end[at]!
        const stays = anchored[row] === 1 || timeline?.endsAt(row, end) === true
        const point = stays ? undefined : pointAt(row, end)
        anchored[row] = 0
        if (point !== undefined) gradient[point]! += moving[row]! + bySize[at]!
        moving[row] = stays || point !== undefined ? byStart[at]! - bySize[at]! : byStart[at]! + moving[row]!
      }
    },
    anchor(stopped) {
      for (let i = 0; i < stopped.length; i++) anchored[stopped[i]!] = 1
    },
    start: (row) => moving[row]!,
  }
}
