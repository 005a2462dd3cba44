import type { Tensor } from '@tensorflow/tfjs-core'
import type { Graph } from '../graph/graph.js'
import type { Shape } from '../graph/shape.js'
import { SolverError } from './errors.js'

/**
 * dz/dt as an ordinary TensorFlow.js function: `t` `[rows, 1]`, `z` `[rows, dim]`, parameters and inputs by row by name; returns
 * `[rows, dim]`.
 */
export type FieldFunction = (t: Tensor, z: Tensor, params: Record<string, Tensor>) => Tensor

type Tracer = (fn: FieldFunction, dim: number, params: Readonly<Record<string, Shape>>) => Graph

let tracer: Tracer | undefined

/** Says how functions are traced. `vectorField.ts` does so, so that what solves Graphs only, such as a page, loads no TensorFlow.js. */
export function setTracer(trace: Tracer): void {
  tracer = trace
}

/** Traces a function of t, z and parameters. @throws SolverError `Option` where nothing has been loaded that can */
export const traceFunction: Tracer = (fn, dim, params) => {
  if (!tracer)
    throw new SolverError('Option', 'A function of tensors is traced by vectorField: import it from "latent-ode/ode", or give a Graph.')
  return tracer(fn, dim, params)
}
