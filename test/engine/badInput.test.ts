import { describe, expect, it } from 'vitest'
import type { Dtype } from '../../src/engine/engine.js'
import { kernelEngine, type KernelEngine, type KernelEngineOptions } from '../../src/engine/kernel/kernelEngine.js'
import type { Kernel } from '../../src/engine/kernel/kernel.js'
import { openNativeKernel } from '../../src/engine/kernel/nativeKernel.js'
import { nativeEngine, selectEngine, wasmEngine } from '../../src/engine/select.js'
import { openWasmKernel } from '../../src/engine/kernel/wasmKernelFile.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'

const engines: [string, (options?: KernelEngineOptions) => Promise<KernelEngine>][] = [
  ['native', nativeEngine],
  ['wasm', wasmEngine],
]
const kernels: [string, () => Promise<Kernel>][] = [
  ['native', async () => openNativeKernel()],
  ['wasm', () => openWasmKernel()],
]
const error = (code: string, message: string | RegExp) =>
  expect.objectContaining({
    name: 'EngineError',
    code,
    message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
  }) as Error

function graphOf(build: (g: GraphBuilder) => Record<string, number>): Graph {
  const g = new GraphBuilder()
  for (const [name, ref] of Object.entries(build(g))) g.output(name, ref)
  return g.build()
}

describe.each(engines)('values that are not finite, %s', (_, open) => {
  const graph = graphOf((g) => {
    const x = g.input('x', [-1, 3])
    const logs = g.unary('log', g.sub(x, g.constant(1)))
    return { y: g.sum(g.mul(logs, g.input('w', [3])), [1]) }
  })

  it.each(['float32', 'float64'] as const)('are found where they first arise with debugNaN, in %s', async (dtype: Dtype) => {
    const engine = await open({ dtype, debugNaN: true })
    const run = engine.compile(graph)
    const [w, good, bad] = [
      engine.write([1, 2, 3], [3]),
      engine.write([2, 2, 2, 2, 2, 2], [2, 3]),
      engine.write([2, 2, 2, 2, 0.5, 1], [2, 3]),
    ]
    const [y] = run.run([good, w], 2)
    expect(Array.from(engine.read(y!))).toEqual([0, 0])
    // log(−0.5)
    expect(() => run.run([bad, w], 2)).toThrow(
      error(
        'NonFinite',
        /^The first value that is not finite is made by %\d+ = log %\d+ : \[rows, 3\]: element \[1, 1\] is NaN\. Its operands are finite\.$/,
      ),
    )
    engine.free(bad)
    const infinite = engine.write([1, 2, 3, 4, 5, 6], [2, 3])
    // log(0)
    expect(() => run.run([infinite, w], 2)).toThrow(error('NonFinite', /= log .* element \[0, 0\] is -Infinity/))
    const given = engine.write([1, NaN, 3], [3])
    expect(() => run.run([good, given], 2)).toThrow(
      error('NonFinite', 'Input "w" [3] is not finite before anything is computed: element [1] is NaN.'),
    )
    engine.free(y!, w, good, infinite, given)
    expect(engine.live(), 'runs that failed leave nothing behind').toBe(0)
    engine.dispose()
  })

  it('are found in every kind of node', async () => {
    const engine = await open({ debugNaN: true })
    // 3e38 is finite in float32, twice of it is not.
    const large = (build: (g: GraphBuilder, x: number) => number): Graph => graphOf((g) => ({ y: build(g, g.input('x', [-1, 2])) }))
    for (const [made, graph] of [
      [/= matmul .* \[0, 0\] is Infinity/, large((g, x) => g.matmul(x, g.constant([1, 1], [2, 1])))],
      [/= sum .* \[0\] is Infinity/, large((g, x) => g.sum(x, [1]))],
      [/= scatter .* \[0, 0\] is Infinity/, large((g, x) => g.scatter(g.transpose(x, [1, 0]), g.constant([0, 0], [2]), 1))],
      [/= square .* \[0, 0\] is Infinity/, large((g, x) => g.unary('square', x))],
      [/= sub .* \[0, 0\] is -Infinity/, large((g, x) => g.concat([x, g.sub(g.unary('neg', x), x)], 1))],
    ] as const) {
      const x = engine.write([3e38, 3e38], [1, 2])
      expect(() => engine.compile(graph).run([x], 1)).toThrow(error('NonFinite', made))
      engine.free(x)
    }
    engine.dispose()
  })

  it('pass without debugNaN, and those that a select leaves out are reported as values, too', async () => {
    const engine = await open()
    const x = engine.write([0, 2, 2], [1, 3])
    const [y] = engine.compile(graph).run([x, engine.write([1, 1, 1], [3])], 1)
    expect(Array.from(engine.read(y!))).toEqual([NaN])
    engine.dispose()
  })
})

it('the tfjs engine cannot look for values that are not finite, and says so', async () => {
  await expect(selectEngine('tfjs', { debugNaN: true })).rejects.toMatchObject({
    name: 'EngineError',
    code: 'DebugNaN',
    message: 'The tfjs engine cannot look for values that are not finite. Use the engine "native" or "wasm".',
  })
})

