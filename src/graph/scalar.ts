import type { BinaryOp, ComparisonOp, UnaryOp } from './graph.js'

/** Element-wise operations of one value on JavaScript's own numbers: what constants are folded with. */
export const unaryScalar: Readonly<Record<UnaryOp, (x: number) => number>> = {
  neg: (x) => -x,
  reciprocal: (x) => 1 / x,
  abs: Math.abs,
  sign: Math.sign,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid(x) {
    const e = Math.exp(-Math.abs(x))
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
  },
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => Math.max(x, 0),
}

/** Element-wise operations of two values on JavaScript's own numbers. */
export const binaryScalar: Readonly<Record<BinaryOp | ComparisonOp, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
}
