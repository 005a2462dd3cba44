import { afterEach, describe, expect, it, vi } from 'vitest'
import { Chains } from '../../src/engine/lowering/chains.js'
import { lower } from '../../src/engine/lowering/lower.js'
import { Order } from '../../src/engine/lowering/order.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { minimumCut } from '../../src/graph/minimumCut.js'
import { splitVjp } from '../../src/graph/residuals.js'
import { ROWS } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { methods } from '../../src/ode/methods/index.js'
import { stepGraph } from '../../src/ode/step.js'
import { random } from '../../src/random.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Fields of any size. */
const families: Record<string, (n: number) => Graph> = {
  'a ring of oscillators': (n) => {
    const b = new GraphBuilder()
    const z = b.input('z', [ROWS, n])
    const columns = Array.from({ length: n }, (_, i) => b.slice(z, [0, i], [ROWS, 1]))
    b.output(
      'output',
      b.concat(
        columns.map((x, i) => {
          const d = b.sub(columns[(i + 1) % n]!, x)
          return b.add(b.unary('sin', d), b.mul(b.unary('square', d), b.constant(0.3 + i)))
        }),
        1,
      ),
    )
    return b.build()
  },
  'layers with a value from the first at each': (n) => {
    const b = new GraphBuilder()
    let z = b.input('z', [ROWS, 4])
    const first = b.unary('sin', z)
    for (let i = 0; i < n; i++) z = b.unary('tanh', b.add(b.matmul(z, b.input(`w${i}`, [4, 4])), first))
    b.output('output', z)
    return b.build()
  },
  'one operation after another': (n) => {
    const b = new GraphBuilder()
    const z = b.input('z', [ROWS, 4])
    let x = z
    for (let i = 0; i < n; i++) x = b.add(b.unary('sin', x), b.mul(b.constant(0.1 * i + 0.05), z))
    b.output('output', x)
    return b.build()
  },
  'sums in between': (n) => {
    const b = new GraphBuilder()
    const z = b.input('z', [ROWS, 4])
    let x = z
    const scale = b.unary('exp', z)
    for (let i = 0; i < n; i++) x = b.mul(scale, b.add(b.sum(b.mul(x, b.constant(i + 0.5)), [1], true), b.unary('cos', x)))
    b.output('output', x)
    return b.build()
  },
}
const stepOf = (field: Graph, method: 'dopri5' | 'dopri8'): Graph =>
  stepGraph(field, methods[method], field.nodes[0]!.shape[1]!, { check: {} })

/** How often lowering looks at an item. */
function visits(graph: Graph): number {
  const spies = [vi.spyOn(Chains.prototype, 'externalReads'), vi.spyOn(Order.prototype, 'rank')]
  lower(graph, { scalarBytes: 8 })
  const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
  vi.restoreAllMocks()
  return count
}

describe.each(Object.entries(families))('%s', (_, field) => {
  it('four times the nodes take four times the visits', () => {
    const [few, many] = [10, 40].map((n) => visits(simplify(stepOf(field(n), 'dopri5')))) as [number, number]
    expect(few).toBeGreaterThan(100)
    expect(many / few).toBeLessThan(6)
  })

  it('and about four times the work in all, derivatives included', () => {
    const work = (n: number): number => {
      const graph = stepOf(field(n), 'dopri5')
      const before = process.cpuUsage()
      const { forward, backward } = splitVjp(
        graph,
        graphInputs(graph).flatMap(({ name }) => (['clock', 'tolerance'].includes(name) ? [] : [name])),
        { cotangents: ['y1', 'carried1'] },
      )
      for (const part of [forward, backward]) lower(simplify(part), { scalarBytes: 4 })
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    work(10)
    const ratios: number[] = []
    // The least of a few, for the sake of what else the machine does.
    for (let i = 0; i < 4 && !(Math.min(...ratios) < 8); i++) ratios.push(work(60) / Math.max(work(15), 1))
    expect(Math.min(...ratios)).toBeLessThan(8)
  }, 60_000)
})

it('a step of dopri8 of a field of 404 nodes takes a few visits a node', () => {
  const field = families['a ring of oscillators']!(57)
  expect(field.nodes.length).toBeGreaterThan(395)
  const graph = simplify(stepOf(field, 'dopri8'))
  expect(graph.nodes.length).toBeGreaterThan(4000)
  expect(visits(graph) / graph.nodes.length).toBeLessThan(40)
})

describe('an order', () => {
  it('keeps things where they were put, however many', () => {
    const order = new Order<string>()
    const list: string[] = []
    for (const thing of ['a', 'b', 'c']) {
      order.append(thing)
      list.push(thing)
    }
    const stream = random(3, 'order')
    for (let i = 0; i < 300; i++) {
      order.append(`n${i}`)
      list.push(`n${i}`)
      const before = list[i < 150 ? 1 : stream.integer(list.length - 1)]!
      order.moveBefore(`n${i}`, before)
      list.splice(list.indexOf(before), 0, list.pop()!)
      if (i % 7 === 6) {
        order.replace(list[5]!, `r${i}`)
        list[5] = `r${i}`
      }
      if (i % 11 === 10) order.remove(list.splice(2, 1)[0]!)
    }
    expect([...list].sort((a, b) => order.rank(a) - order.rank(b))).toEqual(list)
    expect(new Set(list.map((thing) => order.rank(thing))).size).toBe(list.length)
  })
})

describe('a minimum cut', () => {
  /** Least total capacity of all sets that separate, by trying them all; of those the one that leaves fewest vertices for the sinks. */
  function tried({ capacities, edges, sources, sinks }: Parameters<typeof minimumCut>[0]): { total: number; cuts: number[][] } {
    let [total, cuts]: [number, number[][]] = [Infinity, []]
    for (let set = 0; set < 1 << capacities.length; set++) {
      const removed = (v: number): boolean => ((set >> v) & 1) === 1
      const reached = new Set(sources.filter((v) => !removed(v)))
      for (const v of reached) for (const w of edges[v]!) if (!removed(w)) reached.add(w)
      if (sinks.some((v) => reached.has(v))) continue
      const cut = capacities.flatMap((_, v) => (removed(v) ? [v] : []))
      const sum = cut.reduce((all, v) => all + capacities[v]!, 0)
      if (sum < total) [total, cuts] = [sum, []]
      if (sum === total) cuts.push(cut)
    }
    return { total, cuts }
  }

  it.each(Array.from({ length: 40 }, (_, seed) => seed))('is one of the least of all (network %d)', (seed) => {
    const stream = random(seed, 'cut')
    const count = 4 + stream.integer(6)
    const edges = Array.from({ length: count }, (_, v) =>
      Array.from({ length: count - v - 1 }, (_, i) => v + 1 + i).filter(() => stream.uniform() < 0.4),
    )
    const network = { capacities: edges.map(() => 1 + stream.integer(4)), edges, sources: [0, 1], sinks: [count - 1, count - 2] }
    const cut = minimumCut(network)
    const { total, cuts } = tried(network)
    expect(cut.reduce((sum, v) => sum + network.capacities[v]!, 0)).toBe(total)
    expect(cuts).toContainEqual(cut)
  })
})
