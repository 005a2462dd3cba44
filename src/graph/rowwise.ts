import { GraphError } from '../errors.js'
import type { Graph, Node } from './graph.js'
import { isBinary, isComparison, isUnary } from './ops.js'
import { formatShape, symbolicSize, type Shape } from './shape.js'
import { formatNode } from './text.js'

/**
 * How a value depends on the rows of the inputs:
 * - `free`: on none of them (parameters, constants, the number of rows);
 * - `rows`: element i along `axis`, of size `k * rows`, on row `floor(i / inner) mod rows` only;
 * - `mixed`: on several, or nobody knows; `culprit` is the node where that began.
 */
type Dependence =
  | { readonly kind: 'free' }
  | { readonly kind: 'rows'; readonly axis: number; readonly inner: number }
  | { readonly kind: 'mixed'; readonly culprit: number }

const free: Dependence = { kind: 'free' }

/**
 * Makes sure that in each output every element depends on at most one row of the inputs, and which one follows from
 * where it stands: a row's result is then the same alone and in any batch. The rows axis may move, be merged with
 * others and be split again. What cannot be followed counts as mixing.
 *
 * @param outputs the outputs to look at. Default: all
 * @throws GraphError `RowsMixed`, naming the output and the operation that mixes rows; `Name` if there is no such output
 */
export function assertRowwise(graph: Graph, outputs: readonly string[] = graph.outputs.map(({ name }) => name)): void {
  const dependences: Dependence[] = []
  graph.nodes.forEach((node, i) => {
    const operands = node.inputs.map((input) => dependences[input]!)
    const shapes = node.inputs.map((input) => graph.nodes[input]!.shape)
    const earlier = operands.find((operand) => operand.kind === 'mixed')
    dependences.push(earlier ?? dependenceOf(node, operands, shapes) ?? { kind: 'mixed', culprit: i })
  })
  for (const name of outputs) {
    const output = graph.outputs.find((candidate) => candidate.name === name)
    if (output === undefined)
      throw new GraphError('Name', `The Graph has no output "${name}"; it has ${graph.outputs.map((o) => `"${o.name}"`).join(', ')}.`)
    const dependence = dependences[output.node]!
    if (dependence.kind !== 'mixed') continue
    const { culprit } = dependence
    const node = graph.nodes[culprit]!
    const operands = node.inputs.map((input) => `%${input} : ${formatShape(graph.nodes[input]!.shape)}`).join(', ')
    throw new GraphError(
      'RowsMixed',
      `Output "${name}" mixes rows: in %${culprit} = ${formatNode(node)} (of ${operands}) one element depends on several rows. Each ` +
        'row must be computed from itself alone; do not reduce, gather or regroup along the rows axis.',
    )
  }
}

/** The dependence of a node whose operands are not mixed, or `undefined` if it mixes them. */
function dependenceOf(node: Node, operands: readonly Dependence[], shapes: readonly Shape[]): Dependence | undefined {
  const { op, shape } = node
  const [first, second] = operands
  if (op === 'input') return inputDependence(shape)
  if (operands.every(({ kind }) => kind === 'free')) return free
  if (isUnary(op)) return first
  if (isBinary(op) || isComparison(op) || op === 'select' || op === 'broadcast') {
    return agree(operands.map((operand, i) => shift(operand, shape.length - shapes[i]!.length)))
  }
  switch (op) {
    case 'constant':
    case 'rows':
      return free
    case 'matmul':
      return agree(matmulDependences(node, first!, second!))
    case 'sum':
    case 'max':
      if (first?.kind !== 'rows' || node.axes.includes(first.axis)) return undefined
      return { ...first, axis: first.axis - node.axes.filter((axis) => axis < first.axis).length }
    case 'reshape':
      return first?.kind === 'rows' ? reshaped(first, shapes[0]!, shape) : undefined
    case 'transpose':
      return first?.kind === 'rows' ? { ...first, axis: node.permutation.indexOf(first.axis) } : undefined
    case 'concat':
      return concatDependence(node, operands, shapes)
    case 'slice':
    case 'pad':
      return first
    case 'gather': // of a table by each row's index, or of other axes than the rows
      if (first!.kind === 'free') return second
      return second!.kind === 'free' && first!.kind === 'rows' && first!.axis > 0 ? first : undefined
    case 'scatter':
      return second!.kind === 'free' && first!.kind === 'rows' && first!.axis > 0 ? first : undefined
    case 'lu': // of matrices one by one
      return first?.kind === 'rows' && first.axis < shape.length - 2 ? first : undefined
    case 'luSolve': {
      const common = agree(operands)
      return common?.kind === 'rows' && common.axis < shape.length - 1 ? common : undefined
    }
    default:
      return op satisfies never
  }
}

