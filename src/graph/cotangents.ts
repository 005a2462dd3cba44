import type { GraphBuilder, Ref } from './builder.js'
import { broadcastAxes, sameShape, type Shape } from './shape.js'

/**
 * The derivative of the outputs with respect to one value. Where `mask` is 0 the cotangent is 0 by the structure of
 * the Graph (a `select` took the other branch there), whatever the numbers are; elsewhere the mask is positive.
 */
export interface Cotangent {
  readonly value: Ref
  readonly mask?: Ref
}

/** Cotangents of the values of a Graph under construction; contributions to one value add up. */
export class Cotangents {
  readonly #of = new Map<Ref, Cotangent>()

  constructor(private readonly b: GraphBuilder) {}

  get(ref: Ref): Cotangent | undefined {
    return this.#of.get(ref)
  }

  add(ref: Ref, { value, mask }: Cotangent): void {
    const earlier = this.#of.get(ref)
    const sum = earlier === undefined ? value : this.b.add(earlier.value, value)
    const either = earlier === undefined || earlier.mask === mask ? mask : earlier.mask && mask && this.b.add(earlier.mask, mask)
    this.#of.set(ref, { value: sum, ...(either !== undefined && { mask: either }) })
  }
}

/** Applies an operation that moves, repeats or adds elements to a cotangent and its mask alike. */
export const move = ({ value, mask }: Cotangent, operation: (ref: Ref) => Ref): Cotangent => ({
  value: operation(value),
  ...(mask !== undefined && { mask: operation(mask) }),
})

/**
 * Multiplies a cotangent by something that may not be finite: `operation` gives the product, which is set to 0 where
 * the mask is 0.
 */
export function scale(b: GraphBuilder, { value, mask }: Cotangent, operation: (ref: Ref) => Ref | undefined): Cotangent | undefined {
  const product = operation(value)
  if (product === undefined) return undefined
  return mask === undefined ? { value: product } : { value: b.select(mask, product, b.constant(0)), mask }
}

/** Keeps a cotangent where `condition` (1 or 0, broadcasting) is 1. */
export function restrict(b: GraphBuilder, { value, mask }: Cotangent, condition: Ref): Cotangent {
  const whole = b.broadcast(condition, b.shape(value))
  return { value: b.select(condition, value, b.constant(0)), mask: mask === undefined ? whole : b.mul(mask, whole) }
}

/** Sums over what broadcasting repeated, so that the result has the shape of the operand. */
export function sumTo(b: GraphBuilder, x: Ref, shape: Shape): Ref {
  const from = b.shape(x)
  return sameShape(from, shape) ? x : b.reshape(b.sum(x, broadcastAxes(shape, from)), shape)
}
