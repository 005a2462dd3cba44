import type { ArrayPool, Loan } from '../arrayPool.js'
import { newArray } from '../engine/arrays.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import type { Graph } from '../graph/graph.js'
import { compileProgram, type Program } from './program.js'
import { interpolationGraph, interpolationPullback } from './step.js'
import { degreeOf, type Tableau } from './tableau.js'

/** Points that are interpolated at a time where the result need not be one array: what lies between stays in the cache. */
const chunk = 4096

/** Dense output compiled for an engine. A path is `[(1 + degree)·dim]` numbers, see `pathWeights`; `paths` are `[count, width]`. */
export interface Interpolator {
  /** Numbers in a path. */
  readonly width: number
  /** The points of paths `path[i]` at `theta[i]`, `[points, dim]`, as one array of the engine. */
  interpolate(paths: Value, path: Int32Array, theta: Float64Array): Value
  /** The same, read, a part at a time. */
  read(paths: Value, path: Int32Array, theta: Float64Array): FloatArray
  /** rate·⟨cotangent, d/dθ⟩ for each point, `[points]`; `cotangent` `[points, dim]`. */
  slopes(paths: Value, path: Int32Array, theta: Float64Array, rate: Float64Array, cotangent: Value): Float64Array
  /** Cotangents `[m, dim]` of `points`, of which `theta` says where they lie, as cotangents of their paths, added up by `row`: `[rows, width]`. */
  pull(cotangent: Value, theta: Float64Array, points: Int32Array, row: Int32Array, rows: number): Value
}

export function createInterpolator(engine: Engine, tableau: Tableau, dim: number, pool: ArrayPool): Interpolator {
  const degree = degreeOf(tableau)
  const compile = (graph: () => Graph, order: readonly string[]): (() => Program) => lazily(() => compileProgram(engine, graph(), order))
  const program = compile(() => interpolationGraph(degree, dim, false), ['path', 'theta'])
  const slopeProgram = compile(() => interpolationGraph(degree, dim, true), ['path', 'theta', 'rate', 'cotangent'])
  const backward = compile(() => interpolationPullback(degree, dim), ['cotangent', 'theta'])

  /** Runs `part` for consecutive ranges of points; within it everything but what it reads is freed. */
  function inParts(points: number, part: (from: number, to: number) => void): void {
    for (let from = 0; from < points; from += chunk) engine.scope(() => part(from, Math.min(points, from + chunk)))
  }
  const column = (numbers: Float64Array): Value => engine.write(numbers, [numbers.length, 1])

  return {
    width: (1 + degree) * dim,
    interpolate(paths, path, theta) {
      const result: Value[] = []
      engine.scope(() => {
        result.push(program().run({}, [engine.gather(paths, path), column(theta)], path.length)[0]!)
        return result
      })
      return result[0]!
    },
    read(paths, path, theta) {
      const out = newArray(engine, path.length * dim)
      inParts(path.length, (from, to) => {
        const [output] = program().run({}, [engine.gather(paths, path.subarray(from, to)), column(theta.subarray(from, to))], to - from)
        out.set(engine.read(output!), from * dim)
      })
      return out
    },
    slopes(paths, path, theta, rate, cotangent) {
      const out = new Float64Array(path.length)
      inParts(path.length, (from, to) => {
        const bars = from === 0 && to === path.length ? cotangent : engine.gather(cotangent, Int32Array.from({ length: to - from }, (_, i) => from + i))
        const [slope] = slopeProgram().run({}, [engine.gather(paths, path.subarray(from, to)), column(theta.subarray(from, to)), column(rate.subarray(from, to)), bars], to - from)
        out.set(engine.read(slope!), from)
      })
      return out
    },
    pull(cotangent, theta, points, row, rows) {
      const loan = pool.loan()
      const places = loan.take('float64', points.length)
      for (let i = 0; i < points.length; i++) places[i] = theta[points[i]!]!
      const [bars] = backward().run({}, [cotangent, column(places)], row.length)
      loan.end()
      return engine.scatterAdd(bars!, row, rows)
    },
  }
}

/** Paths that stand still, `[count + 1, width]`: at each of `states` `[count, dim]`, and the last at 0. */
export function standingPaths(engine: Engine, loan: Loan, states: FloatArray, dim: number, width: number): Value {
  const count = states.length / dim
  const numbers = loan.take(engine.dtype, (count + 1) * width)
  for (let i = 0; i < count; i++) for (let d = 0; d < dim; d++) numbers[i * width + d] = states[i * dim + d]!
  return engine.write(numbers, [count + 1, width])
}
