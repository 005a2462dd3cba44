import { GraphError } from '../errors.js'
import { GraphBuilder, type Ref } from './builder.js'
import { Cotangents, move, restrict, scale, sumTo, type Cotangent } from './cotangents.js'
import { extremumShare, maxTies, passUnary, powDerivativeOfBase, powDerivativeOfExponent, zerosOf } from './derivatives.js'
import type { Graph, Node } from './graph.js'
import { isBinary, isComparison, isUnary, type BinaryOp } from './ops.js'
import { matrixOfFactors, pullLuSolve } from './linearSystems.js'
import { dependents, prune } from './prune.js'

/** Options of {@link vjp}. */
export interface VjpOptions {
  /** Whether the outputs of the Graph itself come first among the outputs. Default: false. */
  keepOutputs?: boolean
  /** The outputs that have a cotangent; those of the others count as zero. Default: all. */
  cotangents?: readonly string[]
  /** What names of cotangents begin with. Another one keeps names apart in higher derivatives. Default: `bar.` */
  prefix?: string
}

/**
 * The vector-Jacobian product of a Graph, as a Graph (reverse mode). Its inputs are those of `graph`, in order, then
 * `bar.<output>` for each cotangent, of the output's shape; its outputs are (the outputs of `graph`, if asked for,
 * then) `bar.<input>` for each name of `wrt`, in order, of the input's shape: the gradient of
 * `sum over outputs of sum(bar.<output> * <output>)`, zeros where nothing depends on the input. The result can be
 * differentiated again, any number of times.
 *
 * Conventions: maximum and minimum split evenly at ties, as does max over axes; the derivative of abs, sign and relu
 * at 0 is 0, that of comparisons is 0 everywhere; `a ** b` has derivative 0 with respect to a where a and b are 0,
 * and 0 with respect to b where a is 0.
 *
 * What a `select` does not take has no gradient, be it NaN: its zero cotangent is carried as a mask past
 * element-wise operations, reshaping, sums and, by whole rows of the left operand, matmul.
 *
 * @param graph a Graph
 * @param wrt names of the inputs to differentiate by
 * @param options which outputs have cotangents, whether the outputs stay, what the new names begin with
 * @throws GraphError `Name` if there is no such input or output, or names would clash
 */
export function vjp(graph: Graph, wrt: readonly string[], { keepOutputs = false, cotangents, prefix = 'bar.' }: VjpOptions = {}): Graph {
  const b = new GraphBuilder()
  const inputs = new Map<string, Ref>()
  graph.nodes.forEach((node) => {
    if (node.op === 'input') inputs.set(node.name, b.input(node.name, node.shape))
    else b.copy(node, node.inputs)
  })
  const sources = wrt.map((name) => inputOf(inputs, name))
  const seeded = cotangents ?? graph.outputs.map(({ name }) => name)
  const bars = new Cotangents(b)
  for (const { name, node } of outputsOf(graph, seeded)) bars.add(node, { value: b.input(prefix + name, b.shape(node)) })

  const depends = dependents(graph, sources)
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const bar = bars.get(i)
    if (bar === undefined || !depends[i]) continue
    const pulled = pull(b, graph.nodes[i]!, i, bar, (operand) => depends[graph.nodes[i]!.inputs[operand]!]!)
    pulled.forEach((contribution, operand) => {
      if (contribution !== undefined) bars.add(graph.nodes[i]!.inputs[operand]!, contribution)
    })
  }

  if (keepOutputs) for (const { name, node } of graph.outputs) b.output(name, node)
  wrt.forEach((name, i) => b.output(prefix + name, bars.get(sources[i]!)?.value ?? zerosOf(b, b.shape(sources[i]!))))
  return prune(b.build())
}

/** The node of an input, or an error that lists the inputs there are. */
export function inputOf(inputs: ReadonlyMap<string, Ref>, name: string): Ref {
  const ref = inputs.get(name)
  if (ref === undefined)
    throw new GraphError(
      'Name',
      `The Graph has no input "${name}" to differentiate by; it has ${[...inputs.keys()].map((n) => `"${n}"`).join(', ') || 'none'}.`,
    )
  return ref
}

