import { random } from '../src/random.js'

/** Layer sizes of a multilayer perceptron, input first; tanh between layers, the last linear. */
export type Sizes = readonly number[]

/** W1s, W1, W1l: a vector field alone. */
export interface FieldProblem {
  readonly kind: 'field'
  readonly sizes: Sizes
  readonly rows: number
  /** Layer after layer: weights `[inputs, outputs]`, then biases. */
  readonly parameters: Float32Array
  /** `[rows, inputs]` */
  readonly x: Float32Array
  /** Cotangent of the result, `[rows, outputs]`. */
  readonly cotangent: Float32Array
}

/** W2, W3d, W3: dz/dt = f(z) from 0 to 1, read at 20 times after the start. */
export interface SolveProblem {
  readonly kind: 'rk4' | 'dopri5'
  readonly adjoint: 'discrete' | 'continuous'
  /** Whether all rows take the same steps. */
  readonly shared: boolean
  readonly sizes: Sizes
  readonly rows: number
  readonly parameters: Float32Array
  /** `[rows, dim]` */
  readonly z0: Float32Array
  /** 0, 1/20, … 1. */
  readonly times: Float64Array
  readonly rtol: number
  readonly atol: number
  /** Cotangent of the outputs, `[rows, times, dim]`, 0 at the first time. */
  readonly cotangent: Float32Array
}

/**
 * W4, the ODE-RNN encoder: a state of means and deviations; each step moves the means by Euler's method and then
 * updates both by a gated unit whose gates are perceptrons, from the last observation to the first.
 */
export interface EncoderProblem {
  readonly kind: 'encoder'
  readonly rows: number
  readonly steps: number
  /** Size of the means, of the deviations, and of an observation. */
  readonly dim: number
  /** By which the means move: mean += move f(mean). */
  readonly move: number
  /** Sizes of field, update gate, reset gate, candidate. */
  readonly nets: readonly [Sizes, Sizes, Sizes, Sizes]
  /** Of the four nets, one after another. */
  readonly parameters: Float32Array
  /** Observations `[steps, rows, dim]`. */
  readonly x: Float32Array
  /** Cotangents of the last means and deviations, `[rows, dim]`. */
  readonly meanCotangent: Float32Array
  readonly deviationCotangent: Float32Array
}

export type Problem = FieldProblem | SolveProblem | EncoderProblem

export const itemNames = ['W1s', 'W1', 'W1l', 'W2', 'W3d', 'W3ds', 'W3', 'W4'] as const
export type ItemName = (typeof itemNames)[number]

export const descriptions: Readonly<Record<ItemName, string>> = {
  W1s: 'field 4-32-4, batch 32',
  W1: 'field 10-100-100-10, batch 50',
  W1l: 'field 20-256-256-20, batch 256',
  W2: '20 RK4 steps of W1, discrete gradient',
  W3d: 'dopri5 of W1 at 1e-3/1e-4, 20 outputs, steps by row, discrete gradient',
  W3ds: 'W3d with one step size for all rows',
  W3: 'W3d with the continuous adjoint',
  W4: 'ODE-RNN of 50 steps, gated unit with 100 units, gradient',
}

export const parameterCount = (sizes: Sizes): number => sizes.slice(1).reduce((sum, n, i) => sum + (sizes[i]! + 1) * n, 0)

/** Multiplications and additions of one forward pass of one row: those of the matrix products. */
export const forwardOperations = (sizes: Sizes): number => 2 * sizes.slice(1).reduce((sum, n, i) => sum + sizes[i]! * n, 0)

const field: Sizes = [10, 100, 100, 10]

/** The problem of an item: the same numbers for everyone who solves it. */
export function problemOf(name: ItemName): Problem {
  switch (name) {
    case 'W1s':
      return fieldProblem(name, [4, 32, 4], 32, 1)
    case 'W1':
      return fieldProblem(name, field, 50, 1.5)
    case 'W1l':
      return fieldProblem(name, [20, 256, 256, 20], 256, 1)
    case 'W2':
      return solveProblem('rk4', 'discrete', true)
    case 'W3d':
      return solveProblem('dopri5', 'discrete', false)
    case 'W3ds':
      return solveProblem('dopri5', 'discrete', true)
    case 'W3':
      return solveProblem('dopri5', 'continuous', false)
    case 'W4':
      return encoderProblem()
  }
}

const normals = (purpose: string, count: number): Float32Array => {
  const stream = random(7, `benchmark ${purpose}`)
  return Float32Array.from({ length: count }, () => stream.normal())
}

/** Weights N(0, gain² / inputs), biases N(0, 0.01). */
function net(purpose: string, sizes: Sizes, gain: number): Float32Array {
  const stream = random(7, `benchmark net ${purpose}`)
  const out: number[] = []
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [inputs, outputs] = [sizes[layer]!, sizes[layer + 1]!]
    for (let i = 0; i < inputs * outputs; i++) out.push((gain * stream.normal()) / Math.sqrt(inputs))
    for (let i = 0; i < outputs; i++) out.push(0.1 * stream.normal())
  }
  return Float32Array.from(out)
}

const fieldProblem = (name: string, sizes: Sizes, rows: number, gain: number): FieldProblem => ({
  kind: 'field',
  sizes,
  rows,
  parameters: net(name, sizes, gain),
  x: normals(`${name} x`, rows * sizes[0]!),
  cotangent: normals(`${name} cotangent`, rows * sizes.at(-1)!),
})

function solveProblem(kind: SolveProblem['kind'], adjoint: SolveProblem['adjoint'], shared: boolean): SolveProblem {
  const [rows, dim, outputs] = [50, field[0]!, 20]
  const cotangent = normals('W2 cotangent', rows * (outputs + 1) * dim)
  for (let row = 0; row < rows; row++) cotangent.fill(0, row * (outputs + 1) * dim, (row * (outputs + 1) + 1) * dim)
  return {
    kind,
    adjoint,
    shared,
    sizes: field,
    rows,
    parameters: net('W1', field, 1.5),
    z0: normals('W2 z0', rows * dim),
    times: Float64Array.from({ length: outputs + 1 }, (_, i) => i / outputs),
    rtol: 1e-3,
    atol: 1e-4,
    cotangent,
  }
}

function encoderProblem(): EncoderProblem {
  const [rows, steps, dim] = [50, 50, 10]
  const nets = [field, [3 * dim, 100, dim], [3 * dim, 100, dim], [3 * dim, 100, 2 * dim]] as const
  const parts = nets.map((sizes, i) => net(i === 0 ? 'W1' : `W4 ${i}`, sizes, i === 0 ? 1.5 : 1))
  return {
    kind: 'encoder',
    rows,
    steps,
    dim,
    move: -0.02,
    nets,
    parameters: Float32Array.from(parts.flatMap((part) => [...part])),
    x: normals('W4 x', steps * rows * dim),
    meanCotangent: normals('W4 mean', rows * dim),
    deviationCotangent: normals('W4 deviation', rows * dim),
  }
}
