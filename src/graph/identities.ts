import type { Ref } from './builder.js'
import type { Node } from './graph.js'
import { isBinary, isComparison, isElementwise, isUnary } from './ops.js'
import type { Rewriter, Rule } from './rewriter.js'
import { broadcastAxes, broadcastShapes, sameShape, type Shape } from './shape.js'

type NodeOf<Op extends Node['op']> = Extract<Node, { op: Op }>

/**
 * Element-wise operations compute on what was broadcast, not on its copies: `f(broadcast x)` is `broadcast f(x)`, and
 * a broadcast that the operation does by itself goes away.
 */
export const postponeBroadcasts: Rule = (r, node) => {
  if (!isElementwise(node.op)) return undefined
  const inputs = node.inputs.map((input) => beforeBroadcast(r, input))
  if (inputs.every((input, i) => input === node.inputs[i])) return undefined
  const shape = inputs.map((input) => r.shape(input)).reduce((a, b) => broadcastShapes(a, b))
  return r.broadcast(r.emit({ ...node, inputs, shape } as Node), node.shape)
}

/** The value that broadcasting, or a reshape that only adds leading axes of size 1, makes this one from. */
function beforeBroadcast(r: Rewriter, ref: Ref): Ref {
  const node = r.node(ref)
  const source = node.inputs[0]
  if (source === undefined) return ref
  const addsLeadingOnes =
    node.op === 'reshape' &&
    r.shape(source).length < node.shape.length &&
    sameShape(withoutLeadingOnes(node.shape), withoutLeadingOnes(r.shape(source)))
  return node.op === 'broadcast' || addsLeadingOnes ? beforeBroadcast(r, source) : ref
}

const withoutLeadingOnes = (shape: Shape): Shape =>
  shape.slice(shape.findIndex((d) => d !== 1) < 0 ? shape.length : shape.findIndex((d) => d !== 1))

/** Identities of arithmetic. `x * 0` is none of them, nor is `x - x`: they are NaN where x is not finite. */
export const arithmetic: Rule = (r, node) => {
  const [first, second, third] = node.inputs as [Ref, Ref, Ref]
  const whole = (ref: Ref): Ref => r.broadcast(ref, node.shape)
  const binary = (op: 'add' | 'sub' | 'mul' | 'div', a: Ref, b: Ref): Ref => r.emit({ op, inputs: [a, b], shape: node.shape })
  const negated = (ref: Ref): Ref | undefined => operandOf(r, ref, 'neg')
  const [a, b] = isBinary(node.op) || isComparison(node.op) ? [r.uniform(first), r.uniform(second)] : []
  /** Two signs cancel; one goes into a constant. */
  const passSign = (op: 'mul' | 'div'): Ref | undefined => {
    const [x, y] = [negated(first), negated(second)]
    if (x !== undefined && y !== undefined) return binary(op, x, y)
    if (x !== undefined && b !== undefined) return binary(op, x, r.fill(-b, r.shape(second), r.isRounded(second)))
    return y !== undefined && a !== undefined ? binary(op, r.fill(-a, r.shape(first), r.isRounded(first)), y) : undefined
  }

  switch (node.op) {
    case 'neg': {
      const x = negated(first)
      if (x !== undefined) return x
      const inner = r.node(first)
      const scale = inner.op === 'mul' ? inner.inputs.findIndex((input) => r.uniform(input) !== undefined) : -1
      return scale < 0
        ? undefined
        : binary(
            'mul',
            inner.inputs[1 - scale]!,
            r.fill(-r.uniform(inner.inputs[scale]!)!, r.shape(inner.inputs[scale]!), r.isRounded(inner.inputs[scale]!)),
          )
    }
    case 'square':
    case 'abs': {
      const x = negated(first) ?? operandOf(r, first, 'abs')
      return x === undefined ? undefined : r.unary(node.op, x)
    }
    case 'relu':
      return operandOf(r, first, 'relu') === undefined ? undefined : first
    case 'add': {
      if (b === 0) return whole(first)
      if (a === 0) return whole(second)
      const [x, y] = [negated(first), negated(second)]
      return y !== undefined ? binary('sub', first, y) : x !== undefined ? binary('sub', second, x) : undefined
    }
    case 'sub': {
      if (b === 0) return whole(first)
      if (a === 0) return r.unary('neg', whole(second))
      const y = negated(second)
      return y === undefined ? undefined : binary('add', first, y)
    }
    case 'mul': {
      if (b === 1) return whole(first)
      if (a === 1) return whole(second)
      if (b === -1) return r.unary('neg', whole(first))
      if (a === -1) return r.unary('neg', whole(second))
      if (first === second) return r.unary('square', first)
      return passSign('mul')
    }
    case 'div': {
      if (b !== undefined && isPowerOfTwo(b)) return binary('mul', first, r.fill(1 / b, r.shape(second)))
      return passSign('div')
    }
    case 'pow':
      if (b === 0) return r.fill(1, node.shape)
      return b === 1 ? whole(first) : b === 2 ? r.unary('square', whole(first)) : b === -1 ? r.unary('reciprocal', whole(first)) : undefined
    case 'maximum':
    case 'minimum':
      return first === second ? first : undefined
    case 'notEqual':
      return b === 0 && isTruth(r, first) ? whole(first) : undefined
    case 'equal': {
      const inner = r.node(first)
      if (b !== 0 || (inner.op !== 'equal' && inner.op !== 'notEqual')) return undefined
      return whole(r.emit({ op: inner.op === 'equal' ? 'notEqual' : 'equal', inputs: inner.inputs, shape: inner.shape }))
    }
    case 'select':
      return simplifySelect(r, node, first, second, third)
    default:
      return undefined
  }
}

