import type { Conditioned } from './baseline.js'
import { thinCourses, type Course } from './course.js'
import { holdOut, scoreHeldOut } from './heldOut.js'
import { minimise } from './minimise.js'

/** Values that scales are learnt from: a few numbers need no more. */
const VALUES = 2000
/** Standard deviation of the logarithm of a scale before anything is known: a factor of 20. */
const VAGUE = 3

/**
 * Positive numbers with which hidden values of training courses are predicted best, both tasks together. Where the courses hardly say
 * anything they stay near `start`.
 *
 * @param start what they are if nothing is known
 * @param condition the baseline with such numbers
 */
export function learnScales(
  courses: readonly Course[],
  seed: number,
  start: readonly number[],
  condition: (scales: readonly number[], shown: Course) => Conditioned,
): number[] {
  const items = holdOut(thinCourses(courses, VALUES, 300), seed)
  if (items.length === 0) return [...start]
  const { x } = minimise(
    (logs) => {
      const scales = logs.map(Math.exp)
      const { gaps, ahead } = scoreHeldOut(items, (shown) => condition(scales, shown))
      return gaps.sum + ahead.sum + logs.reduce((sum, log, i) => sum + 0.5 * ((log - Math.log(start[i]!)) / VAGUE) ** 2, 0)
    },
    start.map(Math.log),
    { tolerance: 0.01 },
  )
  return x.map(Math.exp)
}
