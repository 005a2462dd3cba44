import { SolverError } from '../errors.js'
import type { Method } from '../method.js'
import { adams } from './adams.js'
import { adaptiveHeun } from './adaptiveHeun.js'
import { bosh3 } from './bosh3.js'
import { dopri5 } from './dopri5.js'
import { dopri8 } from './dopri8.js'
import { esdirk } from './esdirk.js'
import { euler } from './euler.js'
import { fehlberg2 } from './fehlberg2.js'
import { heun } from './heun.js'
import { implicitEuler } from './implicitEuler.js'
import { kvaerno3 } from './kvaerno3.js'
import { kvaerno5 } from './kvaerno5.js'
import { leapfrog } from './leapfrog.js'
import { midpoint } from './midpoint.js'
import { ralston } from './ralston.js'
import { rk38 } from './rk38.js'
import { rk4 } from './rk4.js'
import { rodas4 } from './rodas4.js'
import { rodas5p } from './rodas5p.js'
import { rosenbrock } from './rosenbrock.js'
import { rosenbrock23 } from './rosenbrock23.js'
import { rungeKutta } from './rungeKutta.js'
import type { Tableau } from './tableau.js'
import { trapezoid } from './trapezoid.js'
import { trbdf2 } from './trbdf2.js'
import { tsit5 } from './tsit5.js'

/** Explicit Runge–Kutta methods, as data. */
export const tableaus = {
  dopri5,
  dopri8,
  tsit5,
  bosh3,
  fehlberg2,
  adaptiveHeun,
  rk4,
  rk38,
  midpoint,
  heun,
  ralston,
  euler,
} satisfies Readonly<Record<string, Tableau>>

/** Every method by name, in the order in which they are listed. All that lists methods goes by this. */
export const methods = {
  dopri5: rungeKutta(tableaus.dopri5),
  dopri8: rungeKutta(tableaus.dopri8),
  tsit5: rungeKutta(tableaus.tsit5),
  bosh3: rungeKutta(tableaus.bosh3),
  fehlberg2: rungeKutta(tableaus.fehlberg2),
  adaptiveHeun: rungeKutta(tableaus.adaptiveHeun),
  rk4: rungeKutta(tableaus.rk4),
  rk38: rungeKutta(tableaus.rk38),
  midpoint: rungeKutta(tableaus.midpoint),
  heun: rungeKutta(tableaus.heun),
  ralston: rungeKutta(tableaus.ralston),
  euler: rungeKutta(tableaus.euler),
  rodas5p: rosenbrock(rodas5p),
  rodas4: rosenbrock(rodas4),
  rosenbrock23,
  kvaerno5: esdirk(kvaerno5),
  kvaerno3: esdirk(kvaerno3),
  trbdf2: esdirk(trbdf2),
  implicitEuler: esdirk(implicitEuler),
  trapezoid: esdirk(trapezoid),
  adams,
  leapfrog,
} satisfies Readonly<Record<string, Method>>

/** Methods by name; each is a file in this folder. */
export type MethodName = keyof typeof methods

/** The methods that solve any field; others want second-order systems. */
export const generalMethods = (Object.keys(methods) as MethodName[]).filter((name) => !isSecondOrder(methods[name])) as Exclude<
  MethodName,
  'leapfrog'
>[]

/** The names of all methods, of those that take fixed steps, and of those that choose them. */
export const methodNames = Object.keys(methods) as MethodName[]
export const fixedStepMethods = methodNames.filter((name) => !isAdaptive(methods[name]))
export const adaptiveMethods = methodNames.filter((name) => isAdaptive(methods[name]))

/** Whether a method solves systems of second order only. */
function isSecondOrder(method: Method): boolean {
  return method.secondOrder === true
}

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
    throw new SolverError('Option', `There is no method "${String(method)}". Methods: auto, ${methodNames.join(', ')}.`)
  }
  return methods[method]
}
