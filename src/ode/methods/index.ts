import { SolverError } from '../errors.js'
import type { Method } from '../method.js'
import { bosh3 } from './bosh3.js'
import { dopri5 } from './dopri5.js'
import { dopri8 } from './dopri8.js'
import { euler } from './euler.js'
import { heun } from './heun.js'
import { midpoint } from './midpoint.js'
import { rk38 } from './rk38.js'
import { rk4 } from './rk4.js'
import { rungeKutta } from './rungeKutta.js'
import type { Tableau } from './tableau.js'
import { tsit5 } from './tsit5.js'

/** Every method by name, in the order in which they are listed. All that lists methods goes by this. */
export const methods = {
  dopri5: rungeKutta(dopri5),
  dopri8: rungeKutta(dopri8),
  tsit5: rungeKutta(tsit5),
  bosh3: rungeKutta(bosh3),
  rk4: rungeKutta(rk4),
  rk38: rungeKutta(rk38),
  midpoint: rungeKutta(midpoint),
  heun: rungeKutta(heun),
  euler: rungeKutta(euler),
} satisfies Readonly<Record<string, Method>>

/** Methods by name; each is a file in this folder. */
export type MethodName = keyof typeof methods

/** The names of all methods, of those that take fixed steps, and of those that choose them. */
export const methodNames = Object.keys(methods) as MethodName[]
export const fixedStepMethods = methodNames.filter((name) => !isAdaptive(methods[name]))
export const adaptiveMethods = methodNames.filter((name) => isAdaptive(methods[name]))

/** Whether a method estimates its error, and so can choose its steps. */
export function isAdaptive(method: Method): boolean {
  return method.errorOrder !== undefined
}

const madeOf = new WeakMap<Tableau, Method>()

/** A method given by name, as an object or as a tableau. Throws a SolverError `Option` for a name that there is not. */
export function methodOf(method: MethodName | Method | Tableau): Method {
  if (typeof method === 'object' && 'step' in method) return method
  if (typeof method === 'object') {
    // One tableau is one method, so that solvers share what is compiled of it.
    const made = madeOf.get(method) ?? rungeKutta(method)
    madeOf.set(method, made)
    return made
  }
  if (!Object.hasOwn(methods, method)) {
    throw new SolverError('Option', `There is no method "${String(method)}". Methods: ${methodNames.join(', ')}.`)
  }
  return methods[method]
}
