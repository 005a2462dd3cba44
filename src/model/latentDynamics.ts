import { runNamed } from '../engine/autodiff/program.js'
import { withTape } from '../engine/autodiff/tape.js'
import type { Engine } from '../engine/engine.js'
import { simplify } from '../graph/simplify.js'
import { parametersOf } from '../nn/parameters.js'
import { followDynamics } from './dynamics/paths.js'
import type { Graphs } from './graphs.js'
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

/** @param graphs of the model, traced from the same `config` */
export function createLatentDynamics(engine: Engine, config: LatentOdeConfig, graphs: Graphs): LatentDynamics {
  const { latents } = config
  const specs = parametersOf(latentOdeParameters(config), 'field.')
  const follow = followDynamics(engine, config, graphs)
  const velocity = engine.compile(simplify(graphs['field']!))
  const flat = (rows: readonly ArrayLike<number>[]): Float64Array => Float64Array.from(rows.flatMap((row) => Array.from(row)))
  return {
    paths(parameters, z0, times) {
      if (z0.length === 0) return []
      const upload = () => uploadParameters(engine, specs, parameters)
      return withTape(engine, upload, { record: false }, (tape) => {
        const { outputs, failed } = follow(tape, engine.write(flat(z0), [z0.length, latents]), times)
        const numbers = engine.read(outputs)
        let from = 0
        return times.map(({ length }, row) => {
          const path = Float64Array.from(numbers.subarray(from, (from += length * latents)))
          return failed.includes(row) ? undefined : path
        })
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
