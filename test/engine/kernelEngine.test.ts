import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { plainEngine } from '../../src/engine/tfjs/plainEngine.js'
import { kernelEngine, type KernelEngine } from '../../src/engine/kernel/kernelEngine.js'
import {
  epilogues,
  FORMAT,
  instructions,
  MOST_AXES,
  operandKinds,
  operations,
  PACKED_ROWS,
  starts,
  TILE_STRIDE,
} from '../../src/engine/lowering/codes.js'
import { lower } from '../../src/engine/lowering/lower.js'
import { headerWord, nowhere, structs } from '../../src/engine/lowering/words.js'
import { openNativeKernel } from '../../src/engine/kernel/nativeKernel.js'
import { nativeEngine, wasmEngine } from '../../src/engine/select.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { simplify } from '../../src/graph/simplify.js'
import { vjp } from '../../src/graph/vjp.js'
import { random } from '../../src/random.js'

/** y = tanh(x w + b) v, and its derivative. */
function network(): Graph {
  const g = new GraphBuilder()
  const h = g.unary('tanh', g.add(g.matmul(g.input('x', [-1, 4]), g.input('w', [4, 32])), g.input('b', [32])))
  g.output('y', g.matmul(h, g.input('v', [32, 4])))
  return g.build()
}

describe('the form of programs', () => {
  const header = (name: string): string =>
    readFileSync(new URL(`../../src/kernel/${name}`, import.meta.url), 'utf8').replace(/\/\/[^\n]*/g, '')
  const parts = (text: string, pattern: RegExp, separator: string): string[] =>
    pattern
      .exec(text)![1]!
      .split(separator)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
  const members = (text: string, name: string): string[] => parts(text, new RegExp(`enum ${name} \\{([^}]*)\\}`), ',')
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  const numbered = (codes: Readonly<Record<string, number>>, prefix = ''): string[] =>
    Object.entries(codes).map(([name, code]) => `${prefix}${snake(name)} = ${code}`)

  it('has the numbers that the kernel knows', () => {
    const text = header('program.h')
    expect(text).toContain(`FORMAT = ${FORMAT} `)
    expect(text).toContain(`PACKED_ROWS = ${PACKED_ROWS} `)
    expect(text).toContain(`MOST_AXES = ${MOST_AXES} `)
    expect(text).toContain(`TILE_BYTES = ${TILE_STRIDE - 64}, TILE_STRIDE = TILE_BYTES + 64 `)
    expect(text).toContain(`NONE = ${nowhere[0]} `)
    expect(members(text, 'Instruction')).toEqual(numbered(instructions))
    expect(members(text, 'OperandKind')).toEqual(numbered(operandKinds))
    expect(members(header('gemm.h'), 'Start')).toEqual(numbered(starts, 'START_'))
    expect(members(header('elementwise.h'), 'Code')).toEqual(operations.map(snake))
    expect([...header('epilogue.h').matchAll(/case (\w+): return epilogue\w+<T>;/g)].map(([, name]) => name)).toEqual(epilogues.map(snake))
  })

  it('has the words that the kernel reads, in their order', () => {
    const text = header('program.h')
    for (const [name, fields] of Object.entries(structs)) {
      const struct = `${name[0]!.toUpperCase()}${name.slice(1)}Words`
      expect(parts(text, new RegExp(`struct ${struct} \\{([^}]*)\\}`), ';'), struct).toEqual(
        Object.entries(fields).map(([field, type]) => `${type} ${field}`),
      )
    }
    expect([...text.matchAll(/struct (\w+)Words/g)].map(([, name]) => name![0]!.toLowerCase() + name!.slice(1))).toEqual(
      Object.keys(structs),
    )
    expect(parts(text, /struct Address \{([^}]*)\}/, ';')).toEqual(['int place', 'int offset'])
  })

  it('says in its header what stands where', () => {
    const program = lower(network(), { scalarBytes: 8 })
    const { words } = program
    expect(words[headerWord('scalarBytes')]).toBe(8)
    expect([words[headerWord('inputs')], words[headerWord('outputs')], words[headerWord('packs')]]).toEqual([4, 1, 2])
    expect(words[headerWord('words')]).toBe(words.length)
    // From one instruction to the next by their lengths.
    let at = Object.keys(structs.header).length + 2 * words[headerWord('slots')]!
    const codes: number[] = []
    for (; at < words.length; at += words[at]! >> 8) codes.push(words[at]! & 255)
    expect(at).toBe(words.length)
    expect(codes).toEqual([instructions.product, instructions.product])
  })

  it('can be read beside the Graph', () => {
    const text = lower(simplify(vjp(network(), ['x', 'w', 'b', 'v'])), { scalarBytes: 4 })
      .toString()
      .split('\n')
    expect(text[0]).toMatch(/^program of float32: 5 inputs, 4 outputs, 3 packed/)
    expect(text).toContainEqual(expect.stringMatching(/^product s\d = "b" \+ "x" · packed "w" +; %\d+ matmul %\d %\d : \[rows, 32\]$/))
    expect(text).toContainEqual(expect.stringMatching(/^sum +out\d = s\d over the middle of \[1, rows, 32\]/))
    expect(text).toContainEqual(expect.stringMatching(/^chain .*tanh s\d/))
  })
})

