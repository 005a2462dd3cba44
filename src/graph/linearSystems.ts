import type { GraphBuilder, Ref } from './builder.js'
import type { Cotangent } from './cotangents.js'
import type { Node } from './graph.js'

/** In derivatives what `lu` makes stands for its matrix: a tangent or cotangent of `[…, n, n]` as one of the factors. */
export function factorsOfMatrix(b: GraphBuilder, matrix: Ref): Ref {
  const none = b.shape(matrix).map(() => 0)
  return b.pad(
    matrix,
    none,
    none.map((_, axis) => (axis === none.length - 2 ? 1 : 0)),
  )
}

/** A tangent or cotangent of factors as one of the matrix. */
export function matrixOfFactors(b: GraphBuilder, factors: Ref): Ref {
  const shape = b.shape(factors)
  return b.slice(
    factors,
    shape.map(() => 0),
    [...shape.slice(0, -2), shape.at(-1)!, shape.at(-1)!],
  )
}

/** The tangent of x where A x = b: x' = A⁻¹ (b' − A' x). */
export function pushLuSolve(
  b: GraphBuilder,
  { inputs, transposed, shape }: Extract<Node, { op: 'luSolve' }>,
  x: Ref,
  dotFactors: Ref | undefined,
  dotRight: Ref | undefined,
): Ref {
  let right = dotRight
  if (dotFactors !== undefined) {
    const product = b.matmul(matrixOfFactors(b, dotFactors), b.reshape(x, [...shape, 1]), { transposeA: transposed })
    const moved = b.reshape(product, shape)
    right = right === undefined ? b.unary('neg', moved) : b.sub(right, moved)
  }
  return b.luSolve(inputs[0]!, right!, { transposed })
}

/**
 * Cotangents of the factors and of b where A x = b: `b̄ = A⁻ᵀ x̄` and `Ā = −b̄ xᵀ` (Giles, "Collected matrix derivative results
 * for forward and reverse mode algorithmic differentiation", 2008, section 2.3). A system whose cotangent is 0 by structure
 * adds nothing, singular or not.
 */
export function pullLuSolve(
  b: GraphBuilder,
  { inputs, transposed, shape }: Extract<Node, { op: 'luSolve' }>,
  x: Ref,
  { value, mask }: Cotangent,
  wanted: (operand: number) => boolean,
): (Cotangent | undefined)[] {
  const n = shape.at(-1)!
  const alive = mask === undefined || n === 0 ? undefined : b.max(mask, [shape.length - 1], true)
  const living = (of: Ref): Ref => (alive === undefined ? of : b.select(alive, of, b.constant(0)))
  const right = living(b.luSolve(inputs[0]!, value, { transposed: !transposed }))

  const pullMatrix = (): Cotangent => {
    const [minus, own] = [b.unary('neg', right), living(x)]
    const [column, row] = transposed ? [own, minus] : [minus, own]
    const outer = b.mul(b.reshape(column, [...shape, 1]), b.reshape(row, [...shape.slice(0, -1), 1, n]))
    const factors = factorsOfMatrix(b, outer)
    if (alive === undefined) return { value: factors }
    return { value: factors, mask: b.broadcast(b.reshape(alive, [...shape.slice(0, -1), 1, 1]), b.shape(factors)) }
  }
  return [
    wanted(0) ? pullMatrix() : undefined,
    wanted(1) ? { value: right, ...(alive !== undefined && { mask: b.broadcast(alive, shape) }) } : undefined,
  ]
}