function simplifySelect(r: Rewriter, node: Node, condition: Ref, a: Ref, b: Ref): Ref | undefined {
  const known = r.uniform(condition)
  if (known !== undefined) return r.broadcast(known !== 0 ? a : b, node.shape)
  if (a === b) return r.broadcast(a, node.shape)
  const again = (inputs: readonly Ref[]): Ref => {
    const shape = inputs.map((input) => r.shape(input)).reduce((x, y) => broadcastShapes(x, y))
    return r.broadcast(r.emit({ op: 'select', inputs, shape }), node.shape)
  }
  const test = r.node(condition)
  if (
    (test.op === 'notEqual' || test.op === 'equal') &&
    r.uniform(test.inputs[1]!) === 0 &&
    sameShape(r.shape(test.inputs[0]!), test.shape)
  ) {
    return again(test.op === 'notEqual' ? [test.inputs[0]!, a, b] : [test.inputs[0]!, b, a])
  }
  const [left, right] = [r.node(a), r.node(b)]
  if (left.op === 'select' && left.inputs[0] === condition) return again([condition, left.inputs[1]!, b])
  if (isUnary(left.op) || isBinary(left.op)) {
    // where the condition holds, an inner select on it takes its first branch
    const inputs = left.inputs.map((input) => {
      const inner = r.node(input)
      return inner.op === 'select' && inner.inputs[0] === condition ? inner.inputs[1]! : input
    })
    if (inputs.some((input, i) => input !== left.inputs[i])) {
      const shape = inputs.map((input) => r.shape(input)).reduce((x, y) => broadcastShapes(x, y))
      return again([condition, r.emit({ ...left, inputs, shape } as Node), b])
    }
  }
  if (right.op === 'select' && right.inputs[0] === condition) return again([condition, a, right.inputs[2]!])
  return undefined
}

const operandOf = (r: Rewriter, ref: Ref, op: 'neg' | 'abs' | 'relu'): Ref | undefined =>
  r.node(ref).op === op ? r.node(ref).inputs[0] : undefined

/** Whether a value is 0 or 1 everywhere. */
const isTruth = (r: Rewriter, ref: Ref): boolean => {
  const node = r.node(ref)
  return (
    isComparison(node.op) || ((node.op === 'broadcast' || node.op === 'reshape' || node.op === 'transpose') && isTruth(r, node.inputs[0]!))
  )
}

/** Dividing by these is exactly multiplying by their inverse. */
const isPowerOfTwo = (x: number): boolean =>
  Math.abs(x) > 1e-30 && Math.abs(x) < 1e30 && 2 ** Math.round(Math.log2(Math.abs(x))) === Math.abs(x)

