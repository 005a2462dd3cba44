import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { binaryOps, comparisonOps, unaryOps, type UnaryOp } from '../../src/graph/ops.js'
import { broadcastShapes, ROWS, sizeOf, type Shape } from '../../src/graph/shape.js'
import type { RandomStream } from '../../src/random.js'

/** Sizes at which loops over vectors, tiles and their remainders change. */
const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100]

export interface RandomGraphOptions {
  /** About how many operations. */
  readonly length: number
  /** Elements that an array may have with `rows` rows. */
  readonly limit: number
  /** The largest number of rows the Graph will be run with. */
  readonly rows: number
}

/** A value with a guess of how large its elements may be. */
interface Entry {
  readonly ref: Ref
  readonly size: number
}

/**
 * A random Graph over all ops, in every form that shapes and axes give them, with inputs made as they are needed. Names
 * of inputs say what they may hold: `index 7 a` whole numbers below 7, `index rows b` below the number of rows, others
 * anything. Magnitudes are kept near 1 by a tanh where they would grow, and most arguments of log and sqrt positive.
 */
export function randomGraph(stream: RandomStream, { length, limit, rows }: RandomGraphOptions): Graph {
  const b = new GraphBuilder()
  const pool: Entry[] = []
  const pick = <T>(items: readonly T[]): T => items[stream.integer(items.length)]!
  const chance = (probability: number): boolean => stream.uniform() < probability
  const palette = Array.from({ length: pick([1, 1, 2, 2, 3]) }, () => pick(sizes))
  const dimension = (): number => (chance(0.02) ? 0 : chance(0.08) ? 1 : chance(0.1) ? pick(sizes) : pick(palette))
  const count = (shape: Shape): number => shape.reduce((product, d) => product * (d < 0 ? -d * Math.max(rows, 1) : d), 1)
  const fits = (shape: Shape): boolean => count(shape) <= limit && shape.filter((d) => d < 0).length <= 1 && shape.length <= 5
  const hasRows = (shape: Shape): boolean => shape.some((d) => d < 0)

  /** A shape of this package's kind: mostly with a rows axis, mostly in front. */
  const anyShape = (rank = pick([0, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4])): Shape => {
    for (;;) {
      const shape = Array.from({ length: rank }, dimension)
      if (rank > 0 && chance(0.7)) shape[chance(0.75) ? 0 : stream.integer(rank)] = ROWS
      if (fits(shape)) return shape
    }
  }
  let made = 0
  const fresh = (shape: Shape): Entry => {
    if (!hasRows(shape) && sizeOf(shape) <= 300 && chance(0.2)) {
      const scale = pick([1, 1, 0.5, 3])
      return {
        ref: b.constant(
          Array.from({ length: sizeOf(shape) }, () => (chance(0.1) ? 0 : Math.fround(scale * stream.normal()))),
          shape,
        ),
        size: 3 * scale,
      }
    }
    return { ref: b.input(`x${made++}`, shape), size: 4 }
  }
  const keep = (ref: Ref, size: number): Entry => {
    const entry = { ref, size }
    pool.push(entry)
    return entry
  }
  const shapeOf = (entry: Entry): Shape => b.shape(entry.ref)
  /** A value of a shape: one there is, or a new input or constant. */
  const need = (shape: Shape): Entry => {
    const there = pool.filter((entry) => String(shapeOf(entry)) === String(shape))
    if (there.length > 0 && chance(0.9)) return pick(there)
    const entry = fresh(shape)
    pool.push(entry)
    return entry
  }
  const any = (test: (shape: Shape) => boolean = () => true, make: () => Shape = anyShape): Entry => {
    // The latest values more often: chains and not bushes.
    const there = (chance(0.5) ? pool.slice(-4) : pool).filter((entry) => test(shapeOf(entry)))
    return there.length > 0 && chance(0.9) ? pick(there) : need(make())
  }
  const ofRank = (least: number, most = 4): Entry =>
    any(
      (shape) => shape.length >= least && shape.length <= most,
      () => anyShape(least + stream.integer(Math.min(most, 4) - least + 1)),
    )

  const tame = (x: Entry, bound = 30): Entry => (x.size <= bound ? x : { ref: b.unary('tanh', x.ref), size: 1 })
  const positive = (x: Entry): Entry =>
    chance(0.05)
      ? x
      : chance(0.5)
        ? { ref: b.add(b.unary('abs', x.ref), b.constant(pick([0.5, 0.125, 1]))), size: x.size + 1 }
        : { ref: b.add(b.unary('square', tame(x, 10).ref), b.constant(0.5)), size: Math.min(x.size, 10) ** 2 + 0.5 }

  const unaryOf = (op: UnaryOp, x: Entry): Entry => {
    switch (op) {
      case 'exp':
      case 'expm1': {
        const y = tame(x, 6)
        return { ref: b.unary(op, y.ref), size: Math.exp(y.size) }
      }
      case 'log':
      case 'sqrt':
      case 'rsqrt':
        return { ref: b.unary(op, positive(x).ref), size: 4 }
      case 'log1p':
        return { ref: b.unary(op, chance(0.9) ? b.unary('abs', x.ref) : x.ref), size: 4 }
      case 'reciprocal':
        return { ref: b.unary(op, positive(x).ref), size: 8 }
      case 'square': {
        const y = tame(x)
        return { ref: b.unary(op, y.ref), size: y.size ** 2 }
      }
      case 'sin':
      case 'cos':
      case 'tanh':
      case 'sigmoid':
      case 'sign':
        return { ref: b.unary(op, x.ref), size: 1 }
      default:
        return { ref: b.unary(op, x.ref), size: x.size }
    }
  }
  /** A shape that broadcasts with `shape` to no more than `shape`: leading axes gone, others 1. */
  const narrower = (shape: Shape): Shape => {
    if (chance(0.3)) return shape
    if (chance(0.2)) return []
    return shape.slice(chance(0.5) ? stream.integer(shape.length + 1) : 0).map((d) => (chance(0.4) ? 1 : d))
  }
  /** A shape that `shape` broadcasts to. */
  const wider = (shape: Shape): Shape => {
    const out = shape.map((d) => (d === 1 && chance(0.5) ? dimension() : d))
    if (out.length < 4 && chance(0.4)) out.unshift(hasRows(out) ? dimension() : pick([ROWS, dimension()]))
    return fits(out) ? out : shape
  }
  const pair = (): [Entry, Entry] => {
    const x = any()
    const y = chance(0.1) ? x : need(chance(0.2) ? narrower(wider(shapeOf(x))) : narrower(shapeOf(x)))
    const both = broadcastable(shapeOf(x), shapeOf(y))
    const [p, q] = both !== undefined && fits(both) ? [x, y] : [x, x]
    return chance(0.5) ? [p, q] : [q, p]
  }
  const binaryOf = (x: Entry, y: Entry): Entry => {
    const op = chance(0.7) ? pick(['add', 'sub', 'mul'] as const) : pick(binaryOps)
    switch (op) {
      case 'mul': {
        const p = tame(x)
        return { ref: b.mul(p.ref, y.ref), size: p.size * y.size }
      }
      case 'div':
        return { ref: b.div(x.ref, positive(y).ref), size: 2 * x.size }
      case 'pow': {
        const base = positive(tame(x, 10))
        const exponent = chance(0.5)
          ? { ref: b.constant(pick([2, -1, 0.5, 3, 0, 1, 1.5])), size: 3 }
          : { ref: b.unary('tanh', y.ref), size: 1 }
        return { ref: b.binary('pow', base.ref, exponent.ref), size: base.size ** exponent.size }
      }
      default:
        return { ref: b.binary(op, x.ref, y.ref), size: x.size + y.size }
    }
  }
  const comparison = (): Entry => {
    const [x, y] = pair()
    return { ref: b.binary(pick(comparisonOps), x.ref, chance(0.3) ? b.constant(0) : y.ref), size: 1 }
  }
  const selection = (): Entry => {
    const condition = chance(0.8) ? comparison() : any()
    const [x, y] = [need(narrower(shapeOf(condition))), need(narrower(shapeOf(condition)))]
    // What is not taken is often not a number.
    const bad = chance(0.3) ? b.unary('log', b.unary('neg', b.unary('square', y.ref))) : chance(0.3) ? b.constant(pick([0, NaN, 1])) : y.ref
    const size = Math.max(x.size, y.size)
    return { ref: chance(0.5) ? b.select(condition.ref, x.ref, bad) : b.select(condition.ref, bad, x.ref), size }
  }
  const matrixProduct = (from?: { m: number; n: number; batch: Shape }): Entry => {
    const rank = from ? from.batch.length + 2 : pick([2, 2, 2, 2, 3, 3, 4])
    for (let trial = 0; ; trial++) {
      const left = from || chance(0.3) || trial > 3 ? undefined : ofRank(2, 4)
      const [transposeA, transposeB] = [chance(0.3), chance(0.3)]
      const known = left && shapeOf(left)
      const batch: number[] = [...(from?.batch ?? known?.slice(0, -2) ?? Array.from({ length: rank - 2 }, () => pick([1, 2, 3, 4])))]
      let [m, k, n] = [from?.m ?? dimension(), dimension(), from?.n ?? dimension()]
      if (known) [m, k] = transposeA ? [known.at(-1)!, known.at(-2)!] : [known.at(-2)!, known.at(-1)!]
      else if (from && !hasRows([m, n, ...batch])) {
        if (chance(0.6)) k = ROWS
      } else if (!from && chance(0.7)) {
        const place = stream.integer(rank > 2 ? 4 : 3)
        if (place === 0) m = ROWS
        else if (place === 1) k = ROWS
        else if (place === 2) n = ROWS
        else batch[0] = ROWS
      }
      const [a, c, out] = [
        [...batch, ...(transposeA ? [k, m] : [m, k])],
        [...batch, ...(transposeB ? [n, k] : [k, n])],
        [...batch, m, n],
      ]
      if (![a, c, out].every(fits) || count(out) * count([k]) > 40 * limit) {
        if (from) return need([...batch, m, n])
        continue
      }
      const [x, y] = [left && String(a) === String(known) ? tame(left, 10) : tame(need(a), 10), tame(need(c), 10)]
      const size = x.size * y.size * Math.sqrt(Math.max(1, count([k])))
      const plain = b.matmul(x.ref, y.ref, { transposeA, transposeB })
      if (from || chance(0.4) || n < 0) return { ref: plain, size }
      const bias = need(chance(0.8) ? [n] : [1, n])
      const sum: Entry = { ref: chance(0.5) ? b.add(plain, bias.ref) : b.add(bias.ref, plain), size: size + bias.size }
      return chance(0.7) ? unaryOf(pick(['tanh', 'relu', 'sigmoid', 'softplus', 'sin', 'neg', 'square'] as const), sum) : sum
    }
  }
  /** Gradients add up like this: products of the same shape, over the rows or not, one after the other. */
  const sumOfProducts = (): Entry => {
    const batch: Shape = chance(0.8) ? [] : [pick([2, 3])]
    const shape = { m: chance(0.2) ? ROWS : dimension(), n: dimension(), batch }
    let sum = chance(0.3) ? need([...batch, shape.m, shape.n]) : matrixProduct(shape)
    for (let terms = 1 + stream.integer(3); terms > 0; terms--) {
      const term = matrixProduct(shape)
      sum = { ref: chance(0.8) ? b.add(sum.ref, term.ref) : b.add(term.ref, sum.ref), size: sum.size + term.size }
    }
    return sum
  }
  /** A cotangent pulled back through tanh: a product, alone or added to something, times 1 − h²; h laid out like it, or not. */
  const pulledBack = (): Entry => {
    const batch: Shape = chance(0.85) ? [] : [pick([2, 3])]
    const [m, n] = [chance(0.7) ? ROWS : dimension(), dimension()]
    const shape = [...batch, m, n]
    if (!fits(shape)) return any()
    let x = matrixProduct({ m, n, batch })
    if (chance(0.5)) {
      const start = need(chance(0.7) ? shape : [n])
      x = { ref: b.add(x.ref, start.ref), size: x.size + start.size }
      if (chance(0.3)) x = { ref: b.add(matrixProduct({ m, n, batch }).ref, x.ref), size: 2 * x.size }
    }
    const other = (): Ref => {
      const tanhOf = (ref: Ref): Ref => (chance(0.6) ? b.unary('tanh', ref) : ref)
      switch (stream.integer(8)) {
        case 0:
          return x.ref
        case 1:
          return tanhOf(matrixProduct({ m, n, batch }).ref)
        case 2:
          return need(narrower(shape)).ref
        // A part of something larger, whole rows of it or not.
        case 3: {
          if (m < 0 || m === 0 || n === 0 || batch.length > 0) return need(shape).ref
          const [up, left] = [stream.integer(3), chance(0.7) ? 0 : 1]
          const larger = [m + up + 1, n + left]
          return fits(larger) ? b.slice(need(larger).ref, [up, left], [m, n]) : need(shape).ref
        }
        case 4:
          return b.reshape(need([m * n, ...batch]).ref, shape)
        default:
          return tanhOf(need(shape).ref)
      }
    }
    const h = tame({ ref: other(), size: 10 }, 30)
    const square = chance(0.7) ? b.unary('square', h.ref) : b.mul(h.ref, h.ref)
    const rest = b.sub(b.constant(1), square)
    const y = tame(x, 3000)
    const result = { ref: chance(0.5) ? b.mul(y.ref, rest) : b.mul(rest, y.ref), size: 100 * y.size }
    if (chance(0.3)) keep(h.ref, 10)
    if (chance(0.1)) keep(y.ref, y.size)
    return chance(0.4) ? { ref: b.mul(result.ref, b.constant(0.01)), size: y.size } : result
  }
  const chain = (): Entry => {
    let x = any()
    const earlier: Entry[] = [x]
    for (let step = 2 + stream.integer(6); step > 0; step--) {
      if (chance(0.5)) x = unaryOf(pick(unaryOps), x)
      else if (chance(0.4)) x = binaryOf(x, pick(earlier.filter((entry) => String(shapeOf(entry)) === String(shapeOf(x)))) ?? x)
      else if (chance(0.8)) x = binaryOf(x, need(narrower(shapeOf(x))))
      else
        x = {
          ref: b.select(b.binary(pick(comparisonOps), x.ref, need(narrower(shapeOf(x))).ref), x.ref, b.constant(pick([0, 1, -2]))),
          size: x.size,
        }
      earlier.push(x)
    }
    return x
  }
  const axesOf = (shape: Shape): number[] => {
    const axes = shape.map((_, axis) => axis).filter(() => chance(0.5))
    return axes.length > 0 ? axes : [stream.integer(shape.length)]
  }
  const softmax = (): Entry => {
    const x = ofRank(1)
    const axes = [stream.integer(shapeOf(x).length)]
    const powers = b.unary('exp', b.sub(x.ref, b.max(x.ref, axes, true)))
    return { ref: chance(0.5) ? b.div(powers, b.sum(powers, axes, true)) : b.unary('log', b.sum(powers, axes)), size: 1 }
  }
  const regrouped = (shape: Shape): Shape => {
    const out = [...shape]
    if (out.length > 1 && chance(0.6)) {
      const at = stream.integer(out.length - 1)
      out.splice(at, 2, out[at]! * out[at + 1]!)
    }
    if (out.length > 0 && chance(0.5)) {
      const at = stream.integer(out.length)
      const d = out[at]!
      const factor = [2, 3, 4, 8, 5].find((f) => d % f === 0 && d !== 0)
      if (factor !== undefined) out.splice(at, 1, ...(chance(0.5) ? [factor, d / factor] : [d / factor, factor]))
    }
    if (chance(0.4)) out.splice(stream.integer(out.length + 1), 0, 1)
    return chance(0.15) ? [shape.reduce((product, d) => product * d, 1)] : out
  }
  const moved = (): Entry => {
    const x = ofRank(1)
    const shape = shapeOf(x)
    switch (stream.integer(7)) {
      case 0:
      case 1: {
        const to = regrouped(shape)
        return { ref: fits(to) ? b.reshape(x.ref, to) : x.ref, size: x.size }
      }
      case 2:
        return { ref: b.transpose(x.ref, stream.shuffle(shape.map((_, axis) => axis))), size: x.size }
      case 3: {
        const axis = stream.integer(shape.length)
        const parts = [
          x,
          ...Array.from({ length: 1 + stream.integer(3) }, () =>
            chance(0.2) ? x : need(shape.map((d, i) => (i !== axis ? d : d < 0 ? ROWS : dimension()))),
          ),
        ]
        const total = shape.map((d, i) => (i === axis ? parts.reduce((sum, part) => sum + shapeOf(part)[axis]!, 0) : d))
        return fits(total)
          ? {
              ref: b.concat(
                parts.map(({ ref }) => ref),
                axis,
              ),
              size: Math.max(...parts.map(({ size }) => size)),
            }
          : x
      }
      case 4: {
        const begin = shape.map((d) => (d < 0 || chance(0.4) ? 0 : stream.integer(d + 1)))
        return {
          ref: b.slice(
            x.ref,
            begin,
            shape.map((d, i) => (d < 0 ? d : chance(0.4) ? d - begin[i]! : Math.min(d - begin[i]!, 1 + stream.integer(d - begin[i]! + 1)))),
          ),
          size: x.size,
        }
      }
      case 5: {
        const [before, after] = [
          shape.map((d) => (d < 0 || chance(0.5) ? 0 : stream.integer(4))),
          shape.map((d) => (d < 0 || chance(0.5) ? 0 : stream.integer(10))),
        ]
        return fits(shape.map((d, i) => (d < 0 ? d : d + before[i]! + after[i]!))) ? { ref: b.pad(x.ref, before, after), size: x.size } : x
      }
      default: {
        const to = wider(shape)
        return { ref: b.broadcast(x.ref, to), size: x.size }
      }
    }
  }
  const index = (below: number, length: number): Ref | undefined => {
    if (below === 0) return undefined
    if (below > 0 && length > 0 && length <= 100 && chance(0.3))
      return b.constant(
        Array.from({ length }, () => stream.integer(below)),
        [length],
      )
    // Rows of no rows cannot be taken: an index of fixed length needs an axis of fixed length.
    if (below < 0 && length >= 0) return undefined
    return b.input(`index ${below < 0 ? `${-below} rows` : below} ${made++}`, [length])
  }
  const gathered = (): Entry => {
    const x = ofRank(1)
    const shape = shapeOf(x)
    const length = !hasRows(shape.slice(1)) && chance(0.7) ? ROWS : dimension()
    const to = [length, ...shape.slice(1)]
    const i = fits(to) ? index(shape[0]!, length) : undefined
    return i === undefined ? x : { ref: b.gather(x.ref, i), size: x.size }
  }
  const scattered = (): Entry => {
    const x = ofRank(1)
    const shape = shapeOf(x)
    const [rowsThere, below] = [shape[0]!, Math.max(1, dimension())]
    const i = fits([below, ...shape.slice(1)]) ? index(below, rowsThere) : undefined
    return i === undefined ? x : { ref: b.scatter(x.ref, i, below), size: x.size * 3 }
  }

  /** Systems whose matrices have a large element in each row and column, on the diagonal or off it. */
  const solved = (): Entry => {
    const n = 1 + stream.integer(6)
    const by = stream.integer(n)
    const right = any(
      (shape) => shape.length > 0 && shape.at(-1) === n,
      () => pick([[ROWS, n], [ROWS, 2, n], [3, n], [n]]),
    )
    const shape = shapeOf(right)
    if (!fits([...shape, n])) return right
    const large = Array.from({ length: n * n }, (_, i) => (i % n === (Math.floor(i / n) + by) % n ? 2 * n : 0))
    const matrix = b.add(b.unary('tanh', need([...shape, n]).ref), b.constant(large, [n, n]))
    return { ref: b.luSolve(b.lu(matrix), right.ref, { transposed: chance(0.5) }), size: right.size }
  }
  const makers: readonly (readonly [number, () => Entry])[] = [
    [3, () => unaryOf(pick(unaryOps), any())],
    [5, () => binaryOf(...pair())],
    [5, chain],
    [1, comparison],
    [2, selection],
    [4, matrixProduct],
    [2, sumOfProducts],
    [2, pulledBack],
    [1, () => unaryOf(pick(['tanh', 'sigmoid', 'relu'] as const), sumOfProducts())],
    [
      2,
      () => {
        const x = ofRank(1)
        const axes = axesOf(shapeOf(x))
        return chance(0.7)
          ? { ref: b.sum(x.ref, axes, chance(0.4)), size: 3 * x.size }
          : { ref: b.max(x.ref, axes, chance(0.4)), size: x.size }
      },
    ],
    [1, softmax],
    [0.5, solved],
    [5, moved],
    [1, gathered],
    [1, scattered],
    [
      0.3,
      () => {
        const x = any()
        return { ref: b.div(x.ref, b.unary('sqrt', b.add(b.rows(), b.constant(1)))), size: x.size }
      },
    ],
    [
      0.3,
      () => {
        const x = any()
        return { ref: b.mul(x.ref, b.constant(pick([0, 1, -1, 2, 0.5]))), size: x.size }
      },
    ],
  ]
  const total = makers.reduce((sum, [weight]) => sum + weight, 0)
  pool.push(fresh(anyShape(2)))
  for (let step = 0; step < length; step++) {
    let at = stream.uniform() * total
    const maker = makers.find(([weight]) => (at -= weight) < 0) ?? makers[0]!
    const { ref, size } = maker[1]()
    keep(ref, size)
  }

  const outputs = [pool.at(-1)!.ref, ...Array.from({ length: stream.integer(4) }, () => pick(pool).ref)]
  if (chance(0.15)) outputs.push(outputs[0]!)
  if (chance(0.1)) outputs.push(need(anyShape()).ref)
  if (chance(0.1)) outputs.push(b.constant([1, 2, 3], [3]))
  if (chance(0.15)) outputs.push(b.reshape(outputs[0]!, [1, ...b.shape(outputs[0]!)]))
  if (chance(0.1)) outputs.push(b.rows())
  if (chance(0.1)) outputs.push(b.broadcast(b.constant(pick([0, 1.5])), anyShape()))
  outputs.forEach((ref, i) => b.output(`y${i}`, ref))
  return b.build()
}

function broadcastable(a: Shape, b: Shape): Shape | undefined {
  try {
    return broadcastShapes(a, b)
  } catch {
    return undefined
  }
}
