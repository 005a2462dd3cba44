import { referenceEngine } from '../reference/engine.js'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'

export interface Problem {
  readonly field: Graph
  readonly dim: number
  /** `[dim]` at t */
  readonly exact: (t: number) => number[]
}

interface Nodes {
  b: GraphBuilder
  t: Ref
  z: Ref
  p: Record<string, Ref>
  c: (value: number) => Ref
}

/** A field written node by node, so that these tests need no tracing. */
export function fieldOf(dim: number, make: (nodes: Nodes) => Ref, params: Record<string, Shape> = {}): Graph {
  const b = new GraphBuilder()
  const t = b.input('t', [ROWS, 1])
  const z = b.input('z', [ROWS, dim])
  const p = Object.fromEntries(Object.entries(params).map(([name, shape]) => [name, b.input(name, shape)]))
  b.output('output', make({ b, t, z, p, c: (value) => b.constant(value) }))
  return b.build()
}

/** y' = a + (y − (at + b))⁵; y = at + b. */
export const constant: Problem = {
  dim: 1,
  field: fieldOf(1, ({ b, t, z, c }) => {
    const d = b.sub(z, b.add(b.mul(c(0.2), t), c(3)))
    return b.add(c(0.2), b.mul(b.mul(b.unary('square', d), b.unary('square', d)), d))
  }),
  exact: (t) => [0.2 * t + 3],
}

/** y' = 2y/t + t⁴ sin 2t − t² + 4t³. */
export const sine: Problem = {
  dim: 1,
  field: fieldOf(1, ({ b, t, z, c }) => {
    const square = b.unary('square', t)
    const forcing = b.add(b.sub(b.mul(b.mul(square, square), b.unary('sin', b.mul(c(2), t))), square), b.mul(c(4), b.mul(square, t)))
    return b.add(b.div(b.mul(c(2), z), t), forcing)
  }),
  exact: (t) => [
    -0.5 * t ** 4 * Math.cos(2 * t) +
      0.5 * t ** 3 * Math.sin(2 * t) +
      0.25 * t ** 2 * Math.cos(2 * t) -
      t ** 3 +
      2 * t ** 4 +
      (Math.PI - 0.25) * t ** 2,
  ],
}

/** y' = −0.1·exp(−0.1t), a field that ignores y. */
export const exp: Problem = {
  dim: 1,
  field: fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.mul(c(-0.1), b.unary('exp', b.mul(c(-0.1), t))))),
  exact: (t) => [Math.exp(-0.1 * t)],
}

/** y' = A y with A given, [dim, dim] row-major; rows multiply from the left: z Aᵀ. */
export const linearField = (dim: number): Graph =>
  fieldOf(dim, ({ b, z, p }) => b.matmul(z, p['A']!, { transposeB: true }), { A: [dim, dim] })

/** A two-layer network: tanh(z w1 + b1 + t w0) w2 + b2. */
export const networkShapes = (dim: number, hidden: number): Record<string, Shape> => ({
  w0: [1, hidden],
  w1: [dim, hidden],
  b1: [hidden],
  w2: [hidden, dim],
  b2: [dim],
  unused: [2],
})
export const network = (dim: number, hidden: number): Graph =>
  fieldOf(
    dim,
    ({ b, t, z, p }) => {
      const inner = b.add(b.add(b.matmul(z, p['w1']!), b.matmul(t, p['w0']!)), p['b1']!)
      return b.add(b.matmul(b.unary('tanh', inner), p['w2']!), p['b2']!)
    },
    networkShapes(dim, hidden),
  )

/** y' = y², which reaches infinity at t = 1/y0. */
export const blowUp = fieldOf(1, ({ b, z }) => b.unary('square', z))

/** y' = λy with the parameter λ `[1]`. */
export const growth = fieldOf(1, ({ b, z, p }) => b.mul(z, p['lambda']!), { lambda: [1] })

/** e^A by scaling and squaring of the Taylor series, `[n, n]` row-major. */
export function expm(A: readonly number[], n: number): number[] {
  const scale = 2 ** 10
  const multiply = (X: number[], Y: number[]): number[] =>
    X.map((_, ij) => {
      let s = 0
      for (let k = 0; k < n; k++) s += X[Math.floor(ij / n) * n + k]! * Y[k * n + (ij % n)]!
      return s
    })
  const scaled = A.map((x) => x / scale)
  let term: number[] = Array.from({ length: n * n }, (_, ij) => (ij % (n + 1) === 0 ? 1 : 0))
  let sum = [...term]
  for (let k = 1; k < 16; k++) {
    term = multiply(term, scaled).map((x) => x / k)
    sum = sum.map((x, i) => x + term[i]!)
  }
  for (let k = 0; k < 10; k++) sum = multiply(sum, sum)
  return sum
}

/** Reproducible standard normal numbers: Box–Muller on mulberry32. */
export function normals(seed: number): () => number {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = state
    x = Math.imul(x ^ (x >>> 15), x | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

export const normalList = (count: number, scale: number, seed: number): number[] => {
  const next = normals(seed)
  return Array.from({ length: count }, () => scale * next())
}

export const linspace = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))

export { referenceEngine }
