import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphInputs, graphOutputs, type Graph } from '../../src/graph/graph.js'
import { minimumCut } from '../../src/graph/minimumCut.js'
import { splitVjp } from '../../src/graph/residuals.js'
import { ROWS } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { validateGraph } from '../../src/graph/validate.js'
import { vjp } from '../../src/graph/vjp.js'
import { graphOf, randomInputs, runner, slope, type Numbers } from './check.js'
import { randomGraph } from './randomGraph.js'

/** A layer of tanh, a linear one, and a step of size h along it. */
const step = graphOf({ z: [ROWS, 3], h: [ROWS, 1], w: [3, 8], b: [8], v: [8, 3] }, (b, z, h, w, bias, v) =>
  b.add(z, b.mul(h, b.matmul(b.unary('tanh', b.add(b.matmul(z, w), bias)), v))),
)

/** Runs the parts one after the other, each with nothing but what it says it takes. */
function runSplit(graph: Graph, wrt: readonly string[], inputs: Numbers, rows: number) {
  const { forward, backward } = splitVjp(graph, wrt)
  for (const part of [forward, backward]) validateGraph(part)
  const outputs = runner(forward, rows)(inputs)
  return { outputs, gradient: runner(backward, rows)({ ...inputs, ...outputs }) }
}

describe('a split derivative', () => {
  it('keeps what is dear: of a layer its activations, never parameters or what can be computed from inputs', () => {
    const { kept, forward, backward } = splitVjp(step, ['z', 'w', 'b', 'v'])
    expect(kept).toEqual([{ name: 'residual.0', shape: [ROWS, 8] }])
    expect(graphInputs(forward).map(({ name }) => name)).toEqual(['z', 'h', 'w', 'b', 'v'])
    expect(graphOutputs(forward).map(({ name }) => name)).toEqual(['y', 'residual.0'])
    // b and the outputs of the second layer are not needed on the way back.
    expect(
      graphInputs(backward)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['bar.y', 'h', 'residual.0', 'v', 'w', 'z'])
    expect(backward.nodes.some(({ op }) => op === 'tanh')).toBe(false)
    expect(backward.nodes.filter(({ op }) => op === 'matmul')).toHaveLength(4)
  })

  it('keeps the smaller of a value and what it comes from', () => {
    // exp(x) has 1 number a row; its broadcasts and their products have 16.
    const graph = graphOf({ x: [ROWS, 1], c: [ROWS, 16] }, (b, x, c) => {
      const wide = b.mul(b.unary('exp', x), b.unary('square', c))
      return b.unary('square', wide)
    })
    expect(splitVjp(graph, ['x', 'c']).kept.map(({ shape }) => shape)).toEqual([[ROWS, 1]])
  })

  it('computes again what follows from parameters alone', () => {
    const graph = graphOf({ x: [ROWS, 2], raw: [2] }, (b, x, raw) => b.unary('square', b.mul(x, b.unary('softplus', raw))))
    const { kept, backward } = splitVjp(graph, ['x', 'raw'])
    expect(kept).toEqual([])
    expect(backward.nodes.some(({ op }) => op === 'softplus')).toBe(true)
  })

  it('is the derivative: finite differences, of fourth order with step 1e-3', () => {
    const inputs = randomInputs(step, 4, 3)
    const bar = randomInputs(
      graphOf({ bar: [ROWS, 3] }, (_, x) => x),
      4,
      9,
    ).bar!
    const { gradient } = runSplit(step, ['z', 'w', 'b', 'v'], { ...inputs, 'bar.y': bar }, 4)
    const forward = runner(step, 4)
    for (const name of ['z', 'w', 'b', 'v']) {
      inputs[name]!.forEach((_, i) => {
        const expected = slope((s) =>
          forward({ ...inputs, [name]: inputs[name]!.map((x, j) => (i === j ? x + s : x)) }).y!.reduce((sum, y, j) => sum + y * bar[j]!, 0),
        )
        expect(Math.abs(gradient[`bar.${name}`]![i]! - expected)).toBeLessThan(1e-9)
      })
    }
  })

  it('takes no cotangent where none is given', () => {
    const b = new GraphBuilder()
    const x = b.input('x', [ROWS, 2])
    b.output('wanted', b.unary('sin', x))
    b.output('check', b.unary('exp', x))
    const { forward, backward } = splitVjp(b.build(), ['x'], { cotangents: ['wanted'] })
    expect(
      graphOutputs(forward)
        .slice(0, 2)
        .map(({ name }) => name),
    ).toEqual(['wanted', 'check'])
    expect(graphInputs(backward).map(({ name }) => name)).not.toContain('bar.check')
  })
})