/** Moves of elements that undo, follow or contain one another. */
export const movement: Rule = (r, node) => {
  const x = node.inputs[0]!
  if (x === undefined) return undefined
  const inner = r.node(x)
  const source = inner.inputs[0]!
  switch (node.op) {
    case 'reshape':
      if (sameShape(r.shape(x), node.shape)) return x
      return inner.op === 'reshape' ? r.reshape(source, node.shape) : undefined
    case 'broadcast': {
      if (sameShape(r.shape(x), node.shape)) return x
      const from = beforeBroadcast(r, x)
      return from === x ? undefined : r.broadcast(from, node.shape)
    }
    case 'transpose':
      if (node.permutation.every((p, axis) => p === axis)) return x
      return inner.op === 'transpose'
        ? r.emit({ ...node, inputs: [source], permutation: node.permutation.map((p) => inner.permutation[p]!) })
        : undefined
    case 'slice':
      if (sameShape(r.shape(x), node.shape)) return x
      if (inner.op === 'slice')
        return r.emit({ ...node, inputs: [source], begin: node.begin.map((begin, axis) => begin + inner.begin[axis]!) })
      if (inner.op === 'broadcast') return sliceOfBroadcast(r, node, source)
      if (inner.op === 'pad') return sliceOfPad(r, node, inner)
      return inner.op === 'concat' ? sliceOfConcat(r, node, inner) : undefined
    case 'pad':
      if (inner.op !== 'pad') return undefined
      return r.emit({
        ...node,
        inputs: [source],
        before: node.before.map((p, axis) => p + inner.before[axis]!),
        after: node.after.map((p, axis) => p + inner.after[axis]!),
      })
    case 'concat': {
      const parts = node.inputs.flatMap((part) => {
        const joined = r.node(part)
        return joined.op === 'concat' && joined.axis === node.axis ? joined.inputs : [part]
      })
      return parts.length === node.inputs.length ? concatOfCopies(r, node) : r.emit({ ...node, inputs: parts })
    }
    case 'add':
      return joinPads(r, node)
    case 'sum':
    case 'max':
      return reduceBroadcast(r, node)
    case 'matmul':
      return absorbTransposes(r, node) ?? productOfCopies(r, node)
    default:
      return undefined
  }
}

/** A slice that cuts along copied axes only copies less. */
function sliceOfBroadcast(r: Rewriter, node: NodeOf<'slice'>, source: Ref): Ref | undefined {
  const whole = r.shape(node.inputs[0]!)
  const copied = broadcastAxes(r.shape(source), whole)
  return whole.every((d, axis) => d === node.shape[axis] || copied.includes(axis)) ? r.broadcast(source, node.shape) : undefined
}

/** A slice that lies within what was padded is a slice of that. */
function sliceOfPad(r: Rewriter, node: NodeOf<'slice'>, inner: NodeOf<'pad'>): Ref | undefined {
  const source = inner.inputs[0]!
  const shape = r.shape(source)
  const begin = node.begin.map((start, axis) => start - inner.before[axis]!)
  const inside = shape.every((d, axis) => d < 0 || (begin[axis]! >= 0 && begin[axis]! + node.shape[axis]! <= d))
  return inside ? r.emit({ ...node, inputs: [source], begin }) : undefined
}

/** Copies of one value side by side are more copies of it. */
function concatOfCopies(r: Rewriter, node: NodeOf<'concat'>): Ref | undefined {
  const sources = node.inputs.map((part) => beforeBroadcast(r, part))
  const shape = r.shape(sources[0]!)
  const along = shape[node.axis - (node.shape.length - shape.length)] ?? 1
  return along === 1 && sources.every((source) => source === sources[0]) ? r.broadcast(sources[0]!, node.shape) : undefined
}

/** A slice that lies within one part of a concat is a slice of that part. */
function sliceOfConcat(r: Rewriter, node: NodeOf<'slice'>, inner: NodeOf<'concat'>): Ref | undefined {
  const { axis } = inner
  if (node.shape[axis]! < 0) return undefined
  let position = 0
  for (const part of inner.inputs) {
    const size = r.shape(part)[axis]!
    const begin = node.begin[axis]! - position
    if (begin >= 0 && begin + node.shape[axis]! <= size)
      return r.emit({ ...node, inputs: [part], begin: node.begin.map((b, i) => (i === axis ? begin : b)) })
    position += size
  }
  return undefined
}

