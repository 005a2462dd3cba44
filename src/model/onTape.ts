import type { ArrayPool } from '../arrayPool.js'
import { newArray } from '../engine/arrays.js'
import { withTape, type Tape } from '../engine/autodiff/tape.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { sizeOf } from '../graph/shape.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import type { GradientResult, LossResult, ParameterArrays } from './sequenceModel.js'

/** What models run in: an engine, what they learn, arrays of the host to be used again. */
export interface Runtime {
  readonly engine: Engine
  readonly specs: ParameterSpecs
  readonly pool: ArrayPool
}

/** Runs a forward pass that is not pulled back. */
export const runForward = <T>({ engine, specs, pool }: Runtime, parameters: ParameterArrays, forward: (tape: Tape) => T): T =>
  withTape(engine, () => uploadParameters(engine, specs, parameters), { record: false, pool }, forward)

/** Runs a forward pass that ends in a loss, and pulls it back. */
export const runGradient = (
  { engine, specs, pool }: Runtime,
  parameters: ParameterArrays,
  forward: (tape: Tape) => LossResult,
  into: ParameterArrays = gradientArrays(engine, specs),
): GradientResult =>
  withTape(
    engine,
    () => uploadParameters(engine, specs, parameters),
    { pool },
    (tape) => {
      const result = forward(tape)
      const sums = tape.backward()
      for (const name of Object.keys(specs)) engine.read(sums[name]!, into[name])
      return { ...result, gradient: into }
    },
  )

/** Parameters in an engine, by name. */
export const uploadParameters = (engine: Engine, specs: ParameterSpecs, parameters: ParameterArrays): Record<string, Value> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, engine.write(parameters[name]!, shape)]))

/** Arrays for a gradient, by name, in the engine's scalars. */
const gradientArrays = (engine: Engine, specs: ParameterSpecs): Record<string, FloatArray> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, newArray(engine, sizeOf(shape))]))
