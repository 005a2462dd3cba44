import { newArray, zeroValue } from '../engine/arrays.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { sizeOf } from '../graph/shape.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import type { ParameterArrays } from './sequenceModel.js'

/** Parameters in an engine, by name. */
export const uploadParameters = (engine: Engine, specs: ParameterSpecs, parameters: ParameterArrays): Record<string, Value> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, engine.write(parameters[name]!, shape)]))

/** Zeros in an engine to sum gradients of parameters up from, by name. */
export const zeroParameters = (engine: Engine, specs: ParameterSpecs): Record<string, Value> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, zeroValue(engine, shape)]))

/** Arrays for a gradient, by name, in the engine's scalars. */
export const gradientArrays = (engine: Engine, specs: ParameterSpecs): Record<string, FloatArray> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, newArray(engine, sizeOf(shape))]))
