import { valueCount, type Course } from './course.js'
import type { SplineGrid } from './splines.js'

/** Segments of the population's curve: more than most have need of, since it is penalised. */
export const CURVE_SEGMENTS = 16

/** Share of the values that may lie outside at either end: a few far times do not stretch the grid. */
const OUTSIDE = 0.002

/** Where a population's curve lives: nearly all times of its values. */
export function rangeOf(courses: readonly Course[]): Pick<SplineGrid, 'from' | 'to'> {
  const all = new Float64Array(valueCount(courses))
  let at = 0
  for (const { times } of courses) {
    all.set(times, at)
    at += times.length
  }
  all.sort()
  const spare = Math.floor(OUTSIDE * all.length)
  return { from: all[spare] ?? 0, to: all[all.length - 1 - spare] ?? 0 }
}
