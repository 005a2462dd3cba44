import type { Graph, Node } from '../../src/graph/graph.js'
import { isBinary, isComparison, isUnary } from '../../src/graph/ops.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import {
  binaryFunctions,
  broadcastPlan,
  indexPlan,
  multiply,
  reductionPlan,
  rowIndex,
  stridesOf,
  unaryFunctions,
  type Strided,
} from './kernels.js'
import { solveDense } from './linear.js'

/** Fills the buffer of one node from those of earlier ones. */
type Step = (buffers: Float64Array[]) => void

/** A Graph laid out for one number of rows. Buffers are reused by every run; those of inputs are set by the caller. */
export interface Plan {
  readonly buffers: Float64Array[]
  readonly shapes: readonly (readonly number[])[]
  readonly steps: readonly Step[]
}

export function planGraph(graph: Graph, rows: number): Plan {
  const shapes = graph.nodes.map(({ shape }) => shapeAt(shape, rows))
  const buffers = graph.nodes.map((node, i) => {
    if (node.op === 'input' || node.op === 'reshape') return new Float64Array(0)
    if (node.op === 'constant') return Float64Array.from(node.values)
    if (node.op === 'rows') return Float64Array.of(rows)
    return new Float64Array(sizeOf(shapes[i]!))
  })
  const steps = graph.nodes.flatMap((node, i) => planNode(node, i, shapes) ?? [])
  return { buffers, shapes, steps }
}

function planNode(node: Node, self: number, shapes: readonly (readonly number[])[]): Step | undefined {
  const shape = shapes[self]!
  const [first, second, third] = node.inputs as [number, number, number]
  const from = shapes[first]!
  if (isUnary(node.op)) {
    const f = unaryFunctions[node.op]
    return (buffers) => apply(f, buffers[first]!, buffers[self]!)
  }
  if (isBinary(node.op) || isComparison(node.op)) {
    const f = binaryFunctions[node.op]
    const a = operand(shapes[first]!, shape)
    const b = operand(shapes[second]!, shape)
    return (buffers) => combine(f, buffers[first]!, a, buffers[second]!, b, buffers[self]!)
  }
  switch (node.op) {
    case 'input':
    case 'constant':
    case 'rows':
      return undefined
    case 'select': {
      const plans = node.inputs.map((i) => broadcastPlan(shapes[i]!, shape))
      return (buffers) => {
        const [condition, a, b, out] = [buffers[first]!, buffers[second]!, buffers[third]!, buffers[self]!]
        for (let i = 0; i < out.length; i++) out[i] = condition[plans[0]![i]!] !== 0 ? a[plans[1]![i]!]! : b[plans[2]![i]!]!
      }
    }
    case 'matmul':
      return planMatmul(node, self, shapes)
    case 'sum': {
      const plan = reductionPlan(from, node.axes)
      return (buffers) => {
        const [x, out] = [buffers[first]!, buffers[self]!.fill(0)]
        for (let i = 0; i < x.length; i++) out[plan[i]!]! += x[i]!
      }
    }
    case 'max': {
      const plan = reductionPlan(from, node.axes)
      return (buffers) => {
        const [x, out] = [buffers[first]!, buffers[self]!.fill(-Infinity)]
        for (let i = 0; i < x.length; i++) out[plan[i]!] = Math.max(out[plan[i]!]!, x[i]!)
      }
    }
    case 'reshape':
      return (buffers) => {
        buffers[self] = buffers[first]!
      }
    case 'broadcast':
      return take(first, self, broadcastPlan(from, shape))
    case 'transpose': {
      const strides = stridesOf(from)
      return take(
        first,
        self,
        indexPlan(
          shape,
          node.permutation.map((axis) => strides[axis]!),
        ),
      )
    }
    case 'slice': {
      const strides = stridesOf(from)
      return take(
        first,
        self,
        indexPlan(
          shape,
          strides,
          node.begin.reduce((offset, begin, axis) => offset + begin * strides[axis]!, 0),
        ),
      )
    }
    case 'pad':
      return put([first], self, [blockPlan(from, shape, node.before)])
    case 'concat': {
      let position = 0
      const plans = node.inputs.map((i) => {
        const plan = blockPlan(
          shapes[i]!,
          shape,
          shape.map((_, axis) => (axis === node.axis ? position : 0)),
        )
        position += shapes[i]![node.axis]!
        return plan
      })
      return put(node.inputs, self, plans)
    }
    case 'gather':
    case 'scatter': {
      const gathers = node.op === 'gather'
      const count = gathers ? from[0]! : shape[0]!
      const width = sizeOf(shape.slice(1))
      return (buffers) => {
        const [x, index, out] = [buffers[first]!, buffers[second]!, buffers[self]!.fill(0)]
        for (let i = 0; i < index.length; i++) {
          const row = rowIndex(index[i]!, count, `%${self} = ${node.op}`) * width
          const [source, target] = gathers ? [row, i * width] : [i * width, row]
          for (let j = 0; j < width; j++) out[target + j]! += x[source + j]!
        }
      }
    }
    // Here the factors of a matrix are the matrix itself, which is what derivatives take them for.
    case 'lu': {
      const [n, size] = [shape.at(-1)!, sizeOf(from.slice(-2))]
      return (buffers) => {
        const [a, out] = [buffers[first]!, buffers[self]!]
        for (let i = 0; i * size < a.length; i++) out.set(a.subarray(i * size, (i + 1) * size), i * (size + n))
      }
    }
    case 'luSolve': {
      const n = shape.at(-1)!
      const { transposed } = node
      return (buffers) => {
        const [factors, b, out] = [buffers[first]!, buffers[second]!, buffers[self]!]
        for (let i = 0; i * n < b.length; i++)
          out.set(solveDense(factors.subarray(i * n * (n + 1)), b.subarray(i * n, (i + 1) * n), transposed), i * n)
      }
    }
    default:
      node.op satisfies never
      return undefined
  }
}