describe.each(engines)('a Graph that the kernel has no instructions for, %s', (name, open) => {
  // Outer products of rows with rows: their size grows with the square of the rows.
  const graph = graphOf((g) => {
    const x = g.input('x', [-1, 2])
    return { y: g.matmul(x, x, { transposeB: true }), z: g.unary('square', x) }
  })

  it('runs on TensorFlow.js, which is said once', async () => {
    const notices: string[] = []
    const engine = await open({
      onNotice: (message) => {
        notices.push(message)
      },
    })
    for (let again = 0; again < 3; again++) {
      const run = engine.compile(graph)
      const x = engine.write([1, 2, 3, 4, 5, 6], [3, 2])
      const made = run.run([x], 3)
      expect(made.map((value) => value.shape)).toEqual([
        [3, 3],
        [3, 2],
      ])
      expect(made.map((value) => Array.from(engine.read(value)))).toEqual([
        [5, 11, 17, 11, 25, 39, 17, 39, 61],
        [1, 4, 9, 16, 25, 36],
      ])
      expect(() => run.run([x], 2)).toThrow(
        error('Shape', 'Input "x" has shape [3, 2]; with 2 rows it must be [2, 2], [rows, 2] in the Graph.'),
      )
      engine.free(x, ...made)
      expect(engine.live()).toBe(0)
    }
    const squares = graphOf((g) => {
      const x = g.input('x', [-1, 1])
      return { y: g.unary('abs', g.unary('sign', g.matmul(x, x, { transposeB: true }))) }
    })
    const [y] = engine.compile(squares).run([engine.write([NaN, -1], [2, 1])], 2)
    expect(Array.from(engine.read(y!))).toEqual([NaN, NaN, NaN, 1])
    const core = await import('@tensorflow/tfjs-core')
    await core.setBackend('cpu')
    expect(core.memory().numTensors, 'Tensors that the user would see').toBe(0)
    expect(notices).toEqual([
      'The kernel has no instruction for arrays whose size grows with the square of the rows. Such parts of the model run on the ' +
        'tfjs engine, which is slower.',
    ])
    engine.dispose()
  })

  it('frees the inputs it consumes', async () => {
    const engine = await open()
    const x = engine.write([1, 2], [1, 2])
    const made = engine.compile(graph, { consumes: ['x'] }).run([x], 1)
    expect(() => engine.read(x)).toThrow(error('Freed', /freed/))
    expect(engine.live()).toBe(2)
    expect(Array.from(engine.read(made[0]!))).toEqual([5])
    engine.dispose()
  })

  it('is refused in float64, which TensorFlow.js has not, and without a fallback', async () => {
    const doubles = await open({ dtype: 'float64' })
    expect(() => doubles.compile(graph)).toThrow(
      error(
        'NoKernel',
        'The kernel has no instruction for arrays whose size grows with the square of the rows. TensorFlow.js, which could stand in, ' +
          'has no float64.',
      ),
    )
    doubles.dispose()
    const alone = kernelEngine(await kernels.find(([kernel]) => kernel === name)![1]())
    expect(() => alone.compile(graph)).toThrow(
      error('NoKernel', 'The kernel has no instruction for arrays whose size grows with the square of the rows.'),
    )
    alone.dispose()
  })
})

describe.each(kernels)('more memory than there is, %s', (_, open) => {
  it('says how much was asked for and what to lower; the engine works on, and holds nothing of the run that failed', async () => {
    const kernel = await open()
    // As if the machine had 64 MB: growth beyond that fails as it does at the real limit.
    const limit = 2 ** 20
    const engine = kernelEngine({
      ...kernel,
      get buffer() {
        return kernel.buffer
      },
      get base() {
        return kernel.base
      },
      get blocks() {
        return kernel.blocks
      },
      grow(blocks) {
        kernel.grow(blocks > limit ? 2 ** 46 : blocks)
      },
    })
    const graph = graphOf((g) => {
      const x = g.input('x', [-1, 1])
      const wide = g.broadcast(x, [-1, 1000])
      return {
        small: g.unary('exp', x),
        y: g.unary('exp', wide),
        z: g.matmul(g.unary('sin', wide), g.constant(new Array<number>(1000).fill(1), [1000, 1])),
      }
    })
    const run = engine.compile(graph)
    const many = engine.write(new Float32Array(100_000), [100_000, 1])
    expect(engine.live()).toBe(1)
    for (let again = 0; again < 3; again++) {
      expect(() => run.run([many], 100_000)).toThrow(
        error(
          'Memory',
          /^The computation needs [\d,]+ MB of memory.* Lower the batch size \(batchSize, --batch-size\) or the number of samples \(samples, --samples\)/,
        ),
      )
      expect(engine.live()).toBe(1)
    }
    expect(() => engine.write({ length: 2 ** 40 }, [2 ** 40])).toThrow(error('Memory', /needs [\d,]+ MB/))
    const few = engine.write([0, 0], [2, 1])
    const made = run.run([few], 2)
    expect(Array.from(engine.read(made[0]!))).toEqual([1, 1])
    expect(Array.from(engine.read(made[1]!)).every((value) => value === 1)).toBe(true)
    engine.dispose()
  })
})
