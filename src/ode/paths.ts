import type { Loan } from '../arrayPool.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { compileProgram } from './program.js'
import { dotGraph } from './step.js'
import { degreeOf, pathSlopes, writePathBasis, type Tableau } from './tableau.js'

/**
 * Dense output on an engine. A path is `[(1 + degree)·dim]` numbers, y and the p of `pathWeights`; a point of it is their
 * sum with the weights of `writePathBasis`, which are computed in float64. `paths` are `[count, width]`.
 */
export interface Interpolator {
  /** Numbers in a path. */
  readonly width: number
  /** The points of paths `path[i]` at `theta[i]`, `[points, dim]`. */
  interpolate(paths: Value, path: Int32Array, theta: Float64Array): Value
  /** rate·⟨cotangent, d/dθ⟩ for each point, `[points]`; `cotangent` `[points, dim]`. */
  slopes(paths: Value, path: Int32Array, theta: Float64Array, rate: Float64Array, cotangent: Value): FloatArray
  /** Rows `points` of `cotangent` `[·, dim]`, whose places on their paths `theta` tells, as cotangents of the paths, added up by `row`: `[rows, width]`. */
  pull(cotangent: Value, theta: Float64Array, points: Int32Array, row: Int32Array, rows: number): Value
}

export function createInterpolator(engine: Engine, tableau: Tableau, dim: number): Interpolator {
  const degree = degreeOf(tableau)
  const terms = 1 + degree
  const dot = lazily(() => compileProgram(engine, dotGraph(dim), ['a', 'b']))
  /** What `body` makes; the weights are freed. */
  function inScope(body: () => Value): Value {
    const made: { result?: Value } = {}
    engine.scope(() => (made.result = body()))
    return made.result!
  }

  return {
    width: terms * dim,
    interpolate: (paths, path, theta) => inScope(() => engine.gatherWeighted(paths, path, engine.write((into) => {
      for (let i = 0; i < path.length; i++) writePathBasis(theta[i]!, degree, into, i * terms)
    }, [path.length, terms]))),
    slopes(paths, path, theta, rate, cotangent) {
      const made: { slopes?: FloatArray } = {}
      engine.scope(() => {
        const weights = engine.write((into) => path.forEach((_, i) => {
          into[i * terms] = 0
          pathSlopes(theta[i]!, degree).forEach((weight, j) => (into[i * terms + 1 + j] = rate[i]! * weight))
        }), [path.length, terms])
        made.slopes = engine.read(dot().run({}, [engine.gatherWeighted(paths, path, weights), cotangent], path.length)[0]!)
      })
      return made.slopes!
    },
    pull: (cotangent, theta, points, row, rows) => inScope(() => engine.scatterWeighted(cotangent, points, row, engine.write((into) => {
      for (let i = 0; i < points.length; i++) writePathBasis(theta[points[i]!]!, degree, into, i * terms)
    }, [points.length, terms]), rows)),
  }
}

/** Paths that stand still, `[count + 1, width]`: at each of `states` `[count, dim]`, and the last at 0. */
export function standingPaths(engine: Engine, loan: Loan, states: FloatArray, dim: number, width: number): Value {
  const count = states.length / dim
  const numbers = loan.take(engine.dtype, (count + 1) * width)
  for (let i = 0; i < count; i++) for (let d = 0; d < dim; d++) numbers[i * width + d] = states[i * dim + d]!
  return engine.write(numbers, [count + 1, width])
}
