import type { NamedValues } from '../engine/autodiff/program.js'
import type { FloatArray } from '../engine/engine.js'
import { gatherInputs, type RowInputs } from './rowInputs.js'
import type { Machine } from './run.js'
import { failedStatus, type Failure } from './status.js'
import { stiffnessOf } from './stiffness.js'
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
  const stiff = bounded
    ? stepper.engine.scope(() => {
        const given = gatherInputs(stepper.engine, inputs, [row])
        return stiffnessOf(stepper, params, failure.time - origin(row), state, h, settings.tolerance, given)
      })
    : undefined
  return failedStatus(row, failure, state, { adaptive, method: settings.method.name, ...(stiff && { stiff }) })
}