/** The elements an operand contributes: undefined where it has the result's own layout. */
const operand = (from: readonly number[], to: readonly number[]): Int32Array | undefined =>
  sizeOf(from) === sizeOf(to) ? undefined : broadcastPlan(from, to)

/** Where a block that starts at `begin` lies inside an array of shape `whole`. */
function blockPlan(block: readonly number[], whole: readonly number[], begin: readonly number[]): Int32Array {
  const strides = stridesOf(whole)
  return indexPlan(
    block,
    strides,
    begin.reduce((offset, b, axis) => offset + b * strides[axis]!, 0),
  )
}

const take =
  (source: number, self: number, plan: Int32Array): Step =>
  (buffers) => {
    const [x, out] = [buffers[source]!, buffers[self]!]
    for (let i = 0; i < out.length; i++) out[i] = x[plan[i]!]!
  }

const put =
  (sources: readonly number[], self: number, plans: readonly Int32Array[]): Step =>
  (buffers) => {
    const out = buffers[self]!.fill(0)
    sources.forEach((source, part) => {
      const [x, plan] = [buffers[source]!, plans[part]!]
      for (let i = 0; i < x.length; i++) out[plan[i]!] = x[i]!
    })
  }

function apply(f: (x: number) => number, x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = f(x[i]!)
}

function combine(
  f: (a: number, b: number) => number,
  a: Float64Array,
  planA: Int32Array | undefined,
  b: Float64Array,
  planB: Int32Array | undefined,
  out: Float64Array,
): void {
  if (planA === undefined && planB === undefined) {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i]!, b[i]!)
  } else if (planA === undefined) {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i]!, b[planB![i]!]!)
  } else if (planB === undefined) {
    for (let i = 0; i < out.length; i++) out[i] = f(a[planA[i]!]!, b[i]!)
  } else {
    for (let i = 0; i < out.length; i++) out[i] = f(a[planA[i]!]!, b[planB[i]!]!)
  }
}

function planMatmul(node: Extract<Node, { op: 'matmul' }>, self: number, shapes: readonly (readonly number[])[]): Step {
  const [a, b] = node.inputs as [number, number]
  const shape = shapes[self]!
  const [m, n] = [shape.at(-2)!, shape.at(-1)!]
  const k = shapes[a]!.at(node.transposeA ? -2 : -1)!
  const batches = sizeOf(shape.slice(0, -2))
  const layout = (rowsOf: number, columnsOf: number, transposed: boolean, batch: number): Strided => ({
    offset: batch * rowsOf * columnsOf,
    row: transposed ? 1 : columnsOf,
    column: transposed ? rowsOf : 1,
  })
  const products = Array.from({ length: batches }, (_, batch) => ({
    a: layout(m, k, node.transposeA, batch),
    b: layout(k, n, node.transposeB, batch),
    out: batch * m * n,
  }))
  return (buffers) => {
    const [x, y, out] = [buffers[a]!, buffers[b]!, buffers[self]!]
    for (const product of products) multiply(x, product.a, y, product.b, out, product.out, m, k, n)
  }
}
