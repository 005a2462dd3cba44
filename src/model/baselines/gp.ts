import { kernels } from '../../statespace/kernel.js'
import type { Baseline, Estimates } from './baseline.js'
import { choose, type Candidate } from './choose.js'
import { factorise, inverse, solve } from './cholesky.js'
import { LEAST_VARIANCE, populationVariance, thinCourses, valueCount, type Course } from './course.js'
import { conditionGaussian, CourseCovariance, logDensity, type LinearGaussian } from './linearGaussian.js'
import { minimise } from './minimise.js'
import { estimateMixedEffects, levelColumn, roughnessOf } from './mixedEffects.js'
import { CURVE_SEGMENTS, rangeOf } from './population.js'
import { smoothnessPenalty, splineCount, splinesAt, splineValue, type SplineGrid } from './splines.js'

const CURVE = splineCount({ segments: CURVE_SEGMENTS })
/** Processes to choose from; their names are those of parameters in a model's file. */
const kernelNames = ['ou', 'matern32'] as const
type KernelName = (typeof kernelNames)[number]
/** Values that variances and the curve are estimated from at most, and the longest piece of a course. */
const MOST = { scales: 3000, curve: 8000, longest: 500 }

/** What is estimated beside the curve; all but the length are variances. */
interface Scales {
  readonly variance: number
  readonly length: number
  readonly noise: number
  /** Of the level of a series. */
  readonly level: number
}

/** A Gaussian process by its numbers, as they are kept. */
interface Form {
  readonly parameters: Estimates
  readonly logLikelihood: number
}

/**
 * A Gaussian process in state space: the population's curve, a level of each series, and around these an Ornstein–Uhlenbeck or
 * Matérn-3/2 process, whichever predicts validation series better. Exact, O(values).
 */
export const gp: Baseline = {
  label: 'A Gaussian process',
  describe: "the population's curve, each series' level, and a process that is correlated in time",
  shapes: {
    range: [2],
    curve: [CURVE],
    level: [],
    ...Object.fromEntries(kernelNames.flatMap((name) => [`${name}.variance`, `${name}.length`]).map((name) => [name, []])),
    noise: [],
  },
  estimate(train, valid, seed) {
    const grid = { ...rangeOf(train), segments: CURVE_SEGMENTS }
    const courses = thinCourses(train, MOST.curve, MOST.longest)
    const candidates = kernelNames.map((name): Candidate<Form> => ({
      name,
      estimate: (some, from) => estimateForm(some, name, grid, from),
    }))
    const { form, name } = choose(
      candidates,
      ({ parameters }, shown) => conditionGaussian(modelOf(parameters), shown),
      courses,
      valid,
      seed,
    )
    const sd = (key: string): string => Math.sqrt(form.parameters[key]![0]!).toPrecision(2)
    return {
      parameters: form.parameters,
      logLikelihood: form.logLikelihood,
      found: `${name} of sd ${sd(`${name}.variance`)}, level sd ${sd('level')}, noise sd ${sd('noise')}`,
    }
  },
  condition: (estimates, shown) => conditionGaussian(modelOf(estimates), shown),
}

/** Scales and curve in turn, from what a mixed-effects model of levels has for a curve. */
function estimateForm(courses: readonly Course[], name: KernelName, grid: SplineGrid, from?: Form): Form {
  const start = estimateMixedEffects(courses, grid, levelColumn)
  const few = thinCourses(courses, MOST.scales, MOST.longest)
  let { curve, roughness } = start
  let scales: Scales | undefined = from && scalesIn(from.parameters, name)
  for (const evaluations of from ? [60] : [160, 80]) {
    const residuals = few.map(({ times, values }) => ({ times, values: values.map((x, i) => x - splineValue(grid, curve, times[i]!)) }))
    scales = estimateScales(residuals, name, evaluations, scales)
    ;({ curve, roughness } = estimateCurve(courses, processModel(name, scales), grid, roughness, curve))
  }
  const one = (x: number): Float64Array => Float64Array.of(x)
  const parameters: Estimates = {
    range: Float64Array.of(grid.from, grid.to),
    curve,
    level: one(scales!.level),
    ...Object.fromEntries(
      kernelNames.flatMap((other) => [
        [`${other}.variance`, one(other === name ? scales!.variance : 0)],
        [`${other}.length`, one(other === name ? scales!.length : 1)],
      ]),
    ),
    noise: one(scales!.noise),
  }
  const model = modelOf(parameters)
  return {
    parameters,
    logLikelihood: few.length === 0 ? NaN : few.reduce((sum, course) => sum + logDensity(model, course), 0) / valueCount(few),
  }
}

/** The scales among the numbers that are kept. */
function scalesIn(parameters: Estimates, name: KernelName): Scales {
  const number = (key: string): number => parameters[key]![0]!
  return { variance: number(`${name}.variance`), length: number(`${name}.length`), noise: number('noise'), level: number('level') }
}

/** A process and a level around 0. */
function processModel(name: KernelName, { variance, length, noise, level }: Scales): LinearGaussian {
  const sd = Math.sqrt(level)
  return {
    mean: () => 0,
    effects: 1,
    columns(_, into, at) {
      into[at] = sd
    },
    process: { kernel: kernels[name], scales: { variance, length } },
    noise,
  }
}

