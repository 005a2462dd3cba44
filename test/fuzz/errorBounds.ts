import type { Engine, Value } from '../../src/engine/engine.js'
import { graphInputs, type Graph, type Node } from '../../src/graph/graph.js'
import { isBinary, isComparison, isUnary, type BinaryOp, type UnaryOp } from '../../src/graph/ops.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import { referenceEngine } from '../reference/engine.js'
import { linearSystemBound } from './linearSystemBound.js'
import { binaryFunctions, broadcastPlan, indexPlan, multiply, reductionPlan, stridesOf, unaryFunctions } from '../reference/kernels.js'

/** The arithmetic whose rounding errors are bounded. */
export interface Precision {
  /** Half the distance from 1 to the next number. */
  readonly roundoff: number
  /** Numbers smaller than this may become 0. */
  readonly tiny: number
  /** Numbers larger than this may become infinite. */
  readonly huge: number
}

export const precisions = {
  float32: { roundoff: 2 ** -24, tiny: 2 ** -125, huge: 1e38 },
  float64: { roundoff: 2 ** -53, tiny: 2 ** -1021, huge: 1e307 },
} as const satisfies Record<string, Precision>

/** What an output is, and how far from it a correct engine may be; infinitely far where nothing can be said. */
export interface Bounded {
  readonly values: Float64Array
  readonly radius: Float64Array
}

/**
 * The outputs of a Graph in float64, each element with a bound on the error of any engine that computes every op to a
 * few units in the last place: running error analysis (Higham, "Accuracy and Stability of Numerical Algorithms", 2002,
 * section 3.3). What a comparison gives is bounded by 1 where its operands are within their errors, so that whatever
 * depends on it is bounded by both its branches. Sums of n terms are allowed `min(n, 8 sqrt n)` roundings: the errors
 * of long sums are a random walk.
 */
export function errorBounds(graph: Graph, inputs: readonly (readonly number[])[], rows: number, precision: Precision): Bounded[] {
  const values = evaluateNodes(graph, inputs, rows)
  const shapes = graph.nodes.map(({ shape }) => shapeAt(shape, rows))
  const radii: Float64Array[] = []
  const clear: (Uint8Array | undefined)[] = []
  const context: Context = { nodes: graph.nodes, values, shapes, radii, clear, precision }
  graph.nodes.forEach((node, self) => {
    clear.push(clearMaxima(context, node, self))
    radii.push(radiusOf(context, node, self))
  })
  return graph.outputs.map(({ node }) => ({ values: values[node]!, radius: radii[node]! }))
}

/** The values of all nodes, by the reference engine. */
function evaluateNodes(graph: Graph, inputs: readonly (readonly number[])[], rows: number): Float64Array[] {
  const engine: Engine = referenceEngine()
  const everything: Graph = { nodes: graph.nodes, outputs: graph.nodes.map((_, node) => ({ name: String(node), node })) }
  const given: Value[] = graphInputs(graph).map(({ shape }, i) => engine.write(inputs[i]!, shapeAt(shape, rows)))
  return engine
    .compile(everything)
    .run(given, rows)
    .map((value) => engine.read(value) as Float64Array)
}

interface Context {
  readonly nodes: readonly Node[]
  readonly values: readonly Float64Array[]
  readonly shapes: readonly (readonly number[])[]
  readonly radii: readonly Float64Array[]
  /** Of a maximum over axes: whether one element is the largest whatever the errors; carried along when it is spread. */
  readonly clear: readonly (Uint8Array | undefined)[]
  readonly precision: Precision
}

/** Roundings allowed to one element-wise function, in units of roundoff: 4 ulp are 8 of them. */
const roundings = 10

const exactUnary: readonly UnaryOp[] = ['neg', 'abs', 'sign', 'relu']
const exactBinary: readonly BinaryOp[] = ['maximum', 'minimum']