function outputsOf(graph: Graph, names: readonly string[]): Graph['outputs'] {
  for (const name of names) {
    if (!graph.outputs.some((output) => output.name === name))
      throw new GraphError(
        'Name',
        `The Graph has no output "${name}" to give a cotangent to; it has ` +
          `${graph.outputs.map((output) => `"${output.name}"`).join(', ') || 'none'}.`,
      )
  }
  return graph.outputs.filter(({ name }) => names.includes(name))
}

/** What a node's cotangent contributes to each of its operands; `undefined` is zero. `wanted` tells which matter. */
function pull(b: GraphBuilder, node: Node, self: Ref, bar: Cotangent, wanted: (operand: number) => boolean): (Cotangent | undefined)[] {
  const [first, second, third] = node.inputs as [Ref, Ref, Ref]
  const { op } = node
  const to = (operand: Ref, contribution: Cotangent | undefined): Cotangent | undefined =>
    contribution && move(contribution, (x) => sumTo(b, x, b.shape(operand)))

  if (op === 'neg') return [negated(b, bar, first, second, self)]
  if (isUnary(op)) return [scale(b, bar, (value) => passUnary[op](b, value, first, self))]
  if (isComparison(op)) return []
  if (isBinary(op))
    return pullBinary[op].map((rule, operand) =>
      wanted(operand) ? to(node.inputs[operand]!, rule(b, bar, first, second, self)) : undefined,
    )
  switch (op) {
    case 'input':
    case 'constant':
    case 'rows':
      return []
    case 'select':
      return [
        undefined,
        wanted(1) ? to(second, restrict(b, bar, b.binary('notEqual', first, b.constant(0)))) : undefined,
        wanted(2) ? to(third, restrict(b, bar, b.binary('equal', first, b.constant(0)))) : undefined,
      ]
    case 'matmul':
      return pullMatmul(b, node, bar, wanted)
    case 'sum':
      return [move(bar, (x) => spread(b, x, first, node.axes))]
    case 'max':
      return [pullMax(b, node, self, bar)]
    case 'reshape':
      return [move(bar, (x) => b.reshape(x, b.shape(first)))]
    case 'broadcast':
      return [to(first, bar)]
    case 'transpose': {
      const inverse = node.permutation.map((_, axis) => node.permutation.indexOf(axis))
      return [move(bar, (x) => b.transpose(x, inverse))]
    }
    case 'concat':
      return pullConcat(b, node, bar, wanted)
    case 'slice': {
      const after = b.shape(first).map((d, axis) => (d < 0 ? 0 : d - node.begin[axis]! - node.shape[axis]!))
      return [move(bar, (x) => b.pad(x, node.begin, after))]
    }
    case 'pad':
      return [move(bar, (x) => b.slice(x, node.before, b.shape(first)))]
    case 'gather':
      return [move(bar, (x) => b.scatter(x, second, b.shape(first)[0]!))]
    case 'scatter':
      return [move(bar, (x) => b.gather(x, second))]
    case 'lu':
      return [move(bar, (x) => matrixOfFactors(b, x))]
    case 'luSolve':
      return pullLuSolve(b, node, self, bar, wanted)
    default:
      return op satisfies never
  }
}

/** What the cotangent of `y = op(first, second)` contributes to an operand, in the shape of y. */
type PullOperand = (b: GraphBuilder, bar: Cotangent, first: Ref, second: Ref, y: Ref) => Cotangent | undefined

const same: PullOperand = (_, bar) => bar
const negated: PullOperand = (b, bar) => ({ ...bar, value: b.unary('neg', bar.value) })
const times =
  (factor: (b: GraphBuilder, first: Ref, second: Ref, y: Ref) => Ref): PullOperand =>
  (b, bar, first, second, y) =>
    scale(b, bar, (value) => b.mul(value, factor(b, first, second, y)))
const extremum = (op: 'maximum' | 'minimum'): readonly [PullOperand, PullOperand] => [
  (b, bar, first, second) => ({ ...bar, value: extremumShare(b, op, first, second, bar.value) }),
  (b, bar, first, second) => ({ ...bar, value: extremumShare(b, op, second, first, bar.value) }),
]

