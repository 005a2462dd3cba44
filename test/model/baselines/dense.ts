/** Plain Gaussian algebra, written for tests: every covariance in full. */
import { Matrix, determinant, inverse } from 'ml-matrix'

export interface DenseGaussian {
  mean(time: number): number
  /** Covariance of the values at two times, without noise. */
  covariance(a: number, b: number): number
  readonly noise: number
}

const gram = ({ covariance }: DenseGaussian, a: readonly number[], b: readonly number[]): Matrix =>
  new Matrix(a.map((x) => b.map((y) => covariance(x, y))))

/** Mean and covariance of what would be observed at some times, given values at others. */
export function denseConditional(
  model: DenseGaussian,
  times: readonly number[],
  values: readonly number[],
  at: readonly number[],
): { means: number[]; covariance: Matrix } {
  const prior = gram(model, at, at).add(Matrix.eye(at.length).mul(model.noise))
  const mean = at.map((time) => model.mean(time))
  if (times.length === 0) return { means: mean, covariance: prior }
  const known = gram(model, times, times).add(Matrix.eye(times.length).mul(model.noise))
  const weights = gram(model, at, times).mmul(inverse(known))
  const moved = weights.mmul(Matrix.columnVector(values.map((value, i) => value - model.mean(times[i]!))))
  return { means: mean.map((m, i) => m + moved.get(i, 0)), covariance: prior.sub(weights.mmul(gram(model, times, at))) }
}

export function denseLogDensity(model: DenseGaussian, times: readonly number[], values: readonly number[]): number {
  const known = gram(model, times, times).add(Matrix.eye(times.length).mul(model.noise))
  const r = Matrix.columnVector(values.map((value, i) => value - model.mean(times[i]!)))
  const square = r.transpose().mmul(inverse(known)).mmul(r).get(0, 0)
  return -0.5 * (square + Math.log(determinant(known)) + times.length * Math.log(2 * Math.PI))
}

/** A cubic B-spline by the recursion of Cox and de Boor: the one that begins at knot `first` of uniform knots a `step` apart. */
export function bSpline(first: number, step: number, time: number, degree = 3): number {
  if (degree === 0) return time >= first && time < first + step ? 1 : 0
  const width = degree * step
  return (
    ((time - first) / width) * bSpline(first, step, time, degree - 1) +
    ((first + width + step - time) / width) * bSpline(first + step, step, time, degree - 1)
  )
}

/** A curve of uniform cubic B-splines on a stretch of time, level outside of it. */
export function denseSpline(from: number, to: number, coefficients: readonly number[]): (time: number) => number {
  const step = (to - from) / (coefficients.length - 3)
  return (time) => {
    const inside = Math.min(to - 1e-12, Math.max(from, time))
    return coefficients.reduce((sum, c, i) => sum + c * bSpline(from + (i - 3) * step, step, inside), 0)
  }
}
