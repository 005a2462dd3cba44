import type { ErrorControl } from '../control/controller.js'
import { SolverError } from '../errors.js'

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
  /**
   * Weights of a second, cruder error estimate, if there is one: with norms e and e' of the two, a step's error is then
   * e²/√(e² + 0.01 e'²), as in DOP853.
   */
  readonly bCrude?: readonly number[]
  /** Order of the embedded method, whose error the estimate is. */
  readonly embeddedOrder?: number
  /** What chooses its steps unless something else is asked for; default `pi`. */
  readonly control?: ErrorControl
  /**
   * Stages that only the dense output needs, if any: their times, and weights of all stages before them. They are
   * evaluated for steps in which an output lies.
   */
  readonly extra?: readonly { readonly c: number; readonly a: readonly number[] }[]
  /**
   * Dense output: y(t + θh) = y + h Σ b_i(θ) k_i over all stages, the extra ones last, where
   * `b_i(θ) = Σ_j interpolant[i][j] θ^(j+1)`, `[stages][degree]`.
   */
  readonly interpolant: readonly (readonly number[])[]
  /** Order of the dense output: its local error is of order h^(interpolantOrder + 1). */
  readonly interpolantOrder: number
}

/** Number of stages, the one at the end of the step included. */
export const stagesOf = (tableau: Tableau): number => tableau.c.length

/** Number of stages with those that only the dense output needs. */
export const denseStagesOf = ({ c, extra = [] }: Tableau): number => c.length + extra.length

/** Weights of the solution, `[stages]`. */
export const weightsOf = (tableau: Tableau): number[] => [...tableau.a.at(-1)!, 0]

/** Degree of the dense output in θ. */
export const degreeOf = ({ interpolant }: Tableau): number => Math.max(...interpolant.map((row) => row.length))

/**
 * The dense output in the nested form y + θ(p₁ + (1 − θ)(p₂ + θ(p₃ + (1 − θ)(p₄ + …)))): p_j = h Σ_i w_ij k_i with
 * these w, `[stages, degree]`. It is well conditioned (powers of θ are not: their weights cancel) and at θ = 1 it is
 * y + p₁, the solution itself.
 */
export function pathWeights(tableau: Tableau): number[][] {
  const degree = degreeOf(tableau)
  const weights = tableau.interpolant.map((row) => {
    let rest = Array.from({ length: degree }, (_, j) => row[j] ?? 0)
    return Array.from({ length: degree }, (_, j) => {
      // Division with remainder, by 1 − θ and θ in turn: of the value at 1, and at 0.
      const remainder = j % 2 === 0 ? rest.reduce((sum, x) => sum + x, 0) : rest[0]!
      rest = rest.slice(1).map((x, k, all) => (j % 2 === 0 ? -all.slice(k).reduce((sum, y) => sum + y, 0) : x))
      return remainder
    })
  })
  const ends = weightsOf(tableau)
  return weights.map(([first, ...others], i) => [Math.abs(first! - (ends[i] ?? 0)) < 1e-9 ? (ends[i] ?? 0) : first!, ...others])
}

/** Weights in the nested form of {@link pathWeights} as those of powers of θ, for `Tableau.interpolant`. */
export const powersOf = (nested: readonly (readonly number[])[]): number[][] =>
  nested.map((weights) => {
    let powers: number[] = []
    for (let j = weights.length - 1; j >= 0; j--) {
      // (what is inside) times θ or 1 − θ, in turn; the outermost factor is θ.
      const sum = [weights[j]! + (powers[0] ?? 0), ...powers.slice(1)]
      powers = j % 2 === 0 ? [0, ...sum] : [...sum, 0].map((x, k) => x - (sum[k - 1] ?? 0))
    }
    return powers.slice(1)
  })

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
  if (tableau.c[0] !== 0 || tableau.c[stages - 1] !== 1)
    complain('must begin with c = 0 and end with c = 1, the field at the end of the step')
  if (tableau.a.length !== stages || tableau.a.some((row, i) => row.length !== i))
    complain(`needs a[i] with i entries for its ${stages} stages`)
  if (tableau.bCrude && (!tableau.bError || tableau.bCrude.length !== stages)) complain(`needs ${stages} entries in bCrude, and bError`)
  if (tableau.bError && (tableau.bError.length !== stages || tableau.embeddedOrder === undefined))
    complain(`needs ${stages} entries in bError, and embeddedOrder`)
  tableau.extra?.forEach(({ a }, i) => {
    if (a.length !== stages + i) complain(`needs ${stages + i} weights for extra stage ${i}`)
  })
  if (tableau.interpolant.length !== denseStagesOf(tableau) || tableau.interpolant.some((row) => row.length === 0))
    complain(`needs an interpolant for each of its ${denseStagesOf(tableau)} stages`)
}
