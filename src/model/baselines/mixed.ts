import type { Baseline, Estimates } from './baseline.js'
import { factorise, solve } from './cholesky.js'
import { choose, type Candidate } from './choose.js'
import { thinCourses, valueCount, type Course } from './course.js'
import { conditionGaussian, type LinearGaussian } from './linearGaussian.js'
import { covarianceRoot, estimateMixedEffects, levelColumn, type EffectColumns } from './mixedEffects.js'
import { CURVE_SEGMENTS, rangeOf } from './population.js'
import { splineCount, splinesAt, splineValue, type SplineGrid } from './splines.js'

/** Segments of the finest random curves; the coarser ones are among these. */
const FINEST = 16
const EFFECTS = splineCount({ segments: FINEST })
/** Values and courses that are estimated from at most, and the longest piece of one. */
const MOST = { values: 8000, longest: 1000, courses: 400 }
/** Courses from which on a covariance is not drawn towards an even one more than a little. */
const MANY = 300

/** A mixed-effects model by its numbers, as they are kept. */
interface Form {
  readonly parameters: Estimates
  readonly logLikelihood: number
}

/**
 * A mixed-effects spline: the population's curve, and around it a smooth curve of each series' own, with a covariance that is
 * estimated too. How supple these curves are is chosen by validation: levels, lines, cubic splines of 4, 8 or 16 segments.
 */
export const mixed: Baseline = {
  label: 'A mixed-effects spline',
  describe: "the population's curve, and a smooth deviation of each series",
  shapes: { range: [2], curve: [splineCount({ segments: CURVE_SEGMENTS })], effects: [EFFECTS, EFFECTS], noise: [] },
  estimate(train, valid, seed) {
    const courses = thinCourses(train, MOST.values, MOST.longest, MOST.courses)
    const range = rangeOf(train)
    const candidates = deviations(range, courses.length < MANY).map(({ name, columns, evenness }): Candidate<Form> => ({
      name,
      estimate: (some) => estimateForm(some, range, columns, evenness),
    }))
    const { form, name } = choose(
      candidates,
      ({ parameters }, shown) => conditionGaussian(modelOf(parameters), shown),
      courses,
      valid,
      seed,
    )
    return {
      parameters: form.parameters,
      logLikelihood: form.logLikelihood,
      found: `${name} of each series' own, noise sd ${Math.sqrt(form.parameters['noise']![0]!).toPrecision(2)}`,
    }
  },
  condition: (estimates, shown) => conditionGaussian(modelOf(estimates), shown),
}

type Range = Pick<SplineGrid, 'from' | 'to'>

/** What a series may deviate from the population's curve by, from stiff to supple. */
function deviations(range: Range, few: boolean): { readonly name: string; readonly columns: EffectColumns; readonly evenness: number }[] {
  const middle = (range.from + range.to) / 2
  const half = Math.max(1e-12, (range.to - range.from) / 2)
  const line: EffectColumns = {
    count: 2,
    at(time, into, offset) {
      into[offset] = 1
      into[offset + 1] = Math.min(1, Math.max(-1, (time - middle) / half))
    },
  }
  const spline = (segments: number): EffectColumns => {
    const grid = { ...range, segments }
    const [count, four] = [splineCount(grid), new Float64Array(4)]
    return {
      count,
      at(time, into, offset) {
        const first = splinesAt(grid, time, four)
        into.fill(0, offset, offset + count)
        into.set(four, offset + first)
      },
    }
  }
  const splines = [4, 8, FINEST].flatMap((segments) =>
    (few && segments < FINEST ? [1, 10] : [1]).map((evenness) => [segments, evenness] as const),
  )
  return [
    { name: 'a level', columns: levelColumn, evenness: 0 },
    { name: 'a line', columns: line, evenness: 0 },
    ...splines.map(([segments, evenness]) => ({ name: `a spline of ${segments} segments`, columns: spline(segments), evenness })),
  ]
}

function estimateForm(courses: readonly Course[], range: Range, columns: EffectColumns, evenness: number): Form {
  const grid = { ...range, segments: CURVE_SEGMENTS }
  const { curve, covariance, noise, logLikelihood } = estimateMixedEffects(courses, grid, columns, evenness)
  return {
    parameters: {
      range: Float64Array.of(range.from, range.to),
      curve,
      effects: inFinest(range, columns, covarianceRoot(covariance, columns.count)),
      noise: Float64Array.of(noise),
    },
    logLikelihood: logLikelihood / Math.max(1, valueCount(courses)),
  }
}

/**
 * The root of a covariance `[effects, effects]` as curves on the finest grid, `[splines, splines]`: columns that are not there are 0.
 * Curves on a coarser grid are curves on a finer one: they are the same if they agree in as many points as it has splines.
 */
function inFinest(range: Range, { count, at }: EffectColumns, root: Float64Array): Float64Array {
  const unit = { from: 0, to: 1, segments: FINEST }
  const [gram, right] = [new Float64Array(EFFECTS * EFFECTS), new Float64Array(count * EFFECTS)]
  const [four, row] = [new Float64Array(4), new Float64Array(count)]
  for (let i = 0; i < EFFECTS; i++) {
    const place = i / (EFFECTS - 1)
    const first = splinesAt(unit, place, four)
    at(range.from + place * (range.to - range.from), row, 0)
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < 4; b++) gram[(first + a) * EFFECTS + first + b]! += four[a]! * four[b]!
      for (let j = 0; j < count; j++) {
        // The value of random curve j: a row of the root, seen through the columns.
        let value = 0
        for (let l = j; l < count; l++) value += row[l]! * root[l * count + j]!
        right[j * EFFECTS + first + a]! += four[a]! * value
      }
    }
  }
  factorise(gram, EFFECTS)
  const out = new Float64Array(EFFECTS * EFFECTS)
  for (let j = 0; j < count; j++) {
    const curve = solve(gram, EFFECTS, right.subarray(j * EFFECTS, (j + 1) * EFFECTS))
    curve.forEach((value, i) => (out[i * EFFECTS + j] = value))
  }
  return out
}

function modelOf({ range, curve, effects: roots, noise }: Estimates): LinearGaussian {
  const ends = { from: range![0]!, to: range![1]! }
  const [population, fine] = [
    { ...ends, segments: CURVE_SEGMENTS },
    { ...ends, segments: FINEST },
  ]
  let effects = EFFECTS
  const isZero = (column: number): boolean => roots!.every((value, i) => i % EFFECTS !== column || value === 0)
  while (effects > 0 && isZero(effects - 1)) effects--
  const four = new Float64Array(4)
  return {
    mean: (time) => splineValue(population, curve!, time),
    effects,
    columns(time, into, at) {
      const first = splinesAt(fine, time, four)
      for (let j = 0; j < effects; j++) {
        let sum = 0
        for (let i = 0; i < 4; i++) sum += four[i]! * roots![(first + i) * EFFECTS + j]!
        into[at + j] = sum
      }
    },
    noise: noise![0]!,
  }
}
