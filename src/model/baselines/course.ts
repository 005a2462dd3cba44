import type { Observations } from '../observations.js'

/** Observed values of one channel of one series: ascending times in the model's unit, values on the normalised scale. */
export interface Course {
  readonly times: Float64Array
  readonly values: Float64Array
}

/** What was observed of one channel of a row of a batch. */
export function courseOf({ length, channels, lengths, times, values, mask }: Observations, row: number, channel: number): Course {
  const cells: number[] = []
  for (let i = row * length; i < row * length + lengths[row]!; i++) if (mask[i * channels + channel] === 1) cells.push(i)
  return {
    times: Float64Array.from(cells, (i) => times[i]!),
    values: Float64Array.from(cells, (i) => values[i * channels + channel]!),
  }
}

export const valueCount = (courses: readonly Course[]): number => courses.reduce((sum, { values }) => sum + values.length, 0)

/** Variance of all values around 0, the mean of the normalised scale; at least that of a noise that nobody could see. */
export function populationVariance(courses: readonly Course[]): number {
  const sum = courses.reduce((all, { values }) => all + values.reduce((part, value) => part + value * value, 0), 0)
  return Math.max(LEAST_VARIANCE, sum / Math.max(1, valueCount(courses)))
}

/** No variance is estimated below it: a channel that is constant in training need not be so for ever. */
export const LEAST_VARIANCE = 1e-6

/**
 * Whole courses, evenly chosen, of about so many values together; of a long course a piece.
 *
 * @param longest values of one course
 * @param most courses
 */
export function thinCourses(courses: readonly Course[], values: number, longest = 1000, most = Infinity): Course[] {
  const cut = courses
    .filter((course) => course.values.length > 0)
    .map((course) => (course.values.length <= longest ? course : piece(course, longest)))
  const share = Math.min(values / valueCount(cut), most / cut.length)
  if (share >= 1) return cut
  return cut.filter((_, i) => Math.floor((i + 1) * share) > Math.floor(i * share))
}

/** From the middle: beginnings are alike in ways that the rest is not. */
function piece({ times, values }: Course, length: number): Course {
  const from = Math.floor((values.length - length) / 2)
  return { times: times.subarray(from, from + length), values: values.subarray(from, from + length) }
}
