import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Value } from '../../src/engine/engine.js'
import { tfjsEngine, tfjsEngineOn, type TfjsEngine } from '../../src/engine/tfjs.js'
import { engineRuntime } from '../../src/engine/tfjsBackend.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphInputs } from '../../src/graph/graph.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'
import { opCases, type OpCase } from './cases.js'

const cases = opCases()
const rowCounts = [0, 1, 2, 7]

/** Inputs that are exact in float32, so that engines differ by their own rounding only. */
function drawInputs({ graph, low, high, indices, name }: OpCase, rows: number): number[][] {
  const stream = random(7, name, rows)
  return graphInputs(graph).map(({ name: input, shape }) => Array.from({ length: sizeOf(shapeAt(shape, rows)) }, () =>
    indices?.[input] === undefined ? Math.fround(low + (high - low) * stream.uniform()) : stream.integer(indices[input])))
}

function runCase(engine: Engine, { graph }: OpCase, inputs: readonly number[][], rows: number) {
  const values = engine.scope(() => engine.compile(graph).run(graphInputs(graph).map(({ shape }, i) => engine.write(inputs[i]!, shapeAt(shape, rows))), rows))
  const result = values.map((value) => ({ shape: [...value.shape], values: Array.from(engine.read(value)) }))
  engine.free(...values)
  return result
}

const openers: Record<string, () => Promise<TfjsEngine>> = {
  wasm: () => tfjsEngine({ backend: 'wasm' }),
  cpu: () => tfjsEngine({ backend: 'cpu' }),
  'any backend, through runKernel': async () => {
    const core = await import('@tensorflow/tfjs-core')
    await import('@tensorflow/tfjs-backend-cpu')
    // Silences its greeting.
    ;(core.findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false
    return tfjsEngineOn(engineRuntime(core, 'cpu', 'cpu through runKernel'))
  },
}

describe.each(Object.entries(openers))('tfjs engine on %s', (_, open) => {
  const reference = referenceEngine()
  let engine: TfjsEngine
  beforeAll(async () => { engine = await open() })
  afterAll(() => engine.dispose())

  it.each(cases)('$name', (test) => {
    for (const rows of rowCounts) {
      const inputs = drawInputs(test, rows)
      const expected = runCase(reference, test, inputs, rows)
      const found = runCase(engine, test, inputs, rows)
      expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape))
      found.forEach(({ values }, output) => {
        // float32 rounds to 6e-8; sums of 70 products of numbers up to 2 and divisions by small ones lose two digits.
        const scale = Math.max(1e-6, ...expected[output]!.values.map(Math.abs).filter(Number.isFinite))
        values.forEach((value, i) => {
          const wanted = expected[output]!.values[i]!
          if (!Number.isFinite(wanted)) expect(value).toBe(wanted)
          else expect(Math.abs(value - wanted), `rows ${rows}, output ${output}, element ${i}: ${value} for ${wanted}`).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(wanted), 1e-2 * scale))
        })
      })
    }
    expect(engine.live()).toBe(0)
  })
})

/** Arrays that a backend holds. */
const numbersHeld = async (backend: string) => {
  const core = await import('@tensorflow/tfjs-core')
  return core.engine().registry[backend]!.numDataIds()
}