const pullBinary: Readonly<Record<BinaryOp, readonly [first: PullOperand, second: PullOperand]>> = {
  add: [same, same],
  sub: [same, negated],
  mul: [times((_b, _first, second) => second), times((_b, first) => first)],
  div: [
    (b, bar, _, second) => scale(b, bar, (value) => b.div(value, second)),
    (b, bar, _, second, y) => scale(b, bar, (value) => b.unary('neg', b.mul(b.div(value, second), y))),
  ],
  pow: [
    times((b, first, second) => powDerivativeOfBase(b, first, second)),
    times((b, first, _, y) => powDerivativeOfExponent(b, first, y)),
  ],
  maximum: extremum('maximum'),
  minimum: extremum('minimum'),
}

/** The elements that are the largest share the cotangent evenly. */
function pullMax(b: GraphBuilder, { inputs, axes }: Extract<Node, { op: 'max' }>, self: Ref, bar: Cotangent): Cotangent {
  const x = inputs[0]!
  const { ties, count } = maxTies(b, x, self, axes)
  const kept = move(bar, (value) => b.reshape(value, b.shape(count)))
  const each = move(kept, (value) => b.broadcast(b.div(value, count), b.shape(x)))
  return restrict(b, each, ties)
}

/** Repeats a reduced value along the axes that were reduced. */
function spread(b: GraphBuilder, x: Ref, over: Ref, axes: readonly number[]): Ref {
  const shape = b.shape(over)
  return b.broadcast(
    b.reshape(
      x,
      shape.map((d, axis) => (axes.includes(axis) ? 1 : d)),
    ),
    shape,
  )
}

function pullMatmul(
  b: GraphBuilder,
  { transposeA, transposeB, inputs }: Extract<Node, { op: 'matmul' }>,
  { value, mask }: Cotangent,
  wanted: (operand: number) => boolean,
): (Cotangent | undefined)[] {
  const [left, right] = inputs as [Ref, Ref]
  let alive: Ref | undefined
  if (mask !== undefined) {
    const shape = b.shape(mask)
    const any = b.max(mask, [shape.length - 1])
    alive = b.reshape(any, [...shape.slice(0, -2), ...(transposeA ? [1, shape.at(-2)!] : [shape.at(-2)!, 1])])
  }
  const pullLeft = (): Cotangent => {
    const product = transposeA
      ? b.matmul(right, value, { transposeA: transposeB, transposeB: true })
      : b.matmul(value, right, { transposeB: !transposeB })
    return alive === undefined ? { value: product } : { value: product, mask: b.broadcast(alive, b.shape(left)) }
  }
  const pullRight = (): Cotangent => {
    const live = alive === undefined ? left : b.select(alive, left, b.constant(0))
    return {
      value: transposeB
        ? b.matmul(value, live, { transposeA: true, transposeB: transposeA })
        : b.matmul(live, value, { transposeA: !transposeA }),
    }
  }
  return [wanted(0) ? pullLeft() : undefined, wanted(1) ? pullRight() : undefined]
}

/** The rows axis cannot be sliced, so parts joined along it are cut from its multiple: [3·rows] as [3, rows]. */
function pullConcat(
  b: GraphBuilder,
  { axis, inputs, shape }: Extract<Node, { op: 'concat' }>,
  bar: Cotangent,
  wanted: (operand: number) => boolean,
): (Cotangent | undefined)[] {
  let position = 0
  return inputs.map((part, operand) => {
    const size = b.shape(part)[axis]!
    const begin = position
    position += Math.abs(size)
    if (!wanted(operand)) return undefined
    return move(bar, (x) => {
      const starts = shape.map((_, i) => (i === axis ? begin : 0))
      if (size >= 0) return b.slice(x, starts, b.shape(part))
      const split = (count: number): number[] => shape.flatMap((d, i) => (i === axis ? [count, -1] : [d]))
      const block = b.slice(
        b.reshape(x, split(-shape[axis]!)),
        shape.flatMap((_, i) => (i === axis ? [begin, 0] : [0])),
        split(-size),
      )
      return b.reshape(block, b.shape(part))
    })
  })
}
