import { random, type RandomStream } from '../../random.js'
import type { Conditioned } from './baseline.js'
import type { Course } from './course.js'

/** What a forecast is asked for: values between those that are shown, or after them. */
export type Task = 'gaps' | 'ahead'

/** A course of which some values are shown, and others are to be predicted. */
export interface HeldOut {
  readonly task: Task
  readonly shown: Course
  readonly hidden: Course
}

/** Negative log densities of hidden values: their sum, and how many there are. */
export interface Score {
  readonly sum: number
  readonly count: number
}
export type Scores = Readonly<Record<Task, Score>>

/** Both tasks of every course of two values or more: a random half is shown, and the first half of the span. */
export function holdOut(courses: readonly Course[], seed: number): HeldOut[] {
  return courses.flatMap((course, i) => {
    const { times } = course
    if (times.length < 2) return []
    const middle = (times[0]! + times[times.length - 1]!) / 2
    const picked = randomHalf(times.length, random(seed, 'hold out', i))
    return [
      { task: 'gaps', ...divide(course, (_, j) => picked[j] === 1) } as const,
      { task: 'ahead', ...divide(course, (time, j) => j === 0 || time <= middle) } as const,
    ].filter(({ hidden }) => hidden.times.length > 0)
  })
}

function randomHalf(count: number, stream: RandomStream): Uint8Array {
  const picked = new Uint8Array(count)
  const order = stream.shuffle(Array.from(picked.keys()))
  for (const i of order.slice(0, Math.max(1, Math.floor(count / 2)))) picked[i] = 1
  return picked
}

function divide({ times, values }: Course, shows: (time: number, i: number) => boolean): Omit<HeldOut, 'task'> {
  const part = (shown: boolean): Course => ({
    times: times.filter((time, i) => shows(time, i) === shown),
    values: values.filter((_, i) => shows(times[i]!, i) === shown),
  })
  return { shown: part(true), hidden: part(false) }
}

/** How well hidden values are predicted. */
export function scoreHeldOut(items: readonly HeldOut[], condition: (shown: Course) => Conditioned): Scores {
  const sums = { gaps: { sum: 0, count: 0 }, ahead: { sum: 0, count: 0 } }
  for (const { task, shown, hidden } of items) {
    const { means, sds } = condition(shown).at(hidden.times)
    const score = sums[task]
    hidden.values.forEach((value, i) => {
      const [mean, sd] = [means[i]!, sds[i]!]
      score.sum += 0.5 * ((value - mean) / sd) ** 2 + Math.log(sd) + HALF_LOG_2PI
    })
    score.count += hidden.values.length
  }
  return sums
}
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI)

/** The mean of a task; NaN of none. */
export const meanScore = ({ sum, count }: Score): number => sum / count

/** Both tasks count the same, however many values each hides; Infinity where nothing was hidden. */
export function judge(scores: Scores): number {
  const means = [scores.gaps, scores.ahead].filter(({ count }) => count > 0).map(meanScore)
  return means.length === 0 ? Infinity : means.reduce((a, b) => a + b, 0) / means.length
}

export const addScores = (a: Scores, b: Scores): Scores => ({
  gaps: { sum: a.gaps.sum + b.gaps.sum, count: a.gaps.count + b.gaps.count },
  ahead: { sum: a.ahead.sum + b.ahead.sum, count: a.ahead.count + b.ahead.count },
})
