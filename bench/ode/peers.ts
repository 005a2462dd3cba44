import { readFileSync } from 'node:fs'
import type { InitialValueProblem } from './problems.js'

/** What peers.py stored: SciPy's references and evaluations, by names of problems. */
export interface Peers {
  readonly scipy: string
  /** States at the last time, of problems without a published one. */
  readonly ends: Readonly<Record<string, readonly number[]>>
  /** Evaluations at each of `tolerances`. */
  readonly evaluations: Readonly<Record<string, Readonly<Record<'DOPRI5' | 'DOP853', readonly number[]>>>>
  /** At each of `stiffTolerances`. */
  readonly stiff: Readonly<Record<string, Readonly<Record<'Radau' | 'BDF', readonly StiffRun[]>>>>
}

export interface StiffRun {
  readonly evaluations: number
  readonly jacobians: number
  /** See {@link relativeError}; null where SciPy gave up. */
  readonly error: number | null
}

export const peers = JSON.parse(readFileSync(new URL('./peers.json', import.meta.url), 'utf8')) as Peers

/** The state at the last time: published, or SciPy's at rtol 1e-13. */
export const endOf = ({ name, end }: InitialValueProblem): readonly number[] => end ?? peers.ends[name]!

/** The largest error over the size of what is measured, |end| + atol / rtol by component. */
export function relativeError(problem: InitialValueProblem, state: ArrayLike<number>): number {
  const { atol = 1 } = problem
  return Math.max(...endOf(problem).map((x, i) => Math.abs(state[i]! - x) / (Math.abs(x) + atol)))
}

/** Geometric mean. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length)
