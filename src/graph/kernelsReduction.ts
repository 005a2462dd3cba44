import * as tf from '@tensorflow/tfjs-core'
import type { GraphBuilder, Ref } from './builder.js'
import { activate } from './kernelsElementwise.js'
import type { KernelCall, Lowering } from './kernelCall.js'
import { broadcastShapes, sameShape, type Shape } from './shape.js'

/** Reductions, scans and matrix products. */
export const reductionKernels: Readonly<Record<string, Lowering>> = {
  Sum: (call) => [call.g.sum(call.ref('x'), axesOf(call), keepDims(call))],
  Mean: (call) => [call.g.div(call.g.sum(call.ref('x'), axesOf(call), keepDims(call)), sizeAlong(call.g, call.ref('x'), axesOf(call)))],
  Max: (call) => [call.g.max(call.ref('x'), axesOf(call), keepDims(call))],
  Min: (call) => [minimum(call)],
  // Of truth values, which are 0 and 1.
  Any: (call) => [call.g.max(call.ref('x'), axesOf(call), keepDims(call))],
  All: (call) => [minimum(call)],
  Prod: (call) => [product(call)],
  Softmax: ({ g, ref, attributes }) => {
    const x = ref('logits')
    const axis = attributes['dim'] as number
    const shifted = g.unary('exp', g.sub(x, g.max(x, [axis], true)))
    return [g.div(shifted, g.sum(shifted, [axis], true))]
  },
  Cumsum: (call) => [cumulativeSum(call)],
  BatchMatMul: (call) => [product2d(call)],
  _FusedMatMul: (call) => [activate(call, call.has('bias') ? call.g.add(product2d(call), call.ref('bias')) : product2d(call))],
}

const keepDims = ({ attributes }: KernelCall): boolean => attributes['keepDims'] === true

function axesOf({ g, ref, attributes }: KernelCall): number[] {
  // tf.max calls them reductionIndices.
  return tf.util.parseAxisParam((attributes['axis'] ?? attributes['reductionIndices']) as number | number[], [...g.shape(ref('x'))])
}

const minimum = (call: KernelCall): Ref => call.g.unary('neg', call.g.max(call.g.unary('neg', call.ref('x')), axesOf(call), keepDims(call)))

/** The number of elements that a reduction over these axes joins; the rows axis counts at run time. */
function sizeAlong(g: GraphBuilder, x: Ref, axes: readonly number[]): Ref {
  return (
    axes.reduce(
      (size, axis) => {
        const d = g.shape(x)[axis]!
        const one = d < 0 ? (d === -1 ? g.rows() : g.mul(g.constant(-d), g.rows())) : g.constant(d)
        return size === undefined ? one : g.mul(size, one)
      },
      undefined as Ref | undefined,
    ) ?? g.constant(1)
  )
}

/** A product along fixed axes, by halves. */
function product(call: KernelCall): Ref {
  const { g, ref, fail } = call
  let x = ref('x')
  for (const axis of axesOf(call)) {
    if (g.shape(x)[axis]! < 0) fail('over the rows is no operation of a Graph; sum the logarithms')
    if (g.shape(x)[axis] === 0) fail('over an axis of size 0 is no operation of a Graph')
    for (let n = g.shape(x)[axis]!; n > 1; n = g.shape(x)[axis]!) {
      const half = Math.floor(n / 2)
      const folded = g.mul(block(g, x, axis, 0, half), block(g, x, axis, half, half))
      x = n % 2 === 0 ? folded : g.concat([folded, block(g, x, axis, n - 1, 1)], axis)
    }
  }
  return g.reshape(x, call.shapes[0]!)
}

/** A running sum in log2(n) steps, each adding a shifted copy. */
function cumulativeSum(call: KernelCall): Ref {
  const { g, attributes, fail } = call
  let x = call.ref('x')
  const axis = tf.util.parseAxisParam(attributes['axis'] as number, [...g.shape(x)])[0]!
  const n = g.shape(x)[axis]!
  if (n < 0) fail('along the rows is no operation of a Graph')
  const shifted = (by: number): Ref => {
    const none = g.shape(x).map(() => 0)
    const some = none.map((_, i) => (i === axis ? by : 0))
    return attributes['reverse'] === true
      ? g.pad(block(g, x, axis, by, n - by), none, some)
      : g.pad(block(g, x, axis, 0, n - by), some, none)
  }
  if (attributes['exclusive'] === true && n > 0) x = shifted(1)
  for (let step = 1; step < n; step *= 2) x = g.add(x, shifted(step))
  return x
}

/** The part `start, …, start + size − 1` of an axis. */
export const block = (g: GraphBuilder, x: Ref, axis: number, start: number, size: number): Ref =>
  g.slice(
    x,
    g.shape(x).map((_, i) => (i === axis ? start : 0)),
    g.shape(x).map((d, i) => (i === axis ? size : d)),
  )

/** A matrix product whose batch axes broadcast. */
function product2d({ g, ref, attributes, shapes }: KernelCall): Ref {
  const [a, b] = [ref('a'), ref('b')]
  const options = { transposeA: attributes['transposeA'] === true, transposeB: attributes['transposeB'] === true }
  const [batchA, batchB] = [g.shape(a).slice(0, -2), g.shape(b).slice(0, -2)]
  const matrix = (x: Ref) => g.reshape(x, g.shape(x).slice(-2))
  if (batchA.every((d) => d === 1) && batchB.every((d) => d === 1)) return g.reshape(g.matmul(matrix(a), matrix(b), options), shapes[0]!)
  if (batchB.every((d) => d === 1) && !options.transposeA) {
    const flat = flatten(g.shape(a))
    if (flat) return g.reshape(g.matmul(g.reshape(a, flat), matrix(b), options), shapes[0]!)
  }
  const batch = broadcastShapes(batchA, batchB)
  const spread = (x: Ref): Ref => g.broadcast(x, [...batch, ...g.shape(x).slice(-2)])
  return g.matmul(sameShape(batchA, batch) ? a : spread(a), sameShape(batchB, batch) ? b : spread(b), options)
}

/** All axes but the last as one, if at most one of them is a rows axis. */
function flatten(shape: Shape): Shape | undefined {
  const lead = shape.slice(0, -1)
  return lead.filter((d) => d < 0).length > 1 ? undefined : [lead.reduce((size, d) => size * d, 1), shape.at(-1)!]
}
