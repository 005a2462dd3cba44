import type { Loan } from '../arrayPool.js'
import type { Engine, Value } from '../engine/engine.js'
import { extendTracks, type Track } from './dense.js'
import type { FoundEvent } from './events.js'
import type { Iteration, Keep } from './integrate.js'
import type { Due } from './tape.js'
import type { Timetable } from './times.js'
import type { StepRecord } from './types.js'

/**
 * Where outputs lie: on which path of the dense output, and where on it. Paths 0 to rows − 1 stand still at y0; the next one, of zeros, is
 * for rows that fail. Then come those of iterations.
 */
export interface SaveAt {
  /** The point that is each row's next output, `[rows]`; behind its last point a row is done. */
  readonly next: Int32Array
  /** For each output, and for each event behind them. */
  readonly path: Int32Array
  readonly theta: Float64Array
  /** Paths of iterations, in order. */
  readonly parts: Value[]
  readonly tracks: readonly Track[] | undefined
  /** Keeps every path from here on. */
  keepTracks(tracks: readonly Track[]): void
  /** Whether an output of a row lies in its step that ends at `end`. */
  isDue(row: number, end: number): boolean
  /** Notes which outputs and events lie in the accepted steps of an iteration, and where. */
  collect(iteration: Iteration, events: readonly FoundEvent[], segments: Int32Array | undefined, keep: Keep): Due | undefined
  /** Takes paths that were made otherwise, `count` of them; gives the number of the first. */
  add(paths: Value, count: number): number
  /** Outputs of a scheduled solve: one after the other. */
  place(point: number, path: number, theta: number, position: number): void
  /** Places of events behind those of outputs. */
  readonly events: { readonly path: number[]; readonly theta: number[] }
  /** All that was placed, as the tape knows it. */
  placed(): Due
}

const noEvents: readonly FoundEvent[] = []

/** @param left how many steps of each row are left, where they are replayed: in the last one all outputs that are left lie */
export function createSaveAt(
  engine: Engine,
  loan: Loan,
  { times, offsets, direction }: Timetable,
  { record, left }: { readonly record: boolean; readonly left: Int32Array | undefined },
): SaveAt {
  const points = times.length
  const rows = direction.length
  const next = offsets.slice(0, rows)
  const path = loan.take('int32', points)
  const theta = loan.take('float64', points)
  const parts: Value[] = []
  const events = { path: [] as number[], theta: [] as number[] }
  let count = rows + 1
  let tracks: readonly Track[] | undefined
  // Each output is due once: these are filled from one iteration to the next.
  let found = 0
  const duePoints = loan.take('int32', record ? points : 0)
  const duePositions = loan.take('int32', record ? points : 0)

  const isDone = (row: number): boolean => next[row] === offsets[row + 1]

  /** Notes the outputs of row `row`, at position `i` of an iteration, up to `end`; whether there were some. */
  function collectRow(row: number, i: number, step: StepRecord, end: number, on: number): boolean {
    const t = step.t[i]!
    const h = step.h[i]!
    const turn = direction[row]!
    const all = left?.[row] === 1
    const stop = offsets[row + 1]!
    const first = next[row]!
    let point = first
    for (; point < stop; point++) {
      const time = times[point]!
      if (!all && (time - end) * turn > 0) break
      path[point] = on
      theta[point] = time === step.end[i] ? 1 : (time - t) / h
      if (!record) continue
      duePoints[found] = point
      duePositions[found++] = i
    }
    next[row] = point
    if (left) left[row]!--
    return point > first
  }

  return {
    next,
    path,
    theta,
    parts,
    events,
    get tracks() {
      return tracks
    },
    keepTracks(all) {
      tracks = all
    },
    isDue: (row, end) => !isDone(row) && ((times[next[row]!]! - end) * direction[row]! <= 0 || left?.[row] === 1),
    collect(iteration, happened, segments, keep) {
      const { step, accepted, wanted, attempt } = iteration
      if (!wanted.path) {
        if (left) for (let i = 0; i < accepted.length; i++) left[step.rows[i]!]! -= accepted[i]!
        return undefined
      }
      const first = found
      const owners: number[] = []
      const eventDue: [number, number][] = []
      const some = happened.length > 0
      for (let i = 0; i < accepted.length; i++) {
        if (accepted[i] === 0) continue
        const row = step.rows[i]!
        const own = some ? happened.filter(({ position }) => position === i) : noEvents
        const last = some ? own.find(({ stops }) => stops) : undefined
        const on = count + (tracks ? i : owners.length)
        const due = collectRow(row, i, step, last ? last.time : step.end[i]!, on)
        for (const event of own) {
          eventDue.push([points + events.path.length, i])
          events.path.push(on)
          events.theta.push(event.theta)
        }
        if (due || own.length > 0) owners.push(i)
        if (last) next[row] = offsets[row + 1]!
      }
      if (tracks) extendTracks(tracks, step, accepted, count, segments)
      if (owners.length > 0 || tracks) {
        // Of rows without an output here no path is kept, unless all of them are wanted.
        const paths = tracks || owners.length === accepted.length ? attempt.path! : engine.gather(attempt.path!, Int32Array.from(owners))
        keep(paths)
        parts.push(paths)
        count += paths.shape[0]!
      }
      if (found === first && eventDue.length === 0) return undefined
      const due = { points: duePoints.subarray(first, found), positions: duePositions.subarray(first, found) }
      if (eventDue.length === 0) return due
      return {
        points: Int32Array.from([...due.points, ...eventDue.map(([point]) => point)]),
        positions: Int32Array.from([...due.positions, ...eventDue.map(([, position]) => position)]),
      }
    },
    add(paths, more) {
      parts.push(paths)
      count += more
      return count - more
    },
    place(point, on, at, position) {
      path[point] = on
      theta[point] = at
      if (!record) return
      duePoints[found] = point
      duePositions[found++] = position
    },
    placed: () => ({ points: duePoints.subarray(0, found), positions: duePositions.subarray(0, found) }),
  }
}
