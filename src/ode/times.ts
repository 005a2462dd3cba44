import { SolverError } from './errors.js'
import { said } from './numbers.js'
import type { Times } from './types.js'

/** Output times of all rows, checked and laid end to end. */
export interface Timetable {
  /** `[points]` */
  readonly times: Float64Array
  /** Row r has points offsets[r] to offsets[r + 1], `[rows + 1]`. */
  readonly offsets: Int32Array
  /** 1 or −1 for each row: where its times lead; 1 if nowhere. */
  readonly direction: Int8Array
}

const isList = (times: Times): times is readonly ArrayLike<number>[] =>
  times.length > 0 && typeof times[0] === 'object' && times[0] !== null && 'length' in times[0]

/** Throws a SolverError `Times` that says which row and entry is wrong. The times lie in an array that `take` gives. */
export function timetable(times: Times, rows: number, take = (length: number): Float64Array => new Float64Array(length)): Timetable {
  if (typeof times !== 'object' || times === null || typeof times.length !== 'number')
    throw new SolverError(
      'Times',
      `The times are ${said(times)}. Give a list of numbers, or one for each row; the first is where y0 stands.`,
    )
  const lists = isList(times) ? times : undefined
  if (lists && lists.length !== rows)
    throw new SolverError(
      'Times',
      `There are ${lists.length} lists of times for ${rows} rows. Give one list for all rows, or one for each.`,
    )
  const listOf = (row: number): ArrayLike<number> => (lists ? lists[row]! : (times as ArrayLike<number>))
  lists?.forEach((list, row) => {
    if (typeof list?.length !== 'number' || typeof list === 'string')
      throw new SolverError('Times', `Of row ${row}: its times are ${said(list)}. Give a list of numbers for each row.`)
  })
  const offsets = new Int32Array(rows + 1)
  for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row]! + listOf(row).length
  const all = take(offsets[rows]!)
  const direction = new Int8Array(rows)
  if (rows === 0 && !lists) checkTimes(times as ArrayLike<number>, 'the times')
  for (let row = 0; row < rows; row++) {
    const list = listOf(row)
    // A list that several rows share is looked at once.
    direction[row] = row > 0 && list === listOf(row - 1) ? direction[row - 1]! : checkTimes(list, lists ? `row ${row}` : 'the times')
    all.set(list, offsets[row]!)
  }
  return { times: all, offsets, direction }
}

/** Whether all rows have the same times. */
export function haveSameTimes({ times, offsets }: Pick<Timetable, 'times' | 'offsets'>): boolean {
  const length = offsets[1]!
  for (let row = 1; row < offsets.length; row++) if (offsets[row] !== row * length) return false
  for (let i = length; i < times.length; i++) if (times[i] !== times[i - length]) return false
  return true
}

function checkTimes(times: ArrayLike<number>, where: string): number {
  if (times.length === 0)
    throw new SolverError('Times', `Of ${where}: there are none. The first time is where y0 stands, so at least one is needed.`)
  let direction = 0
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!
    if (!Number.isFinite(time))
      throw new SolverError(
        'Times',
        `Of ${where}: entry ${i} is ${said(time)}. Times must be finite ` +
          `numbers${(time as unknown) instanceof Date ? ': give time.getTime() less that of an origin, in the unit of the field' : ''}.`,
      )
    const turn = i === 0 ? 0 : Math.sign(time - times[i - 1]!)
    if (turn !== 0 && direction !== 0 && turn !== direction) {
      throw new SolverError(
        'Times',
        `Of ${where}: entry ${i}, ${time}, turns back after ${times[i - 1]!}. Times must rise or fall throughout; sort them.`,
      )
    }
    direction ||= turn
  }
  return direction || 1
}