function radiusOf(context: Context, node: Node, self: number): Float64Array {
  const { shapes, radii, values, precision } = context
  const shape = shapes[self]!
  const value = values[self]!
  const [first, second] = node.inputs as [number, number]
  const { op } = node
  if (isUnary(op)) return unaryRadius(op, values[first]!, radii[first]!, value, precision)
  if (isBinary(op)) return binaryRadius(context, op, node, value, shape)
  if (isComparison(op)) return comparisonRadius(context, node, self)
  switch (node.op) {
    case 'input':
    case 'rows':
      return new Float64Array(value.length)
    case 'constant':
      return value.map((v) => (precision.roundoff > 2 ** -50 && Math.fround(v) !== v && Number.isFinite(v) ? rounding(v, 1, precision) : 0))
    case 'select':
      return selectRadius(context, node, self)
    case 'matmul':
      return matmulRadius(context, node, self)
    case 'sum':
      return sumRadius(values[first]!, radii[first]!, reductionPlan(shapes[first]!, node.axes), value, precision)
    case 'max': {
      const plan = reductionPlan(shapes[first]!, node.axes)
      const [x, r] = [values[first]!, radii[first]!]
      const [low, high] = [new Float64Array(value.length).fill(-Infinity), new Float64Array(value.length).fill(-Infinity)]
      for (let i = 0; i < x.length; i++) {
        const to = plan[i]!
        low[to] = Math.max(low[to]!, r[i] === 0 ? x[i]! : x[i]! - r[i]!)
        high[to] = Math.max(high[to]!, r[i] === 0 ? x[i]! : x[i]! + r[i]!)
      }
      return value.map((v, i) => (Object.is(high[i], v) && Object.is(low[i], v) ? 0 : known(Math.max(high[i]! - v, v - low[i]!))))
    }
    case 'reshape':
      return radii[first]!
    case 'broadcast':
      return take(radii[first]!, broadcastPlan(shapes[first]!, shape))
    case 'transpose': {
      const strides = stridesOf(shapes[first]!)
      return take(
        radii[first]!,
        indexPlan(
          shape,
          node.permutation.map((axis) => strides[axis]!),
        ),
      )
    }
    case 'slice': {
      const strides = stridesOf(shapes[first]!)
      return take(
        radii[first]!,
        indexPlan(
          shape,
          strides,
          node.begin.reduce((offset, begin, axis) => offset + begin * strides[axis]!, 0),
        ),
      )
    }
    case 'pad':
      return put([radii[first]!], [shapes[first]!], [node.before], shape)
    case 'concat': {
      let position = 0
      const begins = node.inputs.map((input) => {
        const begin = shape.map((_, axis) => (axis === node.axis ? position : 0))
        position += shapes[input]![node.axis]!
        return begin
      })
      return put(
        node.inputs.map((i) => radii[i]!),
        node.inputs.map((i) => shapes[i]!),
        begins,
        shape,
      )
    }
    case 'gather': {
      const width = sizeOf(shape.slice(1))
      return Float64Array.from(value, (_, i) => radii[first]![values[second]![Math.floor(i / width)]! * width + (i % width)]!)
    }
    case 'scatter': {
      const width = sizeOf(shape.slice(1))
      const plan = Int32Array.from(values[first]!, (_, i) => values[second]![Math.floor(i / width)]! * width + (i % width))
      return sumRadius(values[first]!, radii[first]!, plan, value, precision)
    }
    case 'lu':
      // The reference's factors are the matrix.
      return put([radii[first]!], [shapes[first]!], [shape.map(() => 0)], shape)
    case 'luSolve':
      return linearSystemBound(
        { values: values[first]!, radius: radii[first]! },
        { values: values[second]!, radius: radii[second]! },
        { values: value, n: shape.at(-1)!, transposed: node.transposed },
        precision,
      )
    default:
      throw new Error(`No bound is known for ${node.op}.`)
  }
}

const known = (radius: number): number => (Number.isNaN(radius) ? Infinity : radius)

