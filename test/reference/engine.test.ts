import { describe, expect, it } from 'vitest'
import type { Executable } from '../../src/engine/engine.js'
import { EngineError } from '../../src/errors.js'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { referenceEngine } from './engine.js'

/** Runs a Graph of one output that `build` makes from inputs of the given shapes. */
function evaluate(
  shapes: readonly Shape[],
  build: (b: GraphBuilder, ...inputs: Ref[]) => Ref,
  values: readonly (readonly number[])[],
  concrete: readonly (readonly number[])[],
  rows: number,
): { data: number[]; shape: readonly number[] } {
  const b = new GraphBuilder()
  b.output('y', build(b, ...shapes.map((shape, i) => b.input(`x${i}`, shape))))
  const engine = referenceEngine()
  const [y] = engine.compile(b.build()).run(
    values.map((v, i) => engine.write(v, concrete[i]!)),
    rows,
  )
  return { data: Array.from(engine.read(y!)), shape: y!.shape }
}

describe('reference engine: operations', () => {
  it('multiplies matrices, transposed and batched', () => {
    const a = [1, 2, 3, 4, 5, 6]
    const b = [7, 8, 9, 10, 11, 12]
    expect(
      evaluate(
        [
          [ROWS, 3],
          [3, 2],
        ],
        (g, x, y) => g.matmul(x, y),
        [a, b],
        [
          [2, 3],
          [3, 2],
        ],
        2,
      ),
    ).toEqual({ data: [58, 64, 139, 154], shape: [2, 2] })
    expect(
      evaluate(
        [
          [3, 2],
          [3, 2],
        ],
        (g, x, y) => g.matmul(x, y, { transposeA: true }),
        [a, b],
        [
          [3, 2],
          [3, 2],
        ],
        0,
      ).data,
    ).toEqual([89, 98, 116, 128])
    expect(
      evaluate(
        [
          [ROWS, 3],
          [2, 3],
        ],
        (g, x, y) => g.matmul(x, y, { transposeB: true }),
        [a, b],
        [
          [2, 3],
          [2, 3],
        ],
        2,
      ).data,
    ).toEqual([50, 68, 122, 167])
    expect(
      evaluate(
        [
          [3, 2],
          [2, 3],
        ],
        (g, x, y) => g.matmul(x, y, { transposeA: true, transposeB: true }),
        [a, b],
        [
          [3, 2],
          [2, 3],
        ],
        0,
      ).data,
    ).toEqual([76, 103, 100, 136])
    expect(
      evaluate(
        [
          [2, 1, 2],
          [2, 2, 1],
        ],
        (g, x, y) => g.matmul(x, y),
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
        [
          [2, 1, 2],
          [2, 2, 1],
        ],
        0,
      ),
    ).toEqual({ data: [17, 53], shape: [2, 1, 1] })
  })

  it('broadcasts every way', () => {
    const sub = (a: Shape, b: Shape, x: number[], y: number[], ca: number[], cb: number[]): number[] =>
      evaluate([a, b], (g, p, q) => g.sub(p, q), [x, y], [ca, cb], 2).data
    expect(sub([ROWS, 2], [2], [1, 2, 3, 4], [10, 20], [2, 2], [2])).toEqual([-9, -18, -7, -16])
    expect(sub([ROWS, 1], [2], [1, 2], [10, 20], [2, 1], [2])).toEqual([-9, -19, -8, -18])
    expect(sub([], [ROWS, 2], [1], [1, 2, 3, 4], [], [2, 2])).toEqual([0, -1, -2, -3])
    expect(sub([2, 1], [1, 2], [1, 2], [10, 20], [2, 1], [1, 2])).toEqual([-9, -19, -8, -18])
  })

  it('reduces, and what it reduces over nothing is the neutral element', () => {
    expect(evaluate([[ROWS, 3]], (g, x) => g.sum(x, [1]), [[1, 2, 3, 4, 5, 6]], [[2, 3]], 2)).toEqual({ data: [6, 15], shape: [2] })
    expect(evaluate([[ROWS, 3]], (g, x) => g.max(x, [0]), [[1, 9, 3, 4, 5, 6]], [[2, 3]], 2).data).toEqual([4, 9, 6])
    expect(evaluate([[ROWS, 3]], (g, x) => g.sum(x, [0]), [[]], [[0, 3]], 0).data).toEqual([0, 0, 0])
    expect(evaluate([[ROWS, 3]], (g, x) => g.max(x, [0, 1]), [[]], [[0, 3]], 0).data).toEqual([-Infinity])
    expect(evaluate([[2, 2, 2]], (g, x) => g.sum(x, [0, 2]), [[1, 2, 3, 4, 5, 6, 7, 8]], [[2, 2, 2]], 0).data).toEqual([14, 22])
  })

  it('moves elements about', () => {
    const six = [1, 2, 3, 4, 5, 6]
    expect(evaluate([[2, 3]], (g, x) => g.transpose(x, [1, 0]), [six], [[2, 3]], 0)).toEqual({ data: [1, 4, 2, 5, 3, 6], shape: [3, 2] })
    expect(evaluate([[3, 1, 2]], (g, x) => g.transpose(x, [2, 0, 1]), [six], [[3, 1, 2]], 0)).toEqual({
      data: [1, 3, 5, 2, 4, 6],
      shape: [2, 3, 1],
    })
    expect(evaluate([[ROWS, 3]], (g, x) => g.slice(x, [0, 1], [ROWS, 2]), [six], [[2, 3]], 2).data).toEqual([2, 3, 5, 6])
    expect(evaluate([[ROWS, 2]], (g, x) => g.pad(x, [0, 1], [0, 2]), [[1, 2, 3, 4]], [[2, 2]], 2)).toEqual({
      data: [0, 1, 2, 0, 0, 0, 3, 4, 0, 0],
      shape: [2, 5],
    })
    expect(
      evaluate(
        [
          [ROWS, 2],
          [ROWS, 1],
        ],
        (g, x, y) => g.concat([x, y], 1),
        [
          [1, 2, 3, 4],
          [5, 6],
        ],
        [
          [2, 2],
          [2, 1],
        ],
        2,
      ).data,
    ).toEqual([1, 2, 5, 3, 4, 6])
    expect(evaluate([[2]], (g, x) => g.broadcast(x, [ROWS, 2]), [[1, 2]], [[2]], 2)).toEqual({ data: [1, 2, 1, 2], shape: [2, 2] })
    expect(evaluate([[ROWS, 2]], (g, x) => g.reshape(x, [2 * ROWS]), [[1, 2, 3, 4]], [[2, 2]], 2)).toEqual({
      data: [1, 2, 3, 4],
      shape: [4],
    })
    expect(evaluate([[3, 2], [ROWS]], (g, x, i) => g.gather(x, i), [six, [2, 0, 2, 1]], [[3, 2], [4]], 4).data).toEqual([
      5, 6, 1, 2, 5, 6, 3, 4,
    ])
    expect(evaluate([[ROWS, 2], [ROWS]], (g, x, i) => g.scatter(x, i, 2), [six, [1, 0, 1]], [[3, 2], [3]], 3).data).toEqual([3, 4, 6, 8])
    expect(evaluate([], (g) => g.rows(), [], [], 7)).toEqual({ data: [7], shape: [] })
  })

  it('selects without letting through what is not selected', () => {
    expect(
      evaluate([[ROWS], [ROWS], []], (g, c, a, b) => g.select(c, a, b), [[1, 0, -2], [1, NaN, 3], [9]], [[3], [3], []], 3).data,
    ).toEqual([1, 9, 3])
  })

  it('computes sigmoid and softplus without overflow', () => {
    expect(evaluate([[ROWS]], (g, x) => g.unary('sigmoid', x), [[-1000, 0, 1000]], [[3]], 3).data).toEqual([0, 0.5, 1])
    expect(evaluate([[ROWS]], (g, x) => g.unary('softplus', x), [[-1000, 0, 1000]], [[3]], 3).data).toEqual([0, Math.LN2, 1000])
  })

  it('gives a row the same bits alone and in any batch', () => {
    const b = new GraphBuilder()
    const x = b.input('x', [ROWS, 7])
    const hidden = b.unary('tanh', b.matmul(x, b.input('w', [7, 5])))
    b.output('y', b.sum(b.unary('exp', hidden), [1]))
    const engine = referenceEngine()
    const run = engine.compile(b.build())
    const w = engine.write(
      Array.from({ length: 35 }, (_, i) => Math.sin(i * 1.7)),
      [7, 5],
    )
    const values = Array.from({ length: 21 }, (_, i) => Math.cos(i * 0.9) * 3)
    const together = engine.read(run.run([engine.write(values, [3, 7]), w], 3)[0]!)
    for (let row = 0; row < 3; row++) {
      const alone = engine.read(run.run([engine.write(values.slice(row * 7, row * 7 + 7), [1, 7]), w], 1)[0]!)
      expect(alone[0]).toBe(together[row])
    }
  })
})

