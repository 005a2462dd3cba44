import { graphInputs, graphOutputs, type Graph } from '../../src/graph/graph.js'
import { jvp } from '../../src/graph/jvp.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { vjp } from '../../src/graph/vjp.js'
import { random, type RandomStream } from '../../src/random.js'
import { randomGraph } from './randomGraph.js'

/** Row-major values of each input, in order. */
export type Inputs = readonly (readonly number[])[]

/** A Graph and what to run it on, one run after the other on the same executable. */
export interface FuzzCase {
  readonly seed: number
  readonly graph: Graph
  readonly runs: readonly { readonly rows: number; readonly inputs: Inputs }[]
  /** Inputs that each run uses up. Default: none. */
  readonly consumes?: readonly string[]
}

const rowCounts = [0, 1, 1, 2, 2, 3, 3, 5, 7, 8, 9, 13, 16, 17, 25, 33, 50, 50, 257]

/**
 * The case of a seed: a random Graph, or a derivative of one, as it is or simplified, to be run with one to
 * three numbers of rows. All inputs are float32 numbers.
 */
export function randomCase(seed: number): FuzzCase {
  const stream = random(seed, 'fuzz')
  const pick = <T>(items: readonly T[]): T => items[stream.integer(items.length)]!
  const chance = (probability: number): boolean => stream.uniform() < probability
  const rows = Array.from({ length: pick([1, 1, 2, 3]) }, () => pick(rowCounts))
  const large = chance(0.15)
  let graph = randomGraph(stream, { length: 2 + stream.integer(large ? 8 : 14), limit: large ? 30_000 : 3_000, rows: Math.max(...rows) })
  if (chance(0.5)) graph = derivative(graph, stream)
  if (chance(0.75)) graph = simplify(graph)
  const consumes = chance(0.5)
    ? graphInputs(graph)
        .map(({ name }) => name)
        .filter(() => chance(0.5))
    : []
  return { seed, graph, consumes, runs: rows.map((count, run) => ({ rows: count, inputs: randomInputs(graph, count, seed, run) })) }
}

function derivative(graph: Graph, stream: RandomStream): Graph {
  const names = graphInputs(graph)
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('index'))
  const some = names.filter(() => stream.uniform() < 0.6)
  const wrt = some.length > 0 ? some : names.slice(0, 1)
  const outputs = graphOutputs(graph).map(({ name }) => name)
  if (stream.uniform() < 0.1) return jvp(graph, wrt)
  return vjp(graph, wrt, { keepOutputs: stream.uniform() < 0.5, ...(stream.uniform() < 0.3 && { cotangents: outputs.slice(0, 1) }) })
}

/** Numbers of all kinds, each array of one kind; indices in range. */
export function randomInputs(graph: Graph, rows: number, seed: number, run: number): Inputs {
  return graphInputs(graph).map(({ name, shape }, i) => {
    const stream = random(seed, 'values', run, i)
    const draw = kindOf(name, rows, stream)
    return Array.from({ length: sizeOf(shapeAt(shape, rows)) }, () => Math.fround(draw()))
  })
}

function kindOf(name: string, rows: number, stream: RandomStream): () => number {
  const [, below, symbolic] = /^index (\d+)( rows)?/.exec(name) ?? []
  if (below !== undefined) return () => stream.integer(Number(below) * (symbolic === undefined ? 1 : rows))
  const normal = (): number => stream.normal()
  const number = stream.normal()
  switch (stream.integer(16)) {
    case 0:
      return () => (stream.uniform() < 0.3 ? 0 : normal())
    case 1:
      return () => 10 * normal()
    case 2:
      return () => -Math.abs(normal()) - 0.5
    case 3:
      return () => Math.abs(normal()) + 0.1
    case 4:
      return () => (stream.uniform() < 0.05 ? 300 * normal() : normal())
    case 5:
      return () => number
    case 6:
      return () => 1e-4 * normal()
    case 7:
      return () => stream.integer(5) - 2
    case 8:
      return () => (stream.uniform() < 0.02 ? [NaN, Infinity, -Infinity, 1e30, 1e-30, -0][stream.integer(6)]! : normal())
    default:
      return normal
  }
}
