import { bytesPerNumber, newArray } from '../engine/arrays.js'
import type { FloatArray, Held, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { extendTracks, type Track } from './dense.js'
import { SolverError } from './errors.js'
import { firstWanted } from './firstSteps.js'
import { scheduleOf, stepsOfSchedule, type Schedule } from './fixedSteps.js'
import { gatherNumbers } from './gradient.js'
import { march, type Front, type Iteration, type Observer, type Wanted } from './march.js'
import { statusOfFailure } from './failures.js'
import { initialValues } from './initialValues.js'
import { statsOf, type Machine, type Run, type StepEntry, type TapeEntry } from './run.js'
import { standingPaths } from './paths.js'
import { controlPilot, newCounts, type Pilot } from './pilot.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import { checkedReplay, replayPilot, stepsOfRows } from './replay.js'
import { isCoarse, unresolvedRows, unresolvedStatus } from './resolution.js'
import { routeOf } from './route.js'
import { largest, type Failure } from './status.js'
import { stagesOf } from './tableau.js'
import { timetable } from './times.js'
import type { RowStatus, SolveRequest, StepRecord } from './types.js'

/** Solves forward: the steps, the outputs, the records asked for. */
export function forward(machine: Machine, params: NamedValues, request: SolveRequest): Run {
  const { engine, dim, settings, stepper, fixedSteps, interpolator, pool } = machine
  const { tableau, jumps } = stepper
  const { record = false, dense = false, outputs = 'host', replay } = request
  /** Whether there is a tape. */
  const taping = record && settings.adjoint === 'discrete'
  const y0 = initialValues(engine, request.y0, dim)
  const rows = y0.length / dim
  const loan = pool.loan()
  const table = timetable(request.times, rows, (length) => loan.take('float64', length))
  const { times, offsets, direction } = table
  const points = times.length
  const counts = newCounts(rows)
  const statuses: (RowStatus | undefined)[] = new Array<undefined>(rows).fill(undefined)
  const next = offsets.slice(0, rows)
  const route = routeOf(table, next, settings, jumps)
  const { start: startTimes, last: endTimes, done, origin } = route
  const left = replay && stepsOfRows(replay, rows)
  const extraStages = tableau.extra?.length ?? 0
  const tape: TapeEntry[] = []
  const steps: StepRecord[] = []
  let scheduled: Schedule | undefined
  let tracks: Track[] | undefined
  let slope: FloatArray | undefined
  let iterations = 0
  let residualBytes = 0
  const kept: Held[] = []

  // Paths 0 to rows − 1 stand still at y0; the next one, of zeros, is for rows that fail. Then come those of iterations.
  const pathParts: Value[] = []
  let pathCount = rows + 1
  const path = loan.take('int32', points)
  const theta = loan.take('float64', points)
  // Each output is due once: these are filled from one iteration to the next.
  let found = 0
  const duePoints = loan.take('int32', record ? points : 0)
  const duePositions = loan.take('int32', record ? points : 0)

  function fail(row: number, failure: Failure, state: FloatArray): void {
    const size = counts.accepted[row]! > 0 ? Math.abs(failure.time - startTimes[row]!) / counts.accepted[row]! : Math.abs(failure.step)
    if (failure.status !== 'NonFinite' && toldWrong([row], () => size).length > 0)
      setStatus(row, unresolvedStatus(route, row, failure.time, size, engine.dtype))
    else setStatus(row, statusOfFailure(machine, params, origin, row, failure, state))
  }

  function setStatus(row: number, status: RowStatus): void {
    if (settings.throw) throw new SolverError(status.status, status.message, row, status)
    statuses[row] = status
  }

  /** Which of `chosen` had a field that cannot have been told the times within its steps, of size `sizeOf`. */
  function toldWrong(chosen: ArrayLike<number>, sizeOf: (row: number) => number): number[] {
    if (!stepper.timed) return []
    return unresolvedRows(
      stepper,
      params,
      route,
      Array.from(chosen).filter((row) => isCoarse(route, row, sizeOf(row), engine.dtype)),
      y0,
      settings.tolerance,
    )
  }

  /** The size of a row's steps: their mean, or the smallest if the last went far beyond the end. */
  const usualStep = (row: number): number =>
    Math.max(Math.abs(endTimes[row]! - startTimes[row]!) / counts.accepted[row]!, counts.smallestStep[row]!)

  function checkResolution(): void {
    const solved = statuses.flatMap((status, row) => (status === undefined && counts.accepted[row]! > 0 ? [row] : []))
    for (const row of toldWrong(solved, usualStep))
      setStatus(row, unresolvedStatus(route, row, endTimes[row]!, usualStep(row), engine.dtype))
  }

  /** The field at the start of every row, the outputs there, and the rows that have a way to go. */
  function depart(): { front: Front; wanted: Float64Array } {
    const y = engine.write(y0, [rows, dim])
    const t = startTimes.map((time, row) => jumps.after(time, direction[row]!, origin(row)))
    const [k1, check] = stepper.start().run(params, rows, [engine.write(t, [rows, 1]), y])
    const norms = engine.read(check!)
    if (record || dense) slope = engine.read(k1!)
    const present: number[] = []
    for (let row = 0; row < rows; row++) {
      while (!done(row) && times[next[row]!] === startTimes[row]) path[next[row]!++] = row
      if (done(row)) continue
      counts.evaluations[row]!++
      if (Number.isFinite(norms[3 * row + 2]!)) present.push(row)
      else fail(row, { status: 'NonFinite', time: startTimes[row]!, step: 0 }, y0.subarray(row * dim, (row + 1) * dim))
    }
    if (dense) {
      tracks = Array.from(startTimes, (time, row) => ({
        start: { t: time, y: y0.slice(row * dim, (row + 1) * dim), slope: slope!.slice(row * dim, (row + 1) * dim) },
        direction: direction[row]!,
        steps: [],
      }))
    }
    const chosen = Int32Array.from(present)
    const all = chosen.length === rows
    const front = all ? { rows: chosen, y, k1: k1! } : { rows: chosen, y: engine.gather(y, chosen), k1: engine.gather(k1!, chosen) }
    if (replay) return { front, wanted: new Float64Array(0) }
    const first = firstWanted(machine, params, route, front, all ? norms : gatherNumbers(norms, chosen, 3), counts)
    return { front, wanted: all ? first : spread(chosen, first, rows) }
  }

  /** Whether the next output of a row lies in its step; in the last of replayed steps all that are left do. */
  const isDue = (row: number, end: number): boolean =>
    !done(row) && ((times[next[row]!]! - end) * direction[row]! <= 0 || left?.[row] === 1)

  function wantedOf({ rows: present, h, end }: StepRecord): Wanted {
    // Paths are always computed if that takes no evaluations: a compiler may round a step without its path otherwise
    // (by fusing multiplication and addition), and then a row would depend on whether others have an output due.
    let due = dense || extraStages === 0
    for (let i = 0; i < present.length && extraStages > 0; i++) {
      if (h[i] === 0) continue
      const own = isDue(present[i]!, end[i]!)
      due ||= own
      if (own || dense) counts.evaluations[present[i]!]! += extraStages
    }
    return { path: due, residuals: taping }
  }

  /** Notes which outputs lie in the accepted steps of an iteration, and where. */
  function collect({ step, accepted, wanted, attempt }: Iteration, keep: (value: Value) => void): StepEntry['due'] {
    if (!wanted.path) {
      if (left) for (let i = 0; i < accepted.length; i++) left[step.rows[i]!]! -= accepted[i]!
      return undefined
    }
    const first = found
    const owners: number[] = []
    for (let i = 0; i < accepted.length; i++) {
      if (accepted[i] === 0) continue
      const row = step.rows[i]!
      const t = step.t[i]!
      const h = step.h[i]!
      const end = step.end[i]!
      const turn = direction[row]!
      const all = left?.[row] === 1
      const stop = offsets[row + 1]!
      let point = next[row]!
      for (; point < stop; point++) {
        const time = times[point]!
        if (!all && (time - end) * turn > 0) break
        path[point] = pathCount + (tracks ? i : owners.length)
        theta[point] = time === end ? 1 : (time - t) / h
        if (!record) continue
        duePoints[found] = point
        duePositions[found++] = i
      }
      if (point > next[row]!) owners.push(i)
      next[row] = point
      if (left) left[row]!--
    }
    if (tracks) extendTracks(tracks, step, accepted, pathCount)
    if (owners.length > 0 || tracks) {
      // Of rows without an output here no path is kept, unless all of them are wanted.
      const paths = tracks || owners.length === accepted.length ? attempt.path! : engine.gather(attempt.path!, Int32Array.from(owners))
      keep(paths)
      pathParts.push(paths)
      pathCount += paths.shape[0]!
    }
    if (found === first) return undefined
    return { points: duePoints.subarray(first, found), positions: duePositions.subarray(first, found) }
  }

  const made: { paths?: Value; weights?: Value; outputs?: Value; numbers?: FloatArray; values?: FloatArray } = {}
  let lastStates: FloatArray | undefined
  const stagesPerStep = stagesOf(tableau) - 1
  engine.scope((): Held[] => {
    const { front, wanted } = rows > 0 ? depart() : {}
    if (front && wanted && !followSchedule(front)) {
      const pilot: Pilot = replay
        ? replayPilot(checkedReplay(replay, front.rows), counts, stagesPerStep)
        : controlPilot(route, settings.rules, wanted, counts, stagesPerStep)
      march(stepper, params, front, pilot, origin, observerOf(pilot))
    }
    checkResolution()
    for (let row = 0; row < rows; row++) {
      if (statuses[row] === undefined) continue
      path.fill(rows, offsets[row], offsets[row + 1])
      theta.fill(0, offsets[row], offsets[row + 1])
    }
    made.paths = engine.concat([standingPaths(engine, loan, y0, dim, interpolator.width), ...pathParts])
    if (pathParts.length > 0) engine.free(...pathParts)
    if (taping) kept.push(made.paths)
    if (tracks) made.numbers = engine.read(made.paths)
    const weights = (made.weights = interpolator.weights(theta))
    if (taping) kept.push(weights)
    const states = engine.gatherWeighted(made.paths, path, weights)
    if (outputs === 'engine') {
      made.outputs = states
      lastStates = engine.read(
        engine.gather(
          made.outputs,
          offsets.subarray(1).map((end) => end - 1),
        ),
      )
    } else made.values = engine.read(states)
    return made.outputs ? [...kept, made.outputs] : kept
  })
  const onEngine = made.outputs
  const values = onEngine ? newArray(engine, 0) : made.values!
  if (!onEngine)
    statuses.forEach((failed, row) => {
      if (failed) values.fill(Number.NaN, offsets[row]! * dim, offsets[row + 1]! * dim)
    })
  return {
    rows,
    y0,
    table,
    values,
    outputs: onEngine,
    failed: failedRows(statuses),
    stats: statsOf(counts, iterations),
    origin,
    tape: record ? tape : undefined,
    steps: lazily(() => (scheduled && (record || dense) ? stepsOfSchedule(scheduled, rows) : steps)),
    status: lazily(() => Array.from({ length: rows }, (_, row) => statuses[row] ?? goodStatus(row))),
    kept: new Set(kept),
    slope,
    tracks,
    paths: made.paths!,
    weights: made.weights!,
    pathNumbers: made.numbers,
    path,
    theta,
    loan,
  }

  /** Takes all steps at once if they are known beforehand; false if they are not, or if one of them fails. */
  function followSchedule(front: Front): boolean {
    if (replay || front.rows.length < rows) return false
    const schedule = scheduleOf(table, rows, settings, stepper)
    // Rows may fail then, of which a schedule knows nothing.
    if (!schedule || (stepper.timed && isCoarse(route, 0, Math.abs(schedule.h[0]!), engine.dtype))) return false
    const count = schedule.h.length
    const wanted = dense ? Array.from(schedule.h.keys()) : schedule.due
    const run = fixedSteps.run(params, front, schedule, origin, wanted, taping)
    if (!run) return false
    engine.free(front.y, front.k1)
    const place = new Int32Array(count)
    wanted.forEach((step, i) => (place[step] = pathCount + i * rows))
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < schedule.step.length; i++) {
        const step = schedule.step[i]!
        const point = offsets[row]! + schedule.standing + i
        path[point] = place[step]! + row
        theta[point] = schedule.theta[i]!
        if (!taping) continue
        duePoints[found] = point
        duePositions[found++] = step * rows + row
      }
    }
    next.set(offsets.subarray(1))
    pathParts.push(run.paths)
    if (tracks) {
      const accepted = new Uint8Array(rows).fill(1)
      stepsOfSchedule(schedule, rows).forEach((step, i) => extendTracks(tracks!, step, accepted, place[i]!))
    }
    pathCount += wanted.length * rows
    const smallest = schedule.h.reduce((least, h) => Math.min(least, Math.abs(h)), Infinity)
    for (let row = 0; row < rows; row++) {
      counts.evaluations[row]! += count * stagesPerStep
      counts.accepted[row]! += count
      counts.smallestStep[row] = smallest
    }
    iterations = count
    scheduled = schedule
    if (run.recording)
      tape.push({
        kind: 'schedule',
        schedule,
        recording: run.recording,
        due: { points: duePoints.subarray(0, found), positions: duePositions.subarray(0, found) },
      })
    kept.push(...run.held)
    return true
  }

  function observerOf(pilot: Pilot): Observer {
    return {
      wanted: wantedOf,
      iteration(iteration, keep) {
        const { step, accepted, whole, clock, before, attempt } = iteration
        const due = collect(iteration, keep)
        if (record || dense) steps.push(step)
        if (!taping) return
        const bytes = accepted.length * stepper.step(iteration.wanted.path).residualsPerRow() * bytesPerNumber(engine)
        const fits = residualBytes + bytes <= settings.residualMemory
        if (fits) residualBytes += bytes
        tape.push({
          kind: 'step',
          step,
          accepted,
          whole,
          path: iteration.wanted.path,
          clock,
          y: before.y,
          k1: before.k1,
          residuals: fits ? attempt.residuals : undefined,
          due,
        })
        const own = [clock, before.y, before.k1, ...(fits ? attempt.residuals : [])]
        keep(...own)
        kept.push(...own)
      },
      restarted(restart, keep) {
        for (let i = 0; i < restart.here.length; i++) counts.evaluations[restart.step.rows[i]!]! += restart.here[i]!
        if (!taping) return
        // A copy: the states themselves go on, and are freed on the way.
        const y = engine.gather(restart.y, Int32Array.from(restart.here.keys()))
        tape.push({ kind: 'restart', ...restart, y })
        keep(y)
        kept.push(y)
      },
      arrived(after) {
        iterations++
        for (const [row, failure] of pilot.failures()) {
          fail(row, failure, engine.read(engine.gather(after.y, Int32Array.of(after.rows.indexOf(row)))))
        }
        return undefined
      },
    }
  }

  function goodStatus(row: number): RowStatus {
    const smallest = counts.smallestStep[row]!
    const last = lastStates
      ? lastStates.subarray(row * dim, (row + 1) * dim)
      : values.subarray((offsets[row + 1]! - 1) * dim, offsets[row + 1]! * dim)
    return {
      status: 'ok',
      time: endTimes[row]!,
      step: Number.isFinite(smallest) ? smallest * direction[row]! : 0,
      ...largest(last),
      message: '',
    }
  }
}

function failedRows(statuses: readonly (RowStatus | undefined)[]): Int32Array {
  const failed: number[] = []
  for (let row = 0; row < statuses.length; row++) if (statuses[row] !== undefined) failed.push(row)
  return Int32Array.from(failed)
}

/** `[rows]` with `values[i]` at `chosen[i]`. */
function spread(chosen: Int32Array, values: Float64Array, rows: number): Float64Array {
  const out = new Float64Array(rows)
  chosen.forEach((row, i) => (out[row] = values[i]!))
  return out
}
