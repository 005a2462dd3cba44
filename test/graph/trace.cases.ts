import * as tf from '@tensorflow/tfjs-core'
import type { TensorFunction } from '../../src/graph/trace.js'
import type { Shape } from '../../src/graph/shape.js'

export interface TraceCase {
  readonly name: string
  readonly shapes: Readonly<Record<string, Shape>>
  readonly fn: TensorFunction
  /** The same in other words, where TensorFlow.js computes `fn` wrongly. */
  readonly eager?: TensorFunction
  /** Inputs are drawn from here; [-2, 2] by default. */
  readonly range?: readonly [number, number]
  /** Inputs named here are whole numbers below the one given. */
  readonly indices?: Readonly<Record<string, number>>
}

type Inputs = Record<string, tf.Tensor>
const z: Shape = [-1, 4]
const positive = [0.1, 3] as const

const unary: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  neg: tf.neg,
  abs: tf.abs,
  sign: tf.sign,
  square: tf.square,
  relu: tf.relu,
  exp: tf.exp,
  expm1: tf.expm1,
  sin: tf.sin,
  cos: tf.cos,
  tan: (x) => tf.tan(tf.mul(x, 0.5)),
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  sinh: tf.sinh,
  cosh: tf.cosh,
  relu6: (x) => tf.relu6(tf.mul(x, 5)),
  elu: tf.elu,
  selu: tf.selu,
  leakyRelu: (x) => tf.leakyRelu(x, 0.3),
  step: (x) => tf.step(x, 0.25),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  logSigmoid: tf.logSigmoid,
  logSumExp: (x) => tf.logSumExp(x, 1),
  clipByValue: (x) => tf.clipByValue(x, -0.5, 1),
  isNaN: (x) => tf.isNaN(tf.log(x)),
  isFinite: (x) => tf.isFinite(tf.log(x)),
  logicalNot: (x) => tf.logicalNot(tf.greater(x, 0)),
  clone: tf.clone,
  zerosLike: (x) => tf.add(tf.zerosLike(x), x),
  onesLike: (x) => tf.add(tf.onesLike(x), x),
  'cast to bool': (x) => tf.cast(tf.relu(x), 'bool'),
  'cast of bool': (x) => tf.mul(tf.cast(tf.less(x, 0), 'float32'), x),
  'cast of bool to int': (x) => tf.sum(tf.cast(tf.less(x, 0), 'int32')),
}
const unaryPositive: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  reciprocal: tf.reciprocal,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  log: tf.log,
  log1p: tf.log1p,
}
const binary: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  less: tf.less,
  lessEqual: tf.lessEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  equal: tf.equal,
  notEqual: tf.notEqual,
  logicalAnd: (a, b) => tf.logicalAnd(tf.less(a, 0), tf.less(b, 1)),
  logicalOr: (a, b) => tf.logicalOr(tf.less(a, 0), tf.less(b, 1)),
  prelu: (a, b) => tf.prelu(a, b),
  where: (a, b) => tf.where(tf.less(a, b), a, tf.mul(b, 2)),
  xor: (a, b) => tf.logicalXor(tf.less(a, 0), tf.less(b, 0)),
  addN: (a, b) => tf.addN([a, tf.add(a, b), a]),
}

const one = (
  name: string,
  fn: (x: tf.Tensor) => tf.Tensor | Record<string, tf.Tensor>,
  shape: Shape = z,
  range?: readonly [number, number],
): TraceCase => ({ name, shapes: { x: shape }, fn: ({ x }: Inputs) => fn(x!), ...(range && { range }) })

