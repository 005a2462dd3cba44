import { factorise, inverse, logDeterminant, solve, solveLower } from './cholesky.js'
import { LEAST_VARIANCE, populationVariance, valueCount, type Course } from './course.js'
import { smoothnessPenalty, splineCount, splinesAt, type SplineGrid } from './splines.js'

/** What random effects are multiplied by at a time. */
export interface EffectColumns {
  readonly count: number
  at(time: number, into: Float64Array, offset: number): void
}

/** A mixed-effects model of courses: `x(t) = curve(t) + columns(t) · u + noise`, `u ~ N(0, covariance)`. */
export interface MixedEffects {
  /** Coefficients of the population's curve. */
  readonly curve: Float64Array
  /** Variance of the curve's roughness: what its penalty is divided by. */
  readonly roughness: number
  /** `[effects, effects]` */
  readonly covariance: Float64Array
  readonly noise: number
  /** Log density of all values. */
  readonly logLikelihood: number
}

const ITERATIONS = 60
/** Gain of the log likelihood, in nats a value, below which it is done. */
const GAIN = 1e-5
/** Iterations between two updates of the curve, which cost most. */
const CURVE_EVERY = 4

/** Values of all courses, one after the other, and what they are multiplied by. */
interface Design {
  readonly values: Float64Array
  /** Where each course begins; `[courses + 1]`. */
  readonly starts: Int32Array
  /** Index of the first spline, and the values of four, of each value. */
  readonly first: Int32Array
  readonly splines: Float64Array
  /** `[values, effects]` */
  readonly columns: Float64Array
}

function designOf(courses: readonly Course[], grid: SplineGrid, { count: q, at }: EffectColumns): Design {
  const total = valueCount(courses)
  const design = {
    values: new Float64Array(total),
    starts: new Int32Array(courses.length + 1),
    first: new Int32Array(total),
    splines: new Float64Array(4 * total),
    columns: new Float64Array(q * total),
  }
  let i = 0
  courses.forEach(({ times, values }, course) => {
    values.forEach((value, j) => {
      design.values[i] = value
      design.first[i] = splinesAt(grid, times[j]!, design.splines, 4 * i)
      at(times[j]!, design.columns, q * i)
      i++
    })
    design.starts[course + 1] = i
  })
  return design
}

/** Sums over the values of each course that stay the same from iteration to iteration. */
interface Products {
  /** Zᵀ Z `[courses, q, q]`, Zᵀ B `[courses, q, k]`, Zᵀ x `[courses, q]`. */
  readonly zz: Float64Array
  readonly zb: Float64Array
  readonly zx: Float64Array
  /** Over all courses: Bᵀ B `[k, k]`, Bᵀ x `[k]`. */
  readonly bb: Float64Array
  readonly bx: Float64Array
}

function productsOf({ values, starts, first, splines, columns }: Design, q: number, k: number): Products {
  const courses = starts.length - 1
  const zz = new Float64Array(courses * q * q)
  const zb = new Float64Array(courses * q * k)
  const zx = new Float64Array(courses * q)
  const bb = new Float64Array(k * k)
  const bx = new Float64Array(k)
  for (let c = 0; c < courses; c++) {
    for (let i = starts[c]!; i < starts[c + 1]!; i++) {
      const [x, s] = [values[i]!, first[i]!]
      for (let a = 0; a < q; a++) {
        const z = columns[i * q + a]!
        if (z === 0) continue
        zx[c * q + a]! += z * x
        for (let b = 0; b < q; b++) zz[(c * q + a) * q + b]! += z * columns[i * q + b]!
        for (let j = 0; j < 4; j++) zb[(c * q + a) * k + s + j]! += z * splines[4 * i + j]!
      }
      for (let j = 0; j < 4; j++) {
        const w = splines[4 * i + j]!
        bx[s + j]! += w * x
        for (let l = 0; l < 4; l++) bb[(s + j) * k + s + l]! += w * splines[4 * i + l]!
      }
    }
  }
  return { zz, zb, zx, bb, bx }
}