/** An input's row r owns `k` elements that stand together along its axis of size `k * rows`. */
function inputDependence(shape: Shape): Dependence | undefined {
  const axes = shape.flatMap((d, axis) => (d < 0 ? [axis] : []))
  if (axes.length === 0) return free
  return axes.length === 1 ? { kind: 'rows', axis: axes[0]!, inner: -shape[axes[0]!]! } : undefined
}

const shift = (dependence: Dependence, axes: number): Dependence =>
  dependence.kind === 'rows' ? { ...dependence, axis: dependence.axis + axes } : dependence

/** The one dependence of all operands that have any. */
function agree(operands: readonly (Dependence | undefined)[]): Dependence | undefined {
  let common: Dependence = free
  for (const operand of operands) {
    if (operand === undefined || operand.kind === 'mixed') return undefined
    if (operand.kind === 'free') continue
    if (common.kind === 'rows' && (common.axis !== operand.axis || common.inner !== operand.inner)) return undefined
    common = operand
  }
  return common
}

/** Operands' rows as axes of the product; `undefined` where the product sums over them. */
function matmulDependences(
  { shape, transposeA, transposeB }: Extract<Node, { op: 'matmul' }>,
  a: Dependence,
  b: Dependence,
): (Dependence | undefined)[] {
  const [m, n] = [shape.length - 2, shape.length - 1]
  const place = (dependence: Dependence, summed: number, kept: number, target: number): Dependence | undefined => {
    if (dependence.kind !== 'rows' || dependence.axis < m) return dependence
    return dependence.axis === summed ? undefined : dependence.axis === kept ? { ...dependence, axis: target } : undefined
  }
  return [transposeA ? place(a, m, n, m) : place(a, n, m, m), transposeB ? place(b, n, m, n) : place(b, m, n, n)]
}

/**
 * In flat order element f belongs to row `floor(f / stride) mod rows`, `stride` being `inner` times the axes after. An
 * axis of the new shape keeps that if stride is a multiple of what stands after it.
 */
function reshaped({ axis, inner }: Extract<Dependence, { kind: 'rows' }>, from: Shape, to: Shape): Dependence | undefined {
  const size = symbolicSize(to)
  if (size.coefficient === 0) return free
  if (size.degree !== 1 || symbolicSize(from).degree !== 1) return undefined
  const target = to.findIndex((d) => d < 0)
  const after = (shape: Shape, position: number): number => symbolicSize(shape.slice(position + 1)).coefficient
  const stride = inner * after(from, axis)
  const rest = after(to, target)
  return stride % rest === 0 && -to[target]! % (stride / rest) === 0 ? { kind: 'rows', axis: target, inner: stride / rest } : undefined
}

/** Parts must agree; along the rows axis a part that depends on no row must not shift the others. */
function concatDependence(
  { axis }: Extract<Node, { op: 'concat' }>,
  operands: readonly Dependence[],
  shapes: readonly Shape[],
): Dependence | undefined {
  const common = agree(operands)
  if (common?.kind !== 'rows' || common.axis !== axis) return common
  return shapes.every((shape) => shape[axis]! % common.inner === 0) ? common : undefined
}
