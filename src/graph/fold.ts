import type { Ref } from './builder.js'
import type { Node } from './graph.js'
import { elementwiseOps, isBinary, isComparison, isUnary } from './ops.js'
import type { Rewriter, Rule } from './rewriter.js'
import { sizeOf, type Shape } from './shape.js'

/** Constants larger than this are not computed in advance: a Graph should not grow by it. */
const largest = 4096

/** Computes in advance what depends on constants only. Broadcasts of constants stay: they are the smaller form. */
export const foldConstants: Rule = (r, node) => foldUniform(r, node) ?? foldArrays(r, node)

/** Element-wise operations, and moves, of values that are one number everywhere; the shape may depend on the rows. */
function foldUniform(r: Rewriter, node: Node): Ref | undefined {
  const { op, shape } = node
  if (node.inputs.length === 0) return undefined
  const [a, b, c] = node.inputs.map((input) => r.uniform(input))
  if (a === undefined) return undefined
  const rounded = node.inputs.some((input) => r.isRounded(input))
  if (isUnary(op)) return r.fill(elementwiseOps[op].value(a), shape, rounded)
  if (op === 'transpose' || op === 'slice') return r.fill(a, shape, rounded)
  if (op === 'reshape') return r.node(node.inputs[0]!).op === 'broadcast' ? r.fill(a, shape, rounded) : undefined
  if (b === undefined) return undefined
  if (isBinary(op) || isComparison(op)) return r.fill(elementwiseOps[op].value(a, b), shape, rounded)
  if (op === 'select' && c !== undefined) return r.fill(a !== 0 ? b : c, shape, rounded)
  if (op === 'concat') return node.inputs.every((input) => Object.is(r.uniform(input), a)) ? r.fill(a, shape, rounded) : undefined
  return undefined
}

function foldArrays(r: Rewriter, node: Node): Ref | undefined {
  const { op, shape } = node
  if (shape.some((d) => d < 0) || sizeOf(shape) > largest) return undefined
  const operands = node.inputs.flatMap((input) => {
    const operand = r.node(input)
    return operand.op === 'constant' ? [operand] : []
  })
  if (operands.length === 0 || operands.length < node.inputs.length) return undefined
  const [first] = operands
  const rounded = operands.some((operand) => operand.rounded)
  const read = (operand: number, coordinates: readonly number[]): number => valueAt(operands[operand]!, coordinates)
  const compute = (element: (coordinates: readonly number[]) => number): Ref =>
    r.constant(coordinatesOf(shape).map(element), shape, rounded)

  if (isUnary(op)) return compute((at) => elementwiseOps[op].value(read(0, at)))
  if (isBinary(op) || isComparison(op)) return compute((at) => elementwiseOps[op].value(read(0, at), read(1, at)))
  switch (op) {
    case 'select':
      return compute((at) => (read(0, at) !== 0 ? read(1, at) : read(2, at)))
    case 'reshape':
      return r.constant(first!.values, shape, rounded)
    case 'transpose':
      return compute((at) =>
        read(
          0,
          first!.shape.map((_, axis) => at[node.permutation.indexOf(axis)]!),
        ),
      )
    case 'slice':
      return compute((at) =>
        read(
          0,
          at.map((i, axis) => i + node.begin[axis]!),
        ),
      )
    case 'pad':
      return compute((at) => {
        const inside = at.map((i, axis) => i - node.before[axis]!)
        return inside.every((i, axis) => i >= 0 && i < first!.shape[axis]!) ? read(0, inside) : 0
      })
    case 'concat':
      return compute((at) => {
        let position = at[node.axis]!
        let part = 0
        while (position >= operands[part]!.shape[node.axis]!) position -= operands[part++]!.shape[node.axis]!
        return read(
          part,
          at.map((i, axis) => (axis === node.axis ? position : i)),
        )
      })
    case 'sum':
    case 'max': {
      const reduced = first!.shape.map((d, axis) => (node.axes.includes(axis) ? d : 1))
      const kept = first!.shape.flatMap((_, axis) => (node.axes.includes(axis) ? [] : [axis]))
      return compute((at) =>
        coordinatesOf(reduced).reduce(
          (total, inner) => {
            const value = read(
              0,
              inner.map((i, axis) => (kept.includes(axis) ? at[kept.indexOf(axis)]! : i)),
            )
            return op === 'sum' ? total + value : Math.max(total, value)
          },
          op === 'sum' ? 0 : -Infinity,
        ),
      )
    }
    default:
      return undefined
  }
}

/** All coordinates of a shape in row-major order. */
function coordinatesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>((all, d) => all.flatMap((at) => Array.from({ length: d }, (_, i) => [...at, i])), [[]])
}

/** The element a constant has at coordinates of a shape that it broadcasts to. */
function valueAt({ values, shape }: Extract<Node, { op: 'constant' }>, coordinates: readonly number[]): number {
  const lead = coordinates.length - shape.length
  return values[shape.reduce((position, d, axis) => position * d + (d === 1 ? 0 : coordinates[axis + lead]!), 0)]!
}
