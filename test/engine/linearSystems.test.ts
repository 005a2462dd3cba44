import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Executable } from '../../src/engine/engine.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { ROWS } from '../../src/graph/shape.js'
import { random } from '../../src/random.js'
import { solveDense } from '../reference/linear.js'
import { kernelEngines } from './engines.js'

const engines: Record<string, () => Promise<Engine>> = {
  ...kernelEngines('float32'),
  ...kernelEngines('float64'),
  'tfjs, wasm': () => tfjsEngine({ backend: 'wasm' }),
  'tfjs, cpu': () => tfjsEngine({ backend: 'cpu' }),
}

describe.each(Object.entries(engines))('systems of linear equations: %s', (_, open) => {
  let engine: Engine
  let roundoff: number
  const compiled = new Map<string, Executable>()
  beforeAll(async () => {
    engine = await open()
    roundoff = engine.dtype === 'float32' ? 2 ** -24 : 2 ** -53
  })
  afterAll(() => engine.dispose())

  function executable(n: number, transposed: boolean): Executable {
    const key = `${n} ${transposed}`
    if (!compiled.has(key)) {
      const g = new GraphBuilder()
      const [a, b] = [g.input('a', [ROWS, n, n]), g.input('b', [ROWS, n])]
      g.output('x', transposed ? g.luSolve(g.lu(a), b, { transposed }) : g.solve(a, b))
      compiled.set(key, engine.compile(g.build()))
    }
    return compiled.get(key)!
  }
  function solve(n: number, a: readonly number[], b: readonly number[], transposed = false): number[] {
    const rows = b.length / n
    return engine.scope(() => {
      const [x] = executable(n, transposed).run([engine.write(a, [rows, n, n]), engine.write(b, [rows, n])], rows)
      return Array.from(engine.read(x!))
    })
  }
  const draw = (seed: number, count: number): number[] => {
    const stream = random(seed, 'systems')
    return Array.from({ length: count }, () => Math.fround(stream.normal()))
  }
  const largest = (values: readonly number[]): number => Math.max(0, ...values.map(Math.abs))

  // Backward stable (Higham, theorem 9.4): a residual of a few n² roundoffs, whatever the condition of the matrix.
  function expectSmallResidual(n: number, a: readonly number[], b: readonly number[], x: readonly number[], transposed = false): void {
    for (let i = 0; i < n; i++) {
      const element = (j: number): number => (transposed ? a[j * n + i]! : a[i * n + j]!)
      const product = x.reduce((sum, value, j) => sum + element(j) * value, 0)
      expect(Math.abs(product - b[i]!)).toBeLessThan(4 * n * n * roundoff * (largest(a) * largest(x) + largest(b)))
    }
  }

  it.each([1, 2, 3, 4, 5, 20, 40])('of %i equations, as complete pivoting in float64 solves them', (n) => {
    const rows = 6
    const [a, b] = [draw(n, rows * n * n), draw(n + 1, rows * n)]
    // The first element is 0: without an exchange nothing could be solved.
    for (let r = 0; r < rows; r++) if (n > 1) a[r * n * n] = 0
    for (const transposed of [false, true]) {
      const x = solve(n, a, b, transposed)
      for (let r = 0; r < rows; r++) {
        const [matrix, right, found] = [a.slice(r * n * n, (r + 1) * n * n), b.slice(r * n, (r + 1) * n), x.slice(r * n, (r + 1) * n)]
        expectSmallResidual(n, matrix, right, found, transposed)
        const expected = solveDense(matrix, right, transposed)
        // The condition of random matrices is some n times at most a hundred.
        const tolerance = 1e3 * n * n * roundoff * largest(expected)
        found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(tolerance))
      }
    }
  })

  it('of whole numbers, exactly', () => {
    expect(solve(1, [4, -0.5], [2, 3])).toEqual([0.5, -6])
    // 2 x + 4 y = 2, x = 5 − 4 y; and with the equations exchanged. Both pivots are powers of 2.
    expect(solve(2, [2, 4, 1, 4, 1, 4, 2, 4], [2, 5, 5, 2])).toEqual([-3, 2, -3, 2])
    for (const n of [3, 5, 20]) {
      // Row i of a permutation matrix says x[(7 i + 2) mod n] = b[i].
      const [a, b] = [new Array<number>(n * n).fill(0), draw(9, n)]
      for (let i = 0; i < n; i++) a[i * n + ((7 * i + 2) % n)] = 1
      const x = solve(n, a, b)
      for (let i = 0; i < n; i++) expect(x[(7 * i + 2) % n]).toBe(b[i])
      const transposed = solve(n, a, b, true)
      for (let i = 0; i < n; i++) expect(transposed[i]).toBe(b[(7 * i + 2) % n])
    }
  })

  it('ill-conditioned: the Hilbert matrix of order 8 leaves a small residual', () => {
    const n = 8
    const hilbert = Array.from({ length: n * n }, (_, i) => Math.fround(1 / (1 + (i % n) + Math.floor(i / n))))
    const b = draw(3, n)
    expectSmallResidual(n, hilbert, b, solve(n, hilbert, b))
    expectSmallResidual(n, hilbert, b, solve(n, hilbert, b, true), true)
  })

  it.each([1, 2, 3, 5, 20])('a row of %i equations has the same bits alone, in any batch, and beside singular rows', (n) => {
    const rows = 11
    const [a, b] = [draw(n, rows * n * n), draw(n + 7, rows * n)]
    const alone = Array.from({ length: rows }, (_, r) => solve(n, a.slice(r * n * n, (r + 1) * n * n), b.slice(r * n, (r + 1) * n)))
    expect(solve(n, a, b)).toEqual(alone.flat())
    expect(solve(n, a.slice(n * n, 8 * n * n), b.slice(n, 8 * n))).toEqual(alone.slice(1, 8).flat())
    // Singular in three ways: a column of zeros, two rows alike, NaN.
    const singular = [0, 4, 5, 10]
    for (let k = 0; k < n; k++) {
      a[k * n] = 0
      a[4 * n * n + k] = n === 1 ? 0 : a[4 * n * n + n + k]!
      a[10 * n * n + k * n + k] = 0
    }
    a.fill(0, 5 * n * n, 6 * n * n)
    a[10 * n * n] = NaN
    const x = solve(n, a, b)
    for (let r = 0; r < rows; r++) {
      const found = x.slice(r * n, (r + 1) * n)
      if (singular.includes(r)) expect(found.some(Number.isFinite), `row ${r} of ${String(found)}`).toBe(false)
      else expect(found).toEqual(alone[r])
    }
    const transposed = solve(n, a, b, true)
    for (const r of singular) expect(transposed.slice(r * n, (r + 1) * n).some(Number.isFinite)).toBe(false)
  })

  it('factors that lu did not make give no numbers, and touch no other memory', () => {
    const g = new GraphBuilder()
    g.output('x', g.luSolve(g.input('f', [ROWS, 4, 3]), g.input('b', [ROWS, 3])))
    const bad = [1, 0, 0, 0, 1, 0, 0, 0, 1, 5e6, -1, NaN]
    engine.scope(() => {
      const [x] = engine.compile(g.build()).run([engine.write([...bad, ...bad], [2, 4, 3]), engine.write([1, 2, 3, 4, 5, 6], [2, 3])], 2)
      expect(Array.from(engine.read(x!)).some(Number.isFinite)).toBe(false)
    })
  })
})
