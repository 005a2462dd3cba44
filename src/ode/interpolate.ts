import type { Loan } from '../arrayPool.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { compileProgram, type Program } from '../engine/autodiff/program.js'
import { compiledOnce } from './compiled.js'
import { dotGraph } from './step.js'
import { writePathBasis, writePathSlopes } from './pathBasis.js'

/**
 * Dense output on an engine. A path is `[(1 + degree)·dim]` numbers, y and the p of `StepParts.path`; a point of it is their
 * sum with the weights of `writePathBasis`, which are computed in float64: `Engine.gatherWeighted`, its derivative
 * `scatterWeighted`. `paths` are `[count, width]`.
 */
export interface Interpolator {
  /** Numbers in a path. */
  readonly width: number
  /** The weights of points at `theta`, `[points, 1 + degree]`. */
  weights(theta: Float64Array): Value
  /** rate·⟨cotangent, d/dθ⟩ for each point of paths `path[i]` at `theta[i]`, `[points]`; `cotangent` `[points, dim]`. */
  slopes(paths: Value, path: Int32Array, theta: Float64Array, rate: Float64Array, cotangent: Value): FloatArray
}

export function createInterpolator(engine: Engine, degree: number, dim: number): Interpolator {
  const terms = 1 + degree
  const dot = (): Program => compiledOnce(engine, engine, ['dot', dim], () => compileProgram(engine, dotGraph(dim), ['a', 'b']))
  return {
    width: terms * dim,
    weights: (theta) =>
      engine.write(
        (into) => {
          for (let i = 0; i < theta.length; i++) writePathBasis(theta[i]!, degree, into, i * terms)
        },
        [theta.length, terms],
      ),
    slopes(paths, path, theta, rate, cotangent) {
      return engine.scope(() => {
        const weights = engine.write(
          (into) => {
            for (let i = 0; i < path.length; i++) writePathSlopes(theta[i]!, rate[i]!, degree, into, i * terms)
          },
          [path.length, terms],
        )
        return engine.read(dot().run({}, path.length, [engine.gatherWeighted(paths, path, weights), cotangent])[0]!)
      })
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
