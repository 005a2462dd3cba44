import type { NamedValues } from '../engine/autodiff/program.js'
import { newArray } from '../engine/arrays.js'
import type { FloatArray, Held, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { gatherNumbers } from './adjoints/sums.js'
import { firstWanted } from './control/firstSteps.js'
import { checkedReplay, replayControl, stepsOfRows } from './control/replay.js'
import { newCounts, stepControl, type StepControl } from './control/stepControl.js'
import type { EventWatch, FoundEvent } from './events.js'
import { bindInputs } from './bindInputs.js'
import { createChanges, type RowChanges } from './changes.js'
import { SolverError } from './errors.js'
import { extendTracks, type Track } from './dense.js'
import { statusOfFailure, stiffnessAt } from './failures.js'
import { scheduleOf, stepsOfSchedule, type Schedule } from './fixedGrid.js'
import { initialValues } from './initialValues.js'
import { integrate, type Companion } from './integrate.js'
import type { SolverState } from './solverState.js'
import { standingPaths } from './interpolate.js'
import { evaluationsOf } from './method.js'
import { isCoarse, unresolvedRows, unresolvedStatus } from './resolution.js'
import { segmentsOf } from './rowInputs.js'
import { statsOf, type Machine, type Run } from './run.js'
import { createSaveAt } from './saveAt.js'
import { requireSecondOrder } from './secondOrder.js'
import { scheduleJumps } from './stateJumps.js'
import { largest, type Failure } from './status.js'
import { slopesOf } from './stepper.js'
import { stopTimesOf, type StopTimes } from './stopTimes.js'
import { createTape } from './tape.js'
import { timetable } from './times.js'
import type { RowStatus, SolveRequest, StepRecord } from './types.js'

/** Rows of so many steps are looked at for stiffness afterwards, so many of them: it takes seventeen evaluations. */
const [manySteps, mostLookedAt] = [100, 4]
const none = new Int32Array(0)
const noEvents: readonly FoundEvent[] = []

/** Solves forward: the steps, the outputs, the records asked for. */
export function solveForward(machine: Machine, params: NamedValues, request: SolveRequest): Run {
  const { engine, dim, settings, stepper, fixedGrid, interpolator, pool } = machine
  const { method, discontinuities } = stepper
  const { record = false, dense = false, outputs = 'host', replay = settings.replay } = request
  /** Whether there is a tape. */
  const taping = record && settings.adjoint === 'discrete'
  /** Whether the dense output is what the way back needs. */
  const keeping = record && settings.adjoint === 'interpolated'
  const tracking = dense || keeping
  const y0 = initialValues(engine, request.y0, dim)
  const rows = y0.length / dim
  const loan = pool.loan()
  const table = timetable(request.times, rows, (length) => loan.take('float64', length))
  const { times, offsets, direction } = table
  const counts = newCounts(rows, settings.stiff !== undefined)
  const statuses: (RowStatus | undefined)[] = new Array<undefined>(rows).fill(undefined)
  const left = replay && stepsOfRows(replay, rows)
  const saveAt = createSaveAt(engine, loan, table, { record, left })
  const { next, path, theta } = saveAt
  const places = stopTimesOf(table, next, settings, discontinuities)
  const { start: startTimes, last: endTimes, done, origin } = places
  const inputs = bindInputs(machine, request.inputs ?? {}, rows, places)
  const denseEvaluations = method.denseTimes?.length ?? 0
  const tape = createTape(stepper, settings.residualMemory)
  const jumps = scheduleJumps(request.jumps ?? [], rows, dim, places)
  const changing: RowChanges | undefined = createChanges(machine, params, inputs, jumps, places, taping ? tape : undefined)
  const stops: StopTimes = changing ? { ...places, change: changing.next } : places
  const steps: StepRecord[] = []
  const watch: EventWatch | undefined = machine.events?.watch(params, rows, origin)
  const found: FoundEvent[] = []
  let scheduled: Schedule | undefined
  let slope: FloatArray | undefined
  let iterations = 0

  function fail(row: number, failure: Failure, state: FloatArray): void {
    const size = counts.accepted[row]! > 0 ? Math.abs(failure.time - startTimes[row]!) / counts.accepted[row]! : Math.abs(failure.step)
    if (failure.status !== 'NonFinite' && toldWrong([row], () => size).length > 0)
      setStatus(row, unresolvedStatus(stops, row, failure.time, size, engine.dtype))
    else setStatus(row, statusOfFailure(machine, params, stops, inputs, row, failure, state))
  }

  function setStatus(row: number, status: RowStatus): void {
    if (settings.throw) throw new SolverError(status.status, status.message, row, status)
    statuses[row] = status
  }

  /** Which of `chosen` had a field that cannot have been told the times within its steps, of size `sizeOf`. */
  function toldWrong(chosen: ArrayLike<number>, sizeOf: (row: number) => number): number[] {
    if (!stepper.timed) return []
    const coarse = Array.from(chosen).filter((row) => isCoarse(stops, row, sizeOf(row), engine.dtype))
    return unresolvedRows(stepper, params, stops, inputs, coarse, y0, settings.tolerance)
  }

  /** The size of a row's steps: their mean, or the smallest if the last went far beyond the end. */
  const usualStep = (row: number): number =>
    Math.max(Math.abs(endTimes[row]! - startTimes[row]!) / counts.accepted[row]!, counts.smallestStep[row]!)

  function checkResolution(): void {
    if (!stepper.timed) return
    const solved = statuses.flatMap((status, row) => (status === undefined && counts.accepted[row]! > 0 ? [row] : []))
    for (const row of toldWrong(solved, usualStep))
      setStatus(row, unresolvedStatus(stops, row, endTimes[row]!, usualStep(row), engine.dtype))
  }

  /** The field at the start of every row, the outputs there, and the rows that have a way to go. */
  function depart(): { state: SolverState; wanted: Float64Array } {
    const y = engine.write(y0, [rows, dim])
    const t = startTimes.map((time, row) => discontinuities.after(time, direction[row]!, origin(row)))
    const given = inputs.source && engine.gather(inputs.source, inputs.first)
    const told = engine.write(t, [rows, 1])
    const [carried, check] = stepper.start().run(params, rows, [told, y, given ?? y])
    if (method.secondOrder) requireSecondOrder(method.name, slopesOf(engine.read(carried!), rows, dim), y0, dim)
    if (record || dense) slope = slopesOf(engine.read(carried!), rows, dim)
    const begun = { y, carried: carried!, ...(given && { inputs: given }), norms: engine.read(check!) }
    let present: number[] = []
    for (let row = 0; row < rows; row++) {
      while (!done(row) && times[next[row]!] === startTimes[row]) path[next[row]!++] = row
      if (done(row)) continue
      counts.evaluations[row]!++
      if (isFinite(row, begun.norms, y0)) present.push(row)
    }
    const jumped = changing && jumpAtStart(changing, present, t, begun)
    if (jumped) {
      const [carried, check] = stepper.start().run(params, rows, [told, jumped, given ?? jumped])
      Object.assign(begun, { y: jumped, carried, norms: engine.read(check!) })
      const states = engine.read(jumped)
      present = present.filter((row) => isFinite(row, begun.norms, states))
    }
    if (tracking) saveAt.keepTracks(tracksFrom(startTimes, direction, y0, slope!, dim))
    const chosen = Int32Array.from(present)
    const all = chosen.length === rows
    const take = (value: Value): Value => (all ? value : engine.gather(value, chosen))
    const state = { rows: chosen, y: take(begun.y), carried: take(begun.carried), ...(given && { inputs: take(given) }) }
    watch?.begin(
      state,
      chosen.map((row) => t[row]!),
    )
    if (replay) return { state, wanted: new Float64Array(0) }
    const first = firstWanted(machine, params, stops, state, all ? begun.norms : gatherNumbers(begun.norms, chosen, 3), counts)
    return { state, wanted: all ? first : spread(chosen, first, rows) }
  }

  /** Whether the field is finite at the start of a row, by `norms` of all of them; if it is not, the row fails. */
  function isFinite(row: number, norms: FloatArray, states: FloatArray): boolean {
    if (Number.isFinite(norms[3 * row + 2]!)) return true
    fail(row, { status: 'NonFinite', time: startTimes[row]!, step: 0 }, states.subarray(row * dim, (row + 1) * dim))
    return false
  }

  /** The states of all rows behind what happens at their first times; undefined if nothing does. */
  function jumpAtStart(
    { happen }: RowChanges,
    present: readonly number[],
    t: Float64Array,
    { y, carried, inputs: given }: Omit<SolverState, 'rows'>,
  ): Value | undefined {
    const step = { rows: Int32Array.from(startTimes.keys()), t: startTimes, h: new Float64Array(rows), end: startTimes }
    const here = new Uint8Array(rows)
    for (const row of present) here[row] = 1
    const keep = (): void => {
      // All this is made in the scope of the whole solve, to which the tape gives what it keeps.
    }
    const changes = happen(step, here, { rows: step.rows, y, carried, ...(given && { inputs: given }) }, keep)
    if (!changes) return undefined
    for (let row = 0; row < rows; row++) counts.evaluations[row]! += changes.here[row]!
    const restart = { step, here: changes.here, t, y: changes.y, ...(given && { inputs: engine.gather(given, step.rows) }) }
    if (taping) tape.recordRestart(restart, given && segmentsOf(inputs, step.rows), keep)
    return changes.y
  }

  const companion = (control: StepControl): Companion => ({
    wanted({ rows: present, h, end }) {
      // Paths are always computed if that takes no evaluations: a compiler may round a step without its path otherwise
      // (by fusing multiplication and addition), and then a row would depend on whether others have an output due.
      const always = tracking || watch !== undefined
      let due = always || denseEvaluations === 0
      for (let i = 0; i < present.length && denseEvaluations > 0; i++) {
        if (h[i] === 0) continue
        const own = saveAt.isDue(present[i]!, end[i]!)
        due ||= own
        if (own || always) counts.evaluations[present[i]!]! += denseEvaluations
      }
      return { path: due, residuals: taping }
    },
    accepted(iteration, keep) {
      const segments = inputs.source && segmentsOf(inputs, iteration.step.rows)
      const events = watch ? watch.find(iteration, segments) : noEvents
      for (const event of events) found.push(event)
      const due = saveAt.collect(iteration, events, segments, keep)
      if (record || dense) steps.push(iteration.step)
      if (taping) tape.record(iteration, due, segments, keep)
    },
    ...(changing && { changes: changing.happen }),
    restarted(restart, keep) {
      watch?.begin({ ...restart, rows: restart.step.rows }, restart.t, restart.here)
      for (let i = 0; i < restart.here.length; i++) counts.evaluations[restart.step.rows[i]!]! += restart.here[i]!
      if (taping) tape.recordRestart(restart, inputs.source && segmentsOf(inputs, restart.step.rows), keep)
    },
    advanced(state) {
      iterations++
      const failures = control.failures()
      if (failures.size === 0) return undefined
      for (const [row, failure] of failures) fail(row, failure, engine.read(engine.gather(state.y, Int32Array.of(state.rows.indexOf(row)))))
      return undefined
    },
  })

  const made: { stiff?: Int32Array; paths?: Value; weights?: Value; outputs?: Value; numbers?: FloatArray; values?: FloatArray } = {}
  let lastStates: FloatArray | undefined
  const needs = {
    evaluationsPerStep: evaluationsOf(method),
    historySteps: method.history?.steps ?? 0,
    ...(settings.stiff && { stiff: { evaluationsPerStep: evaluationsOf(settings.stiff), stabilityLimit: method.stabilityLimit } }),
  }
  engine.scope((): Held[] => {
    const { state, wanted } = rows > 0 ? depart() : {}
    if (state && wanted && !followSchedule(state)) {
      const control = replay
        ? replayControl(checkedReplay(replay, state.rows), counts, needs.evaluationsPerStep)
        : stepControl(stops, settings.rules, wanted, counts, needs)
      integrate(stepper, params, state, control, origin, companion(control))
    }
    checkResolution()
    for (let row = 0; row < rows; row++) if (statuses[row] !== undefined) placeNowhere(offsets[row]!, offsets[row + 1]!)
    for (const event of found) if (event.stops) placeNowhere(behind(event), offsets[event.row + 1]!)
    made.paths = engine.concat([standingPaths(engine, loan, y0, dim, interpolator.width), ...saveAt.parts])
    if (saveAt.parts.length > 0) engine.free(...saveAt.parts)
    const { kept } = tape
    if (taping || keeping) kept.push(made.paths, ...(inputs.source ? [inputs.source] : []))
    if (dense && saveAt.tracks) made.numbers = engine.read(made.paths)
    const weights = interpolator.weights(theta)
    const states = engine.gatherWeighted(made.paths, path, weights)
    made.weights = found.length === 0 ? weights : interpolator.weights(Float64Array.from([...theta, ...saveAt.events.theta]))
    if (taping) kept.push(made.weights)
    if (outputs === 'engine') {
      made.outputs = states
      lastStates = engine.read(
        engine.gather(
          made.outputs,
          offsets.subarray(1).map((end) => end - 1),
        ),
      )
    } else made.values = engine.read(states)
    made.stiff = stiffRows()
    return made.outputs ? [...kept, made.outputs] : kept
  })
  const onEngine = made.outputs
  const values = onEngine ? newArray(engine, 0) : made.values!
  if (!onEngine) {
    statuses.forEach((failed, row) => {
      if (failed) values.fill(Number.NaN, offsets[row]! * dim, offsets[row + 1]! * dim)
    })
    for (const event of found) if (event.stops) values.fill(Number.NaN, behind(event) * dim, offsets[event.row + 1]! * dim)
  }
  const events = lazily(() => eventsByRow(found, statuses))
  return {
    rows,
    y0,
    table,
    values,
    outputs: onEngine,
    failed: failedRows(statuses),
    stats: statsOf(counts, iterations, made.stiff!),
    // What a method knows of the steps before has no derivative: those of multistep methods count as given.
    grid: settings.rules.controlled || replay || method.history ? undefined : settings,
    origin,
    inputs,
    jumps: jumps?.jumps ?? [],
    events,
    found,
    tape: record ? tape.entries : undefined,
    steps: lazily(() => (scheduled && (record || dense) ? stepsOfSchedule(scheduled, rows) : steps)),
    status: lazily(() => Array.from({ length: rows }, (_, row) => statuses[row] ?? goodStatus(row))),
    kept: new Set(tape.kept),
    slope,
    tracks: saveAt.tracks,
    paths: made.paths!,
    weights: made.weights!,
    pathNumbers: made.numbers,
    path,
    theta,
    loan,
  }

  /** The first output of a row behind an event that stopped it. */
  function behind({ row, time }: FoundEvent): number {
    let point = offsets[row + 1]!
    while (point > offsets[row]! && (times[point - 1]! - time) * direction[row]! > 0) point--
    return point
  }

  function placeNowhere(from: number, to: number): void {
    path.fill(rows, from, to)
    theta.fill(0, from, to)
  }

  /** Takes all steps at once if they are known beforehand; false if they are not, or if one of them fails. */
  function followSchedule(state: SolverState): boolean {
    if (replay || watch || changing || state.rows.length < rows) return false
    const schedule = scheduleOf(table, rows, settings, stepper)
    // Rows may fail then, of which a schedule knows nothing.
    if (!schedule || (stepper.timed && isCoarse(stops, 0, Math.abs(schedule.h[0]!), engine.dtype))) return false
    const count = schedule.h.length
    const wanted = tracking ? Array.from(schedule.h.keys()) : schedule.due
    const run = fixedGrid.run(params, state, schedule, origin, wanted, taping)
    if (!run) return false
    engine.free(state.y, state.carried)
    const first = saveAt.add(run.paths, wanted.length * rows)
    const place = new Int32Array(count)
    wanted.forEach((step, i) => (place[step] = first + i * rows))
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < schedule.step.length; i++) {
        const step = schedule.step[i]!
        saveAt.place(offsets[row]! + schedule.standing + i, place[step]! + row, schedule.theta[i]!, step * rows + row)
      }
    }
    next.set(offsets.subarray(1))
    if (saveAt.tracks) {
      const accepted = new Uint8Array(rows).fill(1)
      stepsOfSchedule(schedule, rows).forEach((step, i) => extendTracks(saveAt.tracks!, step, accepted, place[i]!))
    }
    const smallest = schedule.h.reduce((least, h) => Math.min(least, Math.abs(h)), Infinity)
    for (let row = 0; row < rows; row++) {
      counts.evaluations[row]! += count * needs.evaluationsPerStep
      counts.accepted[row]! += count
      counts.smallestStep[row] = smallest
    }
    iterations = count
    scheduled = schedule
    if (run.recording) tape.entries.push({ kind: 'schedule', schedule, recording: run.recording, due: saveAt.placed() })
    tape.kept.push(...run.held)
    return true
  }

  /** Rows, of those with most steps, that a stiff method would have solved in fewer: stability bounds their steps at the last time. */
  function stiffRows(): Int32Array {
    const explicit = settings.rules.controlled && !settings.stiff && Number.isFinite(method.stabilityLimit) && !replay
    if (!explicit) return none
    const many: number[] = []
    for (let row = 0; row < rows; row++) if (counts.accepted[row]! >= manySteps && statuses[row] === undefined) many.push(row)
    many.sort((a, b) => counts.accepted[b]! - counts.accepted[a]!)
    if (many.length === 0) return none
    const looked = many.slice(0, mostLookedAt)
    const standing = looked.map((row) => ({ row, time: endTimes[row]!, y: lastState(row), h: usualStep(row) }))
    const found = stiffnessAt(machine, params, stops, inputs, standing)
    return Int32Array.from(looked.filter((_, i) => found[i] !== undefined))
  }

  function goodStatus(row: number): RowStatus {
    const smallest = counts.smallestStep[row]!
    const step = Number.isFinite(smallest) ? smallest * direction[row]! : 0
    const stopped = found.length === 0 ? undefined : events()[row]!.find(({ stops }) => stops)
    if (stopped)
      return {
        status: 'stopped',
        time: stopped.time,
        step,
        ...largest(stopped.state),
        message: `Row ${row} ended at t = ${stopped.time} with event ${stopped.event}.`,
      }
    return { status: 'ok', time: endTimes[row]!, step, ...largest(lastState(row)), message: '' }
  }

  /** The state at a row's last time. */
  function lastState(row: number): FloatArray {
    return lastStates
      ? lastStates.subarray(row * dim, (row + 1) * dim)
      : made.values!.subarray((offsets[row + 1]! - 1) * dim, offsets[row + 1]! * dim)
  }
}

function tracksFrom(startTimes: Float64Array, direction: Int8Array, y0: FloatArray, slope: FloatArray, dim: number): Track[] {
  return Array.from(startTimes, (t, row) => {
    const [from, to] = [row * dim, (row + 1) * dim]
    return { start: { t, y: y0.slice(from, to), slope: slope.slice(from, to) }, direction: direction[row]!, steps: [] }
  })
}

/** Events of rows that did not fail. */
function eventsByRow(found: readonly FoundEvent[], statuses: readonly (RowStatus | undefined)[]): FoundEvent[][] {
  const byRow = Array.from(statuses, (): FoundEvent[] => [])
  for (const event of found) if (statuses[event.row] === undefined) byRow[event.row]!.push(event)
  return byRow
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
