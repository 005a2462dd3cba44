import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { tfjsEngine } from '../../src/engine/tfjs.js'
import { validateGraph } from '../../src/graph/validate.js'
import { fuzzEngine } from '../fuzz/fuzzEngine.js'
import { randomCase } from '../fuzz/randomCase.js'
import { referenceEngine } from '../reference/engine.js'

const engines: Record<string, () => Promise<Engine>> = {
  'tfjs on cpu': () => tfjsEngine({ backend: 'cpu' }),
  'tfjs on wasm': () => tfjsEngine({ backend: 'wasm' }),
  reference: () => Promise.resolve(referenceEngine()),
}

describe('random Graphs', () => {
  it.each(Object.entries(engines))('agree with the reference within rounding errors: %s', async (_, open) => {
    const engine = await open()
    const { checked, open: unknown } = fuzzEngine(engine, 0, 150)
    expect(checked).toBeGreaterThan(100_000)
    expect(unknown).toBeLessThan(0.05 * checked)
    engine.dispose()
  })
})

describe('the cases', () => {
  it('are well formed and use every op, often', () => {
    const seen = new Map<string, number>()
    for (let seed = 0; seed < 300; seed++) {
      const { graph } = randomCase(seed)
      validateGraph(graph)
      for (const op of new Set(graph.nodes.map((node) => node.op))) seen.set(op, (seen.get(op) ?? 0) + 1)
    }
    expect(seen.size).toBe(45)
    expect([...seen].filter(([, count]) => count < 8)).toEqual([])
  })

  it('are the same again', () => {
    expect(randomCase(5)).toEqual(randomCase(5))
  })
})
