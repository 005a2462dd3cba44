import type { Results } from './contest.js'

/** Largest difference from the reference over the largest magnitude of the reference, for the worst of the results. */
export interface Agreement {
  readonly error: number
  /** Which result was worst. */
  readonly worst: string
  readonly limit: number
  /** Why the limit is not the usual one. */
  readonly why?: string
  readonly ok: boolean
}

/** Results of float32 in another order of summation; measured against float64. */
export const usualLimit = 1e-4

/** Compares all results that both have; a result of another length, or not finite, is infinitely wrong. */
export function agreement(
  results: Results,
  reference: Results,
  { limit, why }: { limit: number; why?: string } = { limit: usualLimit },
): Agreement {
  let [error, worst] = [0, '']
  for (const [name, values] of Object.entries(results)) {
    const exact = reference[name]
    if (exact === undefined)
      throw new Error(`There is no reference for the result "${name}"; there are ${Object.keys(reference).join(', ')}.`)
    const found = relativeError(values, exact)
    if (worst === '' || found > error) [error, worst] = [found, name]
  }
  if (worst === '') throw new Error('There are no results to compare.')
  return { error, worst, limit, ...(why !== undefined && { why }), ok: error <= limit }
}

function relativeError(values: ArrayLike<number>, exact: ArrayLike<number>): number {
  if (values.length !== exact.length) return Infinity
  let [difference, size] = [0, 0]
  for (let i = 0; i < exact.length; i++) {
    const d = Math.abs(values[i]! - exact[i]!)
    if (!Number.isFinite(d)) return Infinity
    difference = Math.max(difference, d)
    size = Math.max(size, Math.abs(exact[i]!))
  }
  return difference === 0 ? 0 : difference / size
}
