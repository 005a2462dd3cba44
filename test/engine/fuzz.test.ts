import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { nativeEngine, wasmEngine } from '../../src/engine/select.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { validateGraph } from '../../src/graph/validate.js'
import { findFault } from '../fuzz/compare.js'
import { fuzzEngine } from '../fuzz/fuzzEngine.js'
import { randomCase, type FuzzCase } from '../fuzz/randomCase.js'
import { fuzzScans } from '../fuzz/scans.js'
import { shrink } from '../fuzz/shrink.js'
import { referenceEngine } from '../reference/engine.js'

const openers: Record<string, () => Promise<Engine>> = {
  'native, float32': () => nativeEngine(),
  'native, float64': () => nativeEngine({ dtype: 'float64' }),
  'wasm, float32': () => wasmEngine(),
  'wasm, float64': () => wasmEngine({ dtype: 'float64' }),
  'tfjs on wasm': () => tfjsEngine({ backend: 'wasm' }),
}

describe('random Graphs', () => {
  const engines: Engine[] = []
  beforeAll(async () => {
    for (const open of Object.values(openers)) engines.push(await open())
  })
  afterAll(() => {
    for (const engine of engines) engine.dispose()
  })

  it('agree with the reference within rounding errors, on every engine', () => {
    const count = 200
    const tallies = fuzzEngine(engines, 0, count)
    for (const { checked, open } of tallies) {
      expect(checked).toBeGreaterThan(1000 * count)
      expect(open).toBeLessThan(0.03 * checked)
    }
  })
})

describe('random scans', () => {
  it('agree with the reference, leave their inputs as they are and nothing behind, on native and WebAssembly', async () => {
    const engines = { native: await nativeEngine({ dtype: 'float64' }), wasm: await wasmEngine({ dtype: 'float64' }) }
    const { endings, donations } = fuzzScans(engines, 0, 300)
    expect(endings).toBeGreaterThan(200)
    expect(donations).toBeGreaterThan(100)
    for (const engine of Object.values(engines)) engine.dispose()
  })
})

describe('the cases', () => {
  it('are well formed, use every op, often, and are the same again', () => {
    const seen = new Map<string, number>()
    for (let seed = 0; seed < 200; seed++) {
      const { graph } = randomCase(seed)
      validateGraph(graph)
      for (const op of new Set(graph.nodes.map((node) => node.op))) seen.set(op, (seen.get(op) ?? 0) + 1)
    }
    expect(seen.size).toBe(47)
    expect([...seen].filter(([, times]) => times < 4)).toEqual([])
    expect(randomCase(5)).toEqual(randomCase(5))
  })
})

/** The reference engine rounded to float32, with something wrong in its results. */
function faulty(change: (values: Float64Array, output: number) => void): Engine {
  const engine = referenceEngine()
  return {
    ...engine,
    dtype: 'float32',
    compile(graph) {
      const executable = engine.compile(graph)
      return {
        graph,
        run: (inputs, rows) =>
          executable.run(inputs, rows).map((value, output) => {
            const values = engine.read(value)
            change(values, output)
            return engine.write(Float32Array.from(values), value.shape)
          }),
      }
    },
  }
}

describe('the comparison', () => {
  const found = (engine: Engine): number =>
    Array.from({ length: 60 }, (_, seed) => findFault(engine, randomCase(seed))).filter((fault) => fault !== undefined).length

  it('sees nothing in the reference rounded to float32', () => {
    expect(found(faulty(() => {}))).toBe(0)
  })

  it('sees a last element that is not there, a sign, the fourth digit', () => {
    // Not in all: some Graphs have outputs of zeros only, or none.
    expect(
      found(
        faulty((values) => {
          if (values.length > 1) values[values.length - 1] = 0
        }),
      ),
    ).toBeGreaterThan(35)
    expect(
      found(
        faulty((values) => {
          values[0] = -values[0]!
        }),
      ),
    ).toBeGreaterThan(45)
    expect(
      found(
        faulty((values) => {
          values.forEach((value, i) => {
            values[i] = value * 1.0002
          })
        }),
      ),
    ).toBeGreaterThan(45)
  })

  it('knows what rounding can do: a comparison within errors may go either way', () => {
    const g = new GraphBuilder()
    const x = g.input('x', [-1])
    const rounded = g.sub(g.add(x, g.constant(1e4)), g.constant(1e4))
    g.output('y', g.select(g.binary('less', rounded, x), g.constant(1), g.constant(2)))
    g.output('z', g.binary('less', x, g.constant(0.5)))
    const tried: FuzzCase = { seed: 0, graph: g.build(), runs: [{ rows: 2, inputs: [[0.25, 0.1]] }] }
    const withValue = (which: number, number: number): Engine =>
      faulty((values, output) => {
        if (output === which) values[0] = number
      })
    expect(findFault(withValue(0, 1), tried)).toBeUndefined()
    expect(findFault(withValue(0, 2), tried)).toBeUndefined()
    expect(findFault(withValue(0, 4), tried)).toContain('output "y"')
    expect(findFault(withValue(1, 0), tried)).toBe('run 0 with 2 rows: output "z" [2] has 1 wrong elements of 2; element 0 is 0, not 1 ± 0')
    expect(findFault(withValue(1, NaN), tried)).toContain('element 0 is NaN, not 1 ± 0')
  })

  it('shrinks a fault to the op that has it', () => {
    const engine = referenceEngine()
    const fails = ({ graph, runs }: FuzzCase): boolean => {
      validateGraph(graph)
      engine.compile(graph)
      return graph.nodes.some((node) => node.op === 'max') && runs.length > 0
    }
    const seed = Array.from({ length: 100 }, (_, i) => i).find((i) => fails(randomCase(i)) && randomCase(i).graph.nodes.length > 15)!
    const { graph, runs } = shrink(randomCase(seed), fails)
    expect(graph.nodes.map(({ op }) => op).sort()).toEqual(['input', 'max'])
    expect(runs.length).toBe(1)
  })
})