const take = (source: Float64Array, plan: Int32Array): Float64Array => Float64Array.from(plan, (i) => source[i]!)

function put(
  sources: readonly Float64Array[],
  blocks: readonly (readonly number[])[],
  begins: readonly (readonly number[])[],
  whole: readonly number[],
): Float64Array {
  const out = new Float64Array(sizeOf(whole))
  const strides = stridesOf(whole)
  sources.forEach((source, part) => {
    indexPlan(
      blocks[part]!,
      strides,
      begins[part]!.reduce((offset, begin, axis) => offset + begin * strides[axis]!, 0),
    ).forEach((to, i) => {
      out[to] = source[i]!
    })
  })
  return out
}

/** The error of rounding a result `count` times. */
function rounding(value: number, count: number, { roundoff, tiny, huge }: Precision): number {
  const size = Math.abs(value)
  return size > huge ? Infinity : (size === 0 ? 0 : count * roundoff * size) + tiny
}

function unaryRadius(op: UnaryOp, x: Float64Array, r: Float64Array, value: Float64Array, precision: Precision): Float64Array {
  const f = unaryFunctions[op]
  const exact = exactUnary.includes(op)
  const pole = op === 'reciprocal' || op === 'rsqrt'
  return value.map((v, i) => {
    const [at, spread] = [x[i]!, r[i]!]
    if (spread === Infinity) return Infinity
    // A simplified Graph may have the zero with the other sign.
    if (pole && Math.abs(at) <= spread) return Infinity
    if (spread === 0 && (exact || !Number.isFinite(v) || (v === 0 && at === 0))) return 0
    if (op === 'sin' || op === 'cos')
      return Math.min(2, spread + roundings * precision.roundoff * Math.max(Math.abs(v), Math.min(1, Math.abs(at))) + precision.tiny)
    let moved = Math.max(change(f(at - spread), v), change(f(at + spread), v))
    // The lowest point of abs and square lies inside.
    if ((op === 'abs' || op === 'square') && Math.abs(at) < spread) moved = Math.max(moved, Math.abs(v))
    return known(moved + (exact ? 0 : rounding(v, roundings, precision)))
  })
}

/** How far a function moves, not a number where it leaves its domain. */
const change = (moved: number, value: number): number => (Object.is(moved, value) ? 0 : Math.abs(moved - value))

function binaryRadius(
  { values, radii, shapes, precision }: Context,
  op: BinaryOp,
  { inputs }: Node,
  value: Float64Array,
  shape: readonly number[],
): Float64Array {
  const f = binaryFunctions[op]
  const [a, b] = inputs.map((i) => values[i]!) as [Float64Array, Float64Array]
  const [ra, rb] = inputs.map((i) => radii[i]!) as [Float64Array, Float64Array]
  const [planA, planB] = inputs.map((i) => broadcastPlan(shapes[i]!, shape)) as [Int32Array, Int32Array]
  const exact = exactBinary.includes(op)
  return value.map((v, i) => {
    const [x, y, rx, ry] = [a[planA[i]!]!, b[planB[i]!]!, ra[planA[i]!]!, rb[planB[i]!]!]
    if (rx === Infinity || ry === Infinity) return Infinity
    if (op === 'div' && Math.abs(y) <= ry) return Infinity
    if (op === 'pow' && Math.abs(x) <= rx && (rx > 0 || ry > 0 || y < 0)) return Infinity
    // 1 in C, NaN in JavaScript.
    if (op === 'pow' && Math.abs(x) === 1 && !Number.isFinite(y)) return Infinity
    if (rx === 0 && ry === 0) {
      if (exact || !Number.isFinite(v)) return 0
      if (v === 0 && (op === 'add' || op === 'sub' || x === 0 || (op === 'mul' && y === 0))) return 0
      if ((op === 'add' || op === 'sub' || op === 'mul') && Math.abs(v) < 2 ** 24 && Number.isInteger(x) && Number.isInteger(y)) return 0
      return rounding(v, powRoundings(op, x, y), precision)
    }
    let moved = 0
    for (const [p, q] of [
      [x - rx, y - ry],
      [x - rx, y + ry],
      [x + rx, y - ry],
      [x + rx, y + ry],
    ] as const)
      moved = Math.max(moved, change(f(p, q), v))
    return known(moved + (exact ? 0 : rounding(v, powRoundings(op, x, y), precision)))
  })
}