function modelOf(estimates: Estimates): LinearGaussian {
  const { range, curve } = estimates
  const name = kernelNames.find((one) => estimates[`${one}.variance`]![0]! > 0) ?? kernelNames[0]
  const grid = { from: range![0]!, to: range![1]!, segments: CURVE_SEGMENTS }
  return {
    ...processModel(name, scalesIn(estimates, name)),
    mean: (time) => splineValue(grid, curve!, time),
  }
}

/** Greatest marginal likelihood of residuals, from the best of a few starts; each scale is held by a vague prior. */
function estimateScales(residuals: readonly Course[], name: KernelName, evaluations: number, from: Scales | undefined): Scales {
  const variance = populationVariance(residuals)
  const start = (length: number): Scales => ({ variance: variance / 2, length, noise: variance / 5, level: variance / 3 })
  const starts = from === undefined ? gapsAndSpans(residuals).map(start) : [from]
  const centre = logsOf(starts[Math.floor(starts.length / 2)]!)
  const loss = (logs: readonly number[]): number =>
    residuals.reduce((sum, course) => sum - logDensity(processModel(name, scalesOf(logs)), course), 0) +
    logs.reduce((sum, log, i) => sum + 0.5 * ((log - centre[i]!) / VAGUE) ** 2, 0)
  const losses = starts.map((one) => loss(logsOf(one)))
  const best = starts[losses.indexOf(Math.min(...losses))] ?? starts[0]!
  return scalesOf(minimise(loss, logsOf(best), { evaluations, tolerance: 0.02, step: from === undefined ? 0.8 : 0.3 }).x)
}
/** Standard deviation of the logarithm of a scale before anything is known: a factor of 20. */
const VAGUE = 3

const logsOf = ({ variance, length, noise, level }: Scales): number[] => [variance, length, noise, level].map(Math.log)

const scalesOf = ([variance, length, noise, level]: readonly number[]): Scales => ({
  variance: Math.exp(variance!),
  length: Math.exp(length!),
  noise: Math.exp(noise!) + LEAST_VARIANCE,
  level: Math.exp(level!),
})

/** Lengths to begin with: from the median gap between two values to the median span of a course. */
function gapsAndSpans(courses: readonly Course[]): number[] {
  const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 1
  const several = courses.filter(({ times }) => times.length >= 2)
  const span = Math.max(1e-6, median(several.map(({ times }) => times[times.length - 1]! - times[0]!)))
  const gap = Math.max(1e-6 * span, median(several.flatMap(({ times }) => Array.from(times.subarray(1), (time, i) => time - times[i]!))))
  return [2 * gap, Math.sqrt(gap * span), span]
}

/** The curve by generalised least squares, level and process integrated out, and how rough it is. */
function estimateCurve(
  courses: readonly Course[],
  model: LinearGaussian,
  grid: SplineGrid,
  roughness: number,
  before: Float64Array,
): { curve: Float64Array; roughness: number } {
  const { system, right } = normalEquations(courses, model, grid)
  const penalty = smoothnessPenalty(CURVE)
  let curve = before
  for (let i = 0; i < 5; i++) {
    const factor = system.map((x, j) => x + penalty[j]! / roughness)
    if (!factorise(factor, CURVE)) return { curve, roughness }
    curve = solve(factor, CURVE, right.slice())
    roughness = roughnessOf(curve, inverse(factor, CURVE), 1, penalty)
  }
  return { curve, roughness }
}

/** `Bᵀ V⁻¹ B` and `Bᵀ V⁻¹ x` over all courses, V the covariance of a course. */
function normalEquations(
  courses: readonly Course[],
  model: LinearGaussian,
  grid: SplineGrid,
): { system: Float64Array; right: Float64Array } {
  const [system, right] = [new Float64Array(CURVE * CURVE), new Float64Array(CURVE)]
  const [four, row] = [new Float64Array(4), new Float64Array(1)]
  model.columns(0, row, 0)
  const level = row[0]! ** 2
  for (const { times, values } of courses) {
    const count = times.length
    const columns = new Map<number, Float64Array>()
    times.forEach((time, i) => {
      const first = splinesAt(grid, time, four)
      four.forEach((value, j) => {
        let column = columns.get(first + j)
        if (column === undefined) columns.set(first + j, (column = new Float64Array(count)))
        column[i] = value
      })
    })
    const covariance = new CourseCovariance(model, times)
    const ones = new Float64Array(count)
    covariance.invert(new Float64Array(count).fill(1), ones)
    const sum = ones.reduce((a, b) => a + b, 0)
    // V = K + level · 1 1ᵀ, inverted by the formula of Sherman and Morrison.
    const share = level / (1 + level * sum)
    const weighted = new Float64Array(count)
    for (const [j, column] of columns) {
      covariance.invert(column, weighted)
      const projected = share * weighted.reduce((a, b) => a + b, 0)
      for (let i = 0; i < count; i++) weighted[i]! -= projected * ones[i]!
      for (let i = 0; i < count; i++) right[j]! += weighted[i]! * values[i]!
      for (const [l, other] of columns) for (let i = 0; i < count; i++) system[j * CURVE + l]! += weighted[i]! * other[i]!
    }
  }
  return { system, right }
}
