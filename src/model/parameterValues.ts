import type { Engine, Value } from '../engine/engine.js'
import { sizeOf } from '../graph/shape.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import { zeroValue } from '../ode/gradient.js'
import type { ParameterArrays } from './sequenceModel.js'

/** Parameters in an engine, by name. */
export const uploadParameters = (engine: Engine, specs: ParameterSpecs, parameters: ParameterArrays): Record<string, Value> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, engine.write(parameters[name]!, shape)]))

/** Zeros in an engine to sum gradients of parameters up from, by name. */
export const zeroParameters = (engine: Engine, specs: ParameterSpecs): Record<string, Value> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, zeroValue(engine, shape)]))

/** Arrays for a gradient, by name. */
export const gradientArrays = (specs: ParameterSpecs): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, new Float64Array(sizeOf(shape))]))
