import type { NamedValues } from '../engine/autodiff/program.js'
import type { FloatArray } from '../engine/engine.js'
import { gatherInputs, type RowInputs } from './rowInputs.js'
import type { Machine } from './run.js'
import { failedStatus, type Failure } from './status.js'
import { stiffnessOf, type Standing, type Stiffness } from './stiffness.js'
import type { StopTimes } from './stopTimes.js'
import type { RowStatus } from './types.js'

/** In words, how a row failed at a state. Whether it is stiff there is found out now, so that steps that go well pay nothing for it. */
export function statusOfFailure(
  { settings, stepper }: Pick<Machine, 'settings' | 'stepper'>,
  params: NamedValues,
  { origin }: Pick<StopTimes, 'origin'>,
  inputs: RowInputs,
  row: number,
  failure: Failure,
  state: FloatArray,
): RowStatus {
  const adaptive = settings.rules.controlled
  const h = failure.status === 'MaxSteps' ? failure.usual : failure.step
  const bounded = adaptive && h && failure.spacing === undefined && (failure.status === 'MaxSteps' || failure.status === 'StepTooSmall')
  const [stiff] = bounded ? stiffnessAt({ settings, stepper }, params, { origin }, inputs, [{ row, time: failure.time, y: state, h }]) : []
  return failedStatus(row, failure, state, { adaptive, method: settings.method.name, ...(stiff && { stiff }) })
}

/** Whether stability bounds the steps of rows at times and states, see `stiffnessOf`. */
export function stiffnessAt(
  { settings, stepper }: Pick<Machine, 'settings' | 'stepper'>,
  params: NamedValues,
  { origin }: Pick<StopTimes, 'origin'>,
  inputs: RowInputs,
  rows: readonly (Standing & { readonly row: number })[],
): (Stiffness | undefined)[] {
  const { engine } = stepper
  const told = rows.map(({ row, time, y, h }) => ({ time: time - origin(row), y, h }))
  const own = rows.map(({ row }) => row)
  return engine.scope(() => stiffnessOf(stepper, params, told, settings.tolerance, gatherInputs(engine, inputs, own)))
}