describe('lowering', () => {
  const count = (graph: Graph, consumed: number[] = []) => lower(graph, { scalarBytes: 4, consumed: new Set(consumed) })

  it('runs element-wise operations of one shape as one, broadcasts included', () => {
    const g = new GraphBuilder()
    const x = g.input('x', [-1, 5])
    const scaled = g.mul(g.sub(x, g.input('mean', [5])), g.input('scale', [-1, 1]))
    g.output('y', g.unary('exp', g.add(g.broadcast(g.constant(0.5), [-1, 5]), scaled)))
    expect(count(g.build()).instructions).toHaveLength(1)
  })

  it('does not wait for a value in the chain that reads it otherwise than element by element', () => {
    const g = new GraphBuilder()
    const x = g.unary('exp', g.input('x', [3, 3]))
    g.output('y', g.add(x, g.transpose(g.unary('neg', x), [1, 0])))
    expect(count(g.build()).instructions.map(({ text }) => text.slice(0, 5))).toEqual(['chain', 'copy ', 'chain'])
  })

  it('adds products to what was summed so far, in its memory', () => {
    const g = new GraphBuilder()
    const [x, y] = [g.input('x', [-1, 3]), g.input('y', [-1, 2])]
    const products = g.add(g.matmul(x, y, { transposeA: true }), g.matmul(g.unary('neg', x), y, { transposeA: true }))
    g.output('sum', g.add(g.input('sum', [3, 2]), products))
    const program = count(g.build(), [2])
    expect(program.instructions.map(({ text }) => text.slice(0, 7))).toEqual(['product', 'chain  ', 'product'])
    expect([...program.donations]).toEqual([[0, 2]])
  })

  it('pulls back through tanh in one operation', () => {
    const text = (make: (g: GraphBuilder, a: number, b: number) => number): string => {
      const g = new GraphBuilder()
      g.output('y', make(g, g.input('a', [-1, 3]), g.input('b', [-1, 3])))
      return count(g.build())
        .instructions.map((each) => each.text)
        .join('; ')
    }
    expect(text((g, a, b) => g.mul(a, g.sub(g.constant(1), g.unary('square', b))))).toBe('chain   out0 = tanhPullback "a" "b"')
    expect(text((g, a, b) => g.mul(g.sub(g.constant(1), g.mul(b, b)), a))).toBe('chain   out0 = tanhPullback "a" "b"')
    expect(text((g, a, b) => g.mul(a, g.sub(g.constant(2), g.mul(b, b))))).toContain('subMul')
    expect(text((g, a, b) => g.mul(a, g.sub(g.constant(1), g.mul(a, b))))).toContain('subMul')
  })

  it('ends a product with its activation, if nothing else reads the product', () => {
    const texts = (make: (g: GraphBuilder, product: number) => void, separate = false): string[] => {
      const g = new GraphBuilder()
      make(g, g.add(g.matmul(g.input('x', [-1, 3]), g.input('w', [3, 5])), g.input('b', [5])))
      return lower(g.build(), { scalarBytes: 4, separate }).instructions.map(({ text }) => text)
    }
    for (const name of ['tanh', 'sigmoid', 'relu'] as const)
      expect(texts((g, product) => g.output('y', g.unary(name, product)))).toEqual([`product out0 = ${name} of "b" + "x" · packed "w"`])
    expect(texts((g, product) => g.output('y', g.unary('exp', product)))).toEqual([
      'product s0 = "b" + "x" · packed "w"',
      'chain   out0 = exp s0',
    ])
    const both = ['product out1 = "b" + "x" · packed "w"', 'chain   out0 = tanh out1']
    expect(
      texts((g, product) => {
        g.output('y', g.unary('tanh', product))
        g.output('z', product)
      }),
    ).toEqual(both)
    expect(
      texts((g, product) => {
        g.output('y', g.unary('tanh', product))
        g.output('z', g.sum(product, [1]))
      })[0],
    ).toBe('product s0 = "b" + "x" · packed "w"')
    expect(texts((g, product) => g.output('y', g.unary('tanh', g.slice(product, [0, 1], [-1, 2]))))[0]).toBe(
      'product s0 = "b" + "x" · packed "w"',
    )
    expect(texts((g, product) => g.output('y', g.unary('tanh', product)), true)).toEqual([
      'product s0 = "b" + "x" · packed "w"',
      'chain   out0 = tanh s0',
    ])
    const rest = (g: GraphBuilder, h: number): number => g.sub(g.constant(1), g.unary('square', h))
    expect(texts((g, product) => g.output('y', g.mul(product, rest(g, g.input('h', [-1, 5])))))).toEqual([
      'product out0 = tanhPullback by "h" of "b" + "x" · packed "w"',
    ])
    // Not where the other operand is the product itself, or is not laid out like it.
    for (const other of [
      (_: GraphBuilder, product: number) => product,
      (g: GraphBuilder) => g.input('h', [5]),
      (g: GraphBuilder) => g.slice(g.input('h', [-1, 9]), [0, 2], [-1, 5]),
    ]) {
      expect(texts((g, product) => g.output('y', g.mul(product, rest(g, other(g, product)))))[0]).toMatch(/^product \S+ = "b" \+ "x"/)
    }
    // What is added to a product afterwards comes before its activation; what is added to the activation, after it.
    expect(texts((g, product) => g.output('y', g.matmul(g.unary('tanh', product), g.input('v', [5, 2]))))).toEqual([
      'product s0 = tanh of "b" + "x" · packed "w"',
      'product out0 = s0 · packed "v"',
    ])
    expect(texts((g, product) => g.output('y', g.add(g.unary('tanh', product), g.input('c', [5]))))).toHaveLength(2)
  })

  it('uses scratch memory again', () => {
    const g = new GraphBuilder()
    let x = g.input('x', [-1, 8])
    for (let i = 0; i < 20; i++) x = g.matmul(g.unary('tanh', x), g.input(`w${i}`, [8, 8]))
    g.output('y', x)
    const { slots } = count(g.build())
    expect(slots.reduce((sum, { perRow }) => sum + perRow, 0)).toBeLessThanOrEqual(16)
    expect(slots.every(({ fixed }) => fixed === 0)).toBe(true)
  })
})