/**
 * Estimates a mixed-effects model by EM (Laird and Ware 1982). The curve is a P-spline whose roughness is estimated too, as the
 * variance of one more random effect (Ruppert, Wand and Carroll 2003, section 4.9).
 *
 * @param courses none of them empty
 * @param grid where the population's curve lives
 * @param evenness how much the effects' covariance is drawn towards one of equal variances and equal correlations: the weight of so
 *   many courses for each effect
 */
export function estimateMixedEffects(courses: readonly Course[], grid: SplineGrid, effects: EffectColumns, evenness = 0): MixedEffects {
  const [q, k] = [effects.count, splineCount(grid)]
  const design = designOf(courses, grid, effects)
  const products = productsOf(design, q, k)
  const variance = populationVariance(courses)
  const penalty = smoothnessPenalty(k)
  const factors = new Float64Array(courses.length * q * q)
  let state: MixedEffects = {
    curve: new Float64Array(k),
    roughness: variance,
    covariance: Float64Array.from({ length: q * q }, (_, i) => (i % (q + 1) === 0 ? variance / 2 : 0)),
    noise: variance / 2,
    logLikelihood: -Infinity,
  }
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const base = factorEffects(state, products, factors, q)
    if (base === undefined) break
    if (iteration < 3 || iteration % CURVE_EVERY === 0) state = { ...state, ...curveStep(state, products, factors, penalty, q, k) }
    const before = state.logLikelihood
    state = effectsStep(state, design, products, factors, base, q, evenness)
    if (iteration > 3 && state.logLikelihood - before < GAIN * design.values.length) break
  }
  return state
}

/** Factors of `noise · covariance⁻¹ + Zᵀ Z` of all courses. @returns the log determinant of the covariance; undefined if it is singular */
function factorEffects({ covariance, noise }: MixedEffects, { zz }: Products, factors: Float64Array, q: number): number | undefined {
  const root = covariance.slice()
  if (!factorise(root, q)) return undefined
  const precision = inverse(root, q).map((x) => noise * x)
  for (let c = 0; c * q * q < zz.length; c++) {
    const factor = factors.subarray(c * q * q, (c + 1) * q * q)
    for (let i = 0; i < q * q; i++) factor[i] = precision[i]! + zz[c * q * q + i]!
    factorise(factor, q)
  }
  return logDeterminant(root, q)
}

/** The curve by generalised least squares, effects integrated out, and how rough it is. */
function curveStep(
  { noise, roughness, curve: before }: MixedEffects,
  { zb, zx, bb, bx }: Products,
  factors: Float64Array,
  penalty: Float64Array,
  q: number,
  k: number,
): Pick<MixedEffects, 'curve' | 'roughness'> {
  const system = bb.map((x, i) => x + (noise / roughness) * penalty[i]!)
  const curve = bx.slice()
  const column = new Float64Array(q)
  const solved = new Float64Array(q * k)
  const own = new Float64Array(q)
  for (let c = 0; c * q < zx.length; c++) {
    const factor = factors.subarray(c * q * q, (c + 1) * q * q)
    own.set(zx.subarray(c * q, (c + 1) * q))
    solveLower(factor, q, own)
    for (let j = 0; j < k; j++) {
      for (let a = 0; a < q; a++) column[a] = zb[(c * q + a) * k + j]!
      solveLower(factor, q, column)
      for (let a = 0; a < q; a++) solved[a * k + j] = column[a]!
    }
    for (let a = 0; a < q; a++) {
      for (let j = 0; j < k; j++) {
        const w = solved[a * k + j]!
        if (w === 0) continue
        curve[j]! -= w * own[a]!
        for (let l = 0; l <= j; l++) system[j * k + l]! -= w * solved[a * k + l]!
      }
    }
  }
  if (!factorise(system, k)) return { curve: before, roughness }
  solve(system, k, curve)
  return { curve, roughness: roughnessOf(curve, inverse(system, k), noise, penalty) }
}

