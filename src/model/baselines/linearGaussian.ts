import { ConditionedProcess } from '../../statespace/condition.js'
import type { Kernel, KernelScales } from '../../statespace/kernel.js'
import { SequenceLikelihood, type LikelihoodGradient } from '../../statespace/logLikelihood.js'
import type { Conditioned } from './baseline.js'
import { factorise, logDeterminant, solveLower, solveUpper } from './cholesky.js'
import type { Course } from './course.js'

/**
 * `x(t) = mean(t) + columns(t) · v + r(t) + noise` with random effects `v ~ N(0, I)` of each series and a process r of its own: a
 * mixed-effects model (Laird and Ware 1982), whose residuals may be correlated.
 */
export interface LinearGaussian {
  mean(time: number): number
  /** How many random effects there are. */
  readonly effects: number
  /** Writes what the effects are multiplied by at a time to `into[at]` and on; their standard deviations are in it. */
  columns(time: number, into: Float64Array, at: number): void
  readonly process?: { readonly kernel: Kernel; readonly scales: KernelScales }
  /** Variance of the noise of a value, above 0. */
  readonly noise: number
}

const likelihoods = new Map<Kernel, SequenceLikelihood>()

/** Memory for one inversion, used again by the next: an estimate takes hundreds of thousands of them. */
let room = { noises: new Float64Array(0), gradient: gradientOf(0) }
function roomFor(count: number): typeof room {
  if (room.noises.length < count) room = { noises: new Float64Array(2 * count), gradient: gradientOf(2 * count) }
  return room
}
function gradientOf(count: number): LikelihoodGradient {
  return { values: new Float64Array(count), noise: new Float64Array(count), variance: 0, length: 0, smoothness: 0 }
}

/** Multiplies vectors by the inverse of `K`, the covariance of process and noise of a course, in O(values). */
export class CourseCovariance {
  constructor(
    readonly model: Pick<LinearGaussian, 'process' | 'noise'>,
    readonly times: Float64Array,
  ) {}

  /** Writes `K⁻¹ x` to `into`. @returns the log density of x under N(0, K) */
  invert(values: Float64Array, into: Float64Array): number {
    const { process, noise } = this.model
    const count = this.times.length
    if (process === undefined) {
      let squares = 0
      for (let i = 0; i < count; i++) {
        squares += values[i]! * values[i]!
        into[i] = values[i]! / noise
      }
      return -0.5 * (squares / noise + count * Math.log(2 * Math.PI * noise))
    }
    let likelihood = likelihoods.get(process.kernel)
    if (likelihood === undefined) likelihoods.set(process.kernel, (likelihood = new SequenceLikelihood(process.kernel)))
    const { noises, gradient } = roomFor(count)
    const sequence = { count, times: this.times, values, noise: noises.fill(noise, 0, count) }
    const density = likelihood.forward(sequence, process.scales)
    likelihood.backward(sequence, process.scales, gradient)
    // The derivative of −½ xᵀ K⁻¹ x.
    for (let i = 0; i < count; i++) into[i] = -gradient.values[i]!
    return density
  }
}

/** What a course says of its effects: residuals, columns, and the posterior of v. */
interface Posterior {
  /** Values less the mean, `[count]`. */
  readonly residuals: Float64Array
  /** `[effects][count]`. */
  readonly columns: readonly Float64Array[]
  /** `[effects]`. */
  readonly mean: Float64Array
  /** Lower Cholesky factor of the precision `I + Zᵀ K⁻¹ Z`. */
  readonly factor: Float64Array
  /** Log density of the course. */
  readonly logDensity: number
}

/** The columns of the effects at some times, `[effects][times]`. */
function columnsAt({ effects, columns }: LinearGaussian, times: Float64Array): Float64Array[] {
  const row = new Float64Array(effects)
  const out = Array.from({ length: effects }, () => new Float64Array(times.length))
  times.forEach((time, i) => {
    columns(time, row, 0)
    for (let j = 0; j < effects; j++) out[j]![i] = row[j]!
  })
  return out
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function infer(model: LinearGaussian, { times, values }: Course): Posterior {
  const { effects } = model
  const residuals = values.map((value, i) => value - model.mean(times[i]!))
  const columns = columnsAt(model, times)
  const covariance = new CourseCovariance(model, times)
  const weighted = new Float64Array(times.length)
  const density = covariance.invert(residuals, weighted)
  const mean = Float64Array.from(columns, (column) => dot(column, weighted))
  const factor = new Float64Array(effects * effects)
  columns.forEach((column, i) => {
    covariance.invert(column, weighted)
    for (let j = 0; j < effects; j++) factor[j * effects + i] = dot(columns[j]!, weighted) + (i === j ? 1 : 0)
  })
  factorise(factor, effects)
  solveLower(factor, effects, mean)
  const logDensity = density + 0.5 * dot(mean, mean) - 0.5 * logDeterminant(factor, effects)
  solveUpper(factor, effects, mean)
  return { residuals, columns, mean, factor, logDensity }
}

/** Log density of a course, effects and process integrated out. */
export const logDensity = (model: LinearGaussian, course: Course): number => infer(model, course).logDensity

/** Residuals without the part that effects `v` explain. */
function without({ residuals, columns }: Posterior, v: Float64Array): Float64Array {
  const out = residuals.slice()
  columns.forEach((column, j) => {
    for (let i = 0; i < out.length; i++) out[i]! -= column[i]! * v[j]!
  })
  return out
}

/** The model given some values of a series: exact, O(values + times). */
export function conditionGaussian(model: LinearGaussian, shown: Course): Conditioned {
  const { effects, noise, process } = model
  const posterior = infer(model, shown)
  const noises = new Float64Array(shown.times.length).fill(noise)
  const processAt = (times: Float64Array): ConditionedProcess | undefined =>
    process && new ConditionedProcess(process.kernel, process.scales, shown.times, noises, times)
  const courseOf = (times: Float64Array, v: Float64Array, columns: readonly Float64Array[], r?: Float64Array): Float64Array =>
    times.map((time, i) => columns.reduce((sum, column, j) => sum + column[i]! * v[j]!, model.mean(time) + (r?.[i] ?? 0)))
  return {
    at(times) {
      const columns = columnsAt(model, times)
      const conditioned = processAt(times)
      const means = courseOf(times, posterior.mean, columns, conditioned?.means(without(posterior, posterior.mean)))
      // What the process makes of the shown part of a column is not the effect's any more.
      if (conditioned) {
        posterior.columns.forEach((column, j) => {
          const explained = conditioned.means(column)
          for (let i = 0; i < times.length; i++) columns[j]![i]! -= explained[i]!
        })
      }
      const row = new Float64Array(effects)
      const sds = times.map((_, i) => {
        for (let j = 0; j < effects; j++) row[j] = columns[j]![i]!
        solveLower(posterior.factor, effects, row)
        return Math.sqrt(dot(row, row) + (conditioned?.variances[i] ?? 0) + noise)
      })
      return { means, sds }
    },
    draw(times, stream, withNoise) {
      const v = solveUpper(
        posterior.factor,
        effects,
        Float64Array.from({ length: effects }, () => stream.normal()),
      ).map((deviation, j) => posterior.mean[j]! + deviation)
      const course = courseOf(times, v, columnsAt(model, times), processAt(times)?.draw(without(posterior, v), stream))
      return withNoise ? course.map((value) => value + Math.sqrt(noise) * stream.normal()) : course
    },
  }
}