/** A power by way of a logarithm loses as many digits as its exponent is large. */
const powRoundings = (op: BinaryOp, x: number, y: number): number =>
  op === 'pow' ? roundings + 2 * Math.abs(known(y * Math.log2(Math.abs(x) || 1))) : roundings

function comparisonRadius({ nodes, values, radii, shapes, clear }: Context, { inputs }: Node, self: number): Float64Array {
  const [first, second] = inputs as [number, number]
  const shape = shapes[self]!
  const [planA, planB] = inputs.map((i) => broadcastPlan(shapes[i]!, shape)) as [Int32Array, Int32Array]
  // A maximum is one of the numbers it was taken of, whatever their errors: it equals that one exactly.
  const certainA = isMaximumOf(nodes, first, second) ? clear[first] : undefined
  const certainB = isMaximumOf(nodes, second, first) ? clear[second] : undefined
  return values[self]!.map((_, i) => {
    const [a, b] = [planA[i]!, planB[i]!]
    const spread = radii[first]![a]! + radii[second]![b]!
    if (spread === 0 || certainA?.[a] === 1 || certainB?.[b] === 1) return 0
    return Math.abs(values[first]![a]! - values[second]![b]!) > spread ? 0 : 1
  })
}

const strip = (nodes: readonly Node[], at: number, ops: readonly string[]): number =>
  ops.includes(nodes[at]!.op) ? strip(nodes, nodes[at]!.inputs[0]!, ops) : at

function isMaximumOf(nodes: readonly Node[], maximum: number, other: number): boolean {
  const node = nodes[strip(nodes, maximum, ['reshape', 'broadcast'])]!
  return node.op === 'max' && strip(nodes, node.inputs[0]!, ['reshape']) === strip(nodes, other, ['reshape'])
}

function clearMaxima({ values, radii, shapes, clear }: Context, node: Node, self: number): Uint8Array | undefined {
  const first = node.inputs[0]!
  if (node.op === 'reshape') return clear[first]
  if (node.op === 'broadcast') {
    const before = clear[first]
    return before && Uint8Array.from(broadcastPlan(shapes[first]!, shapes[self]!), (i) => before[i]!)
  }
  if (node.op !== 'max') return undefined
  const [x, r, top] = [values[first]!, radii[first]!, values[self]!]
  const plan = reductionPlan(shapes[first]!, node.axes)
  const floor = new Float64Array(top.length).fill(-Infinity)
  for (let i = 0; i < x.length; i++) if (x[i] === top[plan[i]!]) floor[plan[i]!] = x[i]! - r[i]!
  const rivals = new Int32Array(top.length)
  for (let i = 0; i < x.length; i++) if (!(x[i]! + r[i]! < floor[plan[i]!]!)) rivals[plan[i]!]!++
  return Uint8Array.from(rivals, (count) => (count === 1 ? 1 : 0))
}

function selectRadius({ values, radii, shapes }: Context, { inputs }: Node, self: number): Float64Array {
  const plans = inputs.map((i) => broadcastPlan(shapes[i]!, shapes[self]!))
  const at = (arrays: readonly Float64Array[], operand: number, i: number): number => arrays[inputs[operand]!]![plans[operand]![i]!]!
  return values[self]!.map((v, i) => {
    const [condition, spread] = [at(values, 0, i), at(radii, 0, i)]
    const branch = (operand: number): number => known(change(at(values, operand, i), v) + at(radii, operand, i))
    if (spread > 0 && !(Math.abs(condition) > spread)) return Math.max(branch(1), branch(2))
    return branch(condition !== 0 ? 1 : 2)
  })
}

