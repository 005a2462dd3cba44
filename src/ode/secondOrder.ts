import type { FloatArray } from '../engine/engine.js'
import { SolverError } from './errors.js'

/** Throws where the first half of the field is not the second half of the state. */
export function requireSecondOrder(name: string, slope: FloatArray, y0: FloatArray, dim: number): void {
  const half = dim / 2
  const complain = (why: string): SolverError =>
    new SolverError(
      'Option',
      `The method ${name} solves second-order systems: a state [x, v] with the field [v, a(t, x)]. ${why} Give such a field, or another method.`,
    )
  if (dim % 2 === 1) throw complain(`This state has ${dim} components, which are no such pair.`)
  for (let at = 0; at < y0.length; at += dim)
    for (let d = 0; d < half; d++)
      if (slope[at + d] !== y0[at + half + d] && !Number.isNaN(slope[at + d]))
        throw complain(`At the start of row ${at / dim} component ${d} of the field is ${slope[at + d]!}, and v is ${y0[at + half + d]!}.`)
}
