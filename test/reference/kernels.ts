import { EngineError } from '../../src/errors.js'
import type { BinaryOp, ComparisonOp, UnaryOp } from '../../src/graph/ops.js'

/** The meaning of each element-wise function of one value, in float64. */
export const unaryFunctions: Record<UnaryOp, (x: number) => number> = {
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
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => Math.max(x, 0),
}

/** The meaning of each element-wise function of two values, in float64. */
export const binaryFunctions: Record<BinaryOp | ComparisonOp, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: Math.pow,
  maximum: Math.max,
  minimum: Math.min,
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  greater: (a, b) => (a > b ? 1 : 0),
  greaterEqual: (a, b) => (a >= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  notEqual: (a, b) => (a !== b ? 1 : 0),
}

/** Row-major strides of a concrete shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = new Array(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]!
  }
  return strides
}

/** For each element of `shape`, in row-major order, `offset` + the dot product of its coordinates and `strides`. */
export function indexPlan(shape: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  const size = shape.reduce((product, d) => product * d, 1)
  const plan = new Int32Array(size)
  const coordinates = new Array<number>(shape.length).fill(0)
  let position = offset
  for (let i = 0; i < size; i++) {
    plan[i] = position
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!
      if (++coordinates[axis]! < shape[axis]!) break
      position -= coordinates[axis]! * strides[axis]!
      coordinates[axis] = 0
    }
  }
  return plan
}

/** Where each element of `to` comes from in a row-major array of shape `from` that broadcasts to it. */
export function broadcastPlan(from: readonly number[], to: readonly number[]): Int32Array {
  const strides = stridesOf(from)
  const lead = to.length - from.length
  return indexPlan(
    to,
    to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead]!)),
  )
}

/** Where each element of `shape` goes when `axes` are reduced. */
export function reductionPlan(shape: readonly number[], axes: readonly number[]): Int32Array {
  const kept = stridesOf(shape.filter((_, axis) => !axes.includes(axis)))
  let next = 0
  return indexPlan(
    shape,
    shape.map((_, axis) => (axes.includes(axis) ? 0 : kept[next++]!)),
  )
}

/** One product of matrices inside larger arrays: element (i, k) of a is `a[a0 + i * ai + k * ak]`, and so on. */
export interface Strided {
  offset: number
  row: number
  column: number
}

/** `out[m, n] = a[m, k] b[k, n]`, always summed in the order of k, so that a row never depends on its neighbours. */
export function multiply(
  a: Float64Array,
  sa: Strided,
  b: Float64Array,
  sb: Strided,
  out: Float64Array,
  outOffset: number,
  m: number,
  k: number,
  n: number,
): void {
  for (let i = 0; i < m; i++) {
    const outRow = outOffset + i * n
    for (let j = 0; j < n; j++) out[outRow + j] = 0
    for (let l = 0; l < k; l++) {
      const x = a[sa.offset + i * sa.row + l * sa.column]!
      let position = sb.offset + l * sb.row
      for (let j = 0; j < n; j++, position += sb.column) out[outRow + j]! += x * b[position]!
    }
  }
}

/** An index of a row as an integer in [0, count), or a typed error. */
export function rowIndex(index: number, count: number, what: string): number {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new EngineError('Index', `${what}: ${index} is no row of an array with ${count} rows.`)
  }
  return index
}
