import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Value } from '../../src/engine/engine.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { binaryOps, comparisonOps, unaryOps, type Op } from '../../src/graph/ops.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import { random } from '../../src/random.js'
import { findFault } from '../fuzz/compare.js'
import { opCases, type OpCase } from './cases.js'

/** An engine that says how many arrays it holds. */
export interface CountingEngine extends Engine {
  live(): number
}

/** Inputs that are exact in float32, so that engines differ by their own rounding only. */
export function drawInputs({ graph, low, high, indices, name }: OpCase, rows: number): number[][] {
  const stream = random(7, name, rows)
  return graphInputs(graph).map(({ name: input, shape }) =>
    Array.from({ length: sizeOf(shapeAt(shape, rows)) }, () =>
      indices?.[input] === undefined ? Math.fround(low + (high - low) * stream.uniform()) : stream.integer(indices[input]),
    ),
  )
}

/** A Graph that `build` makes of x [rows, 3], its outputs y0, y1, … */
function graphOf(build: (g: GraphBuilder, x: number) => number[]): Graph {
  const g = new GraphBuilder()
  build(g, g.input('x', [-1, 3])).forEach((ref, i) => g.output(`y${i}`, ref))
  return g.build()
}

export interface ConformanceOptions {
  /** Ops that a backend is known to compute without regard to NaN. Default: none. */
  readonly losesNaN?: readonly Op[]
}

