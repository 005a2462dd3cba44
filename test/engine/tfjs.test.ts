import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { tfjsEngine, tfjsEngineOn, type TfjsEngine } from '../../src/engine/tfjs.js'
import { engineRuntime } from '../../src/engine/tfjsBackend.js'
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
    core.findBackend('cpu')
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
