import { checkTableau, type Tableau } from '../tableau.js'
import { SolverError } from '../errors.js'
import { bosh3 } from './bosh3.js'
import { dopri5 } from './dopri5.js'
import { dopri8 } from './dopri8.js'
import { euler } from './euler.js'
import { heun } from './heun.js'
import { midpoint } from './midpoint.js'
import { rk38 } from './rk38.js'
import { rk4 } from './rk4.js'
import { tsit5 } from './tsit5.js'

/** Every method by name, in the order in which they are listed. All that lists methods goes by this. */
export const methods = { dopri5, dopri8, tsit5, bosh3, rk4, rk38, midpoint, heun, euler } satisfies Readonly<Record<string, Tableau>>

/** Methods by name; each is a file in this folder. */
export type MethodName = keyof typeof methods

/** The names of all methods, of those that take fixed steps, and of those that choose them. */
export const methodNames = Object.keys(methods) as MethodName[]
export const fixedStepMethods = methodNames.filter((name) => methods[name].bError === undefined)
export const adaptiveMethods = methodNames.filter((name) => methods[name].bError !== undefined)

/** The tableau of a method given by name or as a tableau. Throws a SolverError `Option` for a name it lacks. */
export function methodTableau(method: MethodName | Tableau): Tableau {
  if (typeof method !== 'string') {
    checkTableau(method)
    return method
  }
  if (!Object.hasOwn(methods, method)) {
    throw new SolverError('Option', `There is no method "${String(method)}". Methods: ${methodNames.join(', ')}.`)
  }
  return methods[method]
}