/** What every engine owes those above it: every op, ownership of arrays, and errors that say what is wrong. */
export function engineConformance(
  name: string,
  makeEngine: () => Promise<CountingEngine>,
  { losesNaN = [] }: ConformanceOptions = {},
): void {
  describe(name, () => {
    let engine: CountingEngine
    beforeAll(async () => {
      engine = await makeEngine()
    })
    afterAll(() => engine.dispose())
    const numbers = (value: Value): number[] => Array.from(engine.read(value))
    const error = (code: string, message: string | RegExp) =>
      expect.objectContaining({
        name: 'EngineError',
        code,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }) as Error

    describe('ops, as the reference has them within rounding errors', () => {
      it.each(opCases())('$name', (test) => {
        expect(
          findFault(engine, { seed: 0, graph: test.graph, runs: [0, 1, 2, 7].map((rows) => ({ rows, inputs: drawInputs(test, rows) })) }),
        ).toBeUndefined()
        expect(engine.live()).toBe(0)
      })

      it('NaN and infinities pass through arithmetic, in vectors and behind them', () => {
        const forms: [Op, (g: GraphBuilder, x: number) => number[]][] = [
          ...unaryOps.map((op): [Op, (g: GraphBuilder, x: number) => number[]] => [op, (g, x) => [g.unary(op, x)]]),
          ...[...binaryOps, ...comparisonOps].map((op): [Op, (g: GraphBuilder, x: number) => number[]] => [
            op,
            (g, x) => [g.binary(op, x, g.constant(2)), g.binary(op, g.constant(2), x), g.binary(op, x, x)],
          ]),
          ['sum', (g, x) => [g.sum(x, [1]), g.sum(x, [0])]],
          ['max', (g, x) => [g.max(x, [1]), g.max(x, [0]), g.max(x, [0, 1])]],
          ['matmul', (g, x) => [g.matmul(x, g.constant([1, 2, 3, 0, 0, 0], [3, 2]))]],
          ['select', (g, x) => [g.select(x, x, g.constant(5)), g.select(g.binary('less', g.constant(1), x), x, g.constant(5))]],
        ]
        for (const [op, build] of forms) {
          for (const special of [Infinity, -Infinity, ...(losesNaN.includes(op) ? [] : [NaN])]) {
            const runs = [1, 7, 30].flatMap((rows) =>
              [0, 1, 3 * rows - 1].map((at) => ({
                rows,
                inputs: [Array.from({ length: 3 * rows }, (_, i) => (i === at ? special : 0.5 + i / 64))],
              })),
            )
            expect(findFault(engine, { seed: 0, graph: graphOf(build), runs }), `${op} of ${special}`).toBeUndefined()
          }
        }
      })

      it('a row has the same bits alone and in any batch', () => {
        const g = new GraphBuilder()
        const [x, w, c] = [g.input('x', [-1, 5]), g.input('w', [5, 19]), g.input('c', [19])]
        const hidden = g.unary('tanh', g.add(g.matmul(x, w), c))
        g.output('y', g.mul(hidden, g.sum(g.unary('exp', hidden), [1], true)))
        const executable = engine.compile(g.build())
        const stream = random(3, 'rows')
        const table = Array.from({ length: 13 * 5 }, () => Math.fround(stream.normal()))
        const parameters = [
          engine.write(
            Array.from({ length: 95 }, () => stream.normal()),
            [5, 19],
          ),
          engine.write(
            Array.from({ length: 19 }, () => stream.normal()),
            [19],
          ),
        ]
        const run = (first: number, rows: number): number[] => {
          const given = engine.write(table.slice(5 * first, 5 * (first + rows)), [rows, 5])
          const [made] = executable.run([given, ...parameters], rows)
          const values = numbers(made!)
          engine.free(given, made!)
          return values
        }
        const together = run(0, 13)
        for (const [first, rows] of [
          [0, 1],
          [3, 1],
          [12, 1],
          [2, 4],
          [5, 8],
          [1, 12],
        ] as const)
          expect(run(first, rows)).toEqual(together.slice(19 * first, 19 * (first + rows)))
        engine.free(...parameters)
      })
    })

    it('gathers and adds rows', () => {
      engine.scope(() => {
        const x = engine.write([1, 2, 3, 4, 5, 6], [3, 2])
        const taken = engine.gather(x, Int32Array.of(2, 0, 2))
        expect([numbers(taken), taken.shape]).toEqual([
          [5, 6, 1, 2, 5, 6],
          [3, 2],
        ])
        expect(engine.gather(x, new Int32Array(0)).shape).toEqual([0, 2])
        expect(numbers(engine.gather(engine.write([7, 8], [2]), Int32Array.of(1, 1, 0)))).toEqual([8, 8, 7])
        const added = engine.scatterAdd(x, Int32Array.of(1, 3, 1), 4)
        expect([numbers(added), added.shape]).toEqual([
          [0, 0, 6, 8, 0, 0, 3, 4],
          [4, 2],
        ])
        expect(numbers(engine.scatterAdd(engine.write([], [0, 2]), new Int32Array(0), 2))).toEqual([0, 0, 0, 0])
        expect(engine.scatterAdd(engine.write([], [0, 2]), new Int32Array(0), 0).shape).toEqual([0, 2])
        expect(() => engine.gather(x, Int32Array.of(3))).toThrow(error('Index', /^gather: .*\b3\b.*\b3 rows/))
        expect(() => engine.gather(x, Int32Array.of(0, -1))).toThrow(error('Index', /^gather: .*-1\b.*\b3 rows/))
        expect(() => engine.scatterAdd(x, Int32Array.of(0, 4, 2), 4)).toThrow(error('Index', /^scatterAdd: .*\b4\b.*\b4 rows/))
        expect(() => engine.scatterAdd(x, Int32Array.of(0), 4)).toThrow(
          error('Shape', 'scatterAdd needs one index per row: 1 for shape [3, 2].'),
        )
      })
      expect(engine.live()).toBe(0)
    })

    it('sums weighted blocks of rows, and adds rows to weighted blocks', () => {
      engine.scope(() => {
        // Two rows of three blocks of two.
        const x = engine.write([1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60], [2, 6])
        const weights = engine.write([1, 0, 0, 1, 2, 0.5, 0, 0, -1], [3, 3])
        const summed = engine.gatherWeighted(x, Int32Array.of(0, 1, 0), weights)
        expect([numbers(summed), summed.shape]).toEqual([
          [1, 2, 10 + 60 + 25, 20 + 80 + 30, -5, -6],
          [3, 2],
        ])
        const y = engine.write([1, 2, 3, 4], [2, 2])
        const own = engine.write([1, 2, 0.5, 0, 0, -1], [2, 3])
        const added = engine.scatterWeighted(y, Int32Array.of(1, 0, 1), Int32Array.of(2, 2, 0), own, 3)
        expect([numbers(added), added.shape]).toEqual([
          [0, 0, 0, 0, -3, -4, 0, 0, 0, 0, 0, 0, 1, 2, 2, 4, 0.5 - 3, 1 - 4],
          [3, 6],
        ])
        const none = engine.write([], [0, 3])
        expect(engine.gatherWeighted(x, new Int32Array(0), none).shape).toEqual([0, 2])
        expect(numbers(engine.scatterWeighted(y, new Int32Array(0), new Int32Array(0), own, 1))).toEqual([0, 0, 0, 0, 0, 0])
        expect(() => engine.gatherWeighted(x, Int32Array.of(0, 2, 0), weights)).toThrow(
          error('Index', /^gatherWeighted: .*\b2\b.*\b2 rows/),
        )
        expect(() => engine.scatterWeighted(y, Int32Array.of(0, 2, 0), Int32Array.of(0, 0, 0), own, 1)).toThrow(
          error('Index', /^scatterWeighted: .*\b2\b.*\b2 rows/),
        )
        expect(() => engine.scatterWeighted(y, Int32Array.of(0, 1, 0), Int32Array.of(0, 0, 1), own, 1)).toThrow(
          error('Index', /^scatterWeighted: .*\b1\b.*\b1 rows/),
        )
        expect(() => engine.gatherWeighted(y, Int32Array.of(0, 1, 0), weights)).toThrow(
          error('Shape', 'gatherWeighted with 3 weights a row needs rows of 3 equal blocks, and was given shape [2, 2].'),
        )
        expect(() => engine.gatherWeighted(x, Int32Array.of(0), weights)).toThrow(
          error('Shape', 'gatherWeighted needs weights for each of 1 rows, and was given shape [3, 3].'),
        )
        expect(() => engine.scatterWeighted(y, Int32Array.of(0), Int32Array.of(0, 0, 1), own, 1)).toThrow(
          error('Shape', 'scatterWeighted needs rows, and as many places to take them from as to add them to: shape [2, 2], 1 and 3.'),
        )
        expect(() => engine.scatterWeighted(y, Int32Array.of(0), Int32Array.of(0), weights, 1)).toThrow(
          error('Shape', 'scatterWeighted needs weights for each of 2 rows, and was given shape [3, 3].'),
        )
      })
      expect(engine.live()).toBe(0)
    })

    it.each([
      [1, 1],
      [2, 3],
      [5, 10],
      [8, 16],
      [9, 33],
      [3, 40],
    ])('weighted blocks of any size: %i of %i columns', (terms, width) => {
      const stream = random(terms, 'weighted', width)
      const list = (length: number) => Array.from({ length }, () => Math.fround(stream.normal()))
      const index = (length: number, rows: number) => Int32Array.from({ length }, () => stream.integer(rows))
      const [table, weights, rows, from, to] = [
        list(4 * terms * width),
        list(21 * terms),
        list(6 * width),
        index(21, 6),
        index(21, 4).sort(),
      ]
      // Every row twice in a row, and again later.
      to.set([0, 1, 1, 0], 17)
      const summed = Array.from({ length: 21 }, (_, i) =>
        Array.from({ length: width }, (__, c) =>
          weights.slice(i * terms, (i + 1) * terms).reduce((sum, weight, j) => sum + weight * table[(to[i]! * terms + j) * width + c]!, 0),
        ),
      ).flat()
      const added = Array.from({ length: 4 }, (_, row) =>
        Array.from({ length: terms * width }, (__, k) =>
          from.reduce(
            (sum, of, i) => (to[i] === row ? sum + weights[of * terms + Math.floor(k / width)]! * rows[of * width + (k % width)]! : sum),
            0,
          ),
        ),
      ).flat()
      const near = (found: readonly number[], wanted: readonly number[]) => {
        expect(found.length).toBe(wanted.length)
        found.forEach((x, i) => expect(Math.abs(x - wanted[i]!)).toBeLessThan(1e-5))
      }
      engine.scope(() => {
        const factors = engine.write(weights, [21, terms])
        near(numbers(engine.gatherWeighted(engine.write(table, [4, terms * width]), to, factors)), summed)
        near(
          numbers(
            engine.scatterWeighted(engine.write(rows, [6, width]), from, to, engine.write(weights.slice(0, 6 * terms), [6, terms]), 4),
          ),
          added,
        )
      })
    })

    it("what it is given and gives back is nobody else's", () => {
      const mine = Float32Array.of(1, 2)
      const shape = [2]
      const x = engine.write(mine, shape)
      mine[0] = 9
      shape[0] = 9
      engine.read(x)[1] = 9
      expect([numbers(x), x.shape]).toEqual([[1, 2], [2]])
      const g = new GraphBuilder()
      const [input, constant] = [g.input('x', [-1]), g.constant([3, 4], [2])]
      const computed = g.unary('neg', input)
      for (const [i, ref] of [
        input,
        input,
        g.reshape(input, [-1, 1]),
        constant,
        computed,
        g.reshape(computed, [1, -1]),
        computed,
      ].entries())
        g.output(`y${i}`, ref)
      const made = engine.compile(g.build()).run([x], 2)
      expect(made.map(numbers)).toEqual([
        [1, 2],
        [1, 2],
        [1, 2],
        [3, 4],
        [-1, -2],
        [-1, -2],
        [-1, -2],
      ])
      expect(made.map((value) => value.shape)).toEqual([[2], [2], [2, 1], [2], [2], [1, 2], [2]])
      engine.free(x)
      while (made.length > 0) {
        engine.free(made.shift()!)
        // What is freed may be used again at once.
        engine.free(engine.write([8, 8], [2]))
        expect(made.map(numbers)).toEqual(
          [
            [1, 2],
            [1, 2],
            [1, 2],
            [3, 4],
            [-1, -2],
            [-1, -2],
            [-1, -2],
          ].slice(-made.length || 7),
        )
      }
      expect(engine.live()).toBe(0)
    })

    it('scopes free what they do not return, and nest', () => {
      const kept = engine.scope(() => {
        const inner = engine.scope(() => {
          engine.write([1], [1])
          return [engine.write([2], [1]), engine.write([3], [1])]
        })
        expect(engine.live()).toBe(2)
        engine.write([4], [1])
        return inner[1]!
      })
      expect(engine.live()).toBe(1)
      expect(numbers(kept)).toEqual([3])
      expect(() =>
        engine.scope(() => {
          engine.write([1], [1])
          throw new Error('mine')
        }),
      ).toThrow('mine')
      engine.scope(() => {
        engine.free(engine.write([5], [1]))
      })
      expect(engine.scope(() => kept)).toBe(kept)
      expect(engine.live()).toBe(1)
      engine.free(kept)
    })

    it('scopes return whatever their body does, and keep what is in it two levels deep', () => {
      const one = (x: number): Value => engine.write([x], [1])
      expect(engine.scope(() => (one(1), 'text'))).toBe('text')
      expect(engine.scope(() => engine.read(one(2)))).toHaveLength(1)
      expect(engine.live()).toBe(0)
      const result = engine.scope(() => {
        one(0)
        return {
          loss: 3,
          state: one(1),
          parts: [one(2), undefined],
          byName: { a: one(3) },
          stack: engine.writeStack([4, 5], 2, [1]),
          lost: [[one(6)]],
          also: new Map([['m', one(7)]]),
        }
      })
      const { state, parts, byName, stack, lost, also, loss } = result
      expect([loss, ...numbers(state), ...numbers(parts[0]!), ...numbers(byName.a), ...engine.readStack(stack)]).toEqual([3, 1, 2, 3, 4, 5])
      expect(() => engine.read(lost[0]![0]!)).toThrow(error('Freed', /./))
      expect(() => engine.read(also.get('m')!)).toThrow(error('Freed', /./))
      engine.free(state, parts[0]!, byName.a, stack)
      expect(engine.live()).toBe(0)
      // More than a few; and an outer scope frees what an inner one kept.
      engine.scope(() => {
        const many = engine.scope(() => Array.from({ length: 30 }, (_, i) => one(i)))
        expect(many.map((value) => engine.read(value)[0])).toEqual(Array.from({ length: 30 }, (_, i) => i))
      })
      expect(engine.live()).toBe(0)
      expect(() => engine.scope(async () => one(1))).toThrow(error('Scope', /must not be async/))
      expect(engine.live()).toBe(0)
    })

    it('what a failing function would have written is freed', () => {
      const fail = (): never => {
        throw new Error('mine')
      }
      expect(() => engine.write(fail, [3])).toThrow('mine')
      expect(() => engine.writeStack((step, into) => (step === 0 ? void into.fill(0) : fail()), 2, [3])).toThrow('mine')
      expect(engine.live()).toBe(0)
    })

    it('parameters may change from run to run, also in the place of those before', () => {
      const g = new GraphBuilder()
      g.output('y', g.matmul(g.input('x', [-1, 3]), g.input('w', [3, 2])))
      g.output('z', g.matmul(g.input('v', [-1, 2]), g.input('w2', [3, 2]), { transposeB: true }))
      const executable = engine.compile(g.build())
      const x = engine.write([1, 1, 1], [1, 3])
      const v = engine.write([1, 10], [1, 2])
      for (let scale = 1; scale < 6; scale++) {
        const w = engine.write(
          [1, 2, 3, 4, 5, 6].map((number) => scale * number),
          [3, 2],
        )
        for (let again = 0; again < 2; again++) {
          const made = executable.run([x, w, v, w], 1)
          expect(made.map(numbers)).toEqual([
            [9 * scale, 12 * scale],
            [21 * scale, 43 * scale, 65 * scale],
          ])
          engine.free(...made)
        }
        engine.free(w)
      }
      engine.free(x, v)
    })

    it('inputs that a run consumes are freed by it, and no others', () => {
      const g = new GraphBuilder()
      const [sum, x, dy] = [g.input('sum', [3, 2]), g.input('x', [-1, 3]), g.input('dy', [-1, 2])]
      g.output('sum', g.add(sum, g.matmul(x, dy, { transposeA: true })))
      g.output('before', sum)
      const executable = engine.compile(g.build(), { consumes: ['sum'] })
      const [a, b] = [engine.write([1, 2, 3, 4, 5, 6], [2, 3]), engine.write([1, 2, 3, 4], [2, 2])]
      let total: Value = engine.write([0, 0, 0, 0, 0, 0], [3, 2])
      for (let run = 1; run <= 3; run++) {
        const [next, before] = executable.run([total, a, b], 2)
        expect(() => engine.read(total)).toThrow(error('Freed', /is used after it was freed/))
        expect(numbers(next!)).toEqual([13, 18, 17, 24, 21, 30].map((number) => run * number))
        expect(numbers(before!)).toEqual([13, 18, 17, 24, 21, 30].map((number) => (run - 1) * number || 0))
        engine.free(before!)
        total = next!
      }
      expect(engine.live()).toBe(3)
      engine.free(total, a, b)
    })

    it('a parameter may be consumed by the run that still multiplies by it', () => {
      const g = new GraphBuilder()
      const [w, a, x] = [g.input('w', [8, 8]), g.input('a', [-1, 8]), g.input('x', [-1, 8])]
      const [y, z] = [g.unary('neg', g.matmul(x, w)), g.unary('square', g.matmul(x, w))]
      g.output('sum', g.add(w, g.matmul(a, x, { transposeA: true })))
      g.output('y', y)
      g.output('z', z)
      const executable = engine.compile(g.build(), { consumes: ['w'] })
      const stream = random(5, 'consumed')
      const inputs = [0, 1, 2].map(() => Array.from({ length: 64 }, () => stream.integer(9) - 4))
      const product = (p: number[], q: number[], transposed: boolean): number[] =>
        Array.from({ length: 64 }, (_, i) =>
          p.slice(0, 8).reduce((sum, _p, k) => sum + p[transposed ? 8 * k + (i >> 3) : 8 * (i >> 3) + k]! * q[8 * k + (i & 7)]!, 0),
        )
      const multiplied = product(inputs[2]!, inputs[0]!, false)
      for (let run = 0; run < 3; run++) {
        const given = inputs.map((input) => engine.write(input, [8, 8]))
        const made = executable.run(given, 8)
        const added = product(inputs[1]!, inputs[2]!, true)
        expect(made.map(numbers)).toEqual([
          inputs[0]!.map((number, i) => number + added[i]!),
          multiplied.map((number) => -number),
          multiplied.map((number) => number ** 2),
        ])
        engine.free(...made, given[1]!, given[2]!)
      }
      expect(engine.live()).toBe(0)
    })

    it('holds no more arrays after 300 runs of everything than after one', () => {
      const compiled = opCases()
        .filter(({ low }) => low === -2)
        .map((test) => ({ test, executable: engine.compile(test.graph) }))
      for (let run = 0; run < Math.ceil(300 / compiled.length) + 1; run++) {
        for (const { test, executable } of compiled) {
          const rows = run % 3
          engine.scope(() => {
            executable.run(
              graphInputs(test.graph).map(({ shape }, i) => engine.write(drawInputs(test, rows)[i]!, shapeAt(shape, rows))),
              rows,
            )
          })
        }
        expect(engine.live()).toBe(0)
      }
    })

    it('a run that fails frees what it made, and the next one is right', () => {
      const g = new GraphBuilder()
      const x = g.input('x', [4, 3])
      g.output('early', g.unary('square', x))
      g.output('output', g.gather(g.unary('exp', x), g.unary('neg', g.input('i', [-1]))))
      const executable = engine.compile(g.build())
      const [value, bad, good] = [engine.write(new Float32Array(12), [4, 3]), engine.write([1, 2], [2]), engine.write([-3, 0], [2])]
      for (let run = 0; run < 3; run++) {
        expect(() => executable.run([value, bad], 2)).toThrow(error('Index', /gather/))
        expect(engine.live()).toBe(3)
      }
      const made = executable.run([value, good], 2)
      expect(made.map(numbers)).toEqual([new Array(12).fill(0), [1, 1, 1, 1, 1, 1]])
      engine.free(value, bad, good, ...made)
    })

    it.each(['gather', 'scatter'] as const)('%s takes whole numbers in range only', (op) => {
      const g = new GraphBuilder()
      const [x, i] = [g.input('x', [-1, 3]), g.input('i', [-1])]
      g.output('output', op === 'gather' ? g.gather(x, i) : g.scatter(x, i, 2))
      const executable = engine.compile(g.build())
      const value = engine.write([1, 2, 3, 4, 5, 6], [2, 3])
      for (const index of [
        [0, 2],
        [-1, 0],
        [0.5, 0],
        [0, NaN],
        [Infinity, 0],
        [0, -1e30],
        [2 ** 31, 0],
        [2 ** 32, 0],
        [0, -(2 ** 32)],
      ]) {
        const given = engine.write(index, [2])
        expect(() => executable.run([value, given], 2), String(index)).toThrow(error('Index', new RegExp(op)))
        engine.free(given)
      }
      engine.free(value)
      expect(engine.live()).toBe(0)
    })

    it('says what is wrong with its arguments', async () => {
      const [mine, other] = [await makeEngine(), await makeEngine()]
      const g = new GraphBuilder()
      g.output('output', g.add(g.input('x', [-1, 2]), g.input('y', [2])))
      const executable = mine.compile(g.build())
      const [x, y] = [mine.write([1, 2], [1, 2]), mine.write([1, 2], [2])]
      expect(() => executable.run([x], 1)).toThrow(error('Input', 'The Graph takes 2 inputs (x, y) but was given 1.'))
      expect(() => executable.run([x, y], 3)).toThrow(
        error('Shape', 'Input "x" has shape [1, 2]; with 3 rows it must be [3, 2], [rows, 2] in the Graph.'),
      )
      for (const rows of [1.5, -1, NaN])
        expect(() => executable.run([x, y], rows)).toThrow(error('Input', `The number of rows is ${rows}; it must be 0, 1, 2, …`))
      expect(() => executable.run([x, other.write([1, 2], [2])], 1)).toThrow(
        error('Foreign', `Input "y" was not made by this ${mine.name} engine.`),
      )
      expect(() => executable.run([x, { shape: [2] }], 1)).toThrow(error('Foreign', `Input "y" was not made by this ${mine.name} engine.`))
      expect(() => mine.write([1, 2, 3], [2])).toThrow(error('Shape', '3 values do not fill shape [2].'))
      expect(() => mine.readInto(x, [new Float32Array(1)])).toThrow(error('Shape', '2 numbers do not fill arrays of 1 together.'))
      expect(() => mine.concat([])).toThrow(error('Shape', 'concat needs at least one array, and arrays with rows.'))
      expect(() => mine.concat([x, mine.write([1], [1, 1])])).toThrow(error('Shape', /^Arrays of shapes \[1, 2\] and \[1, 1\] cannot/))
      const stack = mine.writeStack([1, 2], 2, [1])
      expect(() => other.readStack(stack)).toThrow(error('Foreign', `A stack to be read was not made by this ${mine.name} engine.`))
      mine.free(stack)
      expect(() => mine.readStack(stack)).toThrow(error('Freed', 'A stack to be read, of shape [1], is used after it was freed.'))
      mine.free(y)
      expect(() => executable.run([x, y], 1)).toThrow(error('Freed', 'Input "y", of shape [2], is used after it was freed.'))
      expect(() => mine.free(y)).toThrow(error('Freed', 'An array to be freed, of shape [2], is used after it was freed.'))
      expect(() => mine.read(y)).toThrow(error('Freed', 'An array to be read, of shape [2], is used after it was freed.'))
      mine.dispose()
      mine.dispose()
      expect(() => mine.read(x)).toThrow(error('Disposed', `An array to be read is used after the ${mine.name} engine was disposed of.`))
      expect(() => mine.write([1], [1])).toThrow(
        error('Disposed', `The ${mine.name} engine was disposed of and cannot make arrays any more.`),
      )
      expect(() => executable.run([x, x], 1)).toThrow(error('Disposed', /./))
      other.dispose()
    })
  })
}
