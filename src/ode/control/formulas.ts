/**
 * Step-size formulas, all in float64 and by row. Norms are root mean squares of error over tolerance, so a step is
 * good if its error is at most 1.
 *
 * PI control: Gustafsson, ACM Trans. Math. Softw. 17 (1991); with the exponents, safety 0.9 and limits 0.2 and 10 of
 * Hairer and Wanner's DOPRI5 (Solving ODEs II, IV.2), where an estimate of order 4 has k = 5, β = 0.04 = 0.2/k.
 */
const safety = 0.9
const smallest = 0.2
const largest = 10

/** What an accepted step is multiplied by for the next one; `k` is the embedded order plus 1. */
export function growth(k: number, error: number, previous: number): number {
  // One exponential for two powers: this is done for every row and step.
  const factor = safety * Math.exp((0.2 * Math.log(previous) - 0.85 * Math.log(error)) / k)
  return Math.min(largest, Math.max(smallest, factor))
}

/** What a rejected step is multiplied by. An attempt that was not finite says nothing about how far to go back. */
export function retreat(k: number, error: number): number {
  if (!Number.isFinite(error)) return 0.1
  return Math.max(smallest, Math.min(safety, safety * error ** (-0.85 / k)))
}

/**
 * Predictive control. With the step before chosen by the same rule, h_n/h_{n−1} = s e_{n−1}^(−1/k), Gustafsson's factor
 * s e_n^(−1/k) (h_n/h_{n−1}) (e_{n−1}/e_n)^(1/k) is the square of the plain one, s e_n^(−1/k); the smaller of the two counts. Safety s and
 * that after a rejection are those with the fewest evaluations over the stiff problems of bench/ode/problems.ts.
 */
const predictiveSafety = 0.95
const afterRejection = 0.8

export function predictiveGrowth(k: number, error: number): number {
  const factor = Math.min(largest, predictiveSafety * error ** (-1 / k))
  return Math.max(smallest, factor * Math.min(1, factor))
}

export function predictiveRetreat(k: number, error: number): number {
  if (!Number.isFinite(error)) return 0.1
  return Math.max(0.1, afterRejection * error ** (-1 / k))
}

/** Errors below this count as this when the next step remembers them, so that one lucky step does not decide the next. */
export const leastError = 1e-4

/**
 * First step, part one: a trial step that moves y by 1 % of its size, by explicit Euler. Hairer, Nørsett, Wanner,
 * Solving ODEs I, II.4, "Starting step size", (a) to (b). `size` and `slope` are the norms of y0 and f(t0, y0).
 */
export function trialStep(size: number, slope: number): number {
  return size < 1e-5 || slope < 1e-5 ? 1e-6 : (0.01 * size) / slope
}

/**
 * Part two, (e) and (f): the step for which the first neglected term is about 1 %
 * of the tolerance. `change` is the norm of the change of f.
 */
export function firstStep(trial: number, slope: number, change: number, k: number): number {
  const curvature = Math.max(slope, change / trial)
  if (!Number.isFinite(curvature)) return trial
  const step = curvature <= 1e-15 ? Math.max(1e-6, trial * 1e-3) : (0.01 / curvature) ** (1 / k)
  return Math.min(100 * trial, step)
}