describe('memory', () => {
  const everything = cases.filter(({ low }) => low === -2)

  it('stays flat over 1000 runs, on WASM and through runKernel', async () => {
    const core = await import('@tensorflow/tfjs-core')
    for (const [name, backend] of [['wasm', 'wasm'], ['any backend, through runKernel', 'cpu']] as const) {
      const engine = await openers[name]!()
      const compiled = everything.map((test) => ({ test, executable: engine.compile(test.graph), inputs: drawInputs(test, 2) }))
      const runAll = () => {
        for (const { test, executable, inputs } of compiled) {
          engine.scope(() => { executable.run(graphInputs(test.graph).map(({ shape }, i) => engine.write(inputs[i]!, shapeAt(shape, 2))), 2) })
        }
      }
      runAll() // uploads what depends on the number of rows
      const before = { held: await numbersHeld(backend), tensors: core.memory().numTensors }
      for (let run = 0; run * everything.length < 1000; run++) runAll()
      expect({ held: await numbersHeld(backend), tensors: core.memory().numTensors }).toEqual(before)
      expect(engine.live()).toBe(0)
      engine.dispose()
    }
    expect(core.memory().numTensors).toBe(0)
    expect(await numbersHeld('cpu')).toBe(0)
    expect(await numbersHeld('wasm')).toBe(0)
  })

  it('a run that fails frees what it made', async () => {
    const engine = await tfjsEngine({ backend: 'wasm' })
    const g = new GraphBuilder()
    g.output('output', g.gather(g.unary('exp', g.input('x', [4, 3])), g.unary('neg', g.input('i', [-1]))))
    const executable = engine.compile(g.build())
    const [x, i] = [engine.write(new Float32Array(12), [4, 3]), engine.write([1, 2], [2])]
    const before = await numbersHeld('wasm')
    for (let run = 0; run < 3; run++) expect(() => executable.run([x, i], 2)).toThrow(expect.objectContaining({ code: 'Index', message: 'gather: -1 is no row of an array with 4 rows.' }))
    expect(await numbersHeld('wasm')).toBe(before)
    engine.dispose()
  })

  it('scopes free what they do not return, and nest', async () => {
    const engine = await tfjsEngine({ backend: 'wasm' })
    const kept = engine.scope(() => {
      const inner = engine.scope(() => { engine.write([1], [1]); return [engine.write([2], [1]), engine.write([3], [1])] })
      expect(engine.live()).toBe(2)
      engine.write([4], [1])
      return inner[1]!
    })
    expect(engine.live()).toBe(1)
    expect(Array.from(engine.read(kept))).toEqual([3])
    expect(() => engine.scope(() => { engine.write([1], [1]); throw new Error('mine') })).toThrow('mine')
    engine.scope(() => { engine.free(engine.write([5], [1])) })
    expect(engine.live()).toBe(1)
    engine.dispose()
  })
})