/** Sums of `count[to]` terms each: the terms' own errors and those of adding. */
function sumRadius(x: Float64Array, r: Float64Array, plan: Int32Array, value: Float64Array, precision: Precision): Float64Array {
  const [own, size, count, fraction] = [
    new Float64Array(value.length),
    new Float64Array(value.length),
    new Float64Array(value.length),
    new Uint8Array(value.length),
  ]
  for (let i = 0; i < x.length; i++) {
    const to = plan[i]!
    own[to]! += r[i]!
    size[to]! += Math.abs(x[i]!)
    count[to]!++
    if (!Number.isInteger(x[i])) fraction[to] = 1
  }
  return value.map((v, i) => {
    if (own[i] === 0 && (!Number.isFinite(v) || count[i]! < 2 || (fraction[i] === 0 && size[i]! < 2 ** 24))) return 0
    return known(own[i]! + additions(count[i]!) * precision.roundoff * size[i]! + (size[i]! > precision.huge ? Infinity : precision.tiny))
  })
}

const additions = (terms: number): number => 2 + Math.min(terms, 8 * Math.sqrt(terms))

function matmulRadius({ values, radii, shapes, precision }: Context, node: Extract<Node, { op: 'matmul' }>, self: number): Float64Array {
  const [first, second] = node.inputs as [number, number]
  const [m, n] = shapes[self]!.slice(-2) as [number, number]
  const k = shapes[first]!.at(node.transposeA ? -2 : -1)!
  const gamma = additions(k) * precision.roundoff
  const [a, b, ra, rb] = [values[first]!.map(Math.abs), values[second]!.map(Math.abs), radii[first]!, radii[second]!]
  const [moved, scale, own] = [new Float64Array(m * n), new Float64Array(m * n), new Float64Array(m * n)]
  const out = new Float64Array(values[self]!.length)
  const [wideB, roundedB] = [b.map((v, i) => v + rb[i]!), b.map((v, i) => gamma * v + rb[i]!)]
  for (let batch = 0; batch * m * n < out.length; batch++) {
    const sa = { offset: batch * m * k, row: node.transposeA ? 1 : k, column: node.transposeA ? m : 1 }
    const sb = { offset: batch * k * n, row: node.transposeB ? 1 : n, column: node.transposeB ? k : 1 }
    multiply(a, sa, roundedB, sb, own, 0, m, k, n)
    multiply(ra, sa, wideB, sb, moved, 0, m, k, n)
    multiply(a, sa, b, sb, scale, 0, m, k, n)
    for (let i = 0; i < m * n; i++) {
      const v = values[self]![batch * m * n + i]!
      const total = own[i]! + moved[i]!
      // Zero times anything finite is exactly zero; NaN and infinities only pass where nothing about them is in doubt.
      out[batch * m * n + i] =
        total === 0
          ? 0
          : !Number.isFinite(v)
            ? doubtful(a, ra, sa, b, rb, sb, Math.floor(i / n), i % n, k)
            : scale[i]! > precision.huge
              ? Infinity
              : known(total + precision.tiny)
    }
  }
  return out
}

interface Layout {
  offset: number
  row: number
  column: number
}

function doubtful(
  a: Float64Array,
  ra: Float64Array,
  sa: Layout,
  b: Float64Array,
  rb: Float64Array,
  sb: Layout,
  i: number,
  j: number,
  k: number,
): number {
  let sure = false
  for (let l = 0; l < k; l++) {
    const [p, q] = [sa.offset + i * sa.row + l * sa.column, sb.offset + l * sb.row + j * sb.column]
    if ((Number.isNaN(a[p]) && ra[p] === 0) || (Number.isNaN(b[q]) && rb[q] === 0)) sure = true
  }
  return sure ? 0 : Infinity
}
