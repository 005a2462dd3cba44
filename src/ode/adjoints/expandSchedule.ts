import type { NamedValues } from '../../engine/autodiff/program.js'
import { stepsOfSchedule } from '../fixedGrid.js'
import type { Run } from '../run.js'
import type { Stepper } from '../stepper.js'
import type { ScheduleEntry, StepEntry } from '../tape.js'

/**
 * The steps of a schedule as entries of any solve's tape: computed again one by one, by the very Graph. A scan knows no cotangents of what
 * its steps were told of times.
 */
export function expandSchedule(
  { engine, dim, discontinuities, start, step, clock: clockOf }: Stepper,
  params: NamedValues,
  { schedule, due }: ScheduleEntry,
  { rows, y0, table: { times, offsets, direction }, origin }: Run,
): StepEntry[] {
  const accepted = new Uint8Array(rows).fill(1)
  const lying = Array.from(schedule.h, (): { points: number[]; positions: number[] } => ({ points: [], positions: [] }))
  due.points.forEach((point, i) => {
    const { points, positions } = lying[Math.floor(due.positions[i]! / rows)]!
    points.push(point)
    positions.push(due.positions[i]! % rows)
  })
  const t = Float64Array.from({ length: rows }, (_, row) => discontinuities.after(times[offsets[row]!]!, direction[row]!, origin(row)))
  let y = engine.write(y0, [rows, dim])
  let carried = start().run(params, rows, [engine.write(t, [rows, 1]), y, y])[0]!
  return stepsOfSchedule(schedule, rows).map((record, i): StepEntry => {
    const told = clockOf(record, true, origin)
    const before = { clock: engine.write(told, [rows, told.length / rows]), y, carried }
    const { y1, carried1 } = step(true).attempt(params, before, before.clock, rows, false)
    y = y1
    carried = carried1
    const { points, positions } = lying[i]!
    return {
      kind: 'step',
      step: record,
      accepted,
      whole: true,
      path: true,
      ...before,
      residuals: undefined,
      due: points.length > 0 ? { points: Int32Array.from(points), positions: Int32Array.from(positions) } : undefined,
    }
  })
}