describe('reference engine: lifetimes and errors', () => {
  const identity = (engine = referenceEngine()): { engine: ReturnType<typeof referenceEngine>; run: Executable } => {
    const b = new GraphBuilder()
    b.output('y', b.input('x', [ROWS, 2]))
    return { engine, run: engine.compile(b.build()) }
  }
  const failure = (body: () => unknown): string => {
    try {
      body()
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError)
      return (error as EngineError).message
    }
    throw new Error('nothing was thrown')
  }

  it('copies an input that is an output', () => {
    const { engine, run } = identity()
    const x = engine.write([1, 2], [1, 2])
    const [y] = run.run([x], 1)
    engine.free(x)
    expect(Array.from(engine.read(y!))).toEqual([1, 2])
  })

  it('keeps the results of one run through the next', () => {
    const { engine, run } = identity()
    const [first] = run.run([engine.write([1, 2], [1, 2])], 1)
    run.run([engine.write([3, 4], [1, 2])], 1)
    expect(Array.from(engine.read(first!))).toEqual([1, 2])
  })

  it('frees what a scope made except what it returns, also when it throws', () => {
    const { engine, run } = identity()
    const x = engine.write([1, 2], [1, 2])
    const outer = engine.scope(() => {
      const kept = engine.scope(() => {
        engine.write([5], [1])
        return run.run([x], 1)
      })
      expect(engine.live()).toBe(2)
      expect(Array.from(engine.read(kept[0]!))).toEqual([1, 2])
      return x
    })
    expect(outer).toBe(x)
    expect(engine.live()).toBe(1)
    expect(() =>
      engine.scope(() => {
        engine.write([5], [1])
        throw new RangeError('stop')
      }),
    ).toThrow(RangeError)
    expect(engine.live()).toBe(1)
  })

  it('says what is wrong with an input', () => {
    const { engine, run } = identity()
    expect(failure(() => run.run([engine.write([1, 2], [2, 1])], 1))).toBe(
      'Input "x" has shape [2, 1]; with 1 rows it must be [1, 2], [rows, 2] in the Graph.',
    )
    expect(failure(() => run.run([], 1))).toBe('The Graph takes 1 inputs (x) but was given 0.')
    expect(failure(() => run.run([engine.write([], [0, 2])], -1))).toBe('The number of rows is -1; it must be 0, 1, 2, …')
    expect(failure(() => engine.write([1], [2]))).toBe('1 values do not fill shape [2].')
  })

  it('refuses what was freed, is foreign, or comes after the end', () => {
    const { engine, run } = identity()
    const x = engine.write([1, 2], [1, 2])
    expect(failure(() => run.run([referenceEngine().write([1, 2], [1, 2])], 1))).toBe('Input "x" was not made by this reference engine.')
    engine.free(x)
    expect(failure(() => engine.read(x))).toBe('An array to be read, of shape [1, 2], is used after it was freed.')
    expect(failure(() => engine.free(x))).toBe('An array to be freed, of shape [1, 2], is used after it was freed.')
    engine.dispose()
    expect(failure(() => engine.write([1], [1]))).toBe('The reference engine was disposed of and cannot make arrays any more.')
  })

  it('gathers and scatters rows, and refuses rows that are not there', () => {
    const engine = referenceEngine()
    const x = engine.write([1, 2, 3, 4], [2, 2])
    expect(Array.from(engine.read(engine.gather(x, Int32Array.of(1, 1, 0))))).toEqual([3, 4, 3, 4, 1, 2])
    expect(Array.from(engine.read(engine.scatterAdd(x, Int32Array.of(2, 2), 3)))).toEqual([0, 0, 0, 0, 4, 6])
    expect(failure(() => engine.gather(x, Int32Array.of(2)))).toBe('gather: index 2 at position 0 is not one of 2 rows.')
    expect(failure(() => engine.scatterAdd(x, Int32Array.of(0, -1), 3))).toBe('scatterAdd: index -1 at position 1 is not one of 3 rows.')
    expect(failure(() => engine.scatterAdd(x, Int32Array.of(0), 3))).toBe('scatterAdd needs one index per row: 1 for shape [2, 2].')
  })
})
