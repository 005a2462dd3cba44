import { SolverError } from './errors.js'
import { fixed, pi, type StepController } from './control/controller.js'
import type { StepRules } from './control/stepControl.js'
import type { EventOption } from './eventFunctions.js'
import type { Method } from './method.js'
import { adaptiveMethods, fixedStepMethods, isAdaptive, methodOf } from './methods/index.js'
import { said } from './numbers.js'
import { requestNames, requireKnownOptions, solverOptionNames } from './optionNames.js'
import { toleranceOf, type Tolerance } from './tolerance.js'
import type { AdjointName, SolverOptions, Steps } from './types.js'

const adjoints: readonly AdjointName[] = ['discrete', 'continuous', 'interpolated']

/** The options with every default filled in and every value checked. */
export interface Settings {
  readonly method: Method
  /** What stiff rows go on with, if methods are switched between. */
  readonly stiff: Method | undefined
  readonly tolerance: Tolerance
  readonly rules: StepRules
  readonly firstStep: number | undefined
  readonly stepSize: number | undefined
  readonly stopAtEnd: boolean
  readonly throw: boolean
  readonly adjoint: AdjointName
  readonly jumpTimes: readonly number[]
  readonly timeOrigin: number | 'start'
  readonly residualMemory: number
  readonly events: readonly EventOption[]
  /** Steps to take instead of choosing them. */
  readonly replay: Steps | undefined
}

/** Throws a SolverError `Option` that names the option, its value and what it may be. */
export function settingsOf(options: SolverOptions, dim: number): Settings {
  requireKnownOptions(options, 'a solver', solverOptionNames, { 'solve()': requestNames, 'odeSolve or odeint': ['engine'] })
  const {
    method: given = 'dopri5',
    control,
    events = [],
    rtol = 1e-3,
    atol = 1e-4,
    maxSteps = 10_000,
    minStep,
    maxStep = Infinity,
    firstStep,
    stepSize,
    throw: throws = true,
    adjoint = 'discrete',
    atMinStep = 'fail',
    jumpTimes = [],
    timeOrigin = 0,
    stepControl = 'row',
    norm,
    residualMemory = 2 ** 28,
    onStep,
    onAccept,
    onReject,
  } = options
  const method = methodOf(given === 'auto' ? 'dopri5' : given)
  const stiff = given === 'auto' ? methodOf('rodas5p') : undefined
  const controller = controllerOf(method, control, stepSize)
  const controlled = controller.kind === 'error'
  if (stiff && (controller.kind === 'fixed' || options.stepControl === 'batch'))
    throw new SolverError(
      'Option',
      `The method auto switches row by row as their steps say, so it takes neither control: fixed(…) nor stepControl: "batch". Choose one ` +
        'of dopri5 and rodas5p.',
    )
  // Where the dense output takes evaluations of its own, a step past the last output is the dearer one.
  const { stopAtEnd = controlled && method.denseTimes !== undefined && stepControl === 'row' } = options
  const tolerances = tolerancesOf(rtol, atol, dim)
  require('maxSteps', maxSteps, Number.isInteger(maxSteps) && maxSteps > 0, 'a whole number from 1')
  requireStepSizes({ minStep, maxStep, firstStep, stepSize })
  requireUse(method, controlled, options)
  requireEvents(events)
  if (stepControl !== 'row' && stepControl !== 'batch')
    throw new SolverError('Option', `There is no stepControl "${String(stepControl)}". Choose row or batch.`)
  if (atMinStep !== 'fail' && atMinStep !== 'accept')
    throw new SolverError('Option', `There is no atMinStep "${String(atMinStep)}". Choose fail or accept.`)
  if (atMinStep === 'accept' && minStep === undefined)
    throw new SolverError('Option', 'atMinStep is accept, but no minStep is given. Give the smallest step that is to be taken.')
  const jumps = listOf('jumpTimes', jumpTimes)
  jumps.forEach((time) => require('jumpTimes', time, Number.isFinite(time), 'finite times'))
  require('timeOrigin', timeOrigin, timeOrigin === 'start' || Number.isFinite(timeOrigin), 'a finite time, or "start"')
  for (const [name, value] of Object.entries({ stopAtEnd, throw: throws }))
    require(name, value, typeof value === 'boolean', 'true or false')
  for (const [name, value] of Object.entries({ norm, onStep, onAccept, onReject }))
    require(name, value, value === undefined || typeof value === 'function', 'a function')
  require('residualMemory', residualMemory, residualMemory >= 0, 'a number of bytes from 0')
  requireAdjoint(adjoint, method)
  return {
    method,
    stiff,
    tolerance: toleranceOf(rtol, tolerances, norm),
    firstStep,
    stepSize: controller.kind === 'fixed' ? controller.size : undefined,
    stopAtEnd,
    throw: throws,
    adjoint,
    jumpTimes: jumps,
    timeOrigin,
    residualMemory,
    events,
    replay: controller.kind === 'replay' ? controller.steps : undefined,
    rules: {
      controlled,
      controller: controller.kind === 'error' ? controller : pi,
      k: (method.errorOrder ?? 0) + 1,
      maxSteps,
      minStep,
      maxStep,
      acceptAtMinStep: atMinStep === 'accept',
      shared: stepControl === 'batch',
      listeners: { onStep, onAccept, onReject },
    },
  }
}