/** The variance of a curve's roughness by one step of EM: that of its posterior mean, and of its posterior. */
export function roughnessOf(curve: Float64Array, covariance: Float64Array, scale: number, penalty: Float64Array): number {
  const k = curve.length
  let sum = 0
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) sum += penalty[i * k + j]! * (curve[i]! * curve[j]! + scale * covariance[i * k + j]!)
  }
  return Math.min(1e3, Math.max(1e-7, sum / k))
}

/** Posteriors of the effects, and from these their covariance, the noise and the log likelihood of what they were before. */
function effectsStep(
  { curve, roughness, noise }: MixedEffects,
  { values, starts, first, splines, columns }: Design,
  { zz }: Products,
  factors: Float64Array,
  base: number,
  q: number,
  evenness: number,
): MixedEffects {
  const courses = starts.length - 1
  const second = new Float64Array(q * q)
  const mean = new Float64Array(q)
  let [squares, logLikelihood] = [0, 0]
  for (let c = 0; c < courses; c++) {
    const [from, to] = [starts[c]!, starts[c + 1]!]
    mean.fill(0)
    let own = 0
    for (let i = from; i < to; i++) {
      const s = first[i]!
      let r = values[i]!
      for (let j = 0; j < 4; j++) r -= splines[4 * i + j]! * curve[s + j]!
      own += r * r
      for (let a = 0; a < q; a++) mean[a]! += columns[i * q + a]! * r
    }
    const projected = mean.slice()
    const factor = factors.subarray(c * q * q, (c + 1) * q * q)
    solve(factor, q, mean)
    const spread = inverse(factor, q)
    let [explained, fit, trace] = [0, 0, 0]
    for (let a = 0; a < q; a++) {
      explained += projected[a]! * mean[a]!
      for (let b = 0; b < q; b++) {
        const z = zz[(c * q + a) * q + b]!
        second[a * q + b]! += mean[a]! * mean[b]! + noise * spread[a * q + b]!
        fit += mean[a]! * z * mean[b]!
        trace += spread[a * q + b]! * z
      }
    }
    squares += own - 2 * explained + fit + noise * trace
    const count = to - from
    logLikelihood -= 0.5 * (count * Math.log(2 * Math.PI * noise) + base + logDeterminant(factor, q) - q * Math.log(noise))
    logLikelihood -= (0.5 * (own - explained)) / noise
  }
  return {
    curve,
    roughness,
    covariance: shrunk(second, courses, q, evenness * q),
    noise: Math.max(LEAST_VARIANCE, squares / values.length),
    logLikelihood,
  }
}

/**
 * A covariance from sums of squares and products over courses. Few courses tell little of a large one: it is mixed with one of equal
 * variances and equal correlations, as Ledoit and Wolf (2003) do, which has the weight of so many courses.
 */
function shrunk(second: Float64Array, courses: number, q: number, weight: number): Float64Array {
  let [diagonal, all] = [0, 0]
  for (let a = 0; a < q; a++) {
    diagonal += second[a * q + a]! / (q * courses)
    for (let b = 0; b < q; b++) all += second[a * q + b]! / courses
  }
  const off = q > 1 ? (all - q * diagonal) / (q * (q - 1)) : 0
  return second.map((x, i) => {
    const isDiagonal = i % (q + 1) === 0
    return (x + weight * (isDiagonal ? diagonal : off)) / (courses + weight) + (isDiagonal ? LEAST_VARIANCE : 0)
  })
}

/** A root of the effects' covariance, `[effects, effects]`: with standard normal v, effects are `root · v`. */
export function covarianceRoot(covariance: Float64Array, q: number): Float64Array {
  const root = covariance.slice()
  factorise(root, q)
  for (let i = 0; i < q; i++) root.fill(0, i * q + i + 1, (i + 1) * q)
  return root
}

/** One effect: the level of a series. */
export const levelColumn: EffectColumns = {
  count: 1,
  at(_, into, offset) {
    into[offset] = 1
  },
}
