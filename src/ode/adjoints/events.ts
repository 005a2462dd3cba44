import type { NamedValues } from '../../engine/autodiff/program.js'
import { zeroValue } from '../../engine/arrays.js'
import type { Value } from '../../engine/engine.js'
import { SolverError } from '../errors.js'
import type { FoundEvent } from '../events.js'
import type { Machine, Run } from '../run.js'
import { short } from '../status.js'
import type { EventCotangent } from '../types.js'
import { zerosLike } from './sums.js'

/**
 * What cotangents of events come to, by the implicit function theorem: an event is where g(t, y(t), θ) = 0, so its time moves by
 * dt = −(g_y dy + g_θ dθ) / (g_t + g_y ẏ), and its state by dy + ẏ dt, with ẏ the slope of the dense output. With
 * s = (dL/dt + dL/dy ẏ) / (g_t + g_y ẏ) that is a cotangent dL/dy − s g_y of the dense output at the time found, and −s g_θ of the
 * parameters.
 */
export function eventSeeds(
  { engine, dim, events: finder }: Machine,
  params: NamedValues,
  run: Run,
  given: readonly EventCotangent[],
  sums: readonly Value[],
): {
  /** Cotangents of the dense output at all events in the order in which they were found, `[events, dim]`; undefined if there are none. */
  readonly bars: Value | undefined
  /** Cotangents of the segments of the inputs. */
  readonly inputs: Value | undefined
  readonly sums: readonly Value[]
} {
  if (run.found.length === 0 || !finder) {
    if (given.length > 0) requireEvent(run, given[0]!, dim)
    return { bars: undefined, inputs: undefined, sums }
  }
  const wanted = given.map((cotangent) => requireEvent(run, cotangent, dim))
  const n = wanted.length
  const bars = new Float64Array(run.found.length * dim)
  if (n === 0) return { bars: engine.write(bars, [run.found.length, dim]), inputs: undefined, sums }
  const functions = (weights: ArrayLike<number>): Float64Array => {
    const all = new Float64Array(n * finder.count)
    wanted.forEach(({ event }, i) => (all[i * finder.count + event] = weights[i]!))
    return all
  }
  const y = engine.write(Float64Array.from(wanted.flatMap(({ state }) => [...state])), [n, dim])
  const segments = Int32Array.from(wanted, ({ segment }) => segment)
  const at = [
    engine.write(
      wanted.map(({ told }) => told),
      [n, 1],
    ),
    y,
    run.inputs.source ? engine.gather(run.inputs.source, segments) : y,
  ]
  const ones = engine.write(functions(new Float64Array(n).fill(1)), [n, finder.count])
  const slopes = finder.pull(params, at, ones, zerosLike(engine, params), n)
  const [byTime, byState] = [engine.read(slopes.t), engine.read(slopes.y)]
  const shares = wanted.map((event, i) => {
    const { time = 0, state } = given[i]!
    let [speed, weight] = [byTime[i]!, time]
    for (let d = 0; d < dim; d++) {
      speed += byState[i * dim + d]! * event.slope[d]!
      weight += (state?.[d] ?? 0) * event.slope[d]!
    }
    if (speed === 0 || !Number.isFinite(speed)) throw grazing(event)
    return weight / speed
  })
  wanted.forEach((event, i) => {
    const place = run.found.indexOf(event)
    const { state } = given[i]!
    for (let d = 0; d < dim; d++) bars[place * dim + d]! += (state?.[d] ?? 0) - shares[i]! * byState[i * dim + d]!
  })
  const minus = engine.write(functions(shares.map((share) => -share)), [n, finder.count])
  const pulled = finder.pull(params, at, minus, sums, n)
  const { source } = run.inputs
  return {
    bars: engine.write(bars, [run.found.length, dim]),
    inputs: source && (pulled.inputs ? engine.scatterAdd(pulled.inputs, segments, source.shape[0]!) : zeroValue(engine, source.shape)),
    sums: pulled.sums,
  }
}

function requireEvent(run: Run, { row, index, state }: EventCotangent, dim: number): FoundEvent {
  const [events, { rows }] = [run.events(), run]
  if (!events[row]) throw new SolverError('Shape', `There is no row ${row} to pull an event back from; the solve has ${rows} rows.`)
  const event = events[row][index]
  if (!event)
    throw new SolverError('Shape', `Row ${row} has ${events[row].length} events; there is no event ${index} of it to pull back.`, row)
  if (state && state.length !== dim)
    throw new SolverError('Shape', `The cotangent of event ${index} of row ${row} has ${state.length} numbers; its state has ${dim}.`, row)
  return event
}

const grazing = ({ row, time, event }: FoundEvent): SolverError =>
  new SolverError(
    'Event',
    `Row ${row} at t = ${short(time)}: event function ${event} does not cross 0 but touches it, so the time of the event has no derivative.`,
    row,
  )