describe('the engine', () => {
  it('gathers and adds rows', async () => {
    for (const open of Object.values(openers)) {
      const engine = await open()
      const x = engine.write([1, 2, 3, 4, 5, 6], [3, 2])
      expect(Array.from(engine.read(engine.gather(x, Int32Array.of(2, 0, 2))))).toEqual([5, 6, 1, 2, 5, 6])
      expect(engine.gather(x, new Int32Array(0)).shape).toEqual([0, 2])
      expect(Array.from(engine.read(engine.scatterAdd(x, Int32Array.of(1, 3, 1), 4)))).toEqual([0, 0, 6, 8, 0, 0, 3, 4])
      expect(Array.from(engine.read(engine.scatterAdd(engine.write([], [0, 2]), new Int32Array(0), 2)))).toEqual([0, 0, 0, 0])
      expect(() => engine.gather(x, Int32Array.of(3))).toThrow(expect.objectContaining({ code: 'Index', message: 'gather: 3 is no row of an array with 3 rows.' }))
      expect(() => engine.scatterAdd(x, Int32Array.of(0, -1, 2), 4)).toThrow('scatterAdd: -1 is no row of an array with 4 rows.')
      expect(() => engine.scatterAdd(x, Int32Array.of(0), 4)).toThrow('scatterAdd needs one index per row: 1 for shape [3, 2].')
      engine.dispose()
    }
  })

  it('what it is given and gives back is nobody else\'s', async () => {
    for (const open of Object.values(openers)) {
      const engine = await open()
      const mine = Float32Array.of(1, 2)
      const x = engine.write(mine, [2])
      mine[0] = 9
      engine.read(x)[1] = 9
      expect(Array.from(engine.read(x))).toEqual([1, 2])
      const g = new GraphBuilder()
      g.output('same', g.input('x', [-1]))
      const [same] = engine.compile(g.build()).run([x], 2)
      engine.free(x)
      expect(Array.from(engine.read(same!))).toEqual([1, 2])
      engine.dispose()
    }
  })

  it('says what is wrong with its arguments', async () => {
    const engine = await tfjsEngine({ backend: 'cpu' })
    const other = await tfjsEngine({ backend: 'cpu' })
    const g = new GraphBuilder()
    g.output('output', g.add(g.input('x', [-1, 2]), g.input('y', [2])))
    const executable = engine.compile(g.build())
    const [x, y] = [engine.write([1, 2], [1, 2]), engine.write([1, 2], [2])]
    const error = (code: string, message: string) => expect.objectContaining({ name: 'EngineError', code, message }) as Error
    expect(() => executable.run([x], 1)).toThrow(error('Input', 'The Graph takes 2 inputs (x, y) but was given 1.'))
    expect(() => executable.run([x, y], 3)).toThrow(error('Shape', 'Input "x" has shape [1, 2]; with 3 rows it must be [3, 2], [rows, 2] in the Graph.'))
    expect(() => executable.run([x, y], 1.5)).toThrow(error('Input', 'The number of rows is 1.5; it must be 0, 1, 2, …'))
    expect(() => executable.run([x, other.write([1, 2], [2])], 1)).toThrow(error('Foreign', 'Input "y" was not made by this tfjs engine.'))
    expect(() => engine.write([1, 2, 3], [2])).toThrow(error('Shape', '3 values do not fill shape [2].'))
    engine.free(y)
    expect(() => executable.run([x, y], 1)).toThrow(error('Freed', 'Input "y", of shape [2], is used after it was freed.'))
    expect(() => engine.free(y)).toThrow(error('Freed', 'An array to be freed, of shape [2], is used after it was freed.'))
    engine.dispose()
    engine.dispose()
    expect(() => engine.read(x)).toThrow(error('Disposed', 'An array to be read is used after the tfjs engine was disposed of.'))
    expect(() => engine.write([1], [1])).toThrow(error('Disposed', 'The tfjs engine was disposed of and cannot make arrays any more.'))
    other.dispose()
  })

  it('has no float64', async () => {
    await expect(tfjsEngine({ dtype: 'float64' })).rejects.toMatchObject({ name: 'EngineError', code: 'Dtype', message: 'The tfjs engine computes in float32; TensorFlow.js has no float64. Use float32, or an engine that has float64.' })
  })

  it('takes WASM where TensorFlow is not there, and says why', async () => {
    const engine = await tfjsEngine()
    expect(['tensorflow', 'wasm']).toContain(engine.backend)
    if (engine.backend === 'wasm') expect(engine.detail).toMatch(/^TensorFlow\.js 4\.22\.0, WebAssembly.*; not tensorflow: \S/)
    engine.dispose()
    await expect(tfjsEngine({ backend: 'webgpu' as never })).rejects.toMatchObject({ code: 'Backend', message: expect.stringContaining('webgpu') as string })
  })
})

describe('TensorFlow.js of the user', () => {
  it('keeps its backend, tensors, scopes and tape', async () => {
    const core = await import('@tensorflow/tfjs-core')
    await core.setBackend('cpu')
    const mine = core.tensor1d([1, 2, 3])
    const before = core.memory().numTensors
    for (const open of Object.values(openers)) {
      const engine = await open()
      expect(core.getBackend()).toBe('cpu')
      const g = new GraphBuilder()
      g.output('output', g.unary('exp', g.input('x', [-1])))
      const executable = engine.compile(g.build())
      let made: Value | undefined
      core.tidy(() => { made = executable.run([engine.write([0, 0], [2])], 2)[0] })
      expect(Array.from(engine.read(made!))).toEqual([1, 1])
      engine.dispose()
    }
    expect(core.getBackend()).toBe('cpu')
    expect(core.memory().numTensors).toBe(before)
    expect(Array.from(mine.dataSync())).toEqual([1, 2, 3])
    mine.dispose()
  })
})
