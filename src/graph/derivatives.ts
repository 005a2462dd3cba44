import type { GraphBuilder, Ref } from './builder.js'
import type { UnaryOp } from './ops.js'

/** What a tangent or a cotangent `v` becomes on passing `y = op(x)`; `undefined` is 0. */
type Pass = (b: GraphBuilder, v: Ref, x: Ref, y: Ref) => Ref | undefined

/**
 * `dy/dx * v` for each element-wise function `y = op(x)`. `y` is reused where that is cheaper.
 *
 * Conventions where there is no derivative: `abs` and `relu` have 0 at 0; `sign` has 0 everywhere. `sqrt` has
 * +Infinity at 0, so a `v` that happens to be 0 there gives NaN, as IEEE 754 has it, while one that is cut off by a
 * `select` gives 0 (see `vjp`).
 */
export const passUnary: Readonly<Record<UnaryOp, Pass>> = {
  neg: (b, v) => b.unary('neg', v),
  reciprocal: (b, v, _, y) => b.unary('neg', b.mul(v, b.unary('square', y))),
  abs: (b, v, x) => b.mul(v, b.unary('sign', x)),
  sign: () => undefined,
  square: (b, v, x) => b.mul(v, b.mul(b.constant(2), x)),
  sqrt: (b, v, _, y) => b.div(b.mul(b.constant(0.5), v), y),
  rsqrt: (b, v, _, y) => b.mul(v, b.mul(b.constant(-0.5), b.mul(y, b.unary('square', y)))),
  exp: (b, v, _, y) => b.mul(v, y),
  expm1: (b, v, x) => b.mul(v, b.unary('exp', x)),
  log: (b, v, x) => b.div(v, x),
  log1p: (b, v, x) => b.div(v, b.add(b.constant(1), x)),
  sin: (b, v, x) => b.mul(v, b.unary('cos', x)),
  cos: (b, v, x) => b.unary('neg', b.mul(v, b.unary('sin', x))),
  tanh: (b, v, _, y) => b.mul(v, b.sub(b.constant(1), b.unary('square', y))),
  sigmoid: (b, v, _, y) => b.mul(v, b.mul(y, b.sub(b.constant(1), y))),
  softplus: (b, v, x) => b.mul(v, b.unary('sigmoid', x)),
  relu: (b, v, _, y) => b.select(b.binary('greater', y, b.constant(0)), v, b.constant(0)),
}

/**
 * dy/da of `y = a ** b`: `b a ** (b - 1)`, and 0 where a and b both are 0 (the constant 1 as a function of a).
 */
export function powDerivativeOfBase(b: GraphBuilder, base: Ref, exponent: Ref): Ref {
  const slope = b.mul(exponent, b.binary('pow', base, b.sub(exponent, b.constant(1))))
  const node = b.node(exponent)
  if (node.op === 'constant' && node.values.every((value) => value !== 0)) return slope
  const zeros = b.add(b.binary('equal', base, b.constant(0)), b.binary('equal', exponent, b.constant(0)))
  return b.select(b.binary('less', zeros, b.constant(2)), slope, b.constant(0))
}

/**
 * dy/db of `y = a ** b`: `y log a`; 0 where a is 0 (0 ** b is constant for b > 0), NaN where a is negative (a real
 * power of a negative number exists for integer b only).
 */
export function powDerivativeOfExponent(b: GraphBuilder, base: Ref, y: Ref): Ref {
  return b.select(b.binary('notEqual', base, b.constant(0)), b.mul(y, b.unary('log', base)), b.constant(0))
}

/**
 * What a tangent or cotangent of `maximum` (`minimum`) becomes for its operand `a` beside `other`: all of it where a
 * is larger (smaller), half of it where the two are equal, 0 elsewhere.
 */
export function extremumShare(b: GraphBuilder, op: 'maximum' | 'minimum', a: Ref, other: Ref, value: Ref): Ref {
  const half = b.select(b.binary('equal', a, other), b.mul(b.constant(0.5), value), b.constant(0))
  return b.select(b.binary(op === 'maximum' ? 'greater' : 'less', a, other), value, half)
}

/** 1 where `x` equals its maximum `y` over `axes` (reduced), and how many such there are, as x with axes of size 1. */
export function maxTies(b: GraphBuilder, x: Ref, y: Ref, axes: readonly number[]): { ties: Ref; count: Ref } {
  const kept = b.shape(x).map((d, axis) => (axes.includes(axis) ? 1 : d))
  const ties = b.binary('equal', x, b.reshape(y, kept))
  return { ties, count: b.sum(ties, axes, true) }
}

/** Zeros of a shape that may depend on the rows. */
export const zerosOf = (b: GraphBuilder, shape: readonly number[]): Ref => b.broadcast(b.constant(0), shape)