/** What chooses the steps: what was asked for, else error control where the method estimates its error. */
function controllerOf(method: Method, control: StepController | undefined, stepSize: number | undefined): StepController {
  require('control', control, control === undefined ||
    (typeof control === 'object' && 'kind' in control), 'pi, pid(…), fixed(…) or replay(…)')
  if (control === undefined) return isAdaptive(method) ? (method.control ?? pi) : fixed(stepSize)
  if (stepSize !== undefined)
    throw new SolverError(
      'Option',
      `stepSize is ${stepSize}, and control is ${control.name}. Give one of them: control: fixed(${stepSize}).`,
    )
  if (control.kind === 'error' && !isAdaptive(method))
    throw new SolverError(
      'Option',
      `The method ${method.name} does not estimate its error, so ${control.name} cannot choose its steps; give stepSize, or one of the ` +
        `adaptive methods ${adaptiveMethods.join(', ')}.`,
    )
  return control
}

/** An adjoint that there is, and that can be solved by the method. */
function requireAdjoint(adjoint: AdjointName, { name, secondOrder }: Method): void {
  if (!adjoints.includes(adjoint))
    throw new SolverError('Option', `There is no adjoint "${String(adjoint)}". Adjoints: ${adjoints.join(', ')}.`)
  if (adjoint !== 'discrete' && secondOrder)
    throw new SolverError(
      'Option',
      `The method ${name} solves systems of second order only, and the adjoint equation is none, so adjoint: "${adjoint}" cannot go with ` +
        'it. Use the discrete one, which is the default, or another method.',
    )
}

function requireEvents(events: readonly EventOption[]): void {
  require('events', events, Array.isArray(events), 'a list of events, [{ when: (t, z, params) => … }]')
  events.forEach(({ when, direction = 'both', stop = true, ...rest }, i) => {
    const name = `events[${i}]`
    require(`${name}.when`, when, typeof when === 'function' ||
      (typeof when === 'object' && when !== null), 'a function, a Graph or steadyState()')
    require(`${name}.direction`, direction, ['up', 'down', 'both'].includes(direction), 'up, down or both')
    require(`${name}.stop`, stop, typeof stop === 'boolean', 'true or false')
    const other = Object.keys(rest)[0]
    if (other !== undefined) throw new SolverError('Option', `${name} has no option "${other}". Options: when, direction, stop.`)
  })
}

/** The absolute tolerance: a number, or one for each component. */
function tolerancesOf(rtol: number, atol: number | ArrayLike<number>, dim: number): number | number[] {
  require('rtol', rtol, rtol >= 0 && Number.isFinite(rtol), 'a number from 0')
  const tolerances = typeof atol === 'number' ? [atol] : listOf('atol', atol)
  if (typeof atol !== 'number' && tolerances.length !== dim)
    throw new SolverError(
      'Option',
      `atol has ${tolerances.length} entries for ${dim} components. Give one number, or one for each component.`,
    )
  tolerances.forEach((value) => require('atol', value, value >= 0 && Number.isFinite(value), 'a number from 0'))
  if (rtol === 0) tolerances.forEach((value) => require('atol', value, value > 0, 'above 0 where rtol is 0'))
  return typeof atol === 'number' ? atol : tolerances
}

function requireStepSizes(sizes: Pick<SolverOptions, 'minStep' | 'firstStep' | 'stepSize'> & { readonly maxStep: number }): void {
  const { minStep, maxStep } = sizes
  for (const [name, value] of Object.entries(sizes)) {
    if (value !== undefined)
      require(name, value, value > 0 &&
        (name === 'maxStep' || Number.isFinite(value)), 'a number above 0 (steps have no sign; the times say which way)')
  }
  if (minStep !== undefined && minStep > maxStep) throw new SolverError('Option', `minStep is ${minStep}, above maxStep, ${maxStep}.`)
}

/** Options that only methods of fixed steps take, or only the others. */
function requireUse(
  { name: method }: Method,
  controlled: boolean,
  { stepSize, firstStep, minStep, maxStep, stepControl = 'row', norm }: SolverOptions,
): void {
  if (controlled && stepSize !== undefined)
    throw new SolverError(
      'Option',
      `The method ${method} chooses its steps: it takes firstStep and maxStep, not stepSize. For steps of one size give control: ` +
        `fixed(${stepSize}), or one of the methods with fixed steps: ${fixedStepMethods.join(', ')}.`,
    )
  if (controlled) return
  for (const [name, value] of Object.entries({ firstStep, minStep, maxStep })) {
    if (value !== undefined)
      throw new SolverError(
        'Option',
        `The method ${method} takes fixed steps and has no use for ${name}; give stepSize, or one of the adaptive methods ` +
          `${adaptiveMethods.join(', ')}.`,
      )
  }
  if (stepControl !== 'row')
    throw new SolverError(
      'Option',
      `The method ${method} takes fixed steps and has no use for stepControl: its steps have one size anyway.`,
    )
  if (norm)
    throw new SolverError(
      'Option',
      `The method ${method} takes fixed steps and has no use for norm; give one of the adaptive methods ` +
        `${adaptiveMethods.join(', ')}.`,
    )
}

function require(name: string, value: unknown, ok: boolean, what: string): void {
  if (!ok) throw new SolverError('Option', `${name} is ${said(value)}; it must be ${what}.`)
}

/** A list of numbers as an array. */
function listOf(name: string, list: ArrayLike<number>): number[] {
  require(name, list, typeof list === 'object' && list !== null && typeof list.length === 'number', 'a list of numbers')
  return Array.from(list)
}
