import type { Dtype, Engine, FloatArray, Value } from '../engine/engine.js'
import { neighbour } from './discontinuities.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import { short, shortTime } from './status.js'
import { slopesOf, type Stepper } from './stepper.js'
import type { StopTimes } from './stopTimes.js'
import type { Tolerance } from './tolerance.js'
import { gatherInputs, type RowInputs } from './rowInputs.js'
import type { RowStatus } from './types.js'

/** How far apart numbers of a type are near `x`. */
export function spacingAt(x: number, dtype: Dtype): number {
  const size = Math.abs(x)
  const [digits, least] = dtype === 'float32' ? [23, 2 ** -149] : [52, 2 ** -1074]
  return size === 0 ? least : Math.max(least, 2 ** (Math.floor(Math.log2(size)) - digits))
}

/** A step this many times as long as numbers are apart resolves time whatever the field. */
const ample = 1024

/** Times at which a field is asked how much a rounded time changes it. */
const samples = 8

/** The largest time that the field is told in a row's solve, by magnitude. */
const farthest = ({ start, last, origin }: StopTimes, row: number): number =>
  Math.max(Math.abs(start[row]! - origin(row)), Math.abs(last[row]! - origin(row)))

/** Whether numbers of the engine's type could be too far apart for steps of size `h` of a row. */
export const isCoarse = (stops: StopTimes, row: number, h: number, dtype: Dtype): boolean =>
  spacingAt(farthest(stops, row), dtype) * ample > h

/**
 * Which of `rows` the field cannot be told the time of: where the next number beside a time changes what it says by so
 * much that over the row's span it comes to more than the tolerance. `y0` `[·, dim]` are the states of all rows.
 */
export function unresolvedRows(
  { engine, dim, start }: Pick<Stepper, 'engine' | 'dim' | 'start'>,
  params: NamedValues,
  stops: StopTimes,
  inputs: RowInputs,
  rows: readonly number[],
  y0: ArrayLike<number>,
  { rtol, atol }: Tolerance,
): number[] {
  if (rows.length === 0) return []
  const pairs = 2 * samples
  const times = new Float64Array(rows.length * pairs)
  const states = new Float64Array(times.length * dim)
  rows.forEach((row, i) => {
    const [from, to] = [stops.start[row]! - stops.origin(row), stops.last[row]! - stops.origin(row)]
    for (let j = 0; j < samples; j++) {
      const told = rounded(from + ((j + 0.5) / samples) * (to - from), engine.dtype)
      times[i * pairs + 2 * j] = told
      times[i * pairs + 2 * j + 1] = neighbour(told, 1, engine.dtype)
    }
    for (let j = 0; j < pairs; j++) for (let d = 0; d < dim; d++) states[(i * pairs + j) * dim + d] = y0[row * dim + d]!
  })
  const owners = Int32Array.from({ length: times.length }, (_, i) => rows[Math.floor(i / pairs)]!)
  const slopes = evaluate(engine, start, params, times, states, dim, () =>
    gatherInputs(
      engine,
      inputs,
      owners,
      times.map((time, i) => time + stops.origin(owners[i]!)),
    ),
  )
  const moved = (row: number, i: number): boolean => {
    const span = Math.abs(stops.last[row]! - stops.start[row]!)
    for (let j = 0; j < samples; j++) {
      for (let d = 0; d < dim; d++) {
        const at = (i * pairs + 2 * j) * dim + d
        const tolerance = (typeof atol === 'number' ? atol : atol[d]!) + rtol * Math.abs(y0[row * dim + d]!)
        if (Math.abs(slopes[at + dim]! - slopes[at]!) * span > 2 * tolerance) return true
      }
    }
    return false
  }
  return rows.filter(moved)
}

function evaluate(
  engine: Engine,
  start: Stepper['start'],
  params: NamedValues,
  times: Float64Array,
  states: Float64Array,
  dim: number,
  inputs: () => Value | undefined,
): FloatArray {
  return engine.scope(() => {
    const n = times.length
    const y = engine.write(states, [n, dim])
    const carried = engine.read(start().run(params, n, [engine.write(times, [n, 1]), y, inputs() ?? y])[0]!)
    return slopesOf(carried, n, dim)
  })
}

const rounded = (x: number, dtype: Dtype): number => (dtype === 'float32' ? Math.fround(x) : x)

/** The status of such a row, in words; its steps were of size `h`. */
export function unresolvedStatus(stops: StopTimes, row: number, time: number, h: number, dtype: Dtype): RowStatus {
  const way = { start: stops.start[row]!, last: stops.last[row]! }
  const told = farthest(stops, row)
  const spacing = spacingAt(told, dtype)
  const counted = stops.origin(row) === 0 ? '' : ` less the timeOrigin ${shortTime(stops.origin(row), way)}`
  const remedy =
    dtype === 'float32'
      ? 'Let it count t from an origin near the times, timeOrigin: "start" or a number (it then gets t less that), subtract an origin ' +
        'from the times, or compute in float64.'
      : 'Subtract an origin from the times before they lose their digits.'
  return {
    status: 'TimeResolution',
    time,
    step: h,
    component: 0,
    value: Number.NaN,
    message:
      `Row ${row}: the field depends on t, which is up to ${shortTime(told, way)} here${counted}, where ${dtype} numbers are ` +
      `${short(spacing)} apart: too far for steps of ${short(h)}, so the field would be told wrong times and the result be off by more ` +
      `than the tolerance. ${remedy}`,
  }
}
