import type { GraphBuilder, Ref } from '../../graph/builder.js'

/** Factors of I − s·J by row, for `luSolve`: `s` `[rows, 1]`, `jacobian` `[rows, dim, dim]`. */
export function newtonFactors(builder: GraphBuilder, s: Ref, jacobian: Ref, dim: number): Ref {
  const identity = builder.constant(
    Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0)),
    [1, dim, dim],
  )
  return builder.lu(builder.sub(identity, builder.mul(builder.reshape(s, [-1, 1, 1]), jacobian)))
}