export const traceCases: TraceCase[] = [
  ...Object.entries(unary).map(([name, fn]) => one(name, fn)),
  ...Object.entries(unaryPositive).map(([name, fn]) => one(name, fn, z, positive)),
  ...Object.entries(binary).flatMap(([name, fn]): TraceCase[] => [
    { name, shapes: { a: z, b: z }, fn: ({ a, b }) => fn(a!, b!) },
    {
      name: `${name}, broadcasting`,
      shapes: { a: [-1, 1, 4], b: [3, 1] },
      fn: ({ a, b }) =>
        name === 'prelu' ? fn(tf.add(a!, tf.zeros([1, 3, 1])), b!) : name === 'addN' ? fn(tf.add(a!, b!), b!) : fn(a!, b!),
    },
  ]),
  { name: 'div and pow', shapes: { a: z, b: [4] }, fn: ({ a, b }) => ({ div: tf.div(a!, b!), pow: tf.pow(a!, b!) }), range: positive },
  {
    name: 'the same comparison of equals',
    shapes: { a: z },
    fn: ({ a }) => ({ equal: tf.equal(a!, a!), lessEqual: tf.lessEqual(a!, a!), notEqual: tf.notEqual(a!, a!) }),
  },

  ...[0, 1, 2, -1, [0, 1], [0, 2], [0, 1, 2]].flatMap((axis): TraceCase[] =>
    [false, true].map((keep) =>
      one(
        `reductions over ${String(axis)}${keep ? ', kept' : ''}`,
        (x) => ({
          sum: tf.sum(x, axis, keep),
          mean: tf.mean(x, axis, keep),
          max: tf.max(x, axis, keep),
          min: tf.min(x, axis, keep),
          any: tf.any(tf.greater(x, 1.5), axis, keep),
          all: tf.all(tf.greater(x, -1.5), axis, keep),
        }),
        [-1, 3, 2],
      ),
    ),
  ),
  one('reductions over everything', (x) => ({ sum: tf.sum(x), mean: tf.mean(x), max: tf.max(x), min: tf.min(x) })),
  one('mean over twice the rows', (x) => tf.mean(tf.concat([x, x], 0), 0)),
  one('prod', (x) => ({ a: tf.prod(x, 1), b: tf.prod(x, [1, 2]), c: tf.prod(x, 2, true) }), [-1, 5, 2]),
  one('variance', (x) => {
    const { mean, variance } = tf.moments(x, 0)
    return { mean, variance }
  }),
  one('norm', (x) => tf.norm(x, 2, 1)),
  one(
    'cumsum',
    (x) => ({ a: tf.cumsum(x, 1), b: tf.cumsum(x, 1, true), c: tf.cumsum(x, 1, false, true), d: tf.cumsum(x, 2, true, true) }),
    [-1, 5, 3],
  ),
  {
    name: 'batchNorm',
    shapes: { x: z, m: [4], v: [4], o: [4], s: [4] },
    fn: ({ x, m, v, o, s }) => ({
      a: tf.batchNorm(x!, m as tf.Tensor1D, v as tf.Tensor1D, o as tf.Tensor1D, s as tf.Tensor1D, 0.01),
      b: tf.batchNorm(x!, m as tf.Tensor1D, v as tf.Tensor1D),
    }),
    range: positive,
  },

  { name: 'matMul', shapes: { x: z, w: [4, 3] }, fn: ({ x, w }) => tf.matMul(x!, w!) },
  {
    name: 'matMul, transposed',
    shapes: { x: z, w: [3, 4], y: [-1, 5] },
    fn: ({ x, w, y }) => ({ a: tf.matMul(x!, w!, false, true), b: tf.matMul(x!, y!, true, false), c: tf.matMul(w!, x!, false, true) }),
  },
  { name: 'matMul of batches', shapes: { x: [-1, 2, 4], y: [-1, 4, 3] }, fn: ({ x, y }) => tf.matMul(x!, y!) },
  {
    name: 'matMul of batches with one matrix',
    shapes: { x: [-1, 2, 4], w: [4, 3], v: [1, 3, 4] },
    fn: ({ x, w, v }) => ({ a: tf.matMul(x!, w!), b: tf.matMul(x!, v!, false, true), c: tf.matMul(x!, tf.expandDims(w!, 0)) }),
  },
  {
    name: 'matMul of one matrix with batches',
    shapes: { w: [3, 2], x: [-1, 2, 4], u: [-1, 1, 2, 3] },
    fn: ({ w, x, u }) => ({ a: tf.matMul(w!, x!), b: tf.matMul(w!, x!, false, false), c: tf.matMul(u!, tf.reshape(w!, [1, 3, 2])) }),
  },
  {
    name: 'matMul of batches that broadcast',
    shapes: { x: [-1, 1, 2, 4], y: [3, 4, 2] },
    fn: ({ x, y }) => tf.matMul(x!, y!),
    // TensorFlow.js's CPU backend gets this wrong: it takes batch i of both where axes of both repeat.
    eager: ({ x, y }) => tf.matMul(tf.tile(x!, [1, 3, 1, 1]), tf.tile(tf.expandDims(y!, 0), [x!.shape[0]!, 1, 1, 1])),
  },
  {
    name: 'dot and outer product',
    shapes: { x: [4], y: [4], w: z },
    fn: ({ x, y, w }) => ({ dot: tf.dot(x!, y!), outer: tf.outerProduct(x as tf.Tensor1D, y as tf.Tensor1D), rows: tf.dot(w!, y!) }),
  },
  ...(['linear', 'relu', 'sigmoid', 'relu6', 'elu', 'leakyrelu', 'prelu'] as const).map((activation): TraceCase => ({
    name: `fused matMul, ${activation}`,
    shapes: { x: z, w: [4, 3], b: [3], p: [3] },
    fn: ({ x, w, b, p }) =>
      tf.fused.matMul({
        a: x!,
        b: w!,
        bias: b!,
        activation,
        ...(activation === 'prelu' && { preluActivationWeights: p! }),
        leakyreluAlpha: 0.2,
      }),
  })),
  {
    name: 'fused matMul without a bias',
    shapes: { x: z, w: [3, 4] },
    fn: ({ x, w }) => tf.fused.matMul({ a: x!, b: w!, transposeB: true, activation: 'relu' }),
  },

  one('reshape', (x) => ({
    a: tf.reshape(x, [-1, 2, 2]),
    b: tf.reshape(x, [-1]),
    c: tf.reshape(x, [x.shape[0]! * 2, 2]),
    d: tf.expandDims(x, 1),
    e: tf.squeeze(tf.expandDims(x, 0), [0]),
  })),
  one('reshape shares its data', (x) => {
    const y = tf.reshape(x, [-1, 2])
    return tf.add(tf.reshape(tf.mul(y, tf.tensor1d([1, 10])), [-1, 4]), x)
  }),
  one('transpose', (x) => ({ a: tf.transpose(x), b: tf.transpose(x, [1, 2, 0]), c: tf.transpose(x, [0, 2, 1]) }), [-1, 3, 2]),
  {
    name: 'concat',
    shapes: { a: z, b: [-1, 2] },
    fn: ({ a, b }) => ({ a: tf.concat([a!, b!, a!], 1), b: tf.concat([a!, a!], 0), c: tf.concat([a!, b!], -1) }),
  },
  {
    name: 'stack and unstack',
    shapes: { a: z, b: z },
    fn: ({ a, b }) => ({ a: tf.stack([a!, b!], 1), b: tf.stack([a!, b!]), c: tf.add(tf.unstack(a!, 1)[2]!, tf.unstack(b!, -1)[0]!) }),
  },
  one('split', (x) => {
    const [a, b] = tf.split(x, 2, 1)
    const [c, d, e] = tf.split(x, [1, 2, 1], -1)
    return { a: a!, b: b!, c: c!, d: d!, e: e! }
  }),
  one('slice', (x) => ({ a: tf.slice(x, [0, 1], [-1, 2]), b: tf.slice(x, [0, 3]), c: tf.slice(x, 0) })),
  one(
    'stridedSlice',
    (x) => ({
      a: tf.stridedSlice(x, [0, 1], [x.shape[0]!, 4], [1, 1]),
      b: tf.stridedSlice(x, [0, 0], [x.shape[0]!, 5], [1, 2]),
      c: tf.stridedSlice(x, [0, 4], [x.shape[0]!, 0], [1, -2]),
      d: tf.stridedSlice(x, [0, 2], [x.shape[0]!, 3], [1, 1], 0, 0, 0, 0, 2),
    }),
    [-1, 5],
  ),
  one('tile', (x) => ({
    a: tf.tile(x, [1, 3]),
    b: tf.tile(x, [2, 1]),
    c: tf.tile(tf.slice(x, [0, 0], [-1, 1]), [1, 4]),
    d: tf.tile(x, [2, 2]),
  })),
  {
    name: 'tile by the rows',
    shapes: { x: z, w: [1, 3], v: [2, 3] },
    fn: ({ x, w, v }) => ({
      a: tf.tile(w!, [x!.shape[0]!, 1]),
      b: tf.tile(v!, [x!.shape[0]!, 1]),
      c: tf.broadcastTo(w!, [x!.shape[0]!, 3]),
    }),
  },
  one('pad', (x) => ({
    a: tf.pad(x, [
      [0, 0],
      [1, 2],
    ]),
    b: tf.pad(
      x,
      [
        [0, 0],
        [2, 1],
      ],
      0.5,
    ),
  })),
  one('reverse', (x) => ({ a: tf.reverse(x, 1), b: tf.reverse(x, [1, 2]), c: tf.reverse(tf.transpose(x), 0) }), [-1, 3, 2]),
  {
    name: 'gather',
    shapes: { x: [5, 3], i: [-1], j: [-1, 2] },
    indices: { i: 5, j: 5 },
    fn: ({ x, i, j }) => ({ a: tf.gather(x!, tf.cast(i!, 'int32')), b: tf.gather(x!, tf.cast(j!, 'int32')) }),
  },
  one('gather of columns', (x) => ({ a: tf.gather(x, [3, 0, 0], 1), b: tf.gather(x, tf.scalar(2, 'int32'), 1) })),
  {
    name: 'oneHot',
    shapes: { i: [-1] },
    indices: { i: 4 },
    fn: ({ i }) => ({
      a: tf.oneHot(tf.cast(i!, 'int32'), 4),
      b: tf.oneHot(tf.cast(i!, 'int32'), 4, 2, -1),
      c: tf.oneHot(tf.tensor1d([1, 2], 'int32'), 3),
    }),
  },

  one('constants of the size of the rows', (x) => ({
    zeros: tf.zeros([x.shape[0]!, 3]),
    fill: tf.fill([x.shape[0]!, 2], 7),
    ones: tf.add(tf.ones([x.shape[0]!, 4]), x),
    rows: tf.tile(tf.tensor2d([[1, 2]]), [x.shape[0]!, 1]),
  })),
  one('constants', (x) => ({
    scalar: tf.scalar(0.1),
    line: tf.linspace(0, 1, 5),
    range: tf.range(0, 3),
    computed: tf.mul(tf.tensor1d([1, 2]), 0.5),
    eye: tf.eye(3),
    unsupported: tf.erf(tf.tensor1d([0.5])),
    used: tf.mul(x, 3),
  })),
  {
    name: 'an input, a constant and an output twice',
    shapes: { x: z, unused: [3] },
    fn: ({ x }) => {
      const y = tf.exp(x!)
      return { x: x!, two: tf.scalar(2), y, again: y }
    },
  },
  { name: 'no rows at all', shapes: { x: [3, 2], y: [] }, fn: ({ x, y }) => tf.mul(x!, y!) },
  {
    name: 'several rows axes of one size',
    shapes: { x: [3, -1], y: [-2, 2] },
    fn: ({ x, y }) => ({ a: tf.sum(x!, 0), b: tf.sum(tf.reshape(y!, [-1, 4]), 1) }),
  },
  {
    name: 'a GRU step with a mask',
    shapes: { h: [-1, 3], x: [-1, 2], mask: [-1, 1], w: [5, 9], b: [9] },
    fn: ({ h, x, mask, w, b }) =>
      tf.tidy(() => {
        const [update, reset] = tf.split(
          tf.sigmoid(tf.slice(tf.add(tf.matMul(tf.concat([h!, x!], 1), w!), b!), [0, 0], [-1, 6])),
          2,
          1,
        ) as [tf.Tensor, tf.Tensor]
        const candidate = tf.tanh(
          tf.add(tf.matMul(tf.concat([tf.mul(reset, h!), x!], 1), tf.slice(w!, [0, 6], [5, 3])), tf.slice(b!, 6, 3)),
        )
        const next = tf.add(tf.mul(tf.sub(1, update), candidate), tf.mul(update, h!))
        return tf.where(tf.greater(mask!, 0), next, h!)
      }),
  },
]
