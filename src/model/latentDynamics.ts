import { runNamed } from '../engine/autodiff/program.js'
import type { Engine } from '../engine/engine.js'
import type { Graph } from '../graph/graph.js'
import { simplify } from '../graph/simplify.js'
import { parametersOf } from '../nn/parameters.js'
import { dynamicsSolver } from './dynamics/solver.js'
import { latentOdeParameters, type LatentOdeConfig } from './latentOdeConfig.js'
import { uploadParameters } from './onTape.js'
import type { ParameterArrays } from './sequenceModel.js'

/** dz/dt of a latent ODE, to be looked at. Times are the model's, relative to where z0 lives. */
export interface LatentDynamics {
  /**
   * z(t) from each z0 `[latents]` at its own times, of which the first is that of
   * z0, `[times, latents]`; undefined where the solver failed.
   */
  paths(parameters: ParameterArrays, z0: readonly ArrayLike<number>[], times: readonly Float64Array[]): (Float64Array | undefined)[]
  /** dz/dt at each z `[latents]`, at one time. */
  velocities(parameters: ParameterArrays, z: readonly ArrayLike<number>[], time: number): Float64Array[]
}

/** @param field the Graph of the dynamics, traced from the same `config` */
export function createLatentDynamics(engine: Engine, config: LatentOdeConfig, field: Graph): LatentDynamics {
  const { latents } = config
  const specs = parametersOf(latentOdeParameters(config), 'field.')
  const solver = dynamicsSolver(engine, config, field)
  const velocity = engine.compile(simplify(field))
  const flat = (rows: readonly ArrayLike<number>[]): Float64Array => Float64Array.from(rows.flatMap((row) => Array.from(row)))
  return {
    paths(parameters, z0, times) {
      if (z0.length === 0) return []
      return engine.scope(() => {
        const values = uploadParameters(engine, specs, parameters)
        const params = solver.paramNames.map((name) => values[name]!)
        const { values: outputs, offsets, status, dispose } = solver.solve({ y0: flat(z0), times, params })
        const paths = status.map(({ status: ended }, row) =>
          ended === 'ok' ? Float64Array.from(outputs.subarray(offsets[row]! * latents, offsets[row + 1]! * latents)) : undefined,
        )
        dispose()
        return paths
      })
    },
    velocities(parameters, z, time) {
      if (z.length === 0) return []
      return engine.scope(() => {
        const t = engine.write(new Float64Array(z.length).fill(time), [z.length, 1])
        const inputs = { ...uploadParameters(engine, specs, parameters), t, z: engine.write(flat(z), [z.length, latents]) }
        const numbers = engine.read(Object.values(runNamed(velocity, inputs, z.length))[0]!)
        return z.map((_, row) => Float64Array.from(numbers.subarray(row * latents, (row + 1) * latents)))
      })
    },
  }
}
