import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { binaryOps, comparisonOps, unaryOps } from '../../src/graph/ops.js'
import type { Shape } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { vjp } from '../../src/graph/vjp.js'

/** A Graph that uses one op, and where its inputs are drawn from. */
export interface OpCase {
  readonly name: string
  readonly graph: Graph
  /** Inputs are drawn from [low, high]; those named in `indices` are whole numbers below the one given. */
  readonly low: number
  readonly high: number
  readonly indices?: Readonly<Record<string, number>>
}

/** Every op of a Graph, in the forms that broadcasting, axes and the rows axis give it. */
export function opCases(): OpCase[] {
  const cases: OpCase[] = []
  const add = (
    name: string,
    inputs: Record<string, Shape>,
    body: (g: GraphBuilder, refs: Record<string, Ref>) => Ref | Record<string, Ref>,
    options: Partial<OpCase> = {},
  ): void => {
    const g = new GraphBuilder()
    const result = body(g, Object.fromEntries(Object.entries(inputs).map(([key, shape]) => [key, g.input(key, shape)])))
    for (const [key, ref] of Object.entries(typeof result === 'number' ? { output: result } : result)) g.output(key, ref)
    cases.push({ name, graph: g.build(), low: -2, high: 2, ...options })
  }
  const positive = { low: 0.1, high: 3 }
  const domains: Record<string, Partial<OpCase>> = {
    sqrt: positive,
    rsqrt: positive,
    log: positive,
    log1p: { low: -0.9, high: 3 },
    reciprocal: positive,
    pow: positive,
  }

  for (const op of unaryOps) {
    add(op, { x: [-1, 3] }, (g, { x }) => g.unary(op, x!), domains[op])
    add(`${op} of a scalar`, { x: [] }, (g, { x }) => g.unary(op, x!), domains[op])
  }
  add(
    'sigmoid and softplus far out',
    { x: [-1, 3] },
    (g, { x }) => ({ sigmoid: g.unary('sigmoid', x!), softplus: g.unary('softplus', x!) }),
    { low: -60, high: 60 },
  )
  add('expm1 and log1p near 0', { x: [-1, 3] }, (g, { x }) => ({ expm1: g.unary('expm1', x!), log1p: g.unary('log1p', x!) }), {
    low: -1e-6,
    high: 1e-6,
  })
  add('tanh far out', { x: [-1, 3] }, (g, { x }) => g.unary('tanh', x!), { low: -40, high: 40 })

  const pairs: [string, Shape, Shape][] = [
    ['equal shapes', [-1, 3], [-1, 3]],
    ['a row vector', [-1, 3], [3]],
    ['a row vector first', [3], [-1, 3]],
    ['a scalar', [-1, 3], []],
    ['a scalar first', [], [-1, 3]],
    ['a column', [-1, 3], [-1, 1]],
    ['a column first', [-1, 1], [-1, 3]],
    ['column and row', [-1, 1], [1, 3]],
    ['a middle axis', [2, -1, 3], [2, 1, 3]],
    ['outer and inner axes', [2, 1, 3], [1, -1, 1]],
    ['no rows', [2, 3], [3]],
  ]
  for (const op of [...binaryOps, ...comparisonOps]) {
    for (const [form, a, b] of pairs) add(`${op}, ${form}`, { a, b }, (g, { a, b }) => g.binary(op, a!, b!), domains[op])
    add(`${op} with broadcasts before it`, { a: [-1, 3], b: [3] }, (g, { a, b }) => g.binary(op, a!, g.broadcast(b!, [-1, 3])), domains[op])
    add(
      `${op} of two broadcasts`,
      { a: [1, 3], b: [3] },
      (g, { a, b }) => g.binary(op, g.broadcast(a!, [-1, 3]), g.broadcast(b!, [-1, 3])),
      domains[op],
    )
    add(`${op} with a broadcast number`, { a: [3] }, (g, { a }) => g.binary(op, g.broadcast(g.constant(1.5), [-1, 3]), a!), domains[op])
  }
  for (const op of ['equal', 'notEqual', 'lessEqual', 'greaterEqual'] as const) {
    add(`${op} of the same`, { a: [-1, 3] }, (g, { a }) => g.binary(op, a!, a!))
  }

  // a (1 − b²), by which cotangents of tanh are pulled back, and what looks like it.
  const rest = (g: GraphBuilder, b: Ref, from = 1, by = b): Ref => g.sub(g.constant(from), g.mul(b, by))
  for (const [form, a, b] of pairs) add(`a (1 − b²), ${form}`, { a, b }, (g, { a, b }) => g.mul(a!, rest(g, b!)))
  add('a (1 − b²) in other ways', { a: [-1, 3], b: [-1, 3] }, (g, { a, b }) => {
    const [half, twice] = [rest(g, b!), rest(g, a!)]
    return {
      first: g.mul(g.sub(g.constant(1), g.unary('square', b!)), a!),
      both: g.mul(rest(g, a!), rest(g, b!)),
      two: g.mul(a!, rest(g, b!, 2)),
      mixed: g.mul(a!, rest(g, b!, 1, a!)),
      elsewhere: g.mul(a!, half),
      half,
      square: g.mul(twice, twice),
      within: g.unary('exp', g.mul(g.unary('sin', a!), rest(g, g.unary('tanh', b!)))),
    }
  })

  add('select', { c: [-1, 3], a: [-1, 3], b: [-1, 3] }, (g, { c, a, b }) => g.select(g.binary('greater', c!, g.constant(0)), a!, b!))
  add('select on numbers', { c: [-1, 3], a: [-1, 3], b: [-1, 3] }, (g, { c, a, b }) => g.select(g.unary('relu', c!), a!, b!))
  add('select, broadcasting', { c: [-1, 1], a: [3], b: [] }, (g, { c, a, b }) => g.select(g.binary('less', c!, g.constant(0.5)), a!, b!))
  add('select of numbers', { c: [-1, 3] }, (g, { c }) => g.select(g.binary('less', c!, g.constant(0)), g.constant(1), g.constant(-1)))
  add('select, condition used as a number too', { c: [-1, 3], a: [3] }, (g, { c, a }) => {
    const less = g.binary('less', c!, a!)
    return { chosen: g.select(less, a!, c!), less, sum: g.sum(less, [0]) }
  })
  add('select does not leak', { x: [-1, 3] }, (g, { x }) => {
    const bad = g.unary('log', g.unary('neg', g.unary('square', x!)))
    return g.select(g.binary('less', x!, g.constant(5)), x!, bad)
  })

  add('matmul', { a: [-1, 4], b: [4, 5] }, (g, { a, b }) => g.matmul(a!, b!))
  add('matmul, a transposed', { a: [4, -1], b: [4, 5] }, (g, { a, b }) => g.matmul(a!, b!, { transposeA: true }))
  add('matmul, b transposed', { a: [-1, 4], b: [5, 4] }, (g, { a, b }) => g.matmul(a!, b!, { transposeB: true }))
  add('matmul, both transposed', { a: [4, -1], b: [5, 4] }, (g, { a, b }) => g.matmul(a!, b!, { transposeA: true, transposeB: true }))
  add('matmul over the rows', { a: [-1, 4], b: [-1, 5] }, (g, { a, b }) => g.matmul(a!, b!, { transposeA: true }))
  add('matmul, batched', { a: [3, -1, 4], b: [3, 4, 5] }, (g, { a, b }) => g.matmul(a!, b!))
  add('matmul, batched over rows', { a: [-1, 2, 4], b: [-1, 5, 4] }, (g, { a, b }) => g.matmul(a!, b!, { transposeB: true }))
  add('matmul, batched over two axes', { a: [2, -1, 2, 4], b: [2, -1, 4, 3] }, (g, { a, b }) => g.matmul(a!, b!))
  add('matmul, batched and a transposed', { a: [3, 4, -1], b: [3, 4, 5] }, (g, { a, b }) => g.matmul(a!, b!, { transposeA: true }))
  add('matmul with an inner axis of 1', { a: [-1, 1], b: [1, 5] }, (g, { a, b }) => g.matmul(a!, b!))
  add('matmul to a column', { a: [-1, 4], b: [4, 1] }, (g, { a, b }) => g.matmul(a!, b!))
  add('matmul of wide matrices', { a: [-1, 70], b: [70, 33] }, (g, { a, b }) => g.matmul(a!, b!))
  add('matmul and bias', { a: [-1, 4], b: [4, 5], c: [5] }, (g, { a, b, c }) => g.add(g.matmul(a!, b!), c!))
  add('matmul and bias, b transposed', { a: [-1, 4], b: [5, 4], c: [5] }, (g, { a, b, c }) =>
    g.add(c!, g.matmul(a!, b!, { transposeB: true })),
  )
  add('matmul, batched, bias and tanh', { a: [2, -1, 4], b: [2, 4, 5], c: [5] }, (g, { a, b, c }) =>
    g.unary('tanh', g.add(g.matmul(a!, b!), c!)),
  )
  for (const activation of ['tanh', 'relu', 'sigmoid', 'softplus', 'sin'] as const) {
    add(
      `matmul, bias and ${activation}`,
      { a: [-1, 4], b: [4, 5], c: [5] },
      (g, { a, b, c }) => g.unary(activation, g.add(g.matmul(a!, b!), c!)),
      { low: -0.5, high: 0.5 },
    )
  }

  add(
    'matmul over the rows, bias and tanh',
    { a: [-1, 4], b: [-1, 5], c: [5] },
    (g, { a, b, c }) => g.unary('tanh', g.add(g.matmul(a!, b!, { transposeA: true }), c!)),
    { low: -0.5, high: 0.5 },
  )
  add('matmul with an inner axis of 0', { a: [-1, 0], b: [0, 5], c: [5] }, (g, { a, b, c }) => ({
    plain: g.matmul(a!, b!),
    biased: g.unary('square', g.add(g.matmul(a!, b!), c!)),
  }))

  for (const op of ['sum', 'max'] as const) {
    for (const axes of [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]])
      add(`${op} over [${axes.join()}]`, { x: [-1, 3, 4] }, (g, { x }) => g[op](x!, axes))
    add(`${op} over the middle`, { x: [2, -1, 3] }, (g, { x }) => g[op](x!, [1], true))
  }

  add('reshape', { x: [-1, 6] }, (g, { x }) => ({ a: g.reshape(x!, [-1, 2, 3]), b: g.reshape(x!, [-6]), c: g.reshape(x!, [-2, 3]) }))
  add('reshape, then compute', { x: [-1, 6], y: [3] }, (g, { x, y }) => g.mul(g.reshape(x!, [-2, 3]), y!))
  add('broadcast', { x: [3], y: [], z: [-1, 1] }, (g, { x, y, z }) => ({
    a: g.broadcast(x!, [-1, 3]),
    b: g.broadcast(y!, [-1, 2, 2]),
    c: g.broadcast(z!, [2, -1, 3]),
    d: g.broadcast(g.constant(2.5), [-1, 3]),
  }))
  add('transpose', { x: [-1, 3, 4] }, (g, { x }) => ({
    a: g.transpose(x!, [1, 0, 2]),
    b: g.transpose(x!, [2, 1, 0]),
    c: g.transpose(x!, [0, 2, 1]),
    d: g.transpose(x!, [0, 1, 2]),
  }))
  add('transpose of a matrix', { x: [-1, 3] }, (g, { x }) => g.transpose(x!, [1, 0]))
  add('transpose with an axis of 1', { x: [-1, 1, 3] }, (g, { x }) => ({ a: g.transpose(x!, [1, 0, 2]), b: g.transpose(x!, [2, 1, 0]) }))
  add('concat of columns', { a: [-1, 2], b: [-1, 3], c: [-1, 1] }, (g, { a, b, c }) => g.concat([a!, b!, c!], 1))
  add('concat of rows', { a: [-1, 2], b: [-1, 2] }, (g, { a, b }) => g.concat([a!, b!], 0))
  add('concat along the middle', { a: [-1, 2, 3], b: [-1, 1, 3] }, (g, { a, b }) => g.concat([a!, b!], 1))
  add('concat of the same', { a: [-1, 2] }, (g, { a }) => g.concat([a!, a!], 1))
  add('concat with an empty part', { a: [-1, 2], b: [-1, 0] }, (g, { a, b }) => g.concat([b!, a!], 1))
  add('slice', { x: [-1, 5] }, (g, { x }) => ({
    a: g.slice(x!, [0, 1], [-1, 3]),
    b: g.slice(x!, [0, 4], [-1, 1]),
    c: g.slice(x!, [0, 2], [-1, 0]),
  }))
  add('slice, more axes', { x: [3, -1, 4], y: [2, 3, -1, 4], z: [5] }, (g, { x, y, z }) => ({
    a: g.slice(x!, [1, 0, 1], [2, -1, 2]),
    b: g.slice(y!, [1, 1, 0, 0], [1, 1, -1, 3]),
    c: g.slice(z!, [1], [3]),
  }))
  add('pad', { x: [-1, 3], y: [2, -1, 2] }, (g, { x, y }) => ({ a: g.pad(x!, [0, 1], [0, 2]), b: g.pad(y!, [1, 0, 0], [0, 0, 2]) }))
  add('pad outside the rows and inside', { x: [1, -1, 3] }, (g, { x }) => g.pad(x!, [2, 0, 1], [1, 0, 2]))
  add('slice outside the rows and inside', { x: [3, -1, 5] }, (g, { x }) => g.add(g.slice(x!, [1, 0, 2], [2, -1, 3]), g.constant(1)))
  add('products added to what was computed from a product', { w: [9, -1], x: [-1, 9] }, (g, { w, x }) => {
    const p = g.matmul(w!, x!)
    return g.add(g.matmul(w!, x!), g.add(p, p))
  })
  add('products added up around a sum', { s: [9, 4], w: [9, -1], x: [-1, 4] }, (g, { s, w, x }) =>
    g.add(g.add(g.add(s!, g.matmul(w!, x!)), s!), g.matmul(w!, x!)),
  )
  add('gather', { x: [4, 3], i: [-1] }, (g, { x, i }) => g.gather(x!, i!), { indices: { i: 4 } })
  add('gather by constants', { x: [4, -1] }, (g, { x }) => g.gather(x!, g.constant([3, 0, 0], [3])))
  add('gather of numbers', { x: [4], i: [-2] }, (g, { x, i }) => g.gather(x!, i!), { indices: { i: 4 } })
  add('scatter', { x: [-1, 3], i: [-1] }, (g, { x, i }) => g.scatter(x!, i!, 4), { indices: { i: 4 } })
  add('scatter by constants', { x: [3, -1] }, (g, { x }) => g.scatter(x!, g.constant([1, 1, 4], [3]), 5))
  add('scatter of numbers', { x: [-1], i: [-1] }, (g, { x, i }) => g.scatter(x!, i!, 2), { indices: { i: 2 } })
  // Matrices of numbers from [−2, 2] plus n on the diagonal or off it, which has to be exchanged.
  const pivots = (n: number, by: number): number[] =>
    Array.from({ length: n * n }, (_, i) => (i % n === (Math.floor(i / n) + by) % n ? 2 * n : 0))
  for (const n of [1, 2, 3, 4, 5, 20]) {
    for (const by of n === 1 ? [0] : [0, 1])
      add(`solve of ${n} equations${by ? ', exchanged' : ''}`, { a: [-1, n, n], b: [-1, n] }, (g, { a, b }) =>
        g.solve(g.add(a!, g.constant(pivots(n, by), [n, n])), b!),
      )
  }
  add('solve, transposed', { a: [-1, 5, 5], b: [-1, 5] }, (g, { a, b }) => {
    const factors = g.lu(g.add(a!, g.constant(pivots(5, 2), [5, 5])))
    return { x: g.luSolve(factors, b!, { transposed: true }), twice: g.luSolve(factors, g.luSolve(factors, b!), { transposed: true }) }
  })
  add(
    'solve without rows, and of several systems a row',
    { a: [2, 3, 3], b: [2, 3], c: [-1, 2, 3, 3], d: [-1, 2, 3] },
    (g, { a, b, c, d }) => {
      const diagonal = g.constant(pivots(3, 1), [3, 3])
      return { fixed: g.solve(g.add(a!, diagonal), b!), several: g.solve(g.add(c!, diagonal), d!) }
    },
  )
  add('solve of transposed matrices and of columns', { a: [-1, 4, 4], b: [4, -1] }, (g, { a, b }) =>
    g.solve(g.transpose(g.add(a!, g.constant(pivots(4, 1), [4, 4])), [0, 2, 1]), g.transpose(b!, [1, 0])),
  )
  add('solve, pulled back', { a: [-1, 3, 3], b: [-1, 3], bar: [-1, 3] }, (g, { a, b, bar }) => {
    const step = new GraphBuilder()
    const matrix = step.add(step.input('a', [-1, 3, 3]), step.constant(pivots(3, 1), [3, 3]))
    step.output('x', step.solve(matrix, step.unary('tanh', step.solve(matrix, step.input('b', [-1, 3])))))
    return g.call(simplify(vjp(step.build(), ['a', 'b'])), { a: a!, b: b!, 'bar.x': bar! })
  })
  add('solve of no equations', { a: [-1, 0, 0], b: [-1, 0] }, (g, { a, b }) => g.solve(a!, b!))
  add('rows', { x: [-1, 3] }, (g, { x }) => ({ mean: g.div(g.sum(x!, [0]), g.rows()), rows: g.rows() }))
  add('constants', { x: [-1, 3] }, (g, { x }) => ({
    a: g.add(x!, g.constant([1, 2.5, -3], [3])),
    b: g.constant([1, 2, 3, 4], [2, 2]),
    c: g.constant(7),
  }))
  add('inputs as outputs, twice', { x: [-1, 3] }, (g, { x }) => {
    const y = g.unary('exp', x!)
    return { x: x!, again: x!, y, yy: y, z: g.unary('sin', y) }
  })
  return cases
}
