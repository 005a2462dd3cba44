import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { binaryOps, comparisonOps, unaryOps } from '../../src/graph/ops.js'
import { broadcastShapes, ROWS, type Shape } from '../../src/graph/shape.js'
import { random } from '../../src/random.js'

/**
 * A random Graph of about 15 operations with inputs x [rows, 3], w [3, 3], c [3] and s [], one to three outputs, and
 * values and slopes of order one: what grows fast is applied to tanh of its operand.
 */
export function randomGraph(seed: number): Graph {
  const stream = random(seed, 'graph')
  const b = new GraphBuilder()
  const pool: Ref[] = [b.input('x', [ROWS, 3]), b.input('w', [3, 3]), b.input('c', [3]), b.input('s', [])]
  const pick = <T>(items: readonly T[]): T => items[stream.integer(items.length)]!
  const pickWhere = (test: (shape: Shape) => boolean): Ref | undefined => {
    const fitting = pool.filter((ref) => test(b.shape(ref)))
    return fitting.length > 0 ? pick(fitting) : undefined
  }
  const partner = (x: Ref): Ref | undefined => pickWhere((shape) => broadcasts(shape, b.shape(x)))
  const tame = (x: Ref): Ref => b.unary('tanh', x)
  const positive = (x: Ref): Ref => b.add(b.unary('square', tame(x)), b.constant(0.5))

  const makers: (() => Ref | undefined)[] = [
    () => {
      const op = pick(unaryOps)
      const x = pick(pool)
      return b.unary(op, ['sqrt', 'rsqrt', 'log', 'log1p', 'reciprocal'].includes(op) ? positive(x) : tame(x))
    },
    () => {
      const [op, x] = [pick(binaryOps), pick(pool)]
      const y = partner(x)
      if (y === undefined) return undefined
      return op === 'pow' ? b.binary(op, positive(x), tame(y)) : op === 'div' ? b.div(x, positive(y)) : b.binary(op, tame(x), tame(y))
    },
    () => {
      const [x, y] = [pick(pool), pick(pool)]
      if (!broadcasts(b.shape(x), b.shape(y))) return undefined
      const test = b.binary(pick(comparisonOps), x, y)
      const a = partner(test)
      return a === undefined ? undefined : b.select(test, a, pick([b.constant(0), b.constant(stream.normal())]))
    },
    () => {
      const y = pickWhere((shape) => shape.length === 2 && shape[0] === 3)
      const x = pickWhere((shape) => shape.length === 2 && shape[1] === 3)
      return x === undefined || y === undefined ? undefined : b.matmul(tame(x), y)
    },
    () => {
      const y = pickWhere((shape) => shape.length === 2 && shape[1] === 3 && shape[0]! > 0)
      const x = pickWhere((shape) => shape.length === 2 && shape[0] === 3)
      return x === undefined || y === undefined ? undefined : b.matmul(tame(x), y, { transposeA: true, transposeB: true })
    },
    () => {
      const x = pickWhere((shape) => shape.length > 0)
      if (x === undefined) return undefined
      const axis = stream.integer(b.shape(x).length)
      return pick([true, false]) || b.shape(x)[axis]! < 0
        ? b.sum(tame(x), [axis], pick([true, false]))
        : b.max(x, [axis], pick([true, false]))
    },
    () => {
      const x = pickWhere((shape) => shape.length === 2)
      return x === undefined ? undefined : b.transpose(x, [1, 0])
    },
    () => {
      const x = pickWhere((shape) => shape.length === 2 && shape[1]! > 1)
      return x === undefined ? undefined : b.slice(x, [0, 1], [b.shape(x)[0]!, b.shape(x)[1]! - 1])
    },
    () => {
      const x = pickWhere((shape) => shape.length === 2 && shape[1] === 2)
      return x === undefined ? undefined : b.pad(x, [0, pick([0, 1])], [0, pick([0, 1])])
    },
    () => {
      const x = pickWhere((shape) => shape.length === 2 && shape[1]! > 0)
      const y = x === undefined ? undefined : pickWhere((shape) => shape.length === 2 && shape[0] === b.shape(x)[0] && shape[1]! > 0)
      return x === undefined || y === undefined ? undefined : b.concat([x, y], 1)
    },
    () => {
      const x = pick(pool)
      return b.reshape(x, pick([[1, ...b.shape(x)], [...b.shape(x), 1], [...b.shape(x)].reverse()]))
    },
    () => {
      const x = pickWhere((shape) => broadcasts(shape, [ROWS, 3]) && shape.length <= 2)
      return x === undefined ? undefined : b.broadcast(x, broadcastShapes(b.shape(x), [ROWS, 3]))
    },
    () =>
      pick([
        b.constant(pick([0, 1, -1, 2, 0.5])),
        b.constant([1, -2, 0.5], [3]),
        b.unary('neg', pick(pool)),
        b.mul(pick(pool), b.constant(pick([1, -1, 0.5]))),
      ]),
  ]
  for (let step = 0; step < 15; step++) {
    const made = pick(makers)()
    if (made !== undefined && b.shape(made).length <= 3) pool.push(made)
  }
  const outputs = 1 + stream.integer(3)
  for (let k = 0; k < outputs; k++) b.output(`y${k}`, k === 0 ? pool.at(-1)! : pick(pool))
  return b.build()
}

/** Whether shapes broadcast with one another, to no more than one rows axis. */
function broadcasts(a: Shape, b: Shape): boolean {
  try {
    return broadcastShapes(a, b).filter((d) => d < 0).length < 2
  } catch {
    return false
  }
}
