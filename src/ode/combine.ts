import type { GraphBuilder, Ref } from '../graph/builder.js'
import { ROWS } from '../graph/shape.js'

/** Σ weights_i·terms_i, leaving out zero weights; undefined if all are. */
export function combine(builder: GraphBuilder, weights: readonly number[], terms: readonly Ref[]): Ref | undefined {
  let sum: Ref | undefined
  weights.forEach((weight, i) => {
    if (weight === 0) return
    const term = weight === 1 ? terms[i]! : builder.mul(builder.constant(weight), terms[i]!)
    sum = sum === undefined ? term : builder.add(sum, term)
  })
  return sum
}

/** Column `i` of `[rows, n]` as `[rows, 1]`. */
export const column = (builder: GraphBuilder, x: Ref, i: number): Ref => builder.slice(x, [0, i], [ROWS, 1])

/** Block `i` of width `dim` of `[rows, n·dim]`. */
export const block = (builder: GraphBuilder, x: Ref, i: number, dim: number): Ref => builder.slice(x, [0, i * dim], [ROWS, dim])

/** `[rows, n·dim]` as its blocks `[rows, dim]`. */
export const blocks = (builder: GraphBuilder, x: Ref, dim: number): Ref[] => {
  const count = builder.shape(x)[1]! / dim
  return count === 1 ? [x] : Array.from({ length: count }, (_, i) => block(builder, x, i, dim))
}

/** Blocks side by side. */
export const beside = (builder: GraphBuilder, parts: readonly Ref[]): Ref => (parts.length === 1 ? parts[0]! : builder.concat(parts, 1))

/** Zeros, `[rows, dim]`. */
export const zeros = (builder: GraphBuilder, dim: number): Ref => builder.broadcast(builder.constant(0), [ROWS, dim])