describe.each(['native', 'wasm'] as const)('the %s engine', (name) => {
  const engines: KernelEngine[] = []
  const open = async (options = {}): Promise<KernelEngine> => {
    const engine = await (name === 'native' ? nativeEngine : wasmEngine)(options)
    engines.push(engine)
    return engine
  }
  afterAll(() => engines.forEach((engine) => engine.dispose()))

  it('frees consumed inputs, and sums up in their memory', async () => {
    const engine = await open({ dtype: 'float64' })
    const g = new GraphBuilder()
    g.output('sum', g.add(g.input('sum', [2, 2]), g.matmul(g.input('x', [-1, 2]), g.input('y', [-1, 2]), { transposeA: true })))
    const executable = engine.compile(g.build(), { consumes: ['sum'] })
    const [x, y] = [engine.write([1, 2, 3, 4], [2, 2]), engine.write([5, 6, 7, 8], [2, 2])]
    let sum = engine.write([0, 0, 0, 0], [2, 2])
    for (let i = 0; i < 3; i++) {
      const old = sum
      ;[sum] = executable.run([old, x, y], 2) as [typeof sum]
      expect(() => engine.read(old)).toThrowError(expect.objectContaining({ code: 'Freed' }) as Error)
    }
    const peak = engine.peak()
    // Three times [1 2; 3 4] transposed times [5 6; 7 8].
    expect([...engine.read(sum)]).toEqual([3 * 26, 3 * 30, 3 * 38, 3 * 44])
    for (let i = 0; i < 100; i++) [sum] = executable.run([sum, x, y], 2) as [typeof sum]
    expect([...engine.read(sum)]).toEqual([103 * 26, 103 * 30, 103 * 38, 103 * 44])
    expect(engine.peak()).toBe(peak)
    expect(engine.live()).toBe(3)
  })

  it.each([
    [3, 1, 1],
    [1, 7, 16],
    [50, 300, 37],
    [9, 100, 128],
    [4, 300, 128],
    [6, 515, 65],
  ])('activates products in all of their parts: %i rows, %i deep, %i columns', async (rows, k, n) => {
    for (const dtype of ['float32', 'float64'] as const) {
      const engine = await open({ dtype })
      for (const name of ['tanh', 'sigmoid', 'relu'] as const) {
        const g = new GraphBuilder()
        const [x, w, b] = [g.input('x', [-1, k]), g.input('w', [k, n]), g.input('b', [n])]
        g.output('fixed', g.unary(name, g.add(g.matmul(x, w), b)))
        // Of a matrix that is no input, and so not packed beforehand.
        g.output('made', g.unary(name, g.matmul(x, g.unary('neg', w))))
        g.output('pulled', g.mul(g.matmul(x, w), g.sub(g.constant(1), g.unary('square', g.input('h', [-1, n])))))
        const executable = engine.compile(g.build())
        expect(
          executable.program!.instructions.filter(({ text }) => text.includes(`${name} of`) || text.includes('tanhPullback by')),
        ).toHaveLength(3)
        const stream = random(k, name)
        const list = (length: number, scale = 1): number[] => Array.from({ length }, () => Math.fround(scale * stream.normal()))
        const [xs, ws, bs, hs] = [list(rows * k), list(k * n, 1 / Math.sqrt(k)), list(n), list(rows * n)]
        const f = { tanh: Math.tanh, sigmoid: (z: number) => 1 / (1 + Math.exp(-z)), relu: (z: number) => Math.max(0, z) }[name]
        const found = executable
          .run([engine.write(xs, [rows, k]), engine.write(ws, [k, n]), engine.write(bs, [n]), engine.write(hs, [rows, n])], rows)
          .map((value) => engine.read(value))
        const tolerance = dtype === 'float32' ? 3e-6 : 1e-13
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < n; j++) {
            let product = 0
            for (let p = 0; p < k; p++) product += xs[i * k + p]! * ws[p * n + j]!
            expect(Math.abs(found[0]![i * n + j]! - f(product + bs[j]!))).toBeLessThan(tolerance)
            expect(Math.abs(found[1]![i * n + j]! - f(-product))).toBeLessThan(tolerance)
            expect(Math.abs(found[2]![i * n + j]! - product * (1 - hs[i * n + j]! ** 2))).toBeLessThan(20 * tolerance)
          }
      }
    }
  })

  it('ends a product by some rows of a larger matrix', async () => {
    const engine = await open({ dtype: 'float64' })
    const g = new GraphBuilder()
    const h = g.slice(g.input('h', [4, 2]), [2, 0], [2, 2])
    g.output('y', g.mul(g.matmul(g.input('x', [2, 2]), g.input('w', [2, 2])), g.sub(g.constant(1), g.unary('square', h))))
    const executable = engine.compile(g.build())
    expect(executable.program!.instructions.map(({ text }) => text)).toEqual(['product out0 = tanhPullback by "h"+4 of "x" · packed "w"'])
    const inputs: Record<string, number[]> = { h: [9, 9, 9, 9, 1, 2, 3, 0], x: [1, 0, 0, 1], w: [10, 20, 30, 40] }
    const values = graphInputs(executable.graph).map(({ name, shape }) => engine.write(inputs[name]!, shape))
    expect([...engine.read(executable.run(values, 0)[0]!)]).toEqual([0, 20 * -3, 30 * -8, 40])
  })

  it('gives an output its own array although the sum has one term that is used elsewhere', async () => {
    const engine = await open({ dtype: 'float64' })
    const g = new GraphBuilder()
    const sum = g.input('sum', [2])
    g.output('next', g.add(sum, g.sum(g.input('x', [-1, 2]), [0])))
    g.output('before', g.unary('neg', sum))
    const executable = engine.compile(g.build(), { consumes: ['sum'] })
    const results = executable
      .run([engine.write([1, 2], [2]), engine.write([10, 20, 30, 40], [2, 2])], 2)
      .map((value) => [...engine.read(value)])
    expect(results).toEqual([
      [41, 62],
      [-1, -2],
    ])
  })

  it('packs a matrix once, and anew when it is another', async () => {
    const engine = await open({ dtype: 'float64' })
    const g = new GraphBuilder()
    g.output('y', g.matmul(g.input('x', [-1, 2]), g.input('w', [2, 2])))
    const executable = engine.compile(g.build())
    const x = engine.write([1, 10], [1, 2])
    const [first, second] = [engine.write([1, 2, 3, 4], [2, 2]), engine.write([5, 6, 7, 8], [2, 2])]
    const product = (w: typeof first): number[] =>
      engine
        .scope(() => executable.run([x, w], 1))
        .map((value) => [...engine.read(value)])
        .flat()
    expect([product(first), product(second), product(first)]).toEqual([
      [31, 42],
      [75, 86],
      [31, 42],
    ])
    const peak = engine.peak()
    engine.free(first, second)
    for (let i = 0; i < 50; i++) {
      engine.scope(() => {
        const w = engine.write([i, 1, 1, i], [2, 2])
        expect([...engine.read(executable.run([x, w], 1)[0]!)]).toEqual([i + 10, 1 + 10 * i])
      })
    }
    expect(engine.peak()).toBeLessThanOrEqual(peak + 1024)
  })

  it('says where a value that is not finite arises first', async () => {
    const engine = await open({ debugNaN: true })
    const g = new GraphBuilder()
    const x = g.input('x', [-1, 2])
    const difference = g.sub(x, g.constant(1))
    const logarithm = g.unary('log', difference)
    g.output('y', g.unary('exp', g.add(logarithm, x)))
    const executable = engine.compile(g.build())
    const run = (values: number[]) => () =>
      engine.scope(() => {
        executable.run([engine.write(values, [2, 2])], 2)
      })
    expect(run([2, 3, 4, 5])).not.toThrow()
    expect(run([2, 3, 0.5, 5])).toThrowError(
      expect.objectContaining({
        code: 'NonFinite',
        message: 'The first value that is not finite is made by %3 = log %2 : [rows, 2]: element [1, 0] is NaN. Its operands are finite.',
      }) as Error,
    )
    expect(run([2, Infinity, 4, 5])).toThrowError(
      expect.objectContaining({
        code: 'NonFinite',
        message: 'Input "x" [rows, 2] is not finite before anything is computed: element [0, 1] is Infinity.',
      }) as Error,
    )
    expect(engine.live()).toBe(0)
  })

  it('does not take what was in memory before for a value: of an array put together from parts, the parts that are to come', async () => {
    const engine = await open({ debugNaN: true })
    const g = new GraphBuilder()
    const [a, b] = [g.input('a', [-1, 2]), g.input('b', [-1, 1])]
    g.output('y', g.concat([a, b], 1))
    const executable = engine.compile(g.build())
    engine.scope(() => {
      const [first, second] = [engine.write([1, 2, 3, 4], [2, 2]), engine.write([5, 6], [2, 1])]
      // Wherever the result will lie, there is nothing but NaN now.
      engine.scope(() => {
        for (let size = 4; size <= 4096; size *= 2) engine.write(new Float64Array(size).fill(NaN), [size / 2, 2])
      })
      const [y] = executable.run([first, second], 2)
      expect([...engine.read(y!)]).toEqual([1, 2, 5, 3, 4, 6])
    })
  })

  it('runs what the kernel has no instruction for on tfjs, and says so once', async () => {
    const onNotice = vi.fn()
    const engine = await open({ onNotice })
    const g = new GraphBuilder()
    const x = g.input('x', [-1, 2])
    g.output('squares', g.matmul(x, x, { transposeB: true }))
    const executable = engine.compile(g.build())
    expect(executable.program).toBeUndefined()
    engine.compile(g.build())
    expect(onNotice.mock.calls).toEqual([
      [
        'The kernel has no instruction for arrays whose size grows with the square of the rows. Such parts of the model run on the ' +
          'tfjs engine, which is slower.',
      ],
    ])
    const [y] = executable.run([engine.write([1, 2, 3, 4], [2, 2])], 2)
    expect([y!.shape, [...engine.read(y!)]]).toEqual([
      [2, 2],
      [5, 11, 11, 25],
    ])
    const double = await open({ dtype: 'float64' })
    expect(() => double.compile(g.build())).toThrowError(
      expect.objectContaining({
        code: 'NoKernel',
        message:
          'The kernel has no instruction for arrays whose size grows with the square of the rows. TensorFlow.js, which could stand ' +
          'in, has no float64.',
      }) as Error,
    )
  })

  it('multiplies by matrices whose rows crowd the cache', async () => {
    const engine = await open({ dtype: 'float64' })
    const g = new GraphBuilder()
    const [x, y] = [g.input('x', [-1, 3]), g.input('y', [-1, 128])]
    g.output('sum', g.add(g.input('sum', [3, 128]), g.matmul(x, y, { transposeA: true })))
    const executable = engine.compile(g.build())
    for (const rows of [1, 30, 256, 257, 600]) {
      const at = (i: number, j: number): number => Math.sin(7 * i + j)
      const [a, b] = [
        Float64Array.from({ length: rows * 3 }, (_, i) => at(i, 1)),
        Float64Array.from({ length: rows * 128 }, (_, i) => at(i, 2)),
      ]
      const start = Float64Array.from({ length: 384 }, (_, i) => at(i, 3))
      const result = engine.read(
        executable.run([engine.write(a, [rows, 3]), engine.write(b, [rows, 128]), engine.write(start, [3, 128])], rows)[0]!,
      )
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 128; j++) {
          let sum = start[i * 128 + j]!
          for (let k = 0; k < rows; k++) sum += a[k * 3 + i]! * b[k * 128 + j]!
          expect(Math.abs(result[i * 128 + j]! - sum)).toBeLessThan(1e-12)
        }
      }
    }
  })

  it('gathers rows by a number that must be one', async () => {
    const engine = await open()
    const g = new GraphBuilder()
    g.output('y', g.gather(g.input('x', [3, 2]), g.input('index', [-1])))
    const executable = engine.compile(g.build())
    const x = engine.write([1, 2, 3, 4, 5, 6], [3, 2])
    expect([...engine.read(executable.run([x, engine.write([2, 0], [2])], 2)[0]!)]).toEqual([5, 6, 1, 2])
    const before = engine.live()
    for (const bad of [3, -1, 0.5, NaN]) {
      const index = engine.write([bad], [1])
      expect(() => executable.run([x, index], 1)).toThrowError(expect.objectContaining({ code: 'Index' }) as Error)
      engine.free(index)
    }
    expect(engine.live()).toBe(before)
  })
})

describe('memory', () => {
  it('that the system does not give is an error that says how much, and what to lower', async () => {
    const engine = await nativeEngine()
    const g = new GraphBuilder()
    g.output('y', g.broadcast(g.input('x', []), [-1, 2 ** 20]))
    const executable = engine.compile(g.build())
    expect(() => executable.run([engine.write([1], [])], 2 ** 20)).toThrowError(
      expect.objectContaining({
        name: 'EngineError',
        code: 'Memory',
        message: expect.stringMatching(/needs 4,194,\d{3} MB of memory.*Lower the batch size.*or the number of samples/) as string,
      }) as Error,
    )
    engine.dispose()
  })

  it('moves when it grows, and keeps what it held', () => {
    const engine = kernelEngine(openNativeKernel(), { fallback: plainEngine })
    const first = engine.write([1, 2, 3], [3])
    const others = Array.from({ length: 200 }, (_, i) => engine.write(new Float32Array(1000).fill(i), [1000]))
    expect([...engine.read(first)]).toEqual([1, 2, 3])
    others.forEach((value, i) => expect(engine.read(value).every((x) => x === i)).toBe(true))
    engine.dispose()
  })
})
