import { random, type RandomStream } from '../random.js'

/** Draws the starting values of one parameter array, row-major. */
export type Initialiser = (shape: readonly number[], stream: RandomStream) => Float64Array

/** Shape and starting values of one parameter array. */
export interface ParameterSpec {
  readonly shape: readonly number[]
  readonly initialise: Initialiser
}

/** The parameters of a network by name, such as `field.w0`. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export const constant =
  (value: number): Initialiser =>
  (shape) =>
    new Float64Array(size(shape)).fill(value)

/** Uniform between two numbers. */
export const uniform =
  (from: number, to: number): Initialiser =>
  (shape, stream) =>
    Float64Array.from({ length: size(shape) }, () => from + (to - from) * stream.uniform())

/**
 * Uniform with variance `gain² · 2 / (inputs + outputs)` for a weight `[inputs, outputs]` (Glorot and Bengio 2010,
 * eq. 16), which keeps the scale of tanh layers in both directions.
 */
export const glorot =
  (gain = 1): Initialiser =>
  (shape, stream) => {
    const [inputs = 1, outputs = 1] = shape
    const limit = gain * Math.sqrt(6 / (inputs + outputs))
    return Float64Array.from({ length: size(shape) }, () => limit * (2 * stream.uniform() - 1))
  }

/** Starting values of all parameters; each array depends on the seed and its own name only. */
export function initialise(specs: ParameterSpecs, seed: number): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, spec.initialise(spec.shape, random(seed, `initialise ${name}`))]),
  )
}

export const parameterShapes = (specs: ParameterSpecs): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, shape]))

/** The specs whose names begin with one of the prefixes: what one part of a model needs. */
export const parametersOf = (specs: ParameterSpecs, ...prefixes: readonly string[]): ParameterSpecs =>
  Object.fromEntries(Object.entries(specs).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))))

/** How many numbers there are in parameter arrays. */
export const parameterCount = (parameters: Readonly<Record<string, { readonly length: number }>>): number =>
  Object.values(parameters).reduce((sum, { length }) => sum + length, 0)
