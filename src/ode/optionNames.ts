import { keysOf } from '../keysOf.js'
import { nearestName } from '../nearest.js'
import { SolverError } from './errors.js'
import type { SolveRequest, SolverOptions } from './types.js'

/** The names of all options of a solver. */
export const solverOptionNames = keysOf<Required<SolverOptions>>({
  method: true,
  control: true,
  rtol: true,
  atol: true,
  maxSteps: true,
  minStep: true,
  atMinStep: true,
  maxStep: true,
  firstStep: true,
  stepSize: true,
  jumpTimes: true,
  timeOrigin: true,
  stepControl: true,
  norm: true,
  residualMemory: true,
  stopAtEnd: true,
  throw: true,
  adjoint: true,
  onStep: true,
  onAccept: true,
  onReject: true,
  events: true,
})

/** The names of all that a solve can be asked for. */
export const requestNames = keysOf<Required<SolveRequest>>({
  y0: true,
  times: true,
  params: true,
  inputs: true,
  jumps: true,
  record: true,
  dense: true,
  outputs: true,
  replay: true,
})

/** Names by which other packages call an option. */
const elsewhere: Readonly<Record<string, string>> = {
  reltol: 'rtol',
  abstol: 'atol',
  tol: 'rtol',
  tolerance: 'rtol',
  solver: 'method',
  dt: 'stepSize',
  dt0: 'firstStep',
  step_size: 'stepSize',
  step: 'stepSize',
  first_step: 'firstStep',
  min_step: 'minStep',
  max_step: 'maxStep',
  dtmin: 'minStep',
  dtmax: 'maxStep',
  max_num_steps: 'maxSteps',
  maxIters: 'maxSteps',
  jump_t: 'jumpTimes',
  jump_ts: 'jumpTimes',
  stepsize_controller: 'control',
  controller: 'control',
  event: 'events',
  event_fn: 'events',
  dense_output: 'dense',
}

/**
 * Throws a SolverError `Option` for a name that is none of `known`.
 *
 * @param where what takes these options
 * @param others names that something else takes, and what that is
 */
export function requireKnownOptions(
  options: object,
  where: string,
  known: readonly string[],
  others: Readonly<Record<string, readonly string[]>> = {},
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const taker = Object.keys(others).find((other) => others[other]!.includes(name))
    if (taker) throw new SolverError('Option', `${name} is no option of ${where}: give it to ${taker}.`)
    const alias = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined
    const meant = alias !== undefined && known.includes(alias) ? alias : nearestName(name, known)
    throw new SolverError(
      'Option',
      `There is no option "${name}" of ${where}.${meant === undefined ? '' : ` Did you mean "${meant}"?`} Options: ${known.join(', ')}.`,
    )
  }
}
