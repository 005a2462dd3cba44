import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Value } from '../../src/engine/engine.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphInputs } from '../../src/graph/graph.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { vjp } from '../../src/graph/vjp.js'
import { nativeEngine, wasmEngine } from '../../src/engine/select.js'
import { random } from '../../src/random.js'

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc') as () => void

/** The gradient of a perceptron 10-50-10, added to what is there. */
function gradientStep() {
  const g = new GraphBuilder()
  const [x, w1, b1, w2, b2] = [
    g.input('x', [-1, 10]),
    g.input('w1', [10, 50]),
    g.input('b1', [50]),
    g.input('w2', [50, 10]),
    g.input('b2', [10]),
  ]
  g.output('y', g.add(g.matmul(g.unary('tanh', g.add(g.matmul(x, w1), b1)), w2), b2))
  const parameters = ['w1', 'b1', 'w2', 'b2']
  const derivative = vjp(g.build(), parameters, { keepOutputs: true })
  const b = new GraphBuilder()
  const made = b.call(derivative)
  b.output('y', made['y']!)
  for (const name of parameters) b.output(`sum.${name}`, b.add(b.input(`sum.${name}`, b.shape(made[`bar.${name}`]!)), made[`bar.${name}`]!))
  return simplify(b.build())
}

describe.each([
  ['native', nativeEngine],
  ['wasm', wasmEngine],
] as const)('memory of the %s engine', (_, open) => {
  test('is flat over 10,000 steps: new batches of every size, new parameters, gradients added up in place', async () => {
    const engine = await open()
    const graph = gradientStep()
    const inputs = graphInputs(graph)
    const sums = inputs.filter(({ name }) => name.startsWith('sum.')).map(({ name }) => name)
    const step = engine.compile(graph, { consumes: sums })
    const stream = random(1, 'memory')
    const draw = (shape: readonly number[]): Value =>
      engine.write(
        Array.from({ length: sizeOf(shape) }, () => stream.normal() / 4),
        shape,
      )
    let kept: Value[] = sums.map((name) => {
      const shape = inputs.find((input) => input.name === name)!.shape
      return engine.write(new Float32Array(sizeOf(shape)), shape)
    })
    const watched: { live: number; peak: number; megabytes: number }[] = []
    for (let i = 0; i < 10_000; i++) {
      const rows = 1 + ((i * 7) % 64)
      kept = engine.scope(() => {
        let next = 0
        const given = inputs.map(({ name, shape }) => (name.startsWith('sum.') ? kept[next++]! : draw(shapeAt(shape, rows))))
        return step.run(given, rows).slice(1)
      })
      if (i % 1000 !== 999) continue
      collect()
      watched.push({ live: engine.live(), peak: engine.peak(), megabytes: process.memoryUsage().rss / 2 ** 20 })
    }
    console.log(watched.map(({ peak, megabytes }) => `${peak} B of ${megabytes.toFixed(0)} MB`).join(', '))
    expect(kept.every((value) => Array.from(engine.read(value)).every(Number.isFinite))).toBe(true)
    expect(new Set(watched.map(({ live }) => live))).toEqual(new Set([4]))
    // The engine asks for no byte more than in the first thousand steps.
    expect(new Set(watched.map(({ peak }) => peak)).size).toBe(1)
    // Two weight matrices leaked in each step would be 32 MB.
    expect(watched.at(-1)!.megabytes - watched[1]!.megabytes).toBeLessThan(25)
    engine.dispose()
  })

  test('is given back when executables are forgotten and engines disposed of', async () => {
    const engine = await open()
    const graph = gradientStep()
    engine.compile(graph)
    const program = engine.peak()
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 20; i++) engine.compile(graph)
      collect()
      // Finalizers run between tasks.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    // 1,000 programs, of which the last rounds' may be there still.
    expect(engine.peak()).toBeLessThan(100 * program)
    engine.dispose()
    const residents: number[] = []
    for (let i = 0; i < 60; i++) {
      const other = await open()
      other.write(new Float32Array(2 ** 21).fill(1), [2 ** 21])
      other.dispose()
      if (i % 10 === 9) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        residents.push(process.memoryUsage().rss / 2 ** 20)
      }
    }
    console.log(`resident MB: ${residents.map((m) => m.toFixed(0)).join(' ')}`)
    // 60 engines with 8 MB each.
    expect(residents.at(-1)! - residents[0]!).toBeLessThan(200)
  })
})
