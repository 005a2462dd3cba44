import { SolverError } from './errors.js'

/**
 * An explicit Runge–Kutta method as data. Every method is written so that its last stage is the field at the end of
 * the step (`c = 1`, last row of `a` = `b`): for FSAL methods that stage is part of the method; for the others it
 * is the first stage of the next step, computed early, so it costs one evaluation per solve and not one per step.
 */
export interface Tableau {
  readonly name: string
  /** Order of the solution that is carried on. */
  readonly order: number
  /** Stage times as fractions of the step, `[stages]`. */
  readonly c: readonly number[]
  /** Row i has i weights: of the stages before stage i. The last row is `b` without its last (zero) entry. */
  readonly a: readonly (readonly number[])[]
  /** Weights of the error estimate, `[stages]`: b minus the embedded method's. Without them steps are fixed. */
  readonly bError?: readonly number[]
  /** Order of the embedded method, whose error the estimate is. */
  readonly embeddedOrder?: number
  /**
   * Dense output: y(t + θh) = y + h Σ b_i(θ) k_i, where `b_i(θ) = Σ_j interpolant[i][j] θ^(j+1)`, `[stages][degree]`.
   */
  readonly interpolant: readonly (readonly number[])[]
  /** Order of the dense output: its local error is of order h^(interpolantOrder + 1). */
  readonly interpolantOrder: number
}

/** Number of stages, the one at the end of the step included. */
export const stagesOf = (tableau: Tableau): number => tableau.c.length

/** Weights of the solution, `[stages]`. */
export const weightsOf = (tableau: Tableau): number[] => [...tableau.a.at(-1)!, 0]

/** Weights b_i(θ) of the stages for dense output at θ, written to `out[at …]`; exactly 0 at θ = 0. */
export function interpolationWeights(tableau: Tableau, theta: number, out: Float64Array, at = 0): void {
  tableau.interpolant.forEach((polynomial, i) => {
    let sum = 0
    for (let j = polynomial.length - 1; j >= 0; j--) sum = (sum + polynomial[j]!) * theta
    out[at + i] = sum
  })
}

/** Derivatives db_i/dθ, written to `out[at …]`. */
export function interpolationSlopes(tableau: Tableau, theta: number, out: Float64Array, at = 0): void {
  tableau.interpolant.forEach((polynomial, i) => {
    let sum = 0
    for (let j = polynomial.length - 1; j >= 0; j--) sum = sum * theta + (j + 1) * polynomial[j]!
    out[at + i] = sum
  })
}

/**
 * Cubic Hermite dense output from y0, y1 and the fields there, as weights of the stages: with
 * y1 = y0 + h Σ b_i k_i, the polynomial is (3θ² − 2θ³) Σ b_i k_i + (θ − 2θ² + θ³) k_first + (θ³ − θ²) k_last.
 */
export function hermite(b: readonly number[]): number[][] {
  return b.map((weight, i) => {
    const first = i === 0 ? 1 : 0
    const last = i === b.length - 1 ? 1 : 0
    return [first, 3 * weight - 2 * first - last, -2 * weight + first + last]
  })
}

/** Linear dense output, from y0 to y1. */
export const linear = (b: readonly number[]): number[][] => b.map((weight) => [weight])

/** Throws if the arrays of a tableau do not fit together. */
export function checkTableau(tableau: Tableau): void {
  const stages = stagesOf(tableau)
  const complain = (what: string): never => {
    throw new SolverError('Tableau', `The tableau "${tableau.name}" ${what}.`)
  }
  if (tableau.c[0] !== 0 || tableau.c[stages - 1] !== 1) complain('must begin with c = 0 and end with c = 1, the field at the end of the step')
  if (tableau.a.length !== stages || tableau.a.some((row, i) => row.length !== i)) complain(`needs a[i] with i entries for its ${stages} stages`)
  if (tableau.bError && (tableau.bError.length !== stages || tableau.embeddedOrder === undefined)) complain(`needs ${stages} entries in bError, and embeddedOrder`)
  if (tableau.interpolant.length !== stages || tableau.interpolant.some((row) => row.length === 0)) complain(`needs an interpolant for each of its ${stages} stages`)
}
