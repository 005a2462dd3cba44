import { describe, expect, it } from 'vitest'
import type { Value } from '../../src/engine/engine.js'
import { tfjsEngine, tfjsEngineOn, type TfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { engineRuntime } from '../../src/engine/tfjs/tfjsBackend.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphInputs } from '../../src/graph/graph.js'
import { shapeAt } from '../../src/graph/shape.js'
import { opCases } from './cases.js'
import { drawInputs } from './conformance.js'

const cases = opCases()

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

/** Arrays that a backend holds. */
const numbersHeld = async (backend: string) => {
  const core = await import('@tensorflow/tfjs-core')
  return core.engine().registry[backend]!.numDataIds()
}

describe('memory', () => {
  const everything = cases.filter(({ low }) => low === -2)

  it('stays flat over 1000 runs, on WASM and through runKernel', async () => {
    const core = await import('@tensorflow/tfjs-core')
    await import('@tensorflow/tfjs-backend-cpu')
    await core.setBackend('cpu')
    for (const [name, backend] of [
      ['wasm', 'wasm'],
      ['any backend, through runKernel', 'cpu'],
    ] as const) {
      const engine = await openers[name]!()
      const compiled = everything.map((test) => ({ test, executable: engine.compile(test.graph), inputs: drawInputs(test, 2) }))
      const runAll = () => {
        for (const { test, executable, inputs } of compiled) {
          engine.scope(() => {
            executable.run(
              graphInputs(test.graph).map(({ shape }, i) => engine.write(inputs[i]!, shapeAt(shape, 2))),
              2,
            )
          })
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
    for (let run = 0; run < 3; run++)
      expect(() => executable.run([x, i], 2)).toThrow(
        expect.objectContaining({ code: 'Index', message: 'gather: -1 is no row of an array with 4 rows.' }),
      )
    expect(await numbersHeld('wasm')).toBe(before)
    engine.dispose()
  })
})

describe('the engine', () => {
  it('has no float64', async () => {
    await expect(tfjsEngine({ dtype: 'float64' })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'Dtype',
      message: 'The tfjs engine computes in float32; TensorFlow.js has no float64. Use float32, or an engine that has float64.',
    })
  })

  it('takes WASM where TensorFlow is not there, and says why', async () => {
    const engine = await tfjsEngine()
    expect(['tensorflow', 'wasm']).toContain(engine.backend)
    if (engine.backend === 'wasm') expect(engine.detail).toMatch(/^TensorFlow\.js 4\.22\.0, WebAssembly.*; not tensorflow: \S/)
    engine.dispose()
    await expect(tfjsEngine({ backend: 'webgpu' as never })).rejects.toMatchObject({
      code: 'Backend',
      message: expect.stringContaining('webgpu') as string,
    })
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
      core.tidy(() => {
        made = executable.run([engine.write([0, 0], [2])], 2)[0]
      })
      expect(Array.from(engine.read(made!))).toEqual([1, 1])
      engine.dispose()
    }
    expect(core.getBackend()).toBe('cpu')
    expect(core.memory().numTensors).toBe(before)
    expect(Array.from(mine.dataSync())).toEqual([1, 2, 3])
    mine.dispose()
  })
})
