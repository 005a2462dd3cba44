import { GraphBuilder, type Ref } from './builder.js'
import { extremumShare, maxTies, passUnary, powDerivativeOfBase, powDerivativeOfExponent, zerosOf } from './derivatives.js'
import type { Graph, Node } from './graph.js'
import { factorsOfMatrix, pushLuSolve } from './linearSystems.js'
import { isBinary, isComparison, isUnary } from './ops.js'
import { prune } from './prune.js'
import { inputOf } from './vjp.js'

/** Options of {@link jvp}. */
export interface JvpOptions {
  /** What names of tangents begin with. Another one keeps names apart in higher derivatives. Default: `dot.` */
  prefix?: string
}

/**
 * The Jacobian-vector product of a Graph, as a Graph (forward mode). Its inputs are those of `graph`, in order, then
 * `dot.<input>` for each name of `wrt`, of the input's shape; its outputs are those of `graph`, then `dot.<output>`
 * for each: the derivative of the output along that direction. The conventions are those of `vjp`.
 *
 * @param graph a Graph
 * @param wrt names of inputs that move
 * @param options what the new names begin with
 * @throws GraphError `Name` if there is no such input, or names would clash
 */
export function jvp(graph: Graph, wrt: readonly string[], { prefix = 'dot.' }: JvpOptions = {}): Graph {
  const b = new GraphBuilder()
  const inputs = new Map<string, Ref>()
  graph.nodes.forEach((node) => {
    if (node.op === 'input') inputs.set(node.name, b.input(node.name, node.shape))
    else b.copy(node, node.inputs)
  })
  const dots: (Ref | undefined)[] = []
  for (const name of wrt) {
    const ref = inputOf(inputs, name)
    dots[ref] = b.input(prefix + name, b.shape(ref))
  }
  graph.nodes.forEach((node, i) => {
    if (node.op === 'input' || node.inputs.every((input) => dots[input] === undefined)) return
    const dot = pushForward(
      b,
      node,
      i,
      node.inputs.map((input) => dots[input]),
    )
    dots[i] = dot === undefined ? undefined : b.broadcast(dot, node.shape)
  })
  for (const { name, node } of graph.outputs) b.output(name, node)
  for (const { name, node } of graph.outputs) b.output(prefix + name, dots[node] ?? zerosOf(b, b.shape(node)))
  return prune(b.build())
}

/** A node's tangent from those of its operands, of which one at least is not zero; `undefined` is zero. It may have yet to be broadcast. */
export function pushForward(b: GraphBuilder, node: Node, self: Ref, dots: readonly (Ref | undefined)[]): Ref | undefined {
  const [first, second] = node.inputs as [Ref, Ref]
  const [dot, dotSecond, dotThird] = dots
  const { op } = node
  const plus = (x: Ref | undefined, y: Ref | undefined): Ref | undefined => (x === undefined ? y : y === undefined ? x : b.add(x, y))
  const zero = (operand: number): Ref => dots[operand] ?? b.constant(0)

  if (isUnary(op)) return passUnary[op](b, dot!, first, self)
  if (isComparison(op)) return undefined
  if (isBinary(op)) {
    switch (op) {
      case 'add':
        return plus(dot, dotSecond)
      case 'sub':
        return dotSecond === undefined ? dot : dot === undefined ? b.unary('neg', dotSecond) : b.sub(dot, dotSecond)
      case 'mul':
        return plus(dot && b.mul(dot, second), dotSecond && b.mul(first, dotSecond))
      case 'div': {
        const rest = dotSecond && b.mul(dotSecond, self)
        return b.div(rest === undefined ? dot! : dot === undefined ? b.unary('neg', rest) : b.sub(dot, rest), second)
      }
      case 'pow':
        return plus(
          dot && b.mul(dot, powDerivativeOfBase(b, first, second)),
          dotSecond && b.mul(dotSecond, powDerivativeOfExponent(b, first, self)),
        )
      case 'maximum':
      case 'minimum':
        return plus(dot && extremumShare(b, op, first, second, dot), dotSecond && extremumShare(b, op, second, first, dotSecond))
    }
  }
  switch (op) {
    case 'input':
    case 'constant':
    case 'rows':
      return undefined
    case 'select':
      return dotSecond === undefined && dotThird === undefined ? undefined : b.select(first, zero(1), zero(2))
    case 'matmul': {
      const { transposeA, transposeB } = node
      return plus(
        dot && b.matmul(dot, second, { transposeA, transposeB }),
        dotSecond && b.matmul(first, dotSecond, { transposeA, transposeB }),
      )
    }
    case 'sum':
      return b.sum(dot!, node.axes)
    case 'max': {
      const { ties, count } = maxTies(b, first, self, node.axes)
      return b.div(b.sum(b.select(ties, dot!, b.constant(0)), node.axes), b.reshape(count, node.shape))
    }
    case 'reshape':
      return b.reshape(dot!, node.shape)
    case 'broadcast':
      return b.broadcast(dot!, node.shape)
    case 'transpose':
      return b.transpose(dot!, node.permutation)
    case 'concat':
      return b.concat(
        node.inputs.map((part, i) => dots[i] ?? zerosOf(b, b.shape(part))),
        node.axis,
      )
    case 'slice':
      return b.slice(dot!, node.begin, node.shape)
    case 'pad':
      return b.pad(dot!, node.before, node.after)
    case 'gather':
      return dot && b.gather(dot, second)
    case 'scatter':
      return dot && b.scatter(dot, second, node.shape[0]!)
    case 'lu':
      return factorsOfMatrix(b, dot!)
    case 'luSolve':
      return pushLuSolve(b, node, self, dot, dotSecond)
    default:
      return op satisfies never
  }
}