describe('on random Graphs, the parts together are the whole, to the bit', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])('seeds %#·50 to %#·50 + 49', (block) => {
    for (let seed = 50 * block; seed < 50 * (block + 1); seed++) {
      const graph = randomGraph(seed)
      const wrt = ['x', 'w', 'c', 's']
      for (const rows of [0, 1, 3]) {
        const whole = simplify(vjp(graph, wrt, { keepOutputs: true }))
        const inputs = randomInputs(whole, rows, seed)
        const expected = runner(whole, rows)(inputs)
        const { outputs, gradient } = runSplit(graph, wrt, inputs, rows)
        expect({ ...outputs, ...gradient }, `seed ${seed}, ${rows} rows`).toMatchObject(expected)
      }
    }
  })

  it('and of a layer, equal exactly', () => {
    const whole = vjp(step, ['z', 'w', 'b', 'v'], { keepOutputs: true })
    const inputs = randomInputs(whole, 5, 1)
    const { outputs, gradient } = runSplit(step, ['z', 'w', 'b', 'v'], inputs, 5)
    const expected = runner(whole, 5)(inputs)
    expect({ y: outputs.y, ...gradient }).toEqual(expected)
  })
})

describe('minimum cut', () => {
  it('is the nearest to the sinks of the cheapest sets', () => {
    //   0 ─▶ 1 ─▶ 3
    //   0 ─▶ 2 ─▶ 4      sinks 3 and 4
    const edges = [[1, 2], [3], [4], [], []]
    const cut = (capacities: number[]) => minimumCut({ capacities, edges, sources: [0], sinks: [3, 4] })
    expect(cut([3, 2, 2, 2, 2])).toEqual([0])
    expect(cut([4, 2, 2, 2, 2])).toEqual([3, 4])
    expect(cut([9, 1, 5, 2, 3])).toEqual([1, 4])
    expect(minimumCut({ capacities: [1, 1], edges: [[], []], sources: [0], sinks: [1] })).toEqual([])
    expect(minimumCut({ capacities: [5], edges: [[]], sources: [0], sinks: [0] })).toEqual([0])
  })

  it('agrees with trying every set, on random networks', () => {
    let state = 12345
    const next = (n: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
      return Math.floor((state / 0x7fffffff) * n) % n
    }
    for (let trial = 0; trial < 200; trial++) {
      const count = 3 + next(6)
      const edges = Array.from({ length: count }, (_, v) =>
        Array.from({ length: count - v - 1 }, (_, i) => v + 1 + i).filter(() => next(3) === 0),
      )
      const capacities = edges.map(() => 1 + next(6))
      const sources = edges.flatMap((_, v) => (next(3) === 0 ? [v] : []))
      const sinks = edges.flatMap((_, v) => (next(3) === 0 ? [v] : []))
      const separates = (set: ReadonlySet<number>): boolean => {
        const seen = new Set(sources.filter((v) => !set.has(v)))
        for (const v of seen) for (const end of edges[v]!) if (!set.has(end)) seen.add(end)
        return sinks.every((v) => !seen.has(v))
      }
      let best = Infinity
      for (let bits = 0; bits < 2 ** count; bits++) {
        const set = new Set(edges.flatMap((_, v) => ((bits >> v) & 1 ? [v] : [])))
        if (separates(set))
          best = Math.min(
            best,
            [...set].reduce((sum, v) => sum + capacities[v]!, 0),
          )
      }
      const cut = minimumCut({ capacities, edges, sources, sinks })
      expect(separates(new Set(cut))).toBe(true)
      expect(cut.reduce((sum, v) => sum + capacities[v]!, 0)).toBe(best)
    }
  })
})
