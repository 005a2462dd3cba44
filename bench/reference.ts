import type * as Plain from './contestants/plain.js'
import type { Results } from './contest.js'
import type { Problem } from './problems.js'

/** What an item's results must be, in float64, and the work in it. */
export interface Reference {
  readonly results: Results
  /** Additions and multiplications of the matrix products, forward and forward with all gradients. */
  readonly operations: { readonly forward: number; readonly gradient: number }
}

/**
 * Runs an item in plain loops over float64. The loops are a copy of their own (the query makes them another module):
 * the baseline's must only ever have seen Float32Array, or they would be compiled for both and be slow.
 */
export async function referenceOf(problem: Problem): Promise<Reference> {
  const copy = './contestants/plain.js?double'
  const { plainItem } = (await import(/* @vite-ignore */ copy)) as typeof Plain
  const item = plainItem(problem, (length) => new Float64Array(length))
  const results = item.gradient()
  return {
    results: Object.fromEntries(Object.entries(results).map(([name, values]) => [name, values.slice()])),
    operations: item.operations(),
  }
}
