import type { Conditioned } from './baseline.js'
import { thinCourses, valueCount, type Course } from './course.js'
import { addScores, holdOut, judge, scoreHeldOut, type Scores } from './heldOut.js'

/** One of several forms that a baseline may take. */
export interface Candidate<Form> {
  readonly name: string
  /** @param from an estimate from more courses, to begin with */
  estimate(courses: readonly Course[], from?: Form): Form
}

/** Validation courses, or values of them, that judge by themselves. */
const ENOUGH = { courses: 20, values: 1000 }
const FOLDS = 5
/** Values that candidates are judged by. */
const VALUES = 4000

/**
 * The candidate that predicts hidden values best: those of validation courses, and where these are few also those of training courses
 * left out in turn (5 folds).
 */
export function choose<Form>(
  candidates: readonly Candidate<Form>[],
  condition: (form: Form, shown: Course) => Conditioned,
  train: readonly Course[],
  valid: readonly Course[],
  seed: number,
): { readonly form: Form; readonly name: string } {
  const usable = valid.filter(({ times }) => times.length >= 2)
  const hidden = holdOut(thinCourses(usable, VALUES), seed)
  const score = (form: Form, items = hidden): Scores => scoreHeldOut(items, (shown) => condition(form, shown))
  let best: { form: Form; name: string; loss: number } | undefined
  for (const { name, estimate } of candidates) {
    const form = estimate(train)
    let scores = score(form)
    if (usable.length < ENOUGH.courses && valueCount(usable) < ENOUGH.values) {
      for (let fold = 0; fold < Math.min(FOLDS, train.length - 1); fold++) {
        const out = train.filter((_, i) => i % FOLDS === fold)
        const others = train.filter((_, i) => i % FOLDS !== fold)
        scores = addScores(scores, score(estimate(others, form), holdOut(out, seed)))
      }
    }
    const loss = judge(scores)
    if (best === undefined || loss < best.loss - WORTH) best = { form, name, loss }
  }
  return best!
}
/** What a candidate must be better by, in nats a value, than one before it, which is simpler. */
const WORTH = 0.005
