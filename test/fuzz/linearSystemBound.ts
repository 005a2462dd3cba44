import { solveDense } from '../reference/linear.js'
import type { Bounded, Precision } from './errorBounds.js'

/**
 * How far from the solutions of `A x = b` a correct engine may be, for matrices one after the other (each followed by a row
 * that does not count) and right sides, both with errors.
 *
 * Gaussian elimination solves a system whose matrix is off by 3 n roundoffs of |L| |U| (Higham, "Accuracy and Stability of
 * Numerical Algorithms", theorem 9.4), which partial pivoting keeps near n times the largest element of A. Of such a change E,
 * and an error r of b, x moves by |A⁻¹| (E |x| + r) at most, to first order; twice that, where |A⁻¹| |E| is far below 1.
 */
export function linearSystemBound(
  factors: Bounded,
  right: Bounded,
  { values, n, transposed }: { readonly values: Float64Array; readonly n: number; readonly transposed: boolean },
  { roundoff, tiny, huge }: Precision,
): Float64Array {
  const out = new Float64Array(values.length)
  for (let at = 0; at * n < values.length; at++) {
    const from = at * n * (n + 1)
    const [a, errors] = [factors.values, factors.radius].map((array) => array.subarray(from, from + n * n)) as [Float64Array, Float64Array]
    const growth = 10 * n * n * roundoff * Math.max(...a.map(Math.abs))
    const x = values.subarray(at * n, (at + 1) * n).map(Math.abs)
    const residual = x.map((_, i) =>
      x.reduce((sum, size, j) => sum + (growth + (transposed ? errors[j * n + i]! : errors[i * n + j]!)) * size, right.radius[at * n + i]!),
    )
    // Column j of the inverse says how far a residual of 1 in equation j moves x.
    const inverse = Array.from({ length: n }, (_, j) => solveDense(a, unit(n, j), transposed).map(Math.abs))
    const norm = Math.max(...x.map((_, i) => inverse.reduce((sum, column) => sum + column[i]!, 0)))
    const isRegular = norm * n * (growth + Math.max(...errors)) < 0.25
    for (let i = 0; i < n; i++) {
      const moved = 2 * inverse.reduce((sum, column, j) => sum + column[i]! * residual[j]!, 0) + tiny
      out[at * n + i] = isRegular && x[i]! < huge && !Number.isNaN(moved) ? moved : Infinity
    }
  }
  return out
}

const unit = (n: number, at: number): number[] => Array.from({ length: n }, (_, i) => (i === at ? 1 : 0))