/** The sum of two blocks padded alike, or to lie side by side, as gradients of slices have it, is one padded block. */
function joinPads(r: Rewriter, node: Node): Ref | undefined {
  const [x, y] = node.inputs.map((input) => r.node(input))
  if (x?.op !== 'pad' || y?.op !== 'pad' || !sameShape(x.shape, y.shape)) return undefined
  const [p, q] = [x.inputs[0]!, y.inputs[0]!]
  const axes = x.shape.flatMap((_, axis) => (x.before[axis] !== y.before[axis] || x.after[axis] !== y.after[axis] ? [axis] : []))
  if (axes.length === 0) return r.emit({ ...x, inputs: [r.emit({ op: 'add', inputs: [p, q], shape: r.shape(p) })] })
  if (axes.length !== 1) return undefined
  const axis = axes[0]!
  const join = (left: NodeOf<'pad'>, right: NodeOf<'pad'>, parts: readonly Ref[]): Ref | undefined => {
    if (left.before[axis]! + r.shape(parts[0]!)[axis]! !== right.before[axis]) return undefined
    const size = r.shape(parts[0]!)[axis]! + r.shape(parts[1]!)[axis]!
    const whole = r.emit({ op: 'concat', axis, inputs: parts, shape: r.shape(p).map((d, i) => (i === axis ? size : d)) })
    return sameShape(r.shape(whole), node.shape)
      ? whole
      : r.emit({ op: 'pad', before: left.before, after: right.after, inputs: [whole], shape: node.shape })
  }
  return join(x, y, [p, q]) ?? join(y, x, [q, p])
}

/**
 * Reducing over axes of size 1, or over copies made by broadcast: n copies of x sum to n x. Copies along the rows stay
 * as they are, since there may be none.
 */
function reduceBroadcast(r: Rewriter, node: NodeOf<'sum' | 'max'>): Ref | undefined {
  const x = node.inputs[0]!
  const shape = r.shape(x)
  const source = r.node(x).op === 'broadcast' ? r.node(x).inputs[0]! : x
  const copied = source === x ? [] : broadcastAxes(r.shape(source), shape)
  const plain = node.axes.filter((axis) => shape[axis] === 1 || (copied.includes(axis) && shape[axis]! > 1))
  if (plain.length === 0) return undefined
  const count = plain.reduce((product, axis) => product * shape[axis]!, 1)
  const lead = shape.length - r.shape(source).length
  const fewer = shape.flatMap((d, axis) => (plain.includes(axis) ? [] : [d]))
  const squeezed = r.reshape(
    source,
    r.shape(source).filter((_, axis) => !plain.includes(axis + lead)),
  )
  const rest = node.axes.filter((axis) => !plain.includes(axis)).map((axis) => axis - plain.filter((p) => p < axis).length)
  const value = r.broadcast(squeezed, fewer)
  const reduced = rest.length === 0 ? value : r.emit({ ...node, axes: rest, inputs: [value], shape: node.shape })
  return node.op === 'max' || count === 1 ? reduced : r.emit({ op: 'mul', inputs: [reduced, r.constant([count], [])], shape: node.shape })
}

/** A transposed operand of a matmul becomes a flag of it. */
function absorbTransposes(r: Rewriter, node: NodeOf<'matmul'>): Ref | undefined {
  const flipped = node.inputs.map((input) => {
    const inner = r.node(input)
    if (inner.op !== 'transpose') return undefined
    const rank = inner.shape.length
    const swap = inner.permutation.every((p, axis) => p === (axis === rank - 2 ? rank - 1 : axis === rank - 1 ? rank - 2 : axis))
    return swap ? inner.inputs[0] : undefined
  })
  if (flipped.every((source) => source === undefined)) return undefined
  return r.emit({
    ...node,
    inputs: node.inputs.map((input, i) => flipped[i] ?? input),
    transposeA: node.transposeA !== (flipped[0] !== undefined),
    transposeB: node.transposeB !== (flipped[1] !== undefined),
  })
}

/** The product of many copies of one row is many copies of its product, as in Jacobians: the tangents of all rows are alike. */
function productOfCopies(r: Rewriter, node: NodeOf<'matmul'>): Ref | undefined {
  const [x, y] = node.inputs as [Ref, Ref]
  const copies = r.node(x)
  const [rows, n] = node.shape as [number, number]
  if (copies.op !== 'broadcast' || node.shape.length !== 2 || node.transposeA || rows === 1) return undefined
  const source = copies.inputs[0]!
  const shape = r.shape(source)
  if (shape.length === 2 && shape[0] !== 1) return undefined
  const row = r.broadcast(source, [1, copies.shape[1]!])
  return r.broadcast(r.emit({ ...node, inputs: [row, y], shape: [1, n] }), node.shape)
}
