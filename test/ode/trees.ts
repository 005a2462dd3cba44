import type { Tableau } from '../../src/ode/methods/tableau.js'

/** A rooted tree: the subtrees at its root. */
export interface Tree {
  readonly children: readonly Tree[]
}

export const orderOf = (tree: Tree): number => 1 + tree.children.reduce((sum, child) => sum + orderOf(child), 0)

/** γ(τ) of Butcher's theory: the order times the densities of the subtrees. */
export const density = (tree: Tree): number => tree.children.reduce((product, child) => product * density(child), orderOf(tree))

/** All rooted trees of an order: 1, 1, 2, 4, 9, 20 of them. */
export function trees(order: number): Tree[] {
  const key = (tree: Tree): string => `(${tree.children.map(key).sort().join('')})`
  const forests = (size: number): Tree[][] =>
    size === 0
      ? [[]]
      : Array.from({ length: size }, (_, i) => i + 1).flatMap((n) =>
          trees(n).flatMap((tree) => forests(size - n).map((rest) => [tree, ...rest])),
        )
  return [...new Map(forests(order - 1).map((children) => [key({ children }), { children }] as const)).values()]
}

/** Φ_i(τ): for each stage, those of the dense output last, the product over subtrees of Σ_j a_ij Φ_j(subtree). */
export function stageWeights(tableau: Tableau, tree: Tree): number[] {
  const inner = tree.children.map((child) => stageWeights(tableau, child))
  return [...tableau.a, ...(tableau.extra ?? []).map(({ a }) => a)].map((row) =>
    inner.reduce((product, phi) => product * row.reduce((sum, a, j) => sum + a * phi[j]!, 0), 1),
  )
}

/** Weights `u` of the first stages with values `v` of all. */
export const dot = (u: readonly number[] | Float64Array, v: readonly number[]): number => v.reduce((sum, x, i) => sum + x * (u[i] ?? 0), 0)
